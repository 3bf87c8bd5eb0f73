//! A pattern and a text from one input, split at its first byte: the compiled pattern and the plain one agree, and both end.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&at, rest)) = input.split_first() else { return };
    let (pattern, text) = rest.split_at(usize::from(at).min(rest.len()));
    let compiled = kvd_glob::Pattern::new(pattern);
    assert_eq!(compiled.matches(text), kvd_glob::matches(pattern, text));
    assert!(compiled.literal().is_none_or(|literal| compiled.matches(literal)));
    let ignoring_case = kvd_glob::Pattern::ignoring_case(pattern);
    assert_eq!(ignoring_case.matches(text), kvd_glob::matches_ignoring_case(pattern, text));
});

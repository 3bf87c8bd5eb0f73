//! A pattern and a text from one input, split at its first byte: the compiled pattern and the plain one agree, and both end.

/// Checks one input.
pub fn glob_match(input: &[u8]) {
    let Some((&at, rest)) = input.split_first() else { return };
    let (pattern, text) = rest.split_at(usize::from(at).min(rest.len()));
    let compiled = glob::Pattern::new(pattern);
    assert_eq!(compiled.matches(text), glob::matches(pattern, text));
    assert!(compiled.literal().is_none_or(|literal| compiled.matches(literal)));
    let ignoring_case = glob::Pattern::ignoring_case(pattern);
    assert_eq!(ignoring_case.matches(text), glob::matches_ignoring_case(pattern, text));
}

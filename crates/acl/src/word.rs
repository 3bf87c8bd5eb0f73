//! From the words of a request or a line to rules: which of them belong to one selector, and back.

use std::borrow::Cow;

use crate::error::{RuleError, SetUserError};

/// What separates words, as C's `isspace` has it.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Whether patterns and names may not have this byte.
pub(crate) fn is_space_or_nul(byte: u8) -> bool {
    byte == 0 || is_space(byte)
}

/// Joins the words of each selector, which are those from a `(` in front of one to a `)` at the end of one.
pub(crate) fn join_selectors<R: AsRef<[u8]>>(words: &[R]) -> Result<Vec<Cow<'_, [u8]>>, SetUserError> {
    let mut rules = Vec::with_capacity(words.len());
    let mut words = words.iter().map(AsRef::as_ref);
    while let Some(first) = words.next() {
        if !first.starts_with(b"(") || ends_selector(first) {
            rules.push(Cow::Borrowed(first));
            continue;
        }
        let mut selector = first.to_vec();
        while !ends_selector(&selector) {
            let next = words.next().ok_or_else(|| SetUserError::Unmatched(first.into()))?;
            selector.push(b' ');
            selector.extend_from_slice(next);
        }
        rules.push(Cow::Owned(selector));
    }
    Ok(rules)
}

fn ends_selector(words: &[u8]) -> bool {
    words.ends_with(b")")
}

/// The rules between the parentheses of a selector. They may be quoted like the words of a configuration line.
///
/// The peers take a selector with unbalanced quotes for an empty one, and nothing behind a NUL for a rule.
pub(crate) fn split_selector(selector: &[u8]) -> Result<Vec<Vec<u8>>, RuleError> {
    let inside = selector.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")"));
    let inside = inside.filter(|rules| !rules.contains(&0)).ok_or(RuleError::Syntax)?;
    resp::split_line(inside).map_err(|_| RuleError::Syntax)
}

/// Adds a rule to the text of a selector, quoted if it would be read as something else.
///
/// The peers don't quote, and can't read such a selector back.
pub(crate) fn push_in_selector(text: &mut Vec<u8>, rule: &[u8]) {
    let is_plain = |&byte: &u8| !matches!(byte, b'"' | b'\'' | b')');
    if rule.iter().all(is_plain) {
        text.extend_from_slice(rule);
        return;
    }
    text.push(b'"');
    for byte in rule {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
            b')' => text.extend_from_slice(b"\\x29"),
            _ => text.push(*byte),
        }
    }
    text.push(b'"');
}

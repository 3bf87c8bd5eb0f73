//! A pattern looked at once, for many texts.

use crate::item::Item;
use crate::search::{self, Case};

/// A pattern whose literal head is known.
///
/// Most patterns in use are a plain name, a prefix with a star, or begin with one of the two; then a comparison of bytes decides, or
/// at least refuses most texts before the search begins.
///
/// ```
/// let pattern = kvd_glob::Pattern::new(b"user:[0-9]*");
/// assert_eq!(pattern.prefix(), b"user:");
/// assert_eq!(pattern.literal(), None);
/// assert!(pattern.matches(b"user:1001"));
/// ```
#[derive(Clone, Debug)]
pub struct Pattern {
    source: Box<[u8]>,
    /// The bytes, freed from backslashes, that every match begins with.
    head: Box<[u8]>,
    tail: Tail,
    case: Case,
}

/// What must match after the head.
#[derive(Clone, Copy, Debug)]
enum Tail {
    /// The end of the text.
    End,
    /// Whatever comes, perhaps nothing.
    Anything,
    /// The pattern from this byte of the source on.
    From(usize),
}

impl Pattern {
    /// Looks through `pattern`. Takes time and memory in proportion to its length.
    pub fn new(pattern: &[u8]) -> Self {
        Self::with_case(pattern, Case::Exact)
    }

    /// The same for a match in which ASCII letters have no case; see [`matches_ignoring_case`](crate::matches_ignoring_case).
    pub fn ignoring_case(pattern: &[u8]) -> Self {
        Self::with_case(pattern, Case::Ignored)
    }

    fn with_case(pattern: &[u8], case: Case) -> Self {
        let mut head = Vec::new();
        let mut rest = pattern;
        let tail = loop {
            match Item::split_first(rest) {
                None => break Tail::End,
                Some((Item::Star, [])) => break Tail::Anything,
                Some((Item::Byte(byte), after)) if case == Case::Exact || !byte.is_ascii_alphabetic() => {
                    head.push(byte);
                    rest = after;
                }
                Some(_) => break Tail::From(pattern.len() - rest.len()),
            }
        };
        Self { source: pattern.into(), head: head.into(), tail, case }
    }

    /// Whether the pattern matches the whole of `text`.
    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        if text.is_empty() {
            return self.source.is_empty();
        }
        let Some(rest) = text.strip_prefix(&*self.head) else { return false };
        match self.tail {
            Tail::End => rest.is_empty(),
            Tail::Anything => true,
            Tail::From(at) => search::matches_rest(&self.source[at..], rest, self.case),
        }
    }

    /// The one text that the pattern matches, if there is just one and it is seen without searching: the pattern has no `*`, `?` or class,
    /// and no letter of which both cases would match.
    pub fn literal(&self) -> Option<&[u8]> {
        matches!(self.tail, Tail::End).then_some(&*self.head)
    }

    /// Bytes that every text begins with that the pattern matches; possibly none.
    pub fn prefix(&self) -> &[u8] {
        &self.head
    }

    /// Whether the pattern is `*`, nothing else. The commands that walk through keys or fields don't match then at all, and so find
    /// the empty one too, which no pattern but the empty one matches.
    pub fn is_star(&self) -> bool {
        *self.source == *b"*"
    }

    /// The pattern as it was given.
    pub fn as_bytes(&self) -> &[u8] {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_freed_from_backslashes() {
        assert_eq!(Pattern::new(b"a\\*\\b\\").literal(), Some(&b"a*b\\"[..]));
        assert_eq!(Pattern::new(b"").literal(), Some(&b""[..]));
        assert_eq!(Pattern::new(b"a*").literal(), None);
        assert_eq!(Pattern::new(b"[a]").literal(), None);
    }

    #[test]
    fn the_prefix_ends_at_the_first_choice() {
        assert_eq!(Pattern::new(b"ab\\?c[d]e").prefix(), b"ab?c");
        assert_eq!(Pattern::new(b"ab**").prefix(), b"ab");
        assert_eq!(Pattern::new(b"*ab").prefix(), b"");
    }

    #[test]
    fn a_letter_without_case_is_a_choice() {
        let pattern = Pattern::ignoring_case(b"1:a1");
        assert_eq!(pattern.prefix(), b"1:");
        assert_eq!(pattern.literal(), None);
        assert!(pattern.matches(b"1:A1"));
        assert_eq!(Pattern::ignoring_case(b"10.0").literal(), Some(&b"10.0"[..]));
    }

    #[test]
    fn a_star_is_just_a_star() {
        assert!(Pattern::new(b"*").is_star());
        assert!(!Pattern::new(b"**").is_star());
        assert!(!Pattern::new(b"\\*").is_star());
        assert_eq!(Pattern::new(b"*?").as_bytes(), b"*?");
    }

    #[test]
    fn no_star_matches_the_empty_text() {
        assert!(!Pattern::new(b"*").matches(b""));
        assert!(!Pattern::new(b"**").matches(b""));
        assert!(Pattern::new(b"").matches(b""));
        assert!(Pattern::new(b"a*").matches(b"a"));
    }
}

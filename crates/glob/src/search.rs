//! The matcher.
//!
//! Compare item by item. A star first takes nothing; when a later item doesn't fit, the last star takes one byte more and the
//! items after it start over. Going back to an earlier star is never needed: let `A*B` be the pattern up to the last star reached, with
//! `B` free of stars. The leftmost place for `A` was taken, so whatever place `B` could get after another choice for `A`, it can get now.
//!
//! Therefore one place to return to is enough, there is no recursion, and no pair of an item and a byte is compared more often than
//! once per widening: at most pattern times text steps.

use crate::item::Item;

/// Whether letters must match in case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Exact,
    Ignored,
}

impl Case {
    #[inline]
    pub(crate) fn fold(self, byte: u8) -> u8 {
        match self {
            Self::Exact => byte,
            Self::Ignored => byte.to_ascii_lowercase(),
        }
    }

    #[inline]
    pub(crate) fn same(self, a: u8, b: u8) -> bool {
        self.fold(a) == self.fold(b)
    }
}

/// Where to go on after a mismatch: the pattern after the last star, and the text after the bytes it has taken.
struct Retry<'p, 't> {
    pattern: &'p [u8],
    text: &'t [u8],
}

/// Whether `pattern` matches the whole of `text`, by the servers' rule that only the empty pattern matches the empty text.
pub(crate) fn matches(pattern: &[u8], text: &[u8], case: Case) -> bool {
    if text.is_empty() { pattern.is_empty() } else { matches_rest(pattern, text, case) }
}

/// Whether a pattern, or what is left of it, matches what is left of a text that was not empty.
pub(crate) fn matches_rest(mut pattern: &[u8], mut text: &[u8], case: Case) -> bool {
    let mut last_star: Option<Retry<'_, '_>> = None;
    loop {
        match Item::split_first(pattern) {
            Some((Item::Star, [])) => return true,
            Some((Item::Star, rest)) => {
                last_star = Some(Retry { pattern: rest, text });
                pattern = rest;
                continue;
            }
            Some((item, rest)) => match text.split_first() {
                Some((&byte, after)) if item.accepts(byte, case) => {
                    pattern = rest;
                    text = after;
                    continue;
                }
                Some(_) => {}
                // The text is too short for the items left, and a wider star would only leave less of it.
                None => return false,
            },
            None if text.is_empty() => return true,
            None => {}
        }
        let Some(Retry { pattern: again, text: [_, wider @ ..] }) = last_star else { return false };
        last_star = Some(Retry { pattern: again, text: wider });
        pattern = again;
        text = wider;
    }
}

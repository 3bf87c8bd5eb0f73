//! The matcher against a naive twin, and against patterns meant to make it slow.

use kvd_glob::{Pattern, matches, matches_ignoring_case};
use proptest::collection::vec;
use proptest::prelude::*;

/// A star, or the set of bytes that one item accepts.
enum Piece {
    Star,
    OneOf(Box<[bool; 256]>),
}

/// Reads a pattern with an index and a table per item, where the crate reads slices and keeps no table.
fn pieces(pattern: &[u8], nocase: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let mut accepted = [false; 256];
        let mut literal = |byte: u8| {
            accepted[usize::from(byte)] = true;
            if nocase {
                accepted[usize::from(byte.to_ascii_uppercase())] = true;
                accepted[usize::from(byte.to_ascii_lowercase())] = true;
            }
        };
        match pattern[at] {
            b'*' => {
                pieces.push(Piece::Star);
                at += 1;
                continue;
            }
            b'?' => accepted = [true; 256],
            b'[' => {
                at = class(pattern, at + 1, nocase, &mut accepted);
                pieces.push(Piece::OneOf(Box::new(accepted)));
                continue;
            }
            b'\\' if at + 1 < pattern.len() => {
                at += 1;
                literal(pattern[at]);
            }
            byte => literal(byte),
        }
        pieces.push(Piece::OneOf(Box::new(accepted)));
        at += 1;
    }
    pieces
}

/// Fills in what the class beginning at `at` accepts and returns where the pattern goes on.
fn class(pattern: &[u8], mut at: usize, nocase: bool, accepted: &mut [bool; 256]) -> usize {
    let lower = |byte: u8| if nocase { byte.to_ascii_lowercase() } else { byte };
    // 128..=255 and then 0..=127.
    let order = |byte: u8| (u32::from(byte) + 128) % 256;
    let negated = pattern.get(at) == Some(&b'^');
    if negated {
        at += 1;
    }
    while at < pattern.len() && pattern[at] != b']' {
        let left = pattern.len() - at;
        let mut exact = None;
        let (from, to, taken) = if pattern[at] == b'\\' && left >= 2 {
            exact = Some(pattern[at + 1]);
            (0, 0, 2)
        } else if left >= 3 && pattern[at + 1] == b'-' {
            let (a, b) = (pattern[at], pattern[at + 2]);
            if order(a) <= order(b) { (a, b, 3) } else { (b, a, 3) }
        } else {
            (pattern[at], pattern[at], 1)
        };
        for byte in 0..=255 {
            let inside = (order(lower(from))..=order(lower(to))).contains(&order(lower(byte)));
            accepted[usize::from(byte)] |= exact.map_or(inside, |wanted| wanted == byte);
        }
        at += taken;
    }
    if negated {
        accepted.iter_mut().for_each(|is| *is = !*is);
    }
    at + 1
}

fn naive(pieces: &[Piece], text: &[u8]) -> bool {
    if text.is_empty() { pieces.is_empty() } else { recurse(pieces, text) }
}

fn recurse(pieces: &[Piece], text: &[u8]) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Star, rest @ ..] => (0..=text.len()).any(|taken| recurse(rest, &text[taken..])),
        [Piece::OneOf(accepted), rest @ ..] => {
            text.first().is_some_and(|&byte| accepted[usize::from(byte)]) && recurse(rest, &text[1..])
        }
    }
}

/// Bytes among which patterns and texts often meet.
fn bytes(alphabet: &'static [u8], most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(proptest::sample::select(alphabet), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn equals_the_naive_twin(pattern in bytes(b"aabbc*?[]^-\\Z\xff", 12), text in bytes(b"aabbcZ]^-\\\xff\x00", 12)) {
        let expected = naive(&pieces(&pattern, false), &text);
        prop_assert_eq!(matches(&pattern, &text), expected);
        prop_assert_eq!(Pattern::new(&pattern).matches(&text), expected);
    }

    #[test]
    fn equals_the_naive_twin_without_case(pattern in bytes(b"aAbB*?[]^-\\zZ_", 10), text in bytes(b"aAbBzZ_^-]\\", 8)) {
        let expected = naive(&pieces(&pattern, true), &text);
        prop_assert_eq!(matches_ignoring_case(&pattern, &text), expected);
        prop_assert_eq!(Pattern::ignoring_case(&pattern).matches(&text), expected);
    }

    #[test]
    fn many_stars_equal_the_naive_twin(pattern in bytes(b"aab***?", 10), text in bytes(b"aab", 14)) {
        prop_assert_eq!(matches(&pattern, &text), naive(&pieces(&pattern, false), &text));
    }

    #[test]
    fn any_bytes_are_a_pattern(pattern in vec(any::<u8>(), 0..40), text in vec(any::<u8>(), 0..40)) {
        let compiled = Pattern::new(&pattern);
        prop_assert_eq!(compiled.matches(&text), matches(&pattern, &text));
        prop_assert!(compiled.literal().is_none_or(|literal| compiled.matches(literal)));
    }
}

/// A recursive matcher would need more steps here than there are atoms.
#[test]
fn hostile_patterns_end() {
    let text = vec![b'a'; 20_000];
    let pattern = [b"*a".repeat(500), b"*b".to_vec()].concat();
    assert!(!matches(&pattern, &text));
    let classes = [b"*[b-z]?[^a]".repeat(50), b"*".to_vec()].concat();
    assert!(!matches(&classes, &text));
}

#[test]
fn long_patterns_do_not_recurse() {
    let text = vec![b'a'; 1 << 20];
    assert!(matches(&b"*a".repeat(1 << 19), &text));
    assert!(matches(&b"*".repeat(1 << 20), &text));
}

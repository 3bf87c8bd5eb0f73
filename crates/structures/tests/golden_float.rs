//! Sums and scores of a real server, recorded by `golden/record_float.py`.

mod table;

use kvd_structures::{LongDouble, parse_f64};
use table::rows;

fn unescape(word: &str) -> Vec<u8> {
    let mut parts = word.split("\\x");
    let mut bytes = parts.next().expect("split gives at least one").as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two hex digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// `*3*0&1` is `0001`.
fn expand(word: &str) -> Vec<u8> {
    let piece = |piece: &str| match piece.strip_prefix('*').and_then(|rest| rest.split_once('*')) {
        Some((count, unit)) => unit.repeat(count.parse().expect("a count")).into_bytes(),
        None => unescape(piece),
    };
    word.split('&').flat_map(piece).collect()
}

fn sum(value: &[u8], increment: &[u8]) -> String {
    let (Some(value), Some(increment)) = (LongDouble::parse(value), LongDouble::parse(increment)) else {
        return "!number".into();
    };
    let sum = value + increment;
    if sum.is_nan_or_infinite() { "!infinite".into() } else { sum.to_text() }
}

#[test]
fn sums_have_the_text_of_a_server() {
    let mut count = 0;
    for row in rows(include_str!("golden/incrbyfloat.txt"), '\t') {
        let [value, increment, expected] = row[..] else { panic!("three words: {row:?}") };
        assert_eq!(sum(&expand(value), &expand(increment)), expected, "{value} + {increment}");
        count += 1;
    }
    assert!(count > 800, "{count}");
}

#[test]
fn scores_are_those_of_a_server() {
    let mut count = 0;
    for row in rows(include_str!("golden/score.txt"), '\t') {
        let [text, expected] = row[..] else { panic!("two words: {row:?}") };
        // The text of a score has no -0, so that one is compared as equal to 0.
        let expected = (expected != "!number").then(|| expected.parse::<f64>().expect("a double"));
        assert_eq!(parse_f64(&expand(text)), expected, "{text}");
        count += 1;
    }
    assert!(count > 500, "{count}");
}

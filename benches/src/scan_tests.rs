//! The scanner against replies whose number is known, cut at every place.

use proptest::prelude::*;

use super::{Counts, Fault, Scanner};

fn counts_of(bytes: &[u8]) -> Counts {
    let mut scanner = Scanner::new();
    scanner.feed(bytes).expect("well-formed replies");
    scanner.counts().clone()
}

#[test]
fn every_type_is_one_reply() {
    let replies: [&[u8]; 18] = [
        b"+OK\r\n",
        b"-ERR no\r\n",
        b":-12\r\n",
        b"$3\r\nfoo\r\n",
        b"$0\r\n\r\n",
        b"$-1\r\n",
        b"*-1\r\n",
        b"*0\r\n",
        b"*2\r\n$1\r\na\r\n:1\r\n",
        b"_\r\n",
        b",3.14\r\n",
        b"#t\r\n",
        b"!5\r\nERR x\r\n",
        b"=7\r\ntxt:abc\r\n",
        b"(12345678901234567890\r\n",
        b"%1\r\n+k\r\n*1\r\n:1\r\n",
        b"~2\r\n+a\r\n+b\r\n",
        b"|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n",
    ];
    for reply in replies {
        assert_eq!(counts_of(reply).replies, 1, "{}", String::from_utf8_lossy(reply));
    }
    assert_eq!(counts_of(&replies.concat()), Counts { replies: 18, errors: 2, nulls: 3, pushes: 0 });
}

#[test]
fn a_push_is_no_reply() {
    let bytes = b">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n+OK\r\n";
    assert_eq!(counts_of(bytes), Counts { replies: 1, pushes: 1, ..Counts::default() });
}

#[test]
fn a_string_may_hold_what_looks_like_replies() {
    assert_eq!(counts_of(b"$10\r\n+OK\r\n-ERR\r\r\n"), Counts { replies: 1, ..Counts::default() });
}

#[test]
fn the_first_error_is_remembered_alone() {
    let mut scanner = Scanner::new();
    for piece in [&b"-ERR fi"[..], b"rst\r", b"\n-ERR second\r\n"] {
        scanner.feed(piece).expect("well-formed replies");
    }
    assert_eq!(scanner.first_error().as_deref(), Some("ERR first"));
    assert_eq!(scanner.counts().errors, 2);
}

#[test]
fn what_is_no_reply_is_a_fault() {
    assert_eq!(Scanner::new().feed(b"HTTP/1.1"), Err(Fault::Type(b'H')));
    assert_eq!(Scanner::new().feed(b"$1x\r\n"), Err(Fault::Length(b'x')));
    assert_eq!(Scanner::new().feed(b"*99999999999\r\n"), Err(Fault::TooLong));
}

/// A reply and what the scanner should count in it.
#[derive(Debug, Clone)]
struct Sample {
    bytes: Vec<u8>,
    errors: u64,
    nulls: u64,
}

fn sample(bytes: impl Into<Vec<u8>>, errors: u64, nulls: u64) -> Sample {
    Sample { bytes: bytes.into(), errors, nulls }
}

fn scalar() -> impl Strategy<Value = Sample> {
    let string = prop::collection::vec(any::<u8>(), 0..40).prop_map(|body| {
        let mut bytes = format!("${}\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(b"\r\n");
        sample(bytes, 0, 0)
    });
    prop_oneof![
        string,
        "[a-z]{0,9}".prop_map(|text| sample(format!("+{text}\r\n"), 0, 0)),
        any::<i64>().prop_map(|number| sample(format!(":{number}\r\n"), 0, 0)),
        "[A-Z]{1,5} [a-z]{0,9}".prop_map(|text| sample(format!("-{text}\r\n"), 1, 0)),
        "[A-Z]{1,5} [a-z]{0,9}".prop_map(|text| sample(format!("!{}\r\n{text}\r\n", text.len()), 1, 0)),
        Just(sample("$-1\r\n", 0, 1)),
        Just(sample("*-1\r\n", 0, 1)),
        Just(sample("_\r\n", 0, 1)),
        Just(sample("#f\r\n", 0, 0)),
        Just(sample(",inf\r\n", 0, 0)),
    ]
}

fn aggregate(kind: char, length: usize, parts: &[Sample]) -> Sample {
    let mut whole = sample(format!("{kind}{length}\r\n"), 0, 0);
    for part in parts {
        whole.bytes.extend_from_slice(&part.bytes);
        whole.errors += part.errors;
        whole.nulls += part.nulls;
    }
    whole
}

fn reply() -> impl Strategy<Value = Sample> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..6);
        let pairs = prop::collection::vec((inner.clone(), inner.clone()), 0..3)
            .prop_map(|pairs| pairs.into_iter().flat_map(|(key, value)| [key, value]).collect::<Vec<_>>());
        let attributed = (pairs.clone(), inner).prop_map(|(pairs, of)| {
            let head = aggregate('|', pairs.len() / 2, &pairs);
            sample([head.bytes, of.bytes].concat(), head.errors + of.errors, head.nulls + of.nulls)
        });
        prop_oneof![
            several.clone().prop_map(|parts| aggregate('*', parts.len(), &parts)),
            several.prop_map(|parts| aggregate('~', parts.len(), &parts)),
            pairs.prop_map(|parts| aggregate('%', parts.len() / 2, &parts)),
            attributed,
        ]
    })
}

proptest! {
    #[test]
    fn cutting_the_stream_anywhere_changes_no_count(
        replies in prop::collection::vec(reply(), 1..20),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let bytes: Vec<u8> = replies.iter().flat_map(|reply| reply.bytes.clone()).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut scanner = Scanner::new();
        let mut completed = 0;
        for piece in cuts.windows(2) {
            completed += scanner.feed(&bytes[piece[0]..piece[1]]).expect("well-formed replies");
        }
        let expected = Counts {
            replies: replies.len() as u64,
            errors: replies.iter().map(|reply| reply.errors).sum(),
            nulls: replies.iter().map(|reply| reply.nulls).sum(),
            pushes: 0,
        };
        prop_assert_eq!(completed, expected.replies);
        prop_assert_eq!(scanner.counts(), &expected);
    }

    #[test]
    fn any_bytes_are_counted_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut scanner = Scanner::new();
        if let Ok(completed) = scanner.feed(&bytes) {
            prop_assert_eq!(completed, scanner.counts().replies);
        }
    }
}

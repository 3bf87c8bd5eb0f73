//! Words and replies of any bytes and shapes come through unchanged.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use kvd_embed::{CommandError, Db, Options, Reply};
use proptest::prelude::*;
use resp::{Frame, ReplyLimits, ReplyReader};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

/// Text without line breaks, which a simple string or an error can't have.
fn line() -> impl Strategy<Value = Vec<u8>> {
    "[ -~]{0,20}".prop_map(String::into_bytes)
}

/// A frame, and the reply that it is to become.
fn frame() -> impl Strategy<Value = (Frame, Reply)> {
    let leaf = prop_oneof![
        Just((Frame::Null, Reply::Null)),
        Just((Frame::NullBulk, Reply::Null)),
        Just((Frame::NullArray, Reply::Null)),
        any::<bool>().prop_map(|value| (Frame::Boolean(value), Reply::Boolean(value))),
        any::<i64>().prop_map(|number| (Frame::Integer(number), Reply::Integer(number))),
        (-1e300..1e300f64).prop_map(|number| (Frame::Double(number), Reply::Double(number))),
        "-?[0-9]{1,30}".prop_map(|digits| {
            (Frame::BigNumber(digits.clone().into_bytes()), Reply::BigNumber(digits.into_bytes()))
        }),
        bytes().prop_map(|bytes| (Frame::Bulk(bytes.clone()), Reply::Bulk(bytes))),
        line().prop_map(|text| (Frame::Simple(text.clone()), Reply::Simple(text))),
        bytes().prop_map(|text| (Frame::Verbatim(*b"txt", text.clone()), Reply::Verbatim(*b"txt", text))),
        "[A-Z]{1,8} [a-z ]{1,10}".prop_map(|text| {
            let (code, message) = text.split_once(' ').unwrap();
            let error = CommandError { code: code.to_owned(), message: message.to_owned() };
            (Frame::BulkError(text.clone().into_bytes()), Reply::Error(error))
        }),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            several.clone().prop_map(|pairs| unzip(pairs, Frame::Array, Reply::Array)),
            several.prop_map(|pairs| unzip(pairs, Frame::Set, Reply::Set)),
            prop::collection::vec((inner.clone(), inner.clone()), 0..4).prop_map(|pairs| {
                let frames = pairs.iter().map(|(key, value)| (key.0.clone(), value.0.clone())).collect();
                let replies = pairs.into_iter().map(|(key, value)| (key.1, value.1)).collect();
                (Frame::Map(frames), Reply::Map(replies))
            }),
            inner.prop_map(|(frame, reply)| {
                (Frame::Attribute(vec![(Frame::Null, Frame::Null)], Box::new(frame)), reply)
            }),
        ]
    })
}

fn unzip(
    pairs: Vec<(Frame, Reply)>,
    frame: fn(Vec<Frame>) -> Frame,
    reply: fn(Vec<Reply>) -> Reply,
) -> (Frame, Reply) {
    let (frames, replies) = pairs.into_iter().unzip();
    (frame(frames), reply(replies))
}

proptest! {
    #[test]
    fn replies_survive_the_wire((frame, expected) in frame()) {
        let mut wire = Vec::new();
        frame.write(&mut wire);
        let mut reader = ReplyReader::new();
        reader.feed(&wire);
        let read = reader.parse(&ReplyLimits::DEFAULT).unwrap().unwrap();
        prop_assert_eq!(Reply::from(read), expected);
        prop_assert_eq!(reader.buffered(), 0);
    }
}

#[test]
fn values_of_any_bytes_are_kept() {
    let db = Db::open(Options::default().manual()).unwrap();
    let key = prop::collection::vec(any::<u8>(), 0..20);
    // Lengths around those from which values are handed over instead of copied.
    let value = prop_oneof![
        bytes(),
        (prop_oneof![15_000..17_000usize, 32_000..33_500usize], any::<u8>())
            .prop_map(|(len, first)| (0..len)
                .map(|at| (at as u8).wrapping_mul(31).wrapping_add(first))
                .collect()),
    ];
    let pairs = prop::collection::vec((key, value), 1..8);
    proptest::test_runner::TestRunner::default()
        .run(&pairs, |pairs| {
            for (key, value) in &pairs {
                db.call(["SET".as_bytes(), key, value]).unwrap();
            }
            let expected: std::collections::BTreeMap<_, _> = pairs.iter().cloned().collect();
            let mut words = vec![b"MGET".to_vec()];
            words.extend(expected.keys().cloned());
            let stored: Vec<Vec<u8>> = db.query(&words).unwrap();
            prop_assert!(stored.iter().eq(expected.values()));
            let mut pipeline = db.pipeline();
            for key in expected.keys() {
                pipeline.cmd(("GET", key));
            }
            let stored: Vec<Vec<u8>> = pipeline.query().unwrap();
            prop_assert!(stored.iter().eq(expected.values()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn words_come_from_many_types() {
    let db = Db::open(Options::default().manual()).unwrap();
    let owned = String::from("owned");
    let boxed: Box<str> = "boxed".into();
    let shared: std::sync::Arc<[u8]> = b"shared".as_slice().into();
    let words = (
        "MSET",
        &owned,
        1u8,
        &boxed,
        -2i64,
        shared,
        0.1,
        b"bytes",
        vec![b'v'],
        std::borrow::Cow::from("cow"),
        "",
        usize::MAX,
    );
    assert!(db.call(words).is_err(), "one value is missing");
    db.call(("MSET", &owned, 1u8, &boxed, -2i64, b"bytes", 0.1, std::borrow::Cow::from("cow"), "")).unwrap();
    let (a, b, c, d): (i64, i64, f64, String) = db.query(["MGET", "owned", "boxed", "bytes", "cow"]).unwrap();
    assert_eq!((a, b, c, d.as_str()), (1, -2, 0.1, ""));
}

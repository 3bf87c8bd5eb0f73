//! Frames: what a client understands, and that it is the same whatever the pieces.

use kvd_resp::{Frame, Output, Protocol, Reply, ReplyError, ReplyLimits, ReplyReader};
use proptest::prelude::*;

fn bulk(text: &str) -> Frame {
    Frame::Bulk(text.into())
}

fn parse_pieces(pieces: &[&[u8]], limits: &ReplyLimits) -> (Vec<Frame>, Option<ReplyError>) {
    let mut reader = ReplyReader::new();
    let mut frames = Vec::new();
    for piece in pieces {
        reader.feed(piece);
        loop {
            match reader.parse(limits) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fn parse(bytes: &[u8]) -> (Vec<Frame>, Option<ReplyError>) {
    parse_pieces(&[bytes], &ReplyLimits::DEFAULT)
}

fn parse_one(bytes: &[u8]) -> Frame {
    let (mut frames, error) = parse(bytes);
    assert_eq!((frames.len(), error), (1, None), "{}", bytes.escape_ascii());
    frames.remove(0)
}

#[test]
fn every_type_is_read_and_written_back() {
    let cases: [(&[u8], Frame); 24] = [
        (b"+OK\r\n", Frame::Simple(b"OK".to_vec())),
        (b"-ERR no\r\n", Frame::Error(b"ERR no".to_vec())),
        (b":-3\r\n", Frame::Integer(-3)),
        (b"$3\r\na\r\n\r\n", bulk("a\r\n")),
        (b"$0\r\n\r\n", bulk("")),
        (b"$-1\r\n", Frame::NullBulk),
        (b"*-1\r\n", Frame::NullArray),
        (b"_\r\n", Frame::Null),
        (b"#t\r\n", Frame::Boolean(true)),
        (b"#f\r\n", Frame::Boolean(false)),
        (b",3.25\r\n", Frame::Double(3.25)),
        (b",inf\r\n", Frame::Double(f64::INFINITY)),
        (b",-inf\r\n", Frame::Double(f64::NEG_INFINITY)),
        (b"(-12345678901234567890\r\n", Frame::BigNumber(b"-12345678901234567890".to_vec())),
        (b"!7\r\nERR a\nb\r\n", Frame::BulkError(b"ERR a\nb".to_vec())),
        (b"=8\r\ntxt:text\r\n", Frame::Verbatim(*b"txt", b"text".to_vec())),
        (b"*0\r\n", Frame::Array(vec![])),
        (
            b"*2\r\n:1\r\n*1\r\n$1\r\na\r\n",
            Frame::Array(vec![Frame::Integer(1), Frame::Array(vec![bulk("a")])]),
        ),
        (
            b"%1\r\n$1\r\na\r\n~1\r\n:1\r\n",
            Frame::Map(vec![(bulk("a"), Frame::Set(vec![Frame::Integer(1)]))]),
        ),
        (b"%0\r\n", Frame::Map(vec![])),
        (b"~0\r\n", Frame::Set(vec![])),
        (b">1\r\n+a\r\n", Frame::Push(vec![Frame::Simple(b"a".to_vec())])),
        (b"|1\r\n+k\r\n:1\r\n:2\r\n", {
            let pairs = vec![(Frame::Simple(b"k".to_vec()), Frame::Integer(1))];
            Frame::Attribute(pairs, Box::new(Frame::Integer(2)))
        }),
        (b"|0\r\n|0\r\n_\r\n", {
            let inner = Frame::Attribute(vec![], Box::new(Frame::Null));
            Frame::Attribute(vec![], Box::new(inner))
        }),
    ];
    for (bytes, frame) in cases {
        assert_eq!(parse_one(bytes), frame);
        let mut written = Vec::new();
        frame.write(&mut written);
        assert_eq!(written.escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }
}

#[test]
fn what_is_no_reply_is_refused() {
    let cases: [(&[u8], ReplyError); 20] = [
        (b"x\r\n", ReplyError::UnknownType(b'x')),
        (b":1.5\r\n", ReplyError::InvalidValue),
        (b":\r\n", ReplyError::InvalidValue),
        (b",abc\r\n", ReplyError::InvalidValue),
        (b"#x\r\n", ReplyError::InvalidValue),
        (b"_x\r\n", ReplyError::InvalidValue),
        (b"(12a\r\n", ReplyError::InvalidValue),
        (b"(-\r\n", ReplyError::InvalidValue),
        (b"$-2\r\n", ReplyError::InvalidLength),
        (b"*-2\r\n", ReplyError::InvalidLength),
        (b"%-1\r\n", ReplyError::InvalidLength),
        (b"$01\r\n", ReplyError::InvalidLength),
        (b"$?\r\n", ReplyError::InvalidLength),
        (b"$3\r\nabcd\r", ReplyError::InvalidCrlf),
        (b"+a\rb", ReplyError::InvalidCrlf),
        (b"=3\r\ntxt\r\n", ReplyError::InvalidVerbatim),
        (b"=5\r\ntxt.a\r\n", ReplyError::InvalidVerbatim),
        (b"$536870913\r\n", ReplyError::TooLong),
        (b"*9223372036854775807\r\n", ReplyError::TooManyElements),
        (b"%9223372036854775807\r\n", ReplyError::TooManyElements),
    ];
    for (bytes, error) in cases {
        assert_eq!(parse(bytes), (vec![], Some(error)), "{}", bytes.escape_ascii());
    }
    assert_eq!(parse(&[b':'; 2000]).1, Some(ReplyError::TooLong));
}

#[test]
fn limits_hold() {
    let limits = ReplyLimits { bulk_bytes_max: 5, elements_max: 4, depth_max: 2 };
    let refused = |bytes: &[u8]| parse_pieces(&[bytes], &limits).1;
    assert_eq!(refused(b"$5\r\nabcde\r\n+abcde\r\n"), None);
    assert_eq!(refused(b"$6\r\n"), Some(ReplyError::TooLong));
    assert_eq!(refused(b"+abcdef"), Some(ReplyError::TooLong));
    assert_eq!(refused(b"+abcdef\r\n"), Some(ReplyError::TooLong));
    assert_eq!(refused(b"*2\r\n:1\r\n*2\r\n:1\r\n:1\r\n*4\r\n"), None);
    assert_eq!(refused(b"*2\r\n:1\r\n*3\r\n"), Some(ReplyError::TooManyElements));
    assert_eq!(refused(b"%3\r\n"), Some(ReplyError::TooManyElements));
    assert_eq!(refused(b"*1\r\n*1\r\n*0\r\n"), None);
    assert_eq!(refused(b"*1\r\n*1\r\n*1\r\n"), Some(ReplyError::TooDeep));
}

#[test]
fn the_deepest_nesting_is_bounded_whatever_the_limits() {
    let limits = ReplyLimits { depth_max: usize::MAX, ..ReplyLimits::DEFAULT };
    let deep = b"*1\r\n".repeat(1_000_000);
    assert_eq!(parse_pieces(&[&deep], &limits).1, Some(ReplyError::TooDeep));
    let mut most = b"*1\r\n".repeat(kvd_resp::DEPTH_MAX);
    most.extend(b":1\r\n");
    let (frames, error) = parse_pieces(&[&most], &limits);
    assert_eq!((frames.len(), error), (1, None));
    let mut written = Vec::new();
    frames[0].write(&mut written);
    assert_eq!(written, most);
}

#[test]
fn replies_are_read_as_they_were_meant() {
    let mut output = Output::new();
    let mut reply = Reply::new(&mut output, Protocol::Resp3);
    reply.map(1);
    reply.bulk(b"k");
    reply.set(2);
    reply.double(0.5);
    reply.verbatim(b"txt", "t");
    let set = Frame::Set(vec![Frame::Double(0.5), Frame::Verbatim(*b"txt", b"t".to_vec())]);
    assert_eq!(parse_one(&output.to_vec()), Frame::Map(vec![(bulk("k"), set)]));
}

fn frames() -> impl Strategy<Value = Frame> {
    let line = || "[ -~]{0,12}".prop_map(String::into_bytes);
    let leaf = prop_oneof![
        line().prop_map(Frame::Simple),
        line().prop_map(Frame::Error),
        any::<i64>().prop_map(Frame::Integer),
        any::<Vec<u8>>().prop_map(Frame::Bulk),
        Just(Frame::NullBulk),
        Just(Frame::NullArray),
        Just(Frame::Null),
        any::<bool>().prop_map(Frame::Boolean),
        any::<f64>().prop_map(Frame::Double),
        "-?[0-9]{1,30}".prop_map(|digits| Frame::BigNumber(digits.into())),
        any::<Vec<u8>>().prop_map(Frame::BulkError),
        any::<([u8; 3], Vec<u8>)>().prop_map(|(format, text)| Frame::Verbatim(format, text)),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let elements = || prop::collection::vec(inner.clone(), 0..5);
        let pairs = || prop::collection::vec((inner.clone(), inner.clone()), 0..4);
        prop_oneof![
            elements().prop_map(Frame::Array),
            elements().prop_map(Frame::Set),
            elements().prop_map(Frame::Push),
            pairs().prop_map(Frame::Map),
            (pairs(), inner.clone()).prop_map(|(pairs, about)| Frame::Attribute(pairs, Box::new(about))),
        ]
    })
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in(
        frames in prop::collection::vec(frames(), 1..4),
        sizes in prop::collection::vec(1usize..40, 1..20),
    ) {
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| frame.write(&mut bytes));
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            let (piece, behind) = rest.split_at(rest.len().min(*size));
            pieces.push(piece);
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(parse_pieces(&pieces, &ReplyLimits::DEFAULT), (frames, None));
    }

    #[test]
    fn any_bytes_split_anywhere_give_the_same(
        bytes in prop::collection::vec(prop::sample::select(&b"*$%~>|+:,#_(!=123-\r\n\r\n\r\n\r\ntxt:a"[..]), 0..60),
        at in 0usize..60,
    ) {
        let at = at.min(bytes.len());
        let split = parse_pieces(&[&bytes[..at], &bytes[at..]], &ReplyLimits::DEFAULT);
        // Without NaN, which is not equal to itself.
        prop_assert_eq!(parse(&bytes), split);
    }
}

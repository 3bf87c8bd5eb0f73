//! Comparing a frame with what was expected.

use super::expectation::{Aggregate, Expect, Order, Text};
use crate::server::Protocol;
use crate::wire::Frame;

impl Expect {
    /// Whether `frame`, read in `protocol`, is what was expected.
    pub fn matches(&self, frame: &Frame, protocol: Protocol) -> bool {
        let resp2 = protocol == Protocol::Resp2;
        match (self, frame) {
            (Self::Anything, _) => true,
            (Self::Status(text), Frame::Status(got))
            | (Self::Error(text), Frame::Error(got))
            | (Self::Bulk(text), Frame::Bulk(got)) => text.matches(got),
            (Self::Verbatim(text), Frame::Bulk(got)) if resp2 => text.matches(got),
            (Self::Verbatim(text), Frame::Verbatim(got)) => text.matches(got),
            (Self::Integer(range), Frame::Integer(got)) => range.contains(got),
            (Self::Double(text), Frame::Bulk(got)) if resp2 => text == got,
            (Self::Double(text), Frame::Double(got)) => text == got,
            (Self::DoubleWithin(range), Frame::Bulk(got)) if resp2 => within(range, got),
            (Self::DoubleWithin(range), Frame::Double(got)) => within(range, got),
            (Self::BigNumber(text), Frame::Bulk(got)) if resp2 => text == got,
            (Self::BigNumber(text), Frame::BigNumber(got)) => text == got,
            (Self::Boolean(wanted), Frame::Integer(got)) if resp2 => i64::from(*wanted) == *got,
            (Self::Boolean(wanted), Frame::Boolean(got)) => wanted == got,
            (Self::Nil, Frame::NilBulk) | (Self::NilArray, Frame::NilArray) => resp2,
            (Self::Nil | Self::NilArray, Frame::Nil) => !resp2,
            (Self::ArrayOf(count), Frame::Array(got)) => *count == got.len(),
            (Self::List(kind, order, wanted), frame) => list(*kind, frame, resp2).is_some_and(|got| {
                elements(*order, wanted, got, |wanted, got| wanted.matches(got, protocol))
            }),
            (Self::Map(order, wanted), frame) => pairs(frame, resp2).is_some_and(|got| {
                elements(*order, wanted, &got, |wanted, got| {
                    wanted.0.matches(got.0, protocol) && wanted.1.matches(got.1, protocol)
                })
            }),
            _ => false,
        }
    }
}

fn list(kind: Aggregate, frame: &Frame, resp2: bool) -> Option<&[Frame]> {
    match (kind, frame) {
        (Aggregate::Array, Frame::Array(got)) => Some(got),
        (Aggregate::Set | Aggregate::Push, Frame::Array(got)) if resp2 => Some(got),
        (Aggregate::Set, Frame::Set(got)) | (Aggregate::Push, Frame::Push(got)) => Some(got),
        _ => None,
    }
}

fn pairs(frame: &Frame, resp2: bool) -> Option<Vec<(&Frame, &Frame)>> {
    match frame {
        Frame::Map(got) => Some(got.iter().map(|(key, value)| (key, value)).collect()),
        Frame::Array(got) if resp2 && got.len().is_multiple_of(2) => {
            Some(got.chunks_exact(2).filter_map(|pair| Some((pair.first()?, pair.last()?))).collect())
        }
        _ => None,
    }
}

/// Where order is free, each expected element takes the first one that fits and is left: write narrow patterns
/// before wide ones.
fn elements<W, G>(order: Order, wanted: &[W], got: &[G], fits: impl Fn(&W, &G) -> bool) -> bool {
    if order != Order::Contains && wanted.len() != got.len() {
        return false;
    }
    if order == Order::AsWritten {
        return wanted.iter().zip(got).all(|(wanted, got)| fits(wanted, got));
    }
    let mut left: Vec<&G> = got.iter().collect();
    wanted.iter().all(|wanted| {
        let found = left.iter().position(|got| fits(wanted, got));
        found.map(|at| left.remove(at)).is_some()
    })
}

fn within(range: &std::ops::RangeInclusive<f64>, text: &[u8]) -> bool {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.is_some_and(|number| range.contains(&number))
}

impl Text {
    fn matches(&self, got: &[u8]) -> bool {
        match self {
            Self::Exact(wanted) => wanted == got,
            Self::Glob(pattern) => glob(&tokens(pattern), got),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Byte(u8),
    AnyByte,
    AnyBytes,
}

fn tokens(pattern: &[u8]) -> Vec<Token> {
    let mut bytes = pattern.iter().copied();
    let mut tokens = Vec::new();
    while let Some(byte) = bytes.next() {
        tokens.push(match byte {
            b'*' => Token::AnyBytes,
            b'?' => Token::AnyByte,
            b'\\' => match bytes.next() {
                Some(b'n') => Token::Byte(b'\n'),
                Some(b'r') => Token::Byte(b'\r'),
                Some(literal) => Token::Byte(literal),
                None => Token::Byte(b'\\'),
            },
            literal => Token::Byte(literal),
        });
    }
    tokens
}

/// Backs up to the last star only: every earlier star has matched as little as it can.
fn glob(pattern: &[Token], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match (pattern.get(at), text.get(seen)) {
            (Some(Token::AnyBytes), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(Token::AnyByte), Some(_)) => {
                at += 1;
                seen += 1;
            }
            (Some(Token::Byte(wanted)), Some(got)) if wanted == got => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((star_at, star_seen)) = star else { return false };
                star = Some((star_at, star_seen + 1));
                at = star_at + 1;
                seen = star_seen + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|token| *token == Token::AnyBytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Text::Glob(pattern.as_bytes().to_vec()).matches(text.as_bytes())
    }

    #[test]
    fn globs_match_stars_marks_and_escapes() {
        assert!(matches("id=* addr=*:* fd=?", "id=3 addr=127.0.0.1:99 fd=8"));
        assert!(matches("*\\r\\nb:*", "a:1\r\nb:2"));
        assert!(matches("\\*\\?", "*?"));
        assert!(!matches("\\*", "x"));
        assert!(!matches("a*b", "a-b-c"));
        assert!(matches("*", ""));
    }

    fn bulk(text: &str) -> Frame {
        Frame::Bulk(text.as_bytes().to_vec())
    }

    #[test]
    fn resp2_takes_stand_ins_and_resp3_does_not() {
        let map = Expect::Map(Order::AsWritten, vec![(Expect::Anything, Expect::Boolean(true))]);
        let flat = Frame::Array(vec![bulk("k"), Frame::Integer(1)]);
        let rich = Frame::Map(vec![(bulk("k"), Frame::Boolean(true))]);
        assert!(map.matches(&flat, Protocol::Resp2));
        assert!(!map.matches(&flat, Protocol::Resp3));
        assert!(map.matches(&rich, Protocol::Resp3));
        assert!(Expect::Nil.matches(&Frame::NilBulk, Protocol::Resp2));
        assert!(!Expect::Nil.matches(&Frame::NilArray, Protocol::Resp2));
        assert!(!Expect::Nil.matches(&Frame::NilBulk, Protocol::Resp3));
    }

    #[test]
    fn free_order_counts_every_element_once() {
        let wanted = |order| {
            let items = ["b", "a", "a"].map(|text| Expect::Bulk(Text::Exact(text.into()))).to_vec();
            Expect::List(Aggregate::Array, order, items)
        };
        let got = |texts: &[&str]| Frame::Array(texts.iter().map(|text| bulk(text)).collect());
        assert!(wanted(Order::Any).matches(&got(&["a", "b", "a"]), Protocol::Resp2));
        assert!(!wanted(Order::Any).matches(&got(&["a", "b", "b"]), Protocol::Resp2));
        assert!(!wanted(Order::Any).matches(&got(&["a", "b", "a", "c"]), Protocol::Resp2));
        assert!(wanted(Order::Contains).matches(&got(&["a", "b", "a", "c"]), Protocol::Resp2));
        assert!(!wanted(Order::AsWritten).matches(&got(&["a", "b", "a"]), Protocol::Resp2));
    }
}

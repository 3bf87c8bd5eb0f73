//! Replies with the times of consumers and pending entries, which are each server's own.

use crate::wire::Frame;

use super::rules::kind;

/// Fields that hold times.
const TIMES: [&[u8]; 4] = [b"idle", b"inactive", b"seen-time", b"active-time"];
/// A field that says how a server keeps its streams.
const INNER: &[u8] = b"radix-tree-nodes";

/// Whether the replies are the same, but for times, which may be so far apart.
pub(super) fn are_alike(kvd: &Frame, peer: &Frame, apart: i64) -> bool {
    match (kvd, peer) {
        (Frame::Array(a), Frame::Array(b)) => {
            a.len() == b.len()
                && (0..a.len()).all(|index| match place(a, index) {
                    Place::Inner => kind(&a[index]) == kind(&b[index]),
                    Place::Time => are_near(&a[index], &b[index], apart),
                    Place::Other => are_alike(&a[index], &b[index], apart),
                })
        }
        (Frame::Map(a), Frame::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((name, a), (other, b))| {
                    name == other
                        && match place_behind(name) {
                            Place::Inner => kind(a) == kind(b),
                            Place::Time => are_near(a, b, apart),
                            Place::Other => are_alike(a, b, apart),
                        }
                })
        }
        _ => kvd == peer,
    }
}

enum Place {
    Time,
    Inner,
    Other,
}

/// What stands at a place of an array: RESP2 has flat ones for maps, and a pending entry is
/// `[id, consumer, time, deliveries]`, or `[id, time, deliveries]` below its consumer.
fn place(array: &[Frame], index: usize) -> Place {
    use Frame::{Bulk, Integer};
    match (array, index) {
        ([Bulk(_), Bulk(_), Integer(_), Integer(_)], 2) | ([Bulk(_), Integer(_), Integer(_)], 1) => Place::Time,
        (_, 1..) => place_behind(&array[index - 1]),
        _ => Place::Other,
    }
}

fn place_behind(name: &Frame) -> Place {
    match name {
        Frame::Bulk(name) if TIMES.contains(&name.as_slice()) => Place::Time,
        Frame::Bulk(name) if name == INNER => Place::Inner,
        _ => Place::Other,
    }
}

fn are_near(kvd: &Frame, peer: &Frame, apart: i64) -> bool {
    match (kvd, peer) {
        (Frame::Integer(a), Frame::Integer(b)) => {
            a == b || (*a >= 0 && *b >= 0 && a.abs_diff(*b) <= apart.unsigned_abs())
        }
        _ => are_alike(kvd, peer, apart),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Frame {
        Frame::Bulk(text.as_bytes().to_vec())
    }

    #[test]
    fn only_times_may_be_apart() {
        let pending = |time, deliveries| {
            Frame::Array(vec![bulk("1-1"), bulk("c"), Frame::Integer(time), Frame::Integer(deliveries)])
        };
        assert!(are_alike(&pending(7, 1), &pending(9, 1), 5));
        assert!(!are_alike(&pending(7, 1), &pending(19, 1), 5));
        assert!(!are_alike(&pending(7, 1), &pending(7, 2), 5));
        let field = |name, number| Frame::Array(vec![bulk(name), Frame::Integer(number)]);
        assert!(are_alike(&field("idle", 3), &field("idle", 4), 5));
        assert!(!are_alike(&field("inactive", -1), &field("inactive", 0), 5));
        assert!(!are_alike(&field("length", 3), &field("length", 4), 5));
        assert!(are_alike(&field("radix-tree-nodes", 2), &field("radix-tree-nodes", 90), 5));
    }
}

//! Replies about streams: times of consumers and pending entries are each server's own, and so are some fields.

use crate::wire::Frame;

use super::rules::kind;

/// Fields that hold times.
const TIMES: [&[u8]; 4] = [b"idle", b"inactive", b"seen-time", b"active-time"];
/// A field that says how a server keeps its streams.
const INNER: &[u8] = b"radix-tree-nodes";

/// Times may be so far apart.
const APART_MS_MAX: u64 = 8_000;

/// Whether the replies are the same, but for times, and for what is in the fields of these names.
pub(super) fn are_alike(kvd: &Frame, peer: &Frame, but_for: &[&str]) -> bool {
    let is_same = |place, a: &Frame, b: &Frame| match place {
        Place::Behind(name) if but_for.iter().any(|field| field.as_bytes() == name) => true,
        Place::Behind(INNER) => kind(a) == kind(b),
        Place::Behind(name) if TIMES.contains(&name) => are_near(a, b),
        Place::Time => are_near(a, b),
        Place::Behind(_) | Place::Other => are_alike(a, b, but_for),
    };
    match (kvd, peer) {
        (Frame::Array(a), Frame::Array(b)) => {
            a.len() == b.len() && (0..a.len()).all(|index| is_same(place(a, index), &a[index], &b[index]))
        }
        (Frame::Map(a), Frame::Map(b)) => {
            let pairs = a.iter().zip(b);
            a.len() == b.len()
                && pairs
                    .into_iter()
                    .all(|((name, a), (other, b))| name == other && is_same(place_behind(name), a, b))
        }
        _ => kvd == peer,
    }
}

/// Where in a reply a frame stands.
enum Place<'f> {
    /// Where a time of a pending entry does.
    Time,
    /// Behind what may be the name of a field.
    Behind(&'f [u8]),
    Other,
}

/// What stands at a place of an array: RESP2 has flat ones for maps, and a pending entry is
/// `[id, consumer, time, deliveries]`, or `[id, time, deliveries]` below its consumer.
fn place(array: &[Frame], index: usize) -> Place<'_> {
    use Frame::{Bulk, Integer};
    match (array, index) {
        ([Bulk(_), Bulk(_), Integer(_), Integer(_)], 2) | ([Bulk(_), Integer(_), Integer(_)], 1) => {
            Place::Time
        }
        (_, 1..) => place_behind(&array[index - 1]),
        _ => Place::Other,
    }
}

fn place_behind(name: &Frame) -> Place<'_> {
    match name {
        Frame::Bulk(name) => Place::Behind(name),
        _ => Place::Other,
    }
}

fn are_near(kvd: &Frame, peer: &Frame) -> bool {
    match (kvd, peer) {
        (Frame::Integer(a), Frame::Integer(b)) => {
            a == b || (*a >= 0 && *b >= 0 && a.abs_diff(*b) <= APART_MS_MAX)
        }
        _ => kvd == peer,
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
        assert!(are_alike(&pending(7, 1), &pending(9, 1), &[]));
        assert!(!are_alike(&pending(7, 1), &pending(19_000, 1), &[]));
        assert!(!are_alike(&pending(7, 1), &pending(7, 2), &[]));
        let field = |name, number| Frame::Array(vec![bulk(name), Frame::Integer(number)]);
        assert!(are_alike(&field("idle", 3), &field("idle", 4), &[]));
        assert!(!are_alike(&field("inactive", -1), &field("inactive", 0), &[]));
        assert!(!are_alike(&field("length", 3), &field("length", 4), &[]));
        assert!(are_alike(&field("lag", 3), &field("lag", 4), &["lag"]));
        assert!(are_alike(&field("radix-tree-nodes", 2), &field("radix-tree-nodes", 90), &[]));
    }
}

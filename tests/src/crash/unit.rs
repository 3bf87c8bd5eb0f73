//! What a client does at once.

use super::op::Op;
use crate::wire;

/// What is done as a whole or not at all: one command, or several between `MULTI` and `EXEC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The commands, at least one.
    pub(crate) ops: Vec<Op>,
    /// Whether they stand in a block.
    pub(crate) is_block: bool,
}

impl Unit {
    /// One command.
    pub(crate) fn one(op: Op) -> Self {
        Self { ops: vec![op], is_block: false }
    }

    /// The requests. Which database was selected before is nothing to it: it may have been refused together with a block.
    pub(crate) fn encode(&self, into: &mut Vec<u8>) {
        let fence = |word: &str, into: &mut Vec<u8>| {
            if self.is_block {
                into.extend_from_slice(&wire::encode(&[word]));
            }
        };
        let mut db = None;
        for op in &self.ops {
            let is_first = db.is_none();
            if db != Some(op.db()) {
                into.extend_from_slice(&wire::encode(&["SELECT", &op.db().to_string()]));
                db = Some(op.db());
            }
            if is_first {
                fence("MULTI", into);
            }
            into.extend_from_slice(&wire::encode(&op.words()));
        }
        fence("EXEC", into);
    }

    /// How many replies its requests have.
    pub(crate) fn replies(&self) -> usize {
        let changes = self.ops.windows(2).filter(|pair| matches!(pair, [a, b] if a.db() != b.db()));
        1 + self.ops.len() + changes.count() + 2 * usize::from(self.is_block)
    }

    /// How often it adds to the counter that all share.
    pub(crate) fn shared(&self) -> i64 {
        self.ops.iter().filter(|op| **op == Op::AddShared).count() as i64
    }

    /// Whether it may be told that there is no such key.
    pub(crate) fn renames(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Rename(..)))
    }

    /// Whether its last reply is an array.
    pub(crate) fn is_told_array(&self) -> bool {
        let is_told = |op: &Op| matches!(op, Op::ExpireField(..) | Op::PopLowest(_));
        self.is_block || self.ops.last().is_some_and(is_told)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;

    #[test]
    fn a_block_has_its_fences_and_selects_where_it_goes_on() {
        let key = Key::of("k").in_db(2);
        let ops = vec![Op::AddShared, Op::Remove(key.clone()), Op::Remove(key)];
        let unit = Unit { ops, is_block: true };
        let mut bytes = Vec::new();
        unit.encode(&mut bytes);
        let first = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$5\r\nMULTI\r\n";
        assert!(bytes.starts_with(first) && bytes.ends_with(b"$4\r\nEXEC\r\n"));
        assert_eq!((unit.replies(), unit.shared()), (7, 1));
        assert_eq!(bytes.iter().filter(|byte| **byte == b'*').count(), 7);
    }
}

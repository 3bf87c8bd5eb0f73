//! What a client does, and what that makes of its keys.

use std::collections::{BTreeMap, VecDeque};

use crate::wire;

/// Keys and their values.
pub(crate) type Data = BTreeMap<String, Kept>;

/// The counter that all clients share.
pub(crate) const SHARED: &str = "shared";

/// A value, and when its time is up in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The value.
    pub(crate) value: Value,
    /// The end of its time.
    pub(crate) until_ms: Option<u64>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A string.
    Text(Vec<u8>),
    /// A list.
    List(VecDeque<Vec<u8>>),
    /// A hash.
    Hash(BTreeMap<Vec<u8>, Vec<u8>>),
}

/// One command. Whatever the data are, each does the same to them here and in the server: no key has values of two types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `SET`
    Set(String, Vec<u8>),
    /// `SET … PXAT`
    SetUntil(String, Vec<u8>, u64),
    /// `APPEND`
    Append(String, Vec<u8>),
    /// `INCRBY`
    Add(String, i64),
    /// `RPUSH`
    Push(String, Vec<u8>),
    /// `LPOP`
    Pop(String),
    /// `HSET`
    SetField(String, Vec<u8>, Vec<u8>),
    /// `HDEL`
    RemoveField(String, Vec<u8>),
    /// `DEL`
    Remove(String),
    /// `PEXPIREAT`, at a time far away
    Expire(String, u64),
    /// `INCR` of the counter that all share
    AddShared,
}

/// What is done as a whole or not at all: one command, or several between `MULTI` and `EXEC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The commands, at least one.
    pub(crate) ops: Vec<Op>,
    /// Whether they stand in a block.
    pub(crate) is_block: bool,
}

impl Op {
    fn words(&self) -> Vec<Vec<u8>> {
        let word = |text: &str| text.as_bytes().to_vec();
        let number = |number: &dyn ToString| number.to_string().into_bytes();
        match self {
            Self::Set(key, value) => vec![word("SET"), word(key), value.clone()],
            Self::SetUntil(key, value, at) => {
                vec![word("SET"), word(key), value.clone(), word("PXAT"), number(at)]
            }
            Self::Append(key, value) => vec![word("APPEND"), word(key), value.clone()],
            Self::Add(key, by) => vec![word("INCRBY"), word(key), number(by)],
            Self::Push(key, value) => vec![word("RPUSH"), word(key), value.clone()],
            Self::Pop(key) => vec![word("LPOP"), word(key)],
            Self::SetField(key, field, value) => vec![word("HSET"), word(key), field.clone(), value.clone()],
            Self::RemoveField(key, field) => vec![word("HDEL"), word(key), field.clone()],
            Self::Remove(key) => vec![word("DEL"), word(key)],
            Self::Expire(key, at) => vec![word("PEXPIREAT"), word(key), number(at)],
            Self::AddShared => vec![word("INCR"), word(SHARED)],
        }
    }

    /// The client's key that it touches; `None` for the one that all share.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Set(key, _)
            | Self::SetUntil(key, ..)
            | Self::Append(key, _)
            | Self::Add(key, _)
            | Self::Push(key, _)
            | Self::Pop(key)
            | Self::SetField(key, ..)
            | Self::RemoveField(key, _)
            | Self::Remove(key)
            | Self::Expire(key, _) => Some(key),
            Self::AddShared => None,
        }
    }

    /// Does it to a client's data.
    pub(crate) fn apply(&self, data: &mut Data) {
        match self {
            Self::Set(key, value) => drop(data.insert(key.clone(), Kept::of(Value::Text(value.clone())))),
            Self::SetUntil(key, value, at) => {
                data.insert(key.clone(), Kept { value: Value::Text(value.clone()), until_ms: Some(*at) });
            }
            Self::Append(key, more) => data.text(key).extend_from_slice(more),
            Self::Add(key, by) => {
                let text = data.text(key);
                let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
                *text = (number.unwrap_or(0) + by).to_string().into_bytes();
            }
            Self::Push(key, value) => {
                let list = Kept::of(Value::List(VecDeque::new()));
                if let Value::List(list) = &mut data.entry(key.clone()).or_insert(list).value {
                    list.push_back(value.clone());
                }
            }
            Self::Pop(key) => data.thin(key, |value| match value {
                Value::List(list) => drop(list.pop_front()),
                Value::Text(_) | Value::Hash(_) => {}
            }),
            Self::SetField(key, field, value) => {
                let hash = Kept::of(Value::Hash(BTreeMap::new()));
                if let Value::Hash(hash) = &mut data.entry(key.clone()).or_insert(hash).value {
                    hash.insert(field.clone(), value.clone());
                }
            }
            Self::RemoveField(key, field) => data.thin(key, |value| match value {
                Value::Hash(hash) => drop(hash.remove(field)),
                Value::Text(_) | Value::List(_) => {}
            }),
            Self::Remove(key) => drop(data.remove(key)),
            Self::Expire(key, at) => {
                if let Some(kept) = data.get_mut(key) {
                    kept.until_ms = Some(*at);
                }
            }
            Self::AddShared => {}
        }
    }
}

impl Kept {
    fn of(value: Value) -> Self {
        Self { value, until_ms: None }
    }
}

/// Changes of values in place.
trait Change {
    fn text(&mut self, key: &str) -> &mut Vec<u8>;
    fn thin(&mut self, key: &str, change: impl FnOnce(&mut Value));
}

impl Change for Data {
    fn text(&mut self, key: &str) -> &mut Vec<u8> {
        let kept = self.entry(key.to_owned()).or_insert(Kept::of(Value::Text(Vec::new())));
        match &mut kept.value {
            Value::Text(text) => text,
            other => unreachable!("'{key}' is no string: {other:?}"),
        }
    }

    /// Takes something out of a collection. An empty one goes.
    fn thin(&mut self, key: &str, change: impl FnOnce(&mut Value)) {
        let Some(kept) = self.get_mut(key) else { return };
        change(&mut kept.value);
        let is_empty = match &kept.value {
            Value::Text(_) => false,
            Value::List(list) => list.is_empty(),
            Value::Hash(hash) => hash.is_empty(),
        };
        if is_empty {
            self.remove(key);
        }
    }
}

impl Unit {
    /// One command.
    pub(crate) fn one(op: Op) -> Self {
        Self { ops: vec![op], is_block: false }
    }

    /// The requests.
    pub(crate) fn encode(&self, into: &mut Vec<u8>) {
        let fence = |word: &str, into: &mut Vec<u8>| {
            if self.is_block {
                into.extend_from_slice(&wire::encode(&[word]));
            }
        };
        fence("MULTI", into);
        for op in &self.ops {
            into.extend_from_slice(&wire::encode(&op.words()));
        }
        fence("EXEC", into);
    }

    /// How many replies its requests have.
    pub(crate) fn replies(&self) -> usize {
        self.ops.len() + 2 * usize::from(self.is_block)
    }

    /// How often it adds to the counter that all share.
    pub(crate) fn shared(&self) -> i64 {
        self.ops.iter().filter(|op| **op == Op::AddShared).count() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    #[test]
    fn commands_do_what_the_server_makes_of_them() {
        let mut data = Data::new();
        let key = |name: &str| name.to_owned();
        for op in [
            Op::Add(key("n"), 7),
            Op::Expire(key("n"), 99),
            Op::Add(key("n"), -9),
            Op::Push(key("l"), text("a")),
            Op::Push(key("l"), text("b")),
            Op::Pop(key("l")),
            Op::SetField(key("h"), text("f"), text("v")),
            Op::RemoveField(key("h"), text("f")),
            Op::Append(key("s"), text("ab")),
            Op::Append(key("s"), text("c")),
            Op::Remove(key("nothing")),
            Op::Expire(key("nothing"), 99),
        ] {
            op.apply(&mut data);
        }
        let expected = Data::from([
            (key("n"), Kept { value: Value::Text(text("-2")), until_ms: Some(99) }),
            (key("l"), Kept::of(Value::List([text("b")].into()))),
            (key("s"), Kept::of(Value::Text(text("abc")))),
        ]);
        assert_eq!(data, expected);
        Op::Set(key("n"), text("x")).apply(&mut data);
        assert_eq!(data[&key("n")].until_ms, None);
    }

    #[test]
    fn a_block_has_its_fences() {
        let unit = Unit { ops: vec![Op::AddShared, Op::Remove("k".to_owned())], is_block: true };
        let mut bytes = Vec::new();
        unit.encode(&mut bytes);
        assert!(bytes.starts_with(b"*1\r\n$5\r\nMULTI\r\n") && bytes.ends_with(b"$4\r\nEXEC\r\n"));
        assert_eq!((unit.replies(), unit.shared()), (4, 1));
    }
}

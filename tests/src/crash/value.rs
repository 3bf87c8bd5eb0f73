//! What keys hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::key::Key;

/// Keys and their values.
pub(crate) type Data = BTreeMap<Key, Kept>;

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
    Hash(BTreeMap<Vec<u8>, Field>),
    /// A set.
    Set(BTreeSet<Vec<u8>>),
    /// A sorted set, with whole scores.
    SortedSet(BTreeMap<Vec<u8>, i64>),
    /// A stream: the first half of each entry's id, and its only value.
    Stream(VecDeque<(u64, Vec<u8>)>),
}

/// A field of a hash, and when its time is up in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The value.
    pub(crate) value: Vec<u8>,
    /// The end of its time.
    pub(crate) until_ms: Option<u64>,
}

impl Kept {
    /// A value whose time is never up.
    pub(crate) fn of(value: Value) -> Self {
        Self { value, until_ms: None }
    }
}

impl Value {
    /// Whether it is a collection that goes when nothing is in it. A stream stays.
    fn is_over(&self) -> bool {
        match self {
            Self::Text(_) | Self::Stream(_) => false,
            Self::List(list) => list.is_empty(),
            Self::Hash(hash) => hash.is_empty(),
            Self::Set(set) => set.is_empty(),
            Self::SortedSet(set) => set.is_empty(),
        }
    }
}

/// Changes of values in place.
pub(crate) trait Change {
    /// The value of a key, which begins as `empty`.
    fn value(&mut self, key: &Key, empty: Value) -> &mut Value;
    /// The bytes of a key that holds a string.
    fn text(&mut self, key: &Key) -> &mut Vec<u8>;
    /// Changes the value of a key that is there. An empty collection goes.
    fn change(&mut self, key: &Key, change: impl FnOnce(&mut Value));
}

impl Change for Data {
    fn value(&mut self, key: &Key, empty: Value) -> &mut Value {
        &mut self.entry(key.clone()).or_insert(Kept::of(empty)).value
    }

    fn text(&mut self, key: &Key) -> &mut Vec<u8> {
        match self.value(key, Value::Text(Vec::new())) {
            Value::Text(text) => text,
            other => unreachable!("'{key}' is no string: {other:?}"),
        }
    }

    fn change(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        let Some(kept) = self.get_mut(key) else { return };
        change(&mut kept.value);
        if kept.value.is_over() {
            self.remove(key);
        }
    }
}

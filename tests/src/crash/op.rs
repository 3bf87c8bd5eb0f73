//! One command, and what it makes of a client's keys.

use super::key::Key;
use super::value::{Change, Data, Field, Kept, Value};

/// The counter that all clients share, in database 0.
pub(crate) const SHARED: &str = "shared";

/// One command. Whatever the data are, each does the same to them here and in the server: no key has values of two types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `SET`
    Set(Key, Vec<u8>),
    /// `SET … PXAT`
    SetUntil(Key, Vec<u8>, u64),
    /// `APPEND`
    Append(Key, Vec<u8>),
    /// `INCRBY`
    Add(Key, i64),
    /// `RPUSH`
    Push(Key, Vec<u8>),
    /// `LPOP`
    Pop(Key),
    /// `HSET`
    SetField(Key, Vec<u8>, Vec<u8>),
    /// `HDEL`
    RemoveField(Key, Vec<u8>),
    /// `HPEXPIREAT`, at a time far away
    ExpireField(Key, Vec<u8>, u64),
    /// `SADD`
    Join(Key, Vec<u8>),
    /// `SREM`
    Leave(Key, Vec<u8>),
    /// `ZINCRBY`
    Score(Key, Vec<u8>, i64),
    /// `ZPOPMIN`
    PopLowest(Key),
    /// `XADD`, with an id greater than any before
    AddEntry(Key, u64, Vec<u8>),
    /// `XTRIM … MAXLEN`
    Trim(Key, usize),
    /// `DEL`
    Remove(Key),
    /// `PEXPIREAT`, at a time far away
    Expire(Key, u64),
    /// `RENAME`, within a database
    Rename(Key, Key),
    /// `COPY … REPLACE`
    Copy(Key, Key),
    /// `MOVE` to this database
    Move(Key, u8),
    /// `INCR` of the counter that all share
    AddShared,
}

impl Op {
    /// The database in which it is sent.
    pub(crate) fn db(&self) -> u8 {
        self.keys().first().map_or(0, |key| key.db)
    }

    /// The client's keys that it touches, first the one that it names first; none for the counter that all share.
    pub(crate) fn keys(&self) -> Vec<Key> {
        match self {
            Self::Set(key, _)
            | Self::SetUntil(key, ..)
            | Self::Append(key, _)
            | Self::Add(key, _)
            | Self::Push(key, _)
            | Self::Pop(key)
            | Self::SetField(key, ..)
            | Self::RemoveField(key, _)
            | Self::ExpireField(key, ..)
            | Self::Join(key, _)
            | Self::Leave(key, _)
            | Self::Score(key, ..)
            | Self::PopLowest(key)
            | Self::AddEntry(key, ..)
            | Self::Trim(key, _)
            | Self::Remove(key)
            | Self::Expire(key, _) => vec![key.clone()],
            Self::Rename(from, to) | Self::Copy(from, to) => vec![from.clone(), to.clone()],
            Self::Move(key, db) => vec![key.clone(), key.in_db(*db)],
            Self::AddShared => Vec::new(),
        }
    }

    /// What is sent.
    pub(crate) fn words(&self) -> Vec<Vec<u8>> {
        let word = |text: &str| text.as_bytes().to_vec();
        let number = |number: &dyn ToString| number.to_string().into_bytes();
        let name = |key: &Key| word(&key.name);
        match self {
            Self::Set(key, value) => vec![word("SET"), name(key), value.clone()],
            Self::SetUntil(key, value, at) => {
                vec![word("SET"), name(key), value.clone(), word("PXAT"), number(at)]
            }
            Self::Append(key, value) => vec![word("APPEND"), name(key), value.clone()],
            Self::Add(key, by) => vec![word("INCRBY"), name(key), number(by)],
            Self::Push(key, value) => vec![word("RPUSH"), name(key), value.clone()],
            Self::Pop(key) => vec![word("LPOP"), name(key)],
            Self::SetField(key, field, value) => vec![word("HSET"), name(key), field.clone(), value.clone()],
            Self::RemoveField(key, field) => vec![word("HDEL"), name(key), field.clone()],
            Self::ExpireField(key, field, at) => {
                let (fields, one) = (word("FIELDS"), word("1"));
                vec![word("HPEXPIREAT"), name(key), number(at), fields, one, field.clone()]
            }
            Self::Join(key, member) => vec![word("SADD"), name(key), member.clone()],
            Self::Leave(key, member) => vec![word("SREM"), name(key), member.clone()],
            Self::Score(key, member, by) => vec![word("ZINCRBY"), name(key), number(by), member.clone()],
            Self::PopLowest(key) => vec![word("ZPOPMIN"), name(key)],
            Self::AddEntry(key, id, value) => {
                vec![word("XADD"), name(key), word(&format!("{id}-1")), word("v"), value.clone()]
            }
            Self::Trim(key, count) => vec![word("XTRIM"), name(key), word("MAXLEN"), number(count)],
            Self::Remove(key) => vec![word("DEL"), name(key)],
            Self::Expire(key, at) => vec![word("PEXPIREAT"), name(key), number(at)],
            Self::Rename(from, to) => vec![word("RENAME"), name(from), name(to)],
            Self::Copy(from, to) => {
                vec![word("COPY"), name(from), name(to), word("DB"), number(&to.db), word("REPLACE")]
            }
            Self::Move(key, db) => vec![word("MOVE"), name(key), number(db)],
            Self::AddShared => vec![word("INCR"), word(SHARED)],
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
            Self::Remove(key) => drop(data.remove(key)),
            Self::Expire(key, at) => {
                if let Some(kept) = data.get_mut(key) {
                    kept.until_ms = Some(*at);
                }
            }
            Self::Rename(from, to) => {
                if let Some(kept) = data.remove(from) {
                    data.insert(to.clone(), kept);
                }
            }
            Self::Copy(from, to) => {
                if let Some(kept) = data.get(from).cloned() {
                    data.insert(to.clone(), kept);
                }
            }
            Self::Move(key, db) => {
                let to = key.in_db(*db);
                if !data.contains_key(&to)
                    && let Some(kept) = data.remove(key)
                {
                    data.insert(to, kept);
                }
            }
            Self::AddShared => {}
            _ => self.apply_to_collection(data),
        }
    }

    fn apply_to_collection(&self, data: &mut Data) {
        match self {
            Self::Push(key, value) => {
                if let Value::List(list) = data.value(key, Value::List(Default::default())) {
                    list.push_back(value.clone());
                }
            }
            Self::SetField(key, name, value) => {
                if let Value::Hash(hash) = data.value(key, Value::Hash(Default::default())) {
                    hash.insert(name.clone(), Field { value: value.clone(), until_ms: None });
                }
            }
            Self::Join(key, member) => {
                if let Value::Set(set) = data.value(key, Value::Set(Default::default())) {
                    set.insert(member.clone());
                }
            }
            Self::Score(key, member, by) => {
                if let Value::SortedSet(set) = data.value(key, Value::SortedSet(Default::default())) {
                    *set.entry(member.clone()).or_default() += by;
                }
            }
            Self::AddEntry(key, id, value) => {
                if let Value::Stream(stream) = data.value(key, Value::Stream(Default::default())) {
                    stream.push_back((*id, value.clone()));
                }
            }
            Self::Pop(key)
            | Self::PopLowest(key)
            | Self::RemoveField(key, _)
            | Self::ExpireField(key, ..)
            | Self::Leave(key, _)
            | Self::Trim(key, _) => data.change(key, |value| self.apply_to_value(value)),
            _ => {}
        }
    }

    /// Does it to a collection that is there.
    fn apply_to_value(&self, value: &mut Value) {
        match (self, value) {
            (Self::Pop(_), Value::List(list)) => drop(list.pop_front()),
            (Self::RemoveField(_, name), Value::Hash(hash)) => drop(hash.remove(name)),
            (Self::ExpireField(_, name, at), Value::Hash(hash)) => {
                if let Some(field) = hash.get_mut(name) {
                    field.until_ms = Some(*at);
                }
            }
            (Self::Leave(_, member), Value::Set(set)) => drop(set.remove(member)),
            (Self::PopLowest(_), Value::SortedSet(set)) => {
                let lowest = set.iter().min_by_key(|(member, score)| (**score, *member));
                if let Some(member) = lowest.map(|(member, _)| member.clone()) {
                    set.remove(&member);
                }
            }
            (Self::Trim(_, count), Value::Stream(stream)) => {
                stream.drain(..stream.len().saturating_sub(*count));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    fn after(ops: &[Op]) -> Data {
        let mut data = Data::new();
        ops.iter().for_each(|op| op.apply(&mut data));
        data
    }

    #[test]
    fn commands_do_what_the_server_makes_of_them() {
        let key = Key::of;
        let mut data = after(&[
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
        ]);
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
    fn collections_lose_what_is_taken_and_go_when_they_are_empty() {
        let key = Key::of;
        let data = after(&[
            Op::Join(key("s"), text("a")),
            Op::Leave(key("s"), text("a")),
            Op::Score(key("z"), text("b"), 2),
            Op::Score(key("z"), text("a"), 2),
            Op::Score(key("z"), text("c"), 9),
            Op::PopLowest(key("z")),
            Op::AddEntry(key("x"), 1, text("v")),
            Op::AddEntry(key("x"), 2, text("w")),
            Op::Trim(key("x"), 1),
            Op::SetField(key("h"), text("f"), text("v")),
            Op::ExpireField(key("h"), text("f"), 9),
            Op::ExpireField(key("h"), text("nothing"), 9),
        ]);
        let field = Field { value: text("v"), until_ms: Some(9) };
        let expected = Data::from([
            (key("z"), Kept::of(Value::SortedSet([(text("b"), 2), (text("c"), 9)].into()))),
            (key("x"), Kept::of(Value::Stream([(2, text("w"))].into()))),
            (key("h"), Kept::of(Value::Hash([(text("f"), field)].into()))),
        ]);
        assert_eq!(data, expected);
    }

    #[test]
    fn values_go_from_key_to_key_with_their_time() {
        let (a, b) = (Key::of("a"), Key::of("b"));
        let begun = [Op::SetUntil(a.clone(), text("v"), 5), Op::Set(b.clone(), text("w"))];
        let then = |ops: &[Op]| after(&[&begun[..], ops].concat());
        let kept = Kept { value: Value::Text(text("v")), until_ms: Some(5) };
        let other = Kept::of(Value::Text(text("w")));
        assert_eq!(then(&[Op::Rename(a.clone(), b.clone())]), Data::from([(b.clone(), kept.clone())]));
        let copied = then(&[Op::Copy(a.clone(), b.in_db(2))]);
        assert_eq!((copied.len(), &copied[&b.in_db(2)]), (3, &kept));
        // Where a key is already nothing is moved to.
        let moved = then(&[Op::Move(a.clone(), 1), Op::Set(a.clone(), text("w")), Op::Move(a.clone(), 1)]);
        let expected = Data::from([(a.in_db(1), kept), (a.clone(), other.clone()), (b.clone(), other)]);
        assert_eq!(moved, expected);
        let nothing = Op::Rename(Key::of("nothing"), a.clone());
        assert_eq!(then(&[nothing]).len(), 2);
    }
}

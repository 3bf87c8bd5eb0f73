//! The first place at which two values differ, in words.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Scope};
use std::vec;

use rdb::{Error, Fact, RawValue, Scratch, StreamId, TextBuffer, ValueType};

use super::digest::{Digester, Places};
use crate::text::{Shown, ShownElement, Time};

/// Bytes of a string that are shown around the place where it differs.
const AROUND: usize = 24;
/// Facts that are handed over at once, and how often that may be done ahead.
const PART_FACTS: usize = 4096;
const PARTS_AHEAD: usize = 2;
/// What is said where the place isn't looked for.
pub(super) const TOO_MUCH: &str = "too much to tell where";

/// A value's bytes.
pub(super) type Raw = (ValueType, Vec<u8>);

/// Facts that are kept of a value whose facts stand in another order than the other's: 80 MB.
const FACTS_MAX: usize = 1_000_000;

/// Where the first fact is that differs.
enum Place {
    /// Both have the subject, and say something else of it.
    InBoth(u128),
    OnlyInA(u128),
    OnlyInB(u128),
    /// There are too many facts to find out.
    Unknown,
}

/// Says where the values, which are of the same kind, differ.
pub(super) fn first_difference(digester: &Digester, a: &Raw, b: &Raw) -> Result<String, Error> {
    let place = thread::scope(|scope| {
        let (a, b) = (Facts::start(scope, digester, a), Facts::start(scope, digester, b));
        first_place(a, b)
    })?;
    Ok(match place {
        Some(Place::InBoth(subject)) => both(digester, a, b, subject)?,
        Some(Place::OnlyInA(subject)) => format!("{} only in A", words(digester, a, subject)?.0),
        Some(Place::OnlyInB(subject)) => format!("{} only in B", words(digester, b, subject)?.0),
        Some(Place::Unknown) => TOO_MUCH.to_owned(),
        None => "the same elements, of which some are there more than once".to_owned(),
    })
}

/// Goes along both side by side as long as they say the same: lists, and streams up to what is pending, to the end. What follows in another
/// order is looked up.
fn first_place(mut a: Facts, mut b: Facts) -> Result<Option<Place>, Error> {
    let (of_a, of_b) = loop {
        match (a.next()?, b.next()?) {
            (None, None) => return Ok(None),
            (of_a, of_b) if of_a == of_b => {}
            pair => break pair,
        }
    };
    match (of_a, of_b) {
        (Some(a), Some(b)) if a.subject == b.subject => return Ok(Some(Place::InBoth(a.subject))),
        // Entries come in the order of their ids, and before all else.
        (Some(Told { subject, entry: Some(id), .. }), b)
            if b.is_none_or(|b| b.entry.is_none_or(|other| id < other)) =>
        {
            return Ok(Some(Place::OnlyInA(subject)));
        }
        (_, Some(Told { subject, entry: Some(_), .. })) => return Ok(Some(Place::OnlyInB(subject))),
        _ => {}
    }
    let mut left = BTreeMap::new();
    let mut next = of_a;
    while let Some(told) = next {
        if left.len() >= FACTS_MAX {
            return Ok(Some(Place::Unknown));
        }
        left.insert(told.subject, (told.content, left.len()));
        next = a.next()?;
    }
    let mut next = of_b;
    while let Some(told) = next {
        match left.remove(&told.subject) {
            Some((content, _)) if content == told.content => {}
            Some(_) => return Ok(Some(Place::InBoth(told.subject))),
            None => return Ok(Some(Place::OnlyInB(told.subject))),
        }
        next = b.next()?;
    }
    let first = left.into_iter().min_by_key(|(_, (_, index))| *index);
    Ok(first.map(|(subject, _)| Place::OnlyInA(subject)))
}

/// A fact as far as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    subject: u128,
    content: u128,
    /// If it is an entry of a stream.
    entry: Option<StreamId>,
}

/// The facts of a value one by one. Reading a value tells its facts to somebody; so that two can be read at once, each has a thread.
struct Facts {
    parts: Receiver<Result<Vec<Told>, Error>>,
    part: vec::IntoIter<Told>,
}

impl Facts {
    fn start<'s>(scope: &'s Scope<'s, '_>, digester: &'s Digester, raw: &'s Raw) -> Self {
        let (sender, parts) = sync_channel(PARTS_AHEAD);
        scope.spawn(move || {
            let mut part = Vec::with_capacity(PART_FACTS);
            let ended = visit(digester, raw, |subject, content, fact, _| {
                let entry = if let Fact::Entry(entry) = fact { Some(entry.id) } else { None };
                part.push(Told { subject, content, entry });
                if part.len() < PART_FACTS {
                    return ControlFlow::Continue(());
                }
                let full = std::mem::replace(&mut part, Vec::with_capacity(PART_FACTS));
                // Who has found what he wants hangs up.
                if sender.send(Ok(full)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            let _ = sender.send(ended.map(|()| part));
        });
        Self { parts, part: Vec::new().into_iter() }
    }

    fn next(&mut self) -> Result<Option<Told>, Error> {
        loop {
            if let Some(told) = self.part.next() {
                return Ok(Some(told));
            }
            match self.parts.recv() {
                Ok(part) => self.part = part?.into_iter(),
                Err(_) => return Ok(None),
            }
        }
    }
}

fn both(digester: &Digester, a: &Raw, b: &Raw, subject: u128) -> Result<String, Error> {
    let ((name, in_a), (_, in_b)) = (words(digester, a, subject)?, words(digester, b, subject)?);
    if let (Content::Text(in_a), Content::Text(in_b)) = (&in_a, &in_b) {
        return Ok(texts(in_a, in_b));
    }
    Ok(format!("{name} is {} in A, {} in B", in_a.shown(), in_b.shown()))
}

/// Where two strings differ.
fn texts(a: &[u8], b: &[u8]) -> String {
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let start = at.saturating_sub(AROUND / 2);
    let piece = |text: &[u8]| {
        let end = text.len().min(start + AROUND);
        Shown(text.get(start..end).unwrap_or_default()).to_string()
    };
    let (a_len, b_len) = (a.len(), b.len());
    format!(
        "differs at byte {at}: from byte {start} on {} in A ({a_len} bytes), {} in B ({b_len} bytes)",
        piece(a),
        piece(b)
    )
}

/// What is said of a subject.
enum Content {
    /// A string.
    Text(Vec<u8>),
    /// Anything else, to be shown.
    Words(String),
}

impl Content {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => Shown(text).to_string(),
            Self::Words(words) => words.clone(),
        }
    }
}

/// A subject's name, and what is said of it.
fn words(digester: &Digester, raw: &Raw, wanted: u128) -> Result<(String, Content), Error> {
    let mut found = None;
    visit(digester, raw, |subject, _, fact, places| {
        if subject != wanted {
            return ControlFlow::Continue(());
        }
        found = Some(described(fact, places));
        ControlFlow::Break(())
    })?;
    Ok(found.unwrap_or_else(|| ("something".to_owned(), Content::Words("something".to_owned()))))
}

/// Why a visit ends before all was seen.
enum Halt {
    Enough,
    Read(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Read(error)
    }
}

/// Shows subject and content of each fact, until it was enough.
fn visit(
    digester: &Digester,
    (value_type, bytes): &Raw,
    mut each: impl FnMut(u128, u128, &Fact<'_>, &(u64, Places)) -> ControlFlow<()>,
) -> Result<(), Error> {
    let (mut scratch, mut places) = (Scratch::new(), (0, Places::default()));
    let mut raw = RawValue::new(*value_type, bytes, 0).decode(&mut scratch);
    let seen = raw.value()?.facts::<Halt>(&mut |fact| {
        let Some(digest) = digester.fact(&mut places.1, &fact) else { return Ok(()) };
        if each(digest.subject, digest.content, &fact, &places).is_break() {
            return Err(Halt::Enough);
        }
        places.0 += 1;
        Ok(())
    });
    match seen {
        Err(Halt::Read(error)) => Err(error),
        Ok(()) | Err(Halt::Enough) => Ok(()),
    }
}

/// A fact in words: what it is about, and what it says of that.
fn described(fact: &Fact<'_>, (index, places): &(u64, Places)) -> (String, Content) {
    let (group, consumer) = places.names();
    let group = Shown(group);
    let (subject, content) = match fact {
        Fact::Text(text) => {
            return ("the string".to_owned(), Content::Text(text.text(&mut TextBuffer::new()).to_vec()));
        }
        Fact::Item(item) => (format!("element {index}"), ShownElement(*item).to_string()),
        Fact::Member(member) => (format!("member {}", ShownElement(*member)), "a member".to_owned()),
        Fact::Field(field) => {
            let expiry = field.expires_at_ms.map_or(String::new(), |at_ms| format!(" until {}", Time(at_ms)));
            (format!("field {}", ShownElement(field.name)), format!("{}{expiry}", ShownElement(field.value)))
        }
        Fact::Scored(member, score) => {
            (format!("the score of member {}", ShownElement(*member)), score.to_string())
        }
        Fact::Entry(entry) => {
            let pairs =
                entry.pairs().map(|(name, value)| format!("{} {}", ShownElement(name), ShownElement(value)));
            let pairs: Vec<_> = pairs.take(AROUND).collect();
            (format!("entry {}", id(entry.id)), pairs.join(" "))
        }
        Fact::Metadata(data) => {
            let (last, deleted) = (id(data.last_id), id(data.max_deleted_id));
            let added = data.entries_added;
            (
                "the stream".to_owned(),
                format!("at {last}, with {added} entries added and {deleted} as greatest deleted id,"),
            )
        }
        Fact::Group(data) => {
            let read = data.entries_read.map_or("an unknown number of".to_owned(), |read| read.to_string());
            (format!("group {group}"), format!("at {}, with {read} entries read,", id(data.last_id)))
        }
        Fact::Pending(data) => {
            let (at, times) = (Time(data.delivered_at_ms), data.deliveries);
            (
                format!("pending entry {} of group {group}", id(data.id)),
                format!("delivered at {at} and {times} times in all"),
            )
        }
        Fact::Consumer(_) => (format!("consumer {} of group {group}", Shown(consumer)), "there".to_owned()),
        Fact::Owned(entry) => (
            format!("the consumer of pending entry {} of group {group}", id(*entry)),
            Shown(consumer).to_string(),
        ),
        Fact::ModuleItem(item) => (format!("item {index} of the module's"), Shown(item).to_string()),
        _ => ("something".to_owned(), "something".to_owned()),
    };
    (subject, Content::Words(content))
}

fn id(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

#[cfg(test)]
mod tests {
    use rdb::{Dialect, Field, dump};

    use super::*;

    fn raw(payload: &[u8]) -> Raw {
        let raw = dump::Payload::parse(payload).unwrap().value().unwrap();
        (raw.value_type(), raw.bytes().to_vec())
    }

    fn difference(a: &[u8], b: &[u8]) -> String {
        first_difference(&Digester::new([7; 16], None), &raw(a), &raw(b)).unwrap()
    }

    fn string(text: &[u8]) -> Vec<u8> {
        dump::write::<rdb::WriteError>(Dialect::Redis(10), |value| value.string(text)).unwrap()
    }

    fn list(items: &[&[u8]]) -> Vec<u8> {
        let write = |value: rdb::ValueWriter<'_, Vec<u8>>| {
            let mut list = value.list_elements(items.len() as u64)?;
            items.iter().try_for_each(|item| list.element(*item))
        };
        dump::write::<rdb::WriteError>(Dialect::Redis(10), write).unwrap()
    }

    fn hash(fields: &[(&str, &str)]) -> Vec<u8> {
        let write = |value: rdb::ValueWriter<'_, Vec<u8>>| {
            let mut hash = value.hash(fields.len() as u64)?;
            fields
                .iter()
                .try_for_each(|(name, value)| hash.field(Field::new(name.as_bytes(), value.as_bytes())))
        };
        dump::write::<rdb::WriteError>(Dialect::Redis(10), write).unwrap()
    }

    #[test]
    fn strings_differ_at_a_byte() {
        assert_eq!(
            difference(&string(b"hello"), &string(b"help")),
            "differs at byte 3: from byte 0 on \"hello\" in A (5 bytes), \"help\" in B (4 bytes)"
        );
    }

    #[test]
    fn lists_differ_at_an_element() {
        let (a, b) = (list(&[b"a", b"b", b"c"]), list(&[b"a", b"x", b"c"]));
        assert_eq!(difference(&a, &b), "element 1 is \"b\" in A, \"x\" in B");
        assert_eq!(difference(&list(&[b"a", b"b"]), &list(&[b"a"])), "element 1 only in A");
    }

    #[test]
    fn hashes_differ_in_a_field() {
        let a = hash(&[("f", "1"), ("g", "2")]);
        assert_eq!(difference(&a, &hash(&[("g", "3"), ("f", "1")])), "field \"g\" is \"2\" in A, \"3\" in B");
        assert_eq!(difference(&a, &hash(&[("g", "2")])), "field \"f\" only in A");
    }

    #[test]
    fn long_lists_are_compared_side_by_side() {
        let items: Vec<Vec<u8>> = (0..2 * FACTS_MAX).map(|_| b"a".to_vec()).collect();
        let mut items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        let a = list(&items);
        items[FACTS_MAX + 7] = b"b";
        assert_eq!(difference(&a, &list(&items)), "element 1000007 is \"a\" in A, \"b\" in B");
        items.truncate(FACTS_MAX + 7);
        assert_eq!(difference(&a, &list(&items)), "element 1000007 only in A");
        assert_eq!(difference(&list(&items), &a), "element 1000007 only in B");
    }

    #[test]
    fn of_many_fields_in_another_order_no_place_is_told() {
        let named: Vec<(String, &str)> = (0..=FACTS_MAX).map(|number| (number.to_string(), "1")).collect();
        let mut fields: Vec<(&str, &str)> =
            named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let a = hash(&fields);
        fields.rotate_left(1);
        fields[FACTS_MAX / 2].1 = "2";
        assert_eq!(difference(&a, &hash(&fields)), TOO_MUCH);
        // A tenth of them is few enough.
        let (few, mut other) = (&fields[..FACTS_MAX / 10], fields[1..FACTS_MAX / 10].to_vec());
        other.push(fields[0]);
        other[7].1 = "3";
        assert_eq!(difference(&hash(few), &hash(&other)), "field \"9\" is \"1\" in A, \"3\" in B");
    }

    fn stream(ids: &[u64]) -> Vec<u8> {
        let mut entries = listpack::Listpack::new();
        let master = ["1", "0", "1", "f", "0"].map(|word| word.as_bytes().to_vec());
        let rest = ids.iter().flat_map(|id| {
            [
                b"2".to_vec(),
                (id - ids[0]).to_string().into_bytes(),
                b"0".to_vec(),
                b"v".to_vec(),
                b"4".to_vec(),
            ]
        });
        let count = ids.len().to_string().into_bytes();
        let mut all: Vec<Vec<u8>> = master.into_iter().chain(rest).collect();
        all[0] = count;
        entries.append(all.iter().map(|word| rdb::Element::Bytes(word))).unwrap();
        let id = |ms| StreamId { ms, seq: 0 };
        let last = ids.last().copied().unwrap();
        dump::write::<rdb::WriteError>(Dialect::Redis(10), |value| {
            let mut writer = value.stream(1)?;
            writer.part(rdb::StreamPart::Node { id: id(ids[0]), packed: entries.view() })?;
            writer.part(rdb::StreamPart::Metadata(rdb::StreamMetadata {
                length: ids.len() as u64,
                last_id: id(last),
                first_id: Some(id(ids[0])),
                max_deleted_id: StreamId::default(),
                entries_added: ids.len() as u64,
                groups: 0,
            }))
        })
        .unwrap()
    }

    #[test]
    fn of_two_streams_the_lower_id_is_the_one_that_the_other_lacks() {
        let (a, b) = (stream(&[1, 2, 4, 5]), stream(&[1, 3, 4, 5]));
        assert_eq!(difference(&a, &b), "entry 2-0 only in A");
        assert_eq!(difference(&b, &a), "entry 2-0 only in B");
        assert_eq!(difference(&a, &stream(&[1, 2, 4])), "entry 5-0 only in A");
        assert_eq!(difference(&stream(&[1, 2, 4]), &a), "entry 5-0 only in B");
    }
}

//! The first place at which two values differ, in words.

use std::collections::BTreeMap;

use rdb::{Error, Fact, RawValue, Scratch, StreamId, TextBuffer, ValueType};

use super::digest::{Digester, Places};
use crate::text::{Shown, ShownElement, Time};

/// Bytes of a string that are shown around the place where it differs.
const AROUND: usize = 24;

/// A value's bytes.
pub(super) type Raw = (ValueType, Vec<u8>);

/// Where the first fact is that differs.
enum Place {
    /// A has another content, or none, for a subject of B.
    InB { subject: u128, in_a: bool },
    /// B has nothing for a subject of A.
    OnlyInA { subject: u128 },
}

/// Says where the values, which are of the same kind, differ.
pub(super) fn first_difference(digester: &Digester, a: &Raw, b: &Raw) -> Result<String, Error> {
    let mut of_a = BTreeMap::new();
    visit(digester, a, |subject, content, _, _| {
        of_a.insert(subject, content);
    })?;
    let mut found = None;
    visit(digester, b, |subject, content, _, _| {
        let other = of_a.remove(&subject);
        if other != Some(content) && found.is_none() {
            found = Some(Place::InB { subject, in_a: other.is_some() });
        }
    })?;
    if found.is_none() {
        visit(digester, a, |subject, _, _, _| {
            if found.is_none() && of_a.contains_key(&subject) {
                found = Some(Place::OnlyInA { subject });
            }
        })?;
    }
    Ok(match found {
        Some(Place::InB { subject, in_a: true }) => both(digester, a, b, subject)?,
        Some(Place::InB { subject, in_a: false }) => {
            format!("{} only in B", words(digester, b, subject)?.0)
        }
        Some(Place::OnlyInA { subject }) => format!("{} only in A", words(digester, a, subject)?.0),
        None => "the same elements, of which some are there more than once".to_owned(),
    })
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
        if subject == wanted && found.is_none() {
            found = Some(described(fact, places));
        }
    })?;
    Ok(found.unwrap_or_else(|| ("something".to_owned(), Content::Words("something".to_owned()))))
}

fn visit(
    digester: &Digester,
    (value_type, bytes): &Raw,
    mut each: impl FnMut(u128, u128, &Fact<'_>, &(u64, Places)),
) -> Result<(), Error> {
    let (mut scratch, mut places) = (Scratch::new(), (0, Places::default()));
    RawValue::new(*value_type, bytes, 0).decode(&mut scratch).value()?.facts::<Error>(&mut |fact| {
        if let Some(digest) = digester.fact(&mut places.1, &fact) {
            each(digest.subject, digest.content, &fact, &places);
            places.0 += 1;
        }
        Ok(())
    })
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
}

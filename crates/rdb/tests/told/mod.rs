//! A file's data as text, as `golden/record.py` makes it of a server's replies.
//!
//! ```text
//! DB KEY [expires MS] [frequency N] TYPE
//!   one line for each element, member, field or entry
//! ```

pub(crate) mod legacy;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kvd_rdb::{
    Element, Error, Field, Hash, HashPart, Input, Item, List, ListPart, ListpackRef, Meta, ReadOptions,
    Reader, Scratch, Set, SetPart, SortedSet, SortedSetPart, Stream, StreamId, StreamPart, Value,
};

/// Texts longer than this are told by length and sum.
const SHOWN_BYTES_MAX: usize = 64;

/// How the values of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Part by part from the file.
    Streamed,
    /// As bytes first.
    Raw,
}

/// What `record.py` tells of the same data.
pub(crate) fn tell(file: impl std::io::Read, way: Way) -> Result<String, Error> {
    let mut reader = Reader::new(file, ReadOptions::default())?;
    let (mut db, mut keys, mut functions) = (0, BTreeMap::new(), Vec::new());
    let mut scratch = Scratch::new();
    while let Some(item) = reader.next_item()? {
        match item {
            Item::SelectDb(number) => db = number,
            Item::Function(source) => functions.push(shown(source)),
            Item::Entry(mut entry) => {
                let (key, meta) = (entry.key().to_vec(), entry.meta());
                let told = match way {
                    Way::Streamed => value(entry.value()?)?,
                    Way::Raw => {
                        let raw = entry.raw_value(usize::MAX)?.expect("nothing is too long");
                        value(raw.decode(&mut scratch).value()?)?
                    }
                };
                keys.insert((db, key), (meta, told));
            }
            _ => {}
        }
    }
    let mut text = String::new();
    for ((db, key), (meta, (kind, lines))) in keys {
        let _ = writeln!(text, "{db} {} {}{kind}", shown(Element::Bytes(&key)), told_meta(meta));
        lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    functions.sort();
    functions.iter().for_each(|source| text.push_str(&format!("function {source}\n")));
    Ok(text)
}

fn told_meta(meta: Meta) -> String {
    let expiry = meta.expires_at_ms.map(|at_ms| format!("expires {at_ms} "));
    let frequency = meta.frequency.map(|frequency| format!("frequency {frequency} "));
    expiry.unwrap_or_default() + &frequency.unwrap_or_default()
}

/// The name of a value's type, and its lines.
pub(crate) fn value<I: Input>(value: Value<'_, I>) -> Result<(String, Vec<String>), Error> {
    let (kind, lines) = match value {
        Value::String(text) => ("string", vec![shown(text)]),
        Value::List(list) => ("list", list_lines(list)?),
        Value::Set(set) => ("set", sorted(set_lines(set)?)),
        Value::Hash(hash) => ("hash", sorted(hash_lines(hash)?)),
        Value::SortedSet(set) => ("zset", sorted(sorted_set_lines(set)?)),
        Value::Stream(stream) => ("stream", stream_lines(stream)?),
        Value::Module(mut module) => {
            let name = module.id().name();
            while module.next_part()?.is_some() {}
            return Ok((name.clone(), vec![format!("module {name}")]));
        }
    };
    Ok((kind.to_owned(), lines))
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn list_lines<I: Input>(mut list: List<'_, I>) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    while let Some(part) = list.next_part()? {
        match part {
            ListPart::Packed(elements) => lines.extend(elements.iter().map(shown)),
            ListPart::Element(element) => lines.push(shown(element)),
        }
    }
    Ok(lines)
}

fn set_lines<I: Input>(mut set: Set<'_, I>) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    while let Some(part) = set.next_part()? {
        match part {
            SetPart::Intset(integers) => {
                lines.extend(integers.iter().map(|value| shown(Element::Int(value))))
            }
            SetPart::Packed(members) => lines.extend(members.iter().map(shown)),
            SetPart::Member(member) => lines.push(shown(member)),
        }
    }
    Ok(lines)
}

fn hash_lines<I: Input>(mut hash: Hash<'_, I>) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    while let Some(part) = hash.next_part()? {
        match part {
            HashPart::Packed(pairs) => {
                for pair in groups(pairs, 2) {
                    lines.push(field_line(Field::new(pair[0], pair[1])));
                }
            }
            HashPart::PackedExpiring(triples) => {
                for triple in groups(triples, 3) {
                    let expires_at_ms = triple[2].int().filter(|at_ms| *at_ms > 0);
                    lines.push(field_line(Field { expires_at_ms, ..Field::new(triple[0], triple[1]) }));
                }
            }
            HashPart::Field(field) => lines.push(field_line(field)),
        }
    }
    Ok(lines)
}

fn field_line(field: Field<'_>) -> String {
    let expiry = field.expires_at_ms.map(|at_ms| format!(" {at_ms}")).unwrap_or_default();
    format!("{} {}{expiry}", shown(field.name), shown(field.value))
}

fn sorted_set_lines<I: Input>(mut set: SortedSet<'_, I>) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    let line = |member: Element<'_>, score: f64| format!("{} {:016x}", shown(member), score.to_bits());
    while let Some(part) = set.next_part()? {
        match part {
            SortedSetPart::Packed(pairs) => {
                for pair in groups(pairs, 2) {
                    let score = String::from_utf8(pair[1].to_vec()).unwrap().parse().unwrap();
                    lines.push(line(pair[0], score));
                }
            }
            SortedSetPart::Member { member, score } => lines.push(line(member, score)),
        }
    }
    Ok(lines)
}

fn stream_lines<I: Input>(mut stream: Stream<'_, I>) -> Result<Vec<String>, Error> {
    let (mut lines, mut first, mut consumers) = (Vec::new(), None, BTreeMap::new());
    let mut last_consumer = Vec::new();
    while let Some(part) = stream.next_part()? {
        if matches!(part, StreamPart::Group(_)) {
            lines.extend(std::mem::take(&mut consumers).into_values().flatten());
        }
        match part {
            StreamPart::Node { id, packed } => {
                for (entry, line) in entries(id, packed) {
                    first = first.or(Some(entry));
                    lines.push(line);
                }
            }
            StreamPart::Metadata(data) => {
                let first = data.first_id.or(first).unwrap_or_default();
                let (last, deleted) = (id_text(data.last_id), id_text(data.max_deleted_id));
                let (length, first, added) = (data.length, id_text(first), data.entries_added);
                lines.push(format!(
                    "length {length} last {last} first {first} deleted {deleted} added {added}"
                ));
            }
            StreamPart::Group(group) => {
                let read = group.entries_read.map_or("-".to_owned(), |count| count.to_string());
                lines.push(format!("group {} {} {read}", shown(group.name), id_text(group.last_id)));
            }
            StreamPart::Pending(pending) => {
                let id = id_text(pending.id);
                lines.push(format!("pending {id} {} {}", pending.delivered_at_ms, pending.deliveries));
            }
            StreamPart::Consumers(_) => {}
            StreamPart::Consumer(consumer) => {
                let active = consumer.active_at_ms.map_or("-".to_owned(), |at_ms| at_ms.to_string());
                let line = format!("consumer {} {} {active}", shown(consumer.name), consumer.seen_at_ms);
                last_consumer = consumer.name.to_vec();
                consumers.insert(last_consumer.clone(), vec![line]);
            }
            StreamPart::Owned(id) => {
                consumers.entry(last_consumer.clone()).or_default().push(format!("owned {}", id_text(id)));
            }
        }
    }
    lines.extend(consumers.into_values().flatten());
    Ok(lines)
}

/// The entries of a node that are not deleted.
fn entries(node: StreamId, packed: ListpackRef<'_>) -> Vec<(StreamId, String)> {
    let mut elements = packed.iter();
    let mut next = || elements.next();
    let mut found = Vec::new();
    let int = |element: Option<Element<'_>>| element.unwrap().int().unwrap();
    let (_, _, field_count) = (int(next()), int(next()), int(next()));
    let fields: Vec<_> = (0..field_count).map(|_| next().unwrap()).collect();
    assert_eq!(int(next()), 0);
    while let Some(flags) = next() {
        let flags = int(Some(flags));
        let ms = node.ms.wrapping_add_signed(int(next()));
        let seq = node.seq.wrapping_add_signed(int(next()));
        let mut line = id_text(StreamId { ms, seq });
        if flags & 2 != 0 {
            for field in &fields {
                let _ = write!(line, " {} {}", shown(*field), shown(next().unwrap()));
            }
        } else {
            for _ in 0..int(next()) * 2 {
                let _ = write!(line, " {}", shown(next().unwrap()));
            }
        }
        next().unwrap();
        if flags & 1 == 0 {
            found.push((StreamId { ms, seq }, line));
        }
    }
    found
}

fn id_text(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

fn groups(list: ListpackRef<'_>, size: usize) -> Vec<Vec<Element<'_>>> {
    let elements: Vec<_> = list.iter().collect();
    elements.chunks(size).map(<[_]>::to_vec).collect()
}

/// Text as it is, other bytes in hexadecimal digits, long ones by length and sum.
pub(crate) fn shown(element: Element<'_>) -> String {
    let text = element.to_vec();
    if text.len() > SHOWN_BYTES_MAX {
        let sum = text.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
        return format!("#{}:{sum:08x}", text.len());
    }
    let bytes = text.iter().map(|&byte| match byte {
        b'"' | b'\\' => format!("\\x{byte:02x}"),
        0x21..0x7F => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("\"{}\"", bytes.collect::<String>())
}

//! What is written is read: every type, in every dialect, streamed and raw, and copied.

use kvd_rdb::{
    Consumer, Dialect, Element, Field, Group, IntsetRef, Item, ListpackRef, Meta, ModuleId, Pending,
    ReadOptions, Reader, StreamId, StreamMetadata, StreamPart, Value, ValueWriter, WriteError, WriteOptions,
    Writer,
};
use listpack::{Intset, Listpack};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::told::{self, Way, shown, tell};

const DIALECTS: [Dialect; 4] =
    [Dialect::Redis(10), Dialect::Redis(11), Dialect::Redis(12), Dialect::Valkey(80)];

/// A value to write.
#[derive(Clone, Debug)]
enum Given {
    String(Vec<u8>),
    List(Vec<Node>),
    Elements(Vec<Vec<u8>>),
    Intset(Vec<i64>),
    SetPacked(Vec<Vec<u8>>),
    Set(Vec<Vec<u8>>),
    HashPacked(Vec<(Vec<u8>, Vec<u8>)>),
    Hash(Vec<(Vec<u8>, Vec<u8>)>),
    HashExpiring(Vec<(Vec<u8>, Vec<u8>, Option<i64>)>),
    SortedSet(Vec<(Vec<u8>, f64)>),
    Stream(Vec<GivenGroup>),
    Module(u64, Vec<u64>),
}

#[derive(Clone, Debug)]
enum Node {
    Plain(Vec<u8>),
    Packed(Vec<Vec<u8>>),
}

#[derive(Clone, Debug)]
struct GivenGroup {
    name: Vec<u8>,
    read: Option<u64>,
    pending: Vec<(u64, u64)>,
    consumers: Vec<(Vec<u8>, Option<i64>, usize)>,
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..30),
        any::<i32>().prop_map(|value| value.to_string().into_bytes()),
        any::<i64>().prop_map(|value| value.to_string().into_bytes()),
        (any::<u8>(), 0..400_usize).prop_map(|(byte, len)| vec![byte; len]),
        vec(any::<u8>(), 60..70),
    ]
}

fn group() -> impl Strategy<Value = GivenGroup> {
    let consumer = (text(), proptest::option::of(0..i64::MAX), 0..4_usize);
    (text(), proptest::option::of(0..1000_u64), vec((any::<u64>(), any::<u64>()), 0..5), vec(consumer, 0..3))
        .prop_map(|(name, read, pending, consumers)| GivenGroup { name, read, pending, consumers })
}

fn given() -> impl Strategy<Value = Given> {
    let node = prop_oneof![text().prop_map(Node::Plain), vec(text(), 1..9).prop_map(Node::Packed)];
    let score = any::<f64>().prop_filter("a number", |score| !score.is_nan());
    prop_oneof![
        text().prop_map(Given::String),
        vec(node, 0..5).prop_map(Given::List),
        vec(text(), 0..9).prop_map(Given::Elements),
        vec(any::<i64>(), 1..9).prop_map(Given::Intset),
        vec(text(), 1..9).prop_map(Given::SetPacked),
        vec(text(), 0..9).prop_map(Given::Set),
        vec((text(), text()), 1..9).prop_map(Given::HashPacked),
        vec((text(), text()), 0..9).prop_map(Given::Hash),
        vec((text(), text(), proptest::option::of(1..i64::MAX)), 1..9).prop_map(Given::HashExpiring),
        vec((text(), score), 0..9).prop_map(Given::SortedSet),
        vec(group(), 0..3).prop_map(Given::Stream),
        (any::<u64>(), vec(any::<u64>(), 0..4)).prop_map(|(id, items)| Given::Module(id, items)),
    ]
}

fn meta() -> impl Strategy<Value = Meta> {
    let (expiry, idle) = (proptest::option::of(any::<i64>()), proptest::option::of(any::<u64>()));
    (expiry, idle, proptest::option::of(any::<u8>()))
        .prop_map(|(expires_at_ms, idle_seconds, frequency)| Meta { expires_at_ms, idle_seconds, frequency })
}

fn packed<'a>(elements: impl IntoIterator<Item = &'a Vec<u8>, IntoIter: Clone>) -> Listpack {
    let mut list = Listpack::new();
    list.append(elements.into_iter().map(|element| Element::Bytes(element))).unwrap();
    list
}

fn bytes(text: &[u8]) -> Element<'_> {
    Element::Bytes(text)
}

impl Given {
    fn write(&self, value: ValueWriter<'_, Vec<u8>>) -> Result<(), WriteError> {
        match self {
            Self::String(text) => value.string(bytes(text)),
            Self::List(nodes) => {
                let mut list = value.list(nodes.len() as u64)?;
                nodes.iter().try_for_each(|node| match node {
                    Node::Plain(element) => list.element(bytes(element)),
                    Node::Packed(elements) => list.packed(packed(elements).view()),
                })
            }
            Self::Elements(elements) => {
                let mut list = value.list_elements(elements.len() as u64)?;
                elements.iter().try_for_each(|element| list.element(bytes(element)))
            }
            Self::Intset(integers) => {
                let mut set = Intset::new();
                integers.iter().for_each(|integer| assert!(set.insert(*integer).is_ok()));
                value.intset(IntsetRef::new(set.as_bytes()).unwrap())
            }
            Self::SetPacked(members) => value.set_packed(packed(members).view()),
            Self::Set(members) => {
                let mut set = value.set(members.len() as u64)?;
                members.iter().try_for_each(|member| set.member(bytes(member)))
            }
            Self::HashPacked(pairs) => {
                value.hash_packed(packed(pairs.iter().flat_map(|(name, text)| [name, text])).view())
            }
            Self::Hash(pairs) => {
                let mut hash = value.hash(pairs.len() as u64)?;
                pairs.iter().try_for_each(|(name, text)| hash.field(Field::new(bytes(name), bytes(text))))
            }
            Self::HashExpiring(fields) => {
                let mut hash = value.hash_expiring(fields.len() as u64, 1)?;
                fields.iter().try_for_each(|(name, text, expires_at_ms)| {
                    hash.field(Field {
                        expires_at_ms: *expires_at_ms,
                        ..Field::new(bytes(name), bytes(text))
                    })
                })
            }
            Self::SortedSet(members) => {
                let mut set = value.sorted_set(members.len() as u64)?;
                members.iter().try_for_each(|(member, score)| set.member(bytes(member), *score))
            }
            Self::Stream(groups) => write_stream(groups, value),
            Self::Module(id, items) => {
                let mut module = value.module(ModuleId(*id))?;
                for item in items {
                    module.part(&[&[2, 0x81][..], &item.to_be_bytes()].concat())?;
                }
                module.finish()
            }
        }
    }

    /// What the reader must tell of it.
    fn told(&self) -> Vec<String> {
        let text = |text: &Vec<u8>| shown(bytes(text));
        let mut lines: Vec<String> = match self {
            Self::String(string) => vec![text(string)],
            Self::Elements(elements) => return elements.iter().map(text).collect(),
            Self::List(nodes) => {
                let elements = nodes.iter().flat_map(|node| match node {
                    Node::Plain(element) => vec![element],
                    Node::Packed(elements) => elements.iter().collect(),
                });
                return elements.map(text).collect();
            }
            Self::Intset(integers) => {
                let mut integers = integers.clone();
                integers.sort_unstable();
                integers.dedup();
                integers.iter().map(|integer| format!("\"{integer}\"")).collect()
            }
            Self::SetPacked(members) | Self::Set(members) => members.iter().map(text).collect(),
            Self::HashPacked(pairs) | Self::Hash(pairs) => {
                pairs.iter().map(|(name, value)| format!("{} {}", text(name), text(value))).collect()
            }
            Self::HashExpiring(fields) => {
                let fields = fields.iter().map(|(name, value, expiry)| {
                    let expiry = expiry.map(|at_ms| format!(" {at_ms}")).unwrap_or_default();
                    format!("{} {}{expiry}", text(name), text(value))
                });
                fields.collect()
            }
            Self::SortedSet(members) => members
                .iter()
                .map(|(member, score)| format!("{} {:016x}", text(member), score.to_bits()))
                .collect(),
            Self::Stream(_) => Vec::new(),
            Self::Module(id, _) => vec![format!("module {}", ModuleId(*id).name())],
        };
        lines.sort();
        lines
    }
}

/// Parts of a stream of one node with one entry, `1-1 f v`.
fn write_stream(groups: &[GivenGroup], value: ValueWriter<'_, Vec<u8>>) -> Result<(), WriteError> {
    let mut stream = value.stream(1)?;
    for part in stream_parts(groups, node().view()) {
        stream.part(part)?;
    }
    Ok(())
}

fn node() -> Listpack {
    let mut node = Listpack::new();
    let (field, value) = (Element::Bytes(b"f"), Element::Bytes(b"v"));
    node.append([1, 0, 1].map(Element::Int)).unwrap();
    node.append([field, Element::Int(0), Element::Int(2), Element::Int(0), Element::Int(0), value]).unwrap();
    node.push_back(4).unwrap();
    node
}

fn stream_parts<'a>(groups: &'a [GivenGroup], packed: ListpackRef<'a>) -> Vec<StreamPart<'a>> {
    let id = StreamId { ms: 1, seq: 1 };
    let metadata = StreamMetadata {
        length: 1,
        last_id: id,
        first_id: Some(id),
        max_deleted_id: StreamId::default(),
        entries_added: 1,
        groups: groups.len() as u64,
    };
    let mut parts = vec![StreamPart::Node { id, packed }, StreamPart::Metadata(metadata)];
    for group in groups {
        let (name, pending) = (bytes(&group.name), group.pending.len() as u64);
        parts.push(StreamPart::Group(Group { name, last_id: id, entries_read: group.read, pending }));
        parts.extend(group.pending.iter().map(|&(ms, seq)| {
            StreamPart::Pending(Pending { id: StreamId { ms, seq }, delivered_at_ms: 17, deliveries: seq })
        }));
        parts.push(StreamPart::Consumers(group.consumers.len() as u64));
        for (name, active_at_ms, owned) in &group.consumers {
            let owned =
                group.pending.iter().take(*owned).map(|&(ms, seq)| StreamPart::Owned(StreamId { ms, seq }));
            let pending = owned.len() as u64;
            let consumer =
                Consumer { name: bytes(name), seen_at_ms: 19, active_at_ms: *active_at_ms, pending };
            parts.push(StreamPart::Consumer(consumer));
            parts.extend(owned);
        }
    }
    parts
}

fn written(given: &[(Vec<u8>, Meta, Given)], options: WriteOptions) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    writer.aux(&b"some"[..], 17).unwrap();
    writer.function(&b"#!lua name=x"[..]).unwrap();
    writer.select_db(3).unwrap();
    writer.resize_db(given.len() as u64, 1 << 40).unwrap();
    for (key, meta, given) in given {
        match given.write(writer.entry(key, *meta).unwrap()) {
            Err(WriteError::FieldTtl(dialect)) => assert!(!dialect.has_field_ttl()),
            other => other.unwrap(),
        }
    }
    writer.finish().unwrap()
}

fn copied(file: &[u8], dialect: Dialect) -> Vec<u8> {
    let mut reader = Reader::new(file, ReadOptions::default()).unwrap();
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(dialect)).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        writer.copy(item).unwrap();
    }
    writer.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_are_read_as_they_were_written(
        given in vec((text(), meta(), given()), 0..12),
        compress: bool,
        checksum: bool,
    ) {
        for dialect in DIALECTS {
            let file = written(&given, WriteOptions { dialect, compress, checksum });
            let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
            let has_place =
                |given: &Given| dialect.has_field_ttl() || !matches!(given, Given::HashExpiring(_));
            let mut expected = given.iter().filter(|(_, _, given)| has_place(given));
            while let Some(item) = reader.next_item().unwrap() {
                let Item::Entry(entry) = item else { continue };
                let (key, meta, given) = expected.next().unwrap();
                prop_assert_eq!((entry.key(), entry.meta()), (&key[..], *meta));
                let value = entry.value().unwrap();
                if let (Given::Stream(groups), Value::Stream(mut stream)) = (given, value) {
                    let node = node();
                    for part in stream_parts(groups, node.view()) {
                        let read = stream.next_part().unwrap().unwrap();
                        match (part, read) {
                            (StreamPart::Consumer(part), StreamPart::Consumer(read)) if dialect == Dialect::Redis(10) => {
                                prop_assert_eq!(read, Consumer { active_at_ms: Some(part.seen_at_ms), ..part });
                            }
                            (part, read) => prop_assert_eq!(read, part),
                        }
                    }
                    prop_assert!(stream.next_part().unwrap().is_none());
                }
            }
            prop_assert!(expected.next().is_none());
            let raw = tell(&file[..], Way::Raw).unwrap();
            prop_assert_eq!(&raw, &tell(&file[..], Way::Streamed).unwrap());
            prop_assert_eq!(&raw, &tell(&copied(&file, Dialect::Valkey(80))[..], Way::Streamed).unwrap());
        }
    }

    #[test]
    fn values_are_told_as_they_were_given(given in given()) {
        prop_assume!(!matches!(given, Given::Stream(_)));
        for dialect in [Dialect::Redis(12), Dialect::Valkey(80)] {
            let payload = kvd_rdb::dump::write(dialect, |value| given.write(value)).unwrap();
            let raw = kvd_rdb::dump::Payload::parse(&payload).unwrap().value().unwrap();
            let mut scratch = kvd_rdb::Scratch::new();
            let (_, lines) = told::value(raw.decode(&mut scratch).value().unwrap()).unwrap();
            prop_assert_eq!(lines, given.told());
            let mut decoding = raw.decode(&mut scratch);
            decoding.skip().unwrap();
        }
    }
}

#[test]
fn parts_of_streams_have_their_turns() {
    let refused =
        kvd_rdb::dump::write(Dialect::Redis(11), |value| value.stream(1)?.part(StreamPart::Consumers(1)));
    assert!(matches!(refused, Err(WriteError::Surplus)));
    let cut = kvd_rdb::dump::write(Dialect::Redis(11), |value| {
        value.stream(1)?.part(StreamPart::Node { id: StreamId::default(), packed: node().view() })
    });
    assert!(matches!(cut, Err(WriteError::Missing(1))));
}

#[test]
fn what_follows_a_file_is_given_back() {
    let mut file = written(&[], WriteOptions::new(Dialect::Redis(10)));
    file.extend_from_slice(b"*1\r\n$4\r\nPING\r\n");
    let mut reader = Reader::new(&file[..30], ReadOptions::default()).unwrap();
    assert!(reader.next_item().unwrap().is_some());
    let (ahead, _) = reader.into_rest();
    assert!(file[..30].ends_with(&ahead));
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    while reader.next_item().unwrap().is_some() {}
    assert!(reader.next_item().unwrap().is_none());
    let (mut rest, mut read) = reader.into_rest();
    std::io::Read::read_to_end(&mut read, &mut rest).unwrap();
    assert_eq!(rest, b"*1\r\n$4\r\nPING\r\n");
}

#[test]
fn a_value_may_be_raw_or_read_but_not_both() {
    let given = [(b"key".to_vec(), Meta::default(), Given::Set(vec![b"a".to_vec(), b"b".to_vec()]))];
    let file = written(&given, WriteOptions::new(Dialect::Redis(10)));
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        let Item::Entry(mut entry) = item else { continue };
        assert!(entry.raw_value(4).unwrap().is_none());
        assert_eq!(entry.raw_value(5).unwrap().unwrap().bytes(), b"\x02\x01a\x01b");
        assert!(entry.raw_value(5).is_err());
        assert!(entry.value().is_err());
    }
}

#[test]
fn a_list_with_an_empty_node_is_copied() {
    // Three nodes, the second without elements, as old servers have left them.
    let full = b"\x02\x0a\x0a\0\0\0\x01\0\x81a\x02\xff";
    let empty = b"\x02\x07\x07\0\0\0\0\0\xff";
    let file = [&b"REDIS0010\x12\x03key\x03"[..], full, empty, full, b"\xff", &[0; 8]].concat();
    let elements = |file: &[u8]| {
        let mut reader = Reader::new(file, ReadOptions::default()).unwrap();
        let mut elements = 0;
        while let Some(item) = reader.next_item().unwrap() {
            let Item::Entry(entry) = item else { continue };
            let Value::List(mut list) = entry.value().unwrap() else { panic!("a list") };
            while let Some(part) = list.next_part().unwrap() {
                let kvd_rdb::ListPart::Packed(packed) = part else { panic!("a packed node") };
                elements += packed.len();
            }
        }
        elements
    };
    assert_eq!(elements(&file), 2);
    for dialect in [Dialect::Redis(10), Dialect::Redis(12), Dialect::Valkey(80)] {
        assert_eq!(elements(&copied(&file, dialect)), 2);
    }
}

//! Entries to records and back: whole, in parts, in every dialect, as payloads of `DUMP`.

use std::sync::Arc;

use keyspace::{Collection, Encoder, Entry, Hash, List, NewValue, Object, Set, SortedSet, UnixMillis};
use kvd_records::{Loaded, dialect, needs, read_value, write_value};
use listpack::Element;
use proptest::prelude::*;
use rdb::{Dialect, Meta, Needs, Scratch, WriteOptions, dump};
use structures::hash::Lifetime;
use structures::list::{End, Limit};
use structures::stream::{Group, Stream, StreamId};

use crate::values::{content, file_of, limits, loaded, read_file, records, stream_of};

const DIALECTS: [Dialect; 4] =
    [Dialect::Redis(10), Dialect::Redis(11), Dialect::Redis(12), Dialect::Valkey(80)];

#[derive(Clone, Debug)]
enum Made {
    Integer(i64),
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
    Set(Vec<Vec<u8>>),
    Hash(Vec<(Vec<u8>, Vec<u8>, Option<i64>)>),
    SortedSet(Vec<(Vec<u8>, f64)>),
    Stream { entries: Vec<(Vec<u8>, Vec<u8>)>, deleted: Vec<u8>, groups: Vec<(u8, Vec<(u8, u8)>)> },
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => any::<i16>().prop_map(|number| number.to_string().into_bytes()),
        1 => any::<i64>().prop_map(|number| number.to_string().into_bytes()),
        4 => prop::collection::vec(any::<u8>(), 0..30),
        1 => (0usize..3000, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let count = || prop_oneof![3 => 1usize..12, 1 => 12usize..300];
    let many = |strategy: BoxedStrategy<Vec<u8>>| {
        count().prop_flat_map(move |count| prop::collection::vec(strategy.clone(), count))
    };
    let pending = prop::collection::vec((any::<u8>(), 0u8..4), 0..20);
    prop_oneof![
        any::<i64>().prop_map(Made::Integer),
        text().prop_map(Made::Text),
        Just((0usize..9000, any::<u8>()))
            .prop_flat_map(|both| both)
            .prop_map(|(len, byte)| Made::Text(vec![byte; len])),
        many(text().boxed()).prop_map(Made::List),
        many(text().boxed()).prop_map(Made::Set),
        many(any::<i16>().prop_map(|number| number.to_string().into_bytes()).boxed()).prop_map(Made::Set),
        count()
            .prop_flat_map(|count| {
                let expiry = prop_oneof![2 => Just(None), 1 => (1i64..1 << 48).prop_map(Some)];
                prop::collection::vec((text(), text(), expiry), count)
            })
            .prop_map(Made::Hash),
        count().prop_flat_map(|count| prop::collection::vec((text(), text()), count)).prop_map(|pairs| {
            Made::Hash(pairs.into_iter().map(|(name, value)| (name, value, None)).collect())
        }),
        count()
            .prop_flat_map(|count| {
                let score = prop_oneof![
                    any::<i32>().prop_map(f64::from),
                    any::<f64>().prop_filter("a number", |score| !score.is_nan())
                ];
                prop::collection::vec((text(), score), count)
            })
            .prop_map(Made::SortedSet),
        (
            count().prop_flat_map(|count| prop::collection::vec((text(), text()), count)),
            prop::collection::vec(any::<u8>(), 0..10),
            prop::collection::vec((any::<u8>(), pending), 0..4),
        )
            .prop_map(|(entries, deleted, groups)| Made::Stream { entries, deleted, groups }),
    ]
}

fn entry_of(made: &Made, expiry: Option<i64>) -> Entry {
    let limits = limits();
    let value = match made {
        Made::Integer(number) => NewValue::Integer(*number),
        Made::Text(text) => match Element::Bytes(text).int() {
            Some(number) => NewValue::Integer(number),
            None if text.len() > 4096 => NewValue::Shared(Arc::new(text.clone())),
            None => NewValue::Bytes(text),
        },
        Made::List(elements) => {
            let mut list = List::default();
            list.push(End::Back, elements.iter().map(Vec::as_slice), limits.list);
            NewValue::Object(list.into_object())
        }
        Made::Set(members) => {
            let mut set = Set::default();
            for member in members {
                set.insert(member, &limits.set);
            }
            NewValue::Object(set.into_object())
        }
        Made::Hash(fields) => {
            let mut hash = Hash::default();
            for (name, value, expiry) in fields {
                let lifetime = expiry.map_or(Lifetime::Forever, Lifetime::Until);
                hash.set(name, value, lifetime, &limits.hash);
            }
            NewValue::Object(hash.into_object())
        }
        Made::SortedSet(members) => {
            let mut set = SortedSet::default();
            for (member, score) in members {
                set.insert(member, *score, &limits.sorted_set);
            }
            NewValue::Object(set.into_object())
        }
        Made::Stream { entries, deleted, groups } => {
            NewValue::Object(Object::Stream(Box::new(stream_of(entries, deleted, groups))))
        }
    };
    Entry::new(b"the key", value, expiry.map(UnixMillis), 9)
}

/// In which form a value is.
fn form(entry: &Entry) -> &'static str {
    let Some(object) = entry.object() else { return "string" };
    match &*object {
        Object::List(List::Packed(_)) => "packed list",
        Object::Set(Set::Integers(_)) => "intset",
        Object::Set(Set::Packed(_)) => "packed set",
        Object::Hash(Hash::Packed(_)) => "packed hash",
        Object::Hash(Hash::Dated(_)) => "dated hash",
        Object::SortedSet(SortedSet::Packed(_)) => "packed sorted set",
        _ => "large",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_was_written_is_read(made in made(), expiry in prop::option::of(1i64..1 << 60), part_bytes in 1usize..5000) {
        let entry = entry_of(&made, expiry);
        for dialect in DIALECTS {
            let records = records(dialect);
            let has_activity = dialect != Dialect::Redis(10);
            let mut whole = Vec::new();
            records.encode(&entry, &mut whole);
            if entry.field_expiry().is_some() && !dialect.has_field_ttl() {
                let failure = records.failure().map(|failure| failure.to_string()).unwrap_or_default();
                prop_assert!(whole.is_empty() && failure.starts_with("key \""), "{}", failure);
                continue;
            }
            prop_assert!(records.failure().is_none());
            let mut parts = Vec::new();
            let mut progress = None;
            while !records.encode_part(&entry, &mut progress, part_bytes, &mut parts) {}
            let restored = restored(&entry, dialect);
            for read in [read_file(&file_of(dialect, &whole)), read_file(&file_of(dialect, &parts)), restored] {
                prop_assert_eq!(read.expiry(), entry.expiry());
                prop_assert_eq!(content(&read, has_activity), content(&entry, has_activity));
                prop_assert_eq!(form(&read), form(&entry));
            }
        }
    }

    #[test]
    fn the_lowest_version_loses_nothing(made in made()) {
        let entry = entry_of(&made, None);
        let restored = restored(&entry, dialect(None, needs(&entry)));
        prop_assert_eq!(content(&restored, true), content(&entry, true));
    }
}

/// What comes out of a payload of DUMP.
fn restored(entry: &Entry, dialect: Dialect) -> Entry {
    let payload = dump::write(dialect, |value| write_value(entry, value)).unwrap();
    let mut scratch = Scratch::new();
    let mut decoding = dump::Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
    loaded(read_value(decoding.value().unwrap(), &limits(), u64::MAX).unwrap(), entry.expiry().map(|at| at.0))
}

#[test]
fn a_version_that_is_asked_for_is_taken() {
    let all = Needs { field_ttl: true, stream_consumers: true, valkey: false };
    for (version, expected) in [
        (10, Dialect::Redis(10)),
        (11, Dialect::Redis(11)),
        (12, Dialect::Redis(12)),
        (80, Dialect::Valkey(80)),
    ] {
        assert_eq!(dialect(Some(version), all), expected);
        assert_eq!(dialect(Some(version), Needs::default()), expected);
    }
    assert_eq!(dialect(None, all), Dialect::Redis(12));
    assert_eq!(dialect(None, Needs::default()), Dialect::Redis(10));
}

fn read_of<E: From<rdb::WriteError> + std::fmt::Debug>(
    write: impl FnOnce(rdb::ValueWriter<'_, Vec<u8>>) -> Result<(), E>,
) -> Result<&'static str, String> {
    let payload = dump::write(Dialect::Redis(12), write).unwrap();
    let mut scratch = Scratch::new();
    let mut decoding = dump::Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
    match read_value(decoding.value().unwrap(), &limits(), u64::MAX) {
        Ok(Loaded::Value(_)) => Ok("value"),
        Ok(Loaded::Empty) => Ok("empty"),
        Ok(Loaded::Module(_)) => Ok("module"),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn what_cannot_be_is_refused() {
    const TWICE: &str = "a member or field is there twice";
    let twice = |count: u64| {
        move |value: rdb::ValueWriter<'_, Vec<u8>>| {
            let mut set = value.set(count)?;
            (0..count).try_for_each(|index| set.member(i64::try_from(index % (count - 1)).unwrap_or(0)))
        }
    };
    assert_eq!(read_of(twice(3)).unwrap_err(), TWICE);
    assert_eq!(read_of(twice(100)).unwrap_err(), TWICE);
    assert_eq!(read_of(twice(10_000)).unwrap_err(), TWICE);
    let scored_twice = |value: rdb::ValueWriter<'_, Vec<u8>>| {
        let mut set = value.sorted_set(5000)?;
        (0..5000).try_for_each(|index| set.member(index % 4999, index as f64))
    };
    assert_eq!(read_of(scored_twice).unwrap_err(), TWICE);
    let many_fields = |value: rdb::ValueWriter<'_, Vec<u8>>| {
        let mut hash = value.hash(5000)?;
        (0..5000_i64).try_for_each(|index| hash.field(rdb::Field::new(index % 4999, 1)))
    };
    assert_eq!(read_of(many_fields).unwrap_err(), TWICE);
    let fields = |value: rdb::ValueWriter<'_, Vec<u8>>| {
        let mut hash = value.hash(2)?;
        (0..2).try_for_each(|_| hash.field(rdb::Field::new(b"f", 1)))
    };
    assert_eq!(read_of(fields).unwrap_err(), TWICE);
    let packed = |elements: &[&[u8]]| {
        let mut list = listpack::Listpack::<Vec<u8>>::new();
        elements.iter().for_each(|element| list.push_back(*element).unwrap());
        list
    };
    let pairs = packed(&[b"f", b"1", b"g", b"2", b"f", b"3"]);
    assert_eq!(read_of(|value| value.hash_packed(pairs.view())).unwrap_err(), TWICE);
    let members: Vec<String> = (0..20).map(|index| (index % 19).to_string()).collect();
    let members: Vec<&[u8]> = members.iter().map(String::as_bytes).collect();
    let many = packed(&members);
    assert_eq!(read_of(|value| value.set_packed(many.view())).unwrap_err(), TWICE);
    let scored = packed(&[b"m", b"1", b"m", b"2"]);
    assert_eq!(read_of(|value| value.sorted_set_packed(scored.view())).unwrap_err(), TWICE);
}

#[test]
fn packed_values_are_read_in_full_where_nothing_may_be_packed() {
    let mut none = limits();
    none.hash.fields_max = 0;
    (none.set.integers_max, none.set.entries_max) = (0, 0);
    none.sorted_set.entries_max = 0;
    let packed = |elements: &[&[u8]]| {
        let mut list = listpack::Listpack::<Vec<u8>>::new();
        elements.iter().for_each(|element| list.push_back(*element).unwrap());
        list
    };
    let members = packed(&[b"a", b"1", b"b", b"2", b"c", b"3"]);
    let integers = [1, 2, 3].into_iter().fold(listpack::Intset::<Vec<u8>>::new(), |mut set, number| {
        set.insert(number).unwrap();
        set
    });
    let lengths = [
        dump::write(Dialect::Redis(12), |value| value.hash_packed(members.view())),
        dump::write(Dialect::Redis(12), |value| value.set_packed(members.view())),
        dump::write(Dialect::Redis(12), |value| value.intset(integers.view())),
        dump::write(Dialect::Redis(12), |value| value.sorted_set_packed(members.view())),
    ]
    .map(|payload: Result<Vec<u8>, rdb::WriteError>| {
        let (payload, mut scratch) = (payload.unwrap(), Scratch::new());
        let mut decoding = dump::Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
        match read_value(decoding.value().unwrap(), &none, payload.len() as u64).unwrap() {
            Loaded::Value(NewValue::Object(Object::Hash(hash))) => hash.len(),
            Loaded::Value(NewValue::Object(Object::Set(set))) => set.len(),
            Loaded::Value(NewValue::Object(Object::SortedSet(set))) => set.len(),
            _ => 0,
        }
    });
    assert_eq!(lengths, [3, 6, 3, 3]);
}

#[test]
fn collections_without_elements_are_told() {
    assert_eq!(read_of(|value| value.set(0).map(drop)), Ok("empty"));
    assert_eq!(read_of(|value| value.list(0).map(drop)), Ok("empty"));
    assert_eq!(read_of(|value| value.hash(0).map(drop)), Ok("empty"));
    assert_eq!(read_of(|value| value.sorted_set(0).map(drop)), Ok("empty"));
}

#[test]
fn groups_of_streams_must_be_whole() {
    use rdb::{Consumer, Pending, StreamMetadata, StreamPart};
    let id = rdb::StreamId { ms: 1, seq: 1 };
    let metadata = StreamMetadata {
        length: 0,
        last_id: id,
        first_id: None,
        max_deleted_id: rdb::StreamId::default(),
        entries_added: 1,
        groups: 1,
    };
    let group = |pending| {
        StreamPart::Group(rdb::Group { name: b"g".into(), last_id: id, entries_read: None, pending })
    };
    let pending = StreamPart::Pending(Pending { id, delivered_at_ms: 5, deliveries: 1 });
    let consumer = |pending| {
        StreamPart::Consumer(Consumer { name: b"c".into(), seen_at_ms: 1, active_at_ms: None, pending })
    };
    let read = |metadata: StreamMetadata, parts: &[StreamPart<'_>]| {
        read_of(|value| {
            let mut stream = value.stream(0)?;
            stream.part(StreamPart::Metadata(metadata))?;
            parts.iter().try_for_each(|part| stream.part(*part))
        })
    };
    let consumers = StreamPart::Consumers;
    let whole = [group(1), pending, consumers(1), consumer(1), StreamPart::Owned(id)];
    assert_eq!(read(metadata, &whole), Ok("value"));
    let unclaimed = read(metadata, &[group(1), pending, consumers(0)]);
    assert_eq!(unclaimed.unwrap_err(), "an entry is pending for no consumer");
    let invented = read(metadata, &[group(0), consumers(1), consumer(1), StreamPart::Owned(id)]);
    assert_eq!(invented.unwrap_err(), "a consumer has an entry that isn't pending");
    let twice = read(metadata, &[group(0), consumers(2), consumer(0), consumer(0)]);
    assert_eq!(twice.unwrap_err(), "a consumer is there twice");
    let longer = read(StreamMetadata { length: 3, ..metadata }, &whole);
    assert_eq!(longer.unwrap_err(), "a stream has another length than it says");
}

/// The lengths of the parts in which a value is encoded; what was read of them.
fn parts_of(value: NewValue<'_>, part_bytes: usize) -> (Vec<usize>, Entry) {
    let entry = Entry::new(b"the key", value, None, 9);
    let records = records(Dialect::Redis(12));
    let (mut bytes, mut lens, mut progress) = (Vec::new(), Vec::new(), None);
    loop {
        let before = bytes.len();
        let is_complete = records.encode_part(&entry, &mut progress, part_bytes, &mut bytes);
        lens.push(bytes.len() - before);
        if is_complete {
            break;
        }
    }
    let read = read_file(&file_of(Dialect::Redis(12), &bytes));
    assert_eq!(content(&read, true), content(&entry, true));
    (lens, read)
}

#[test]
fn no_part_has_more_than_one_element_too_many() {
    const LONG: usize = 100_000;
    const COUNT: usize = 80;
    let texts: Vec<Vec<u8>> = (0..COUNT)
        .map(|index| {
            let mut seed = index as u32 + 1;
            let mut random = || {
                seed = seed.wrapping_mul(0x9E37_79B1).wrapping_add(0x7F4A_7C15);
                (seed >> 24) as u8
            };
            (0..LONG).map(|_| random()).collect()
        })
        .collect();
    let limits = limits();
    let mut list = List::default();
    list.push(End::Back, texts.iter().map(Vec::as_slice), Limit::entries(1));
    let (mut hash, mut set, mut sorted) = (Hash::default(), Set::default(), SortedSet::default());
    for (index, text) in texts.iter().enumerate() {
        hash.set(index.to_string().as_bytes(), text, Lifetime::Forever, &limits.hash);
        set.insert(text, &limits.set);
        sorted.insert(text, index as f64, &limits.sorted_set);
    }
    let pairs: Vec<_> = texts.into_iter().map(|text| (b"name".to_vec(), text)).collect();
    let stream = Object::Stream(Box::new(stream_of(&pairs, &[], &[])));
    let objects = [list.into_object(), hash.into_object(), set.into_object(), sorted.into_object(), stream];
    for object in objects {
        let kind = object.kind();
        let (lens, _) = parts_of(NewValue::Object(object), 3 * LONG);
        let longest = lens.iter().max().unwrap();
        assert!(*longest <= 4 * LONG + LONG / 2, "{kind:?}: a part of {longest} bytes");
        assert!(lens.len() >= COUNT / 5, "{kind:?}: {} parts", lens.len());
    }
}

#[test]
fn streams_of_many_groups_and_consumers_are_told_in_parts() {
    let mut stream = Stream::default();
    for group in 0..300_u32 {
        stream.groups.add(&group.to_be_bytes(), Group::new(StreamId::MIN, None));
    }
    let mut group = stream.groups.find_mut(&7_u32.to_be_bytes()).unwrap();
    for consumer in 0..20_000_u32 {
        group.add_consumer(&consumer.to_be_bytes(), 1);
        group.assign(StreamId::new(1, u64::from(consumer)), &consumer.to_be_bytes(), 1, 1);
    }
    drop(group);
    let (lens, _) = parts_of(NewValue::Object(Object::Stream(Box::new(stream))), 10_000);
    assert!(lens.len() > 50);
}

#[test]
fn what_encodes_keeps_no_large_record() {
    let large = vec![b'x'; 8 << 20];
    let entry = Entry::new(b"k", NewValue::Shared(Arc::new(large)), None, 0);
    let options = WriteOptions { compress: false, ..WriteOptions::new(Dialect::Redis(12)) };
    let mut fragment = rdb::Fragment::new(options).unwrap();
    let value = fragment.entry(b"k", Meta::default()).unwrap();
    write_value(&entry, value).unwrap();
    let mut out = Vec::new();
    fragment.take(&mut out);
    assert!(out.len() > 8 << 20);
    assert!(fragment.capacity() <= 256 << 10, "{} bytes are kept", fragment.capacity());
}

#[test]
fn an_expiry_beyond_all_others_is_the_latest() {
    const LATEST: i64 = (1 << 48) - 1;
    for (given, read) in [(1_i64 << 62, LATEST), (LATEST + 1, LATEST), (LATEST, LATEST), (7, 7)] {
        let payload = dump::write(Dialect::Redis(12), |value| {
            let mut hash = value.hash_expiring(1, given)?;
            hash.field(rdb::Field { expires_at_ms: Some(given), ..rdb::Field::new(b"f", 1) })
        });
        let payload = payload.map_err(|error: rdb::WriteError| error).unwrap();
        let mut scratch = Scratch::new();
        let mut decoding = dump::Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
        let entry = loaded(read_value(decoding.value().unwrap(), &limits(), u64::MAX).unwrap(), None);
        assert_eq!(entry.field_expiry(), Some(UnixMillis(read)));
    }
}

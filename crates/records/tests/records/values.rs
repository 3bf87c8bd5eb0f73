//! Values to be encoded, and what they tell.

use keyspace::{Entry, Object, UnixMillis};
use kvd_records::{Limits, Loaded, Records, read_value};
use listpack::Element;
use rdb::{Dialect, Item, Meta, ReadOptions, Reader, WriteOptions, Writer};
use structures::list::Limit;
use structures::stream::{Group, NodeLimits, Stream, StreamId};
use structures::{HashKey, hash, set, sorted_set};

pub(crate) fn limits() -> Limits {
    let hash_key = HashKey::new([7; 16]);
    Limits {
        list: Limit::entries(16),
        hash: hash::Limits { fields_max: 8, bytes_max: 20, hash_key },
        set: set::Limits { integers_max: 8, entries_max: 8, bytes_max: 20, hash_key },
        sorted_set: sorted_set::Limits { entries_max: 8, member_bytes_max: 20, hash_key },
    }
}

pub(crate) fn stream_of(
    entries: &[(Vec<u8>, Vec<u8>)],
    deleted: &[u8],
    groups: &[(u8, Vec<(u8, u8)>)],
) -> Stream {
    let mut stream = Stream::default();
    for (index, (name, value)) in entries.iter().enumerate() {
        let id = StreamId::new(index as u64 / 3 + 1, index as u64);
        stream.log.append(id, &[(name.as_slice(), value.as_slice())], NodeLimits::default()).unwrap();
    }
    let id_of = |number: u8| StreamId::new(u64::from(number) / 3 + 1, u64::from(number));
    for number in deleted {
        stream.log.delete(id_of(*number));
    }
    for (name, pending) in groups {
        stream
            .groups
            .add(&[b'g', *name], Group::new(id_of(*name), (name % 2 == 0).then_some(u64::from(*name))));
        let mut group = stream.groups.find_mut(&[b'g', *name]).unwrap();
        for (number, consumer) in pending {
            let consumer_name = [b'c', *consumer];
            group.add_consumer(&consumer_name, 1000 + i64::from(*number));
            if consumer % 2 == 0 {
                group.consumer_mut(&consumer_name).unwrap().active_ms = Some(5);
                group.assign(id_of(*number), &consumer_name, 77, u64::from(*number));
            }
        }
    }
    stream
}

/// All that a value tells, but for its form.
pub(crate) fn content(entry: &Entry, has_activity: bool) -> String {
    let shown = |element: Element<'_>| format!("{:?}", element.to_vec());
    let Some(object) = entry.object() else { return format!("{:?}", entry.value().to_vec()) };
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines.join("\n")
    };
    match &*object {
        Object::List(list) => list.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Object::Set(set) => sorted(set.iter().map(shown).collect()),
        Object::Hash(hash) => {
            let mut lines = Vec::new();
            hash.visit(i64::MIN, |name, found| {
                lines.push(format!("{} {} {:?}", shown(name), shown(found.value), found.expiry_ms));
            });
            sorted(lines)
        }
        Object::SortedSet(set) => set
            .iter()
            .map(|(member, score)| format!("{} {:?}", shown(member), score))
            .collect::<Vec<_>>()
            .join("\n"),
        Object::Stream(stream) => {
            let log = &stream.log;
            let mut lines: Vec<String> = log
                .range(StreamId::MIN, StreamId::MAX)
                .map(|entry| {
                    let pairs = entry.pairs().map(|(name, value)| (name.to_vec(), value.to_vec()));
                    format!("{} {:?}", entry.id, pairs.collect::<Vec<_>>())
                })
                .collect();
            lines.push(format!(
                "{} {} {} {}",
                log.last_id(),
                log.max_deleted_id(),
                log.entries_added(),
                log.first_id()
            ));
            for (name, group) in stream.groups.iter() {
                lines.push(format!("{name:?} {} {:?}", group.last_id, group.entries_read));
                for (id, pending, consumer) in group.pending_range(StreamId::MIN, StreamId::MAX) {
                    lines.push(format!(
                        "{id} {} {} {:?}",
                        pending.delivered_ms,
                        pending.deliveries,
                        consumer.name()
                    ));
                }
                for consumer in group.consumers() {
                    let active = consumer.active_ms.filter(|_| has_activity);
                    lines.push(format!("{:?} {} {active:?}", consumer.name(), consumer.seen_ms));
                }
            }
            lines.join("\n")
        }
    }
}

pub(crate) fn loaded(value: Loaded<'_>, expiry: Option<i64>) -> Entry {
    let Loaded::Value(value) = value else { panic!("a value is there") };
    Entry::new(b"the key", value, expiry.map(UnixMillis), 9)
}

/// Reads a file of one entry.
pub(crate) fn read_file(file: &[u8]) -> Entry {
    let mut entries = read_all(file);
    assert_eq!(entries.len(), 1);
    let entry = entries.pop().unwrap();
    assert_eq!(entry.key(), b"the key");
    entry
}

/// Reads a file; every entry had 9 for its clock.
pub(crate) fn read_all(file: &[u8]) -> Vec<Entry> {
    let mut reader = Reader::new(file, ReadOptions::default()).unwrap();
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Entry(entry) = item {
            assert_eq!(entry.meta().idle_seconds, Some(9));
            let (key, expiry) = (entry.key().to_vec(), entry.meta().expires_at_ms);
            let read = loaded(read_value(entry.value().unwrap(), &limits(), u64::MAX).unwrap(), expiry);
            found.push(read.move_under(&key, 9));
        }
    }
    found
}

pub(crate) fn records(dialect: Dialect) -> Records {
    let usage = |entry: &Entry| Meta { idle_seconds: Some(u64::from(entry.clock())), ..Meta::default() };
    Records::new(WriteOptions::new(dialect), Box::new(usage)).unwrap()
}

pub(crate) fn file_of(dialect: Dialect, record: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(dialect)).unwrap();
    writer.select_db(0).unwrap();
    writer.records(record).unwrap();
    writer.finish().unwrap()
}

//! Entries to requests, and back by carrying these out: whole, and in parts.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;

use config::Config;
use engine::{Engine, Moment, NoHost, Options};
use keyspace::{
    Collection, DbIndex, Encoder, Entry, Hash, List, NewValue, Object, Set, SortedSet, UnixMillis,
};
use listpack::Element;
use proptest::prelude::*;
use records::{Commands, Limits};
use resp::{RequestLimits, RequestReader};
use structures::hash::Lifetime;
use structures::list::{End, Limit};
use structures::stream::{Group, NodeLimits, Stream, StreamId};
use structures::{HashKey, hash, set, sorted_set};

const KEY: &[u8] = b"the key";
const NOW_MS: u64 = 1_800_000_000_000;
/// The longest text, unless it is a whole value. A field with an expiry is three: its name comes twice.
const TEXT_BYTES_MAX: usize = 3000;
/// More than a request has beside its texts, and one that gives a field its expiry.
const FRAME_BYTES: usize = 300;

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
        1 => (0..TEXT_BYTES_MAX, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn many<S: Strategy + 'static>(strategy: S) -> impl Strategy<Value = Vec<S::Value>> {
    let strategy = strategy.boxed();
    let count = prop_oneof![3 => 1usize..12, 1 => 12usize..300];
    count.prop_flat_map(move |count| prop::collection::vec(strategy.clone(), count))
}

fn made() -> impl Strategy<Value = Made> {
    let number = || any::<i16>().prop_map(|number| number.to_string().into_bytes());
    let expiry = prop_oneof![2 => Just(None), 1 => (1i64..1 << 46).prop_map(Some)];
    let score = prop_oneof![
        any::<i32>().prop_map(f64::from),
        any::<f64>().prop_filter("a number", |score| !score.is_nan()),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
    ];
    let pending = prop::collection::vec((any::<u8>(), 0u8..4), 0..100);
    prop_oneof![
        1 => any::<i64>().prop_map(Made::Integer),
        1 => text().prop_map(Made::Text),
        1 => (0usize..9000, any::<u8>()).prop_map(|(len, byte)| Made::Text(vec![byte; len])),
        2 => many(text()).prop_map(Made::List),
        1 => many(text()).prop_map(Made::Set),
        1 => many(number()).prop_map(Made::Set),
        2 => many((text(), text(), expiry)).prop_map(Made::Hash),
        1 => many((text(), text(), Just(None))).prop_map(Made::Hash),
        2 => many((text(), score)).prop_map(Made::SortedSet),
        4 => (
            many((text(), text())),
            prop_oneof![prop::collection::vec(any::<u8>(), 0..10), Just((0..=u8::MAX).collect())],
            prop::collection::vec((any::<u8>(), pending), 0..4),
        )
            .prop_map(|(entries, deleted, groups)| Made::Stream { entries, deleted, groups }),
    ]
}

fn stream_of(entries: &[(Vec<u8>, Vec<u8>)], deleted: &[u8], groups: &[(u8, Vec<(u8, u8)>)]) -> Stream {
    let mut stream = Stream::default();
    let id_of = |number: usize| StreamId::new(number as u64 / 3 + 1, number as u64);
    for (number, (name, value)) in entries.iter().enumerate() {
        let pairs = [(name.as_slice(), value.as_slice()), (b"more", b"5")];
        let count = 1 + number % 2;
        stream.log.append(id_of(number), &pairs[..count], NodeLimits::default()).unwrap();
    }
    for number in deleted {
        stream.log.delete(id_of(usize::from(*number)));
    }
    let added = stream.log.entries_added();
    for (name, pending) in groups {
        let entries_read = (name % 2 == 0).then_some(u64::from(*name).min(added));
        stream.groups.add(&[b'g', *name], Group::new(id_of(usize::from(*name)), entries_read));
        let mut group = stream.groups.find_mut(&[b'g', *name]).unwrap();
        for (number, consumer) in pending {
            let consumer_name = [b'c', *consumer];
            group.add_consumer(&consumer_name, 1000);
            if consumer % 4 != 1 {
                let delivered_ms = i64::from(*number) * 1_000_000;
                group.assign(id_of(usize::from(*number)), &consumer_name, delivered_ms, u64::from(*consumer));
            }
        }
    }
    stream
}

/// Limits below the peers', so that large forms come soon.
fn limits() -> Limits {
    let hash_key = HashKey::new([7; 16]);
    Limits {
        list: Limit::entries(16),
        hash: hash::Limits { fields_max: 70, bytes_max: 20, hash_key },
        set: set::Limits { integers_max: 70, entries_max: 70, bytes_max: 20, hash_key },
        sorted_set: sorted_set::Limits { entries_max: 70, member_bytes_max: 20, hash_key },
    }
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
    Entry::new(KEY, value, expiry.map(UnixMillis), 9)
}

/// All of an entry that requests tell.
fn content(entry: &Entry) -> String {
    let expiry = format!("expires {:?}", entry.expiry());
    let shown = |element: Element<'_>| format!("{:?}", element.to_vec());
    let Some(object) = entry.object() else { return format!("{expiry} {:?}", entry.value().to_vec()) };
    let mut lines = vec![expiry];
    match &*object {
        Object::List(list) => lines.extend(list.iter().map(shown)),
        Object::Set(set) => lines.extend(set.iter().map(shown)),
        Object::Hash(hash) => hash.visit(i64::MIN, |name, found| {
            lines.push(format!("{} {} {:?}", shown(name), shown(found.value), found.expiry_ms));
        }),
        Object::SortedSet(set) => {
            // Which of the two zeros it is depends on the form.
            lines.extend(set.iter().map(|(member, score)| format!("{} {:?}", shown(member), score + 0.0)));
        }
        Object::Stream(stream) => describe(stream, &mut lines),
    }
    if matches!(&*object, Object::Set(_) | Object::Hash(_)) {
        lines.sort();
    }
    lines.join("\n")
}

fn describe(stream: &Stream, lines: &mut Vec<String>) {
    let log = &stream.log;
    for entry in log.range(StreamId::MIN, StreamId::MAX) {
        let pairs: Vec<_> = entry.pairs().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        lines.push(format!("{} {pairs:?}", entry.id));
    }
    let (last, deleted, added) = (log.last_id(), log.max_deleted_id(), log.entries_added());
    lines.push(format!("{last} {deleted} {added} {}", log.first_id()));
    for (name, group) in stream.groups.iter() {
        lines.push(format!("{name:?} {} {:?}", group.last_id, group.entries_read));
        for (id, pending, consumer) in group.pending_range(StreamId::MIN, StreamId::MAX) {
            // What is gone can't be claimed.
            if log.contains(id) {
                let (at_ms, count) = (pending.delivered_ms, pending.deliveries);
                lines.push(format!("{id} {at_ms} {count} {:?}", consumer.name()));
            }
        }
        lines.extend(group.consumers().map(|consumer| format!("{:?}", consumer.name())));
    }
}

fn engine() -> Engine {
    let mut config = Config::default();
    config.load(b"stripes 4", "test.conf", &mut |_| Ok(Vec::new())).unwrap();
    let now = Moment::from_unix_millis(NOW_MS);
    let host = Box::new(NoHost);
    Engine::new(Options { config, handlers: commands::handlers(), workers: 1, seed: [7; 32], now, host })
}

/// What is made of requests, in an empty database.
fn replayed(requests: &[u8]) -> String {
    let engine = engine();
    let now = Moment::from_unix_millis(NOW_MS);
    let mut replay = engine.begin_replay(now);
    engine.replay(&mut replay, requests, &now).unwrap();
    assert_eq!(replay.errors(), 0);
    engine.end_replay(replay);
    engine.keyspace().check_invariants();
    let key = engine.keyspace().key(KEY);
    let locked = engine.keyspace().lock([key.hash()]);
    let entry = locked.stripe(key.hash()).table(DbIndex(0)).and_then(|table| table.find(&key));
    content(&entry.expect("the key is there"))
}

/// How many words each request has. All must be whole.
fn lengths(requests: &[u8]) -> Vec<usize> {
    let mut reader = RequestReader::new();
    reader.feed(requests);
    while reader.parse(&RequestLimits::default()).unwrap() {}
    let lengths = (0..reader.len()).map(|index| reader.request(index).len()).collect();
    reader.release();
    assert_eq!(reader.buffered(), 0, "a request is not whole");
    lengths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn requests_make_the_same_value(
        made in made(),
        expiry in prop::option::of(1i64..1 << 60),
        bytes_max in prop_oneof![1usize..50, 1usize..10_000],
    ) {
        let entry = entry_of(&made, expiry);
        let mut whole = Vec::new();
        Commands.encode(&entry, &mut whole);
        prop_assert!(lengths(&whole).into_iter().all(|length| length <= 2 + 2 * 64));

        let (mut parts, mut progress) = (Vec::new(), None);
        loop {
            let before = parts.len();
            let is_complete = Commands.encode_part(&entry, &mut progress, bytes_max, &mut parts);
            let part = &parts[before..];
            lengths(part);
            prop_assert!(entry.is_string() || part.len() <= bytes_max + 3 * TEXT_BYTES_MAX + FRAME_BYTES);
            if is_complete {
                break;
            }
            prop_assert!(!part.is_empty() && progress.is_some());
        }
        let expected = content(&entry);
        prop_assert_eq!(replayed(&whole), &*expected);
        prop_assert_eq!(replayed(&parts), &*expected);
    }
}

/// The requests of an entry as lines of words.
fn lines(made: &Made) -> Vec<String> {
    let mut bytes = Vec::new();
    Commands.encode(&entry_of(made, Some(77)), &mut bytes);
    let mut reader = RequestReader::new();
    reader.feed(&bytes);
    while reader.parse(&RequestLimits::default()).unwrap() {}
    let line = |index| {
        let words: Vec<_> = reader.request(index).words().map(String::from_utf8_lossy).collect();
        words.join(" ")
    };
    (0..reader.len()).map(line).collect()
}

#[test]
fn requests_are_those_of_the_peers() {
    let text = |text: &str| text.as_bytes().to_vec();
    assert_eq!(lines(&Made::Integer(-5)), ["SET the key -5", "PEXPIREAT the key 77"]);
    let numbers: Vec<_> = (0..65).map(|number| number.to_string().into_bytes()).collect();
    let list = lines(&Made::List(numbers));
    assert_eq!((list.len(), &*list[1]), (3, "RPUSH the key 64"));
    assert_eq!(
        lines(&Made::Hash(vec![(text("f"), text("v"), Some(9)), (text("g"), text("w"), None)])),
        ["HMSET the key f v g w", "HPEXPIREAT the key 9 FIELDS 1 f", "PEXPIREAT the key 77"]
    );
    assert_eq!(
        lines(&Made::SortedSet(vec![(text("m"), 0.1), (text("n"), f64::INFINITY)])),
        ["ZADD the key 0.1 m inf n", "PEXPIREAT the key 77"]
    );
    let groups = vec![(b'1', vec![(0, 0), (0, 1)])];
    let entries = vec![(text("f"), text("v")), (text("g"), text("w"))];
    assert_eq!(
        lines(&Made::Stream { entries: entries.clone(), deleted: vec![1], groups }),
        [
            "XADD the key 1-0 f v",
            "XSETID the key 1-1 ENTRIESADDED 2 MAXDELETEDID 1-1",
            "XGROUP CREATE the key g1 17-49 ENTRIESREAD -1",
            "XGROUP CREATECONSUMER the key g1 c\0",
            "XGROUP CREATECONSUMER the key g1 c\u{1}",
            "XCLAIM the key g1 c\0 0 1-0 TIME 0 RETRYCOUNT 0 JUSTID FORCE",
            "PEXPIREAT the key 77"
        ]
    );
    assert_eq!(
        lines(&Made::Stream { entries, deleted: vec![0, 1], groups: Vec::new() }),
        [
            "XADD the key MAXLEN 0 1-1 x y",
            "XSETID the key 1-1 ENTRIESADDED 2 MAXDELETEDID 1-1",
            "PEXPIREAT the key 77"
        ]
    );
}

#[test]
fn a_stream_that_never_had_an_entry_is_made() {
    let mut stream = Stream::default();
    stream.groups.add(b"g", Group::new(StreamId::MIN, Some(0)));
    let entry = Entry::new(KEY, NewValue::Object(Object::Stream(Box::new(stream))), None, 9);
    let mut requests = Vec::new();
    Commands.encode(&entry, &mut requests);
    assert_eq!(replayed(&requests), content(&entry));
}

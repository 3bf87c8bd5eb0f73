//! Snapshots against a copy of the data made at the instant, with changes of every kind going on meanwhile.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "changes come from other threads")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use kvd_keyspace::{
    Collection, DbIndex, Encoder, Entry, Expiry, Key, Keyspace, List, Locked, NewValue, Progress, Snapshot,
    Step, Table, UnixMillis, Value,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use structures::list::{End, Limit};

const DATABASES: u32 = 3;
const LIMIT: Limit = Limit::entries(8);
/// Bytes of an element of a big list.
const ELEMENT_BYTES: usize = 5_000;
/// A value longer than this many bytes is not saved in one go.
const BIG_BYTES: usize = 64 * 1024;

/// A record: length and bytes of the key, expiry, then each element with its length, and at the end [`END`].
struct Framed;

const END: u32 = u32::MAX;

fn frame(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

impl Framed {
    /// The elements from `from` on, until `bytes_max` bytes were appended; where to go on, unless the record is complete.
    fn elements(entry: &Entry, from: usize, bytes_max: usize, out: &mut Vec<u8>) -> Option<usize> {
        let begin = out.len();
        if from == 0 {
            frame(entry.key(), out);
            let expiry = entry.expiry().map_or(-1, |at| at.0);
            out.extend_from_slice(&expiry.to_le_bytes());
        }
        match entry.object() {
            None => frame(&entry.value().to_vec(), out),
            Some(object) => {
                let list = List::of(&object).unwrap();
                for (index, element) in list.iter_from(from).enumerate() {
                    frame(&element.to_vec(), out);
                    if out.len() - begin >= bytes_max {
                        return Some(from + index + 1);
                    }
                }
            }
        }
        out.extend_from_slice(&END.to_le_bytes());
        None
    }
}

impl Encoder for Framed {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        assert_eq!(Self::elements(entry, 0, usize::MAX, out), None);
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let from = progress.take().map_or(0, |from| *from.downcast::<usize>().unwrap());
        match Self::elements(entry, from, bytes_max, out) {
            Some(from) => *progress = Some(Box::new(from)),
            None => return true,
        }
        false
    }
}

/// Database and key; elements and expiry.
type Data = BTreeMap<(u32, Vec<u8>), (Vec<Vec<u8>>, i64)>;

fn decode(db: DbIndex, mut bytes: &[u8], data: &mut Data) {
    fn take<'b>(bytes: &mut &'b [u8], len: usize) -> &'b [u8] {
        let (taken, rest) = bytes.split_at(len);
        *bytes = rest;
        taken
    }
    fn number(bytes: &mut &[u8]) -> u32 {
        u32::from_le_bytes(take(bytes, 4).try_into().unwrap())
    }
    while !bytes.is_empty() {
        let len = number(&mut bytes) as usize;
        let key = take(&mut bytes, len).to_vec();
        let expiry = i64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap());
        let mut elements = Vec::new();
        loop {
            match number(&mut bytes) {
                END => break,
                len => elements.push(take(&mut bytes, len as usize).to_vec()),
            }
        }
        assert!(data.insert((db.0, key), (elements, expiry)).is_none(), "a key is saved once");
    }
}

/// All data; every stripe must be locked.
fn data_of(locked: &mut Locked<'_>) -> Data {
    let mut data = Data::new();
    for stripe in 0..locked.keyspace().stripes() {
        locked.visit(stripe, |stripe| {
            for (db, table) in stripe.tables() {
                let mut bytes = Vec::new();
                table.iter().for_each(|entry| Framed.encode(&entry, &mut bytes));
                decode(db, &bytes, &mut data);
            }
        });
    }
    data
}

/// Gathers what a snapshot gives.
#[derive(Default)]
struct Sink {
    /// Of the record that has begun: its database.
    db: Option<DbIndex>,
    bytes: Vec<u8>,
    data: Data,
}

impl Sink {
    /// Takes a step; whether there are more.
    fn step(&mut self, snapshot: &mut Snapshot, keyspace: &Keyspace, bytes_max: usize) -> bool {
        let mut out = Vec::new();
        let step = snapshot.step(keyspace, bytes_max, &mut out);
        if snapshot.is_cancelled() {
            assert!(out.is_empty(), "nothing is written any more");
            return step != Step::Complete;
        }
        match step {
            Step::Records(db) => {
                if self.db != Some(db) {
                    self.flush();
                    self.db = Some(db);
                }
                self.bytes.extend_from_slice(&out);
                true
            }
            Step::Nothing => {
                assert!(out.is_empty());
                true
            }
            Step::Complete => {
                self.flush();
                false
            }
        }
    }

    fn flush(&mut self) {
        if let Some(db) = self.db.take() {
            decode(db, &std::mem::take(&mut self.bytes), &mut self.data);
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Set {
        db: u32,
        key: u8,
        len: usize,
        expiry: Option<i64>,
    },
    Push {
        db: u32,
        key: u8,
        big: bool,
        count: usize,
    },
    Pop {
        db: u32,
        key: u8,
    },
    SetExpiry {
        db: u32,
        key: u8,
        at: Option<i64>,
    },
    Append {
        db: u32,
        key: u8,
    },
    Discard {
        db: u32,
        key: u8,
    },
    /// To another database, under another name.
    Move {
        from: (u32, u8),
        to: (u32, u8),
    },
    Copy {
        from: (u32, u8),
        to: (u32, u8),
    },
    Expire {
        now: i64,
    },
    Flush {
        db: u32,
    },
    Swap {
        one: u32,
        other: u32,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let (db, key) = (|| 0..DATABASES, || 0u8..30);
    let place = move || (0..DATABASES, 0u8..30);
    let len = prop_oneof![4 => 0usize..100, 1 => 4_000usize..5_000, 1 => Just(BIG_BYTES * 2)];
    let expiry = || prop_oneof![2 => Just(None), 1 => (0i64..100).prop_map(Some)];
    prop_oneof![
        6 => (db(), key(), len, expiry()).prop_map(|(db, key, len, expiry)| Change::Set { db, key, len, expiry }),
        6 => (db(), key(), any::<bool>(), 1usize..30)
            .prop_map(|(db, key, big, count)| Change::Push { db, key, big, count }),
        3 => (db(), key()).prop_map(|(db, key)| Change::Pop { db, key }),
        3 => (db(), key(), expiry()).prop_map(|(db, key, at)| Change::SetExpiry { db, key, at }),
        3 => (db(), key()).prop_map(|(db, key)| Change::Append { db, key }),
        3 => (db(), key()).prop_map(|(db, key)| Change::Discard { db, key }),
        2 => (place(), place()).prop_map(|(from, to)| Change::Move { from, to }),
        2 => (place(), place()).prop_map(|(from, to)| Change::Copy { from, to }),
        1 => (0i64..100).prop_map(|now| Change::Expire { now }),
        1 => db().prop_map(|db| Change::Flush { db }),
        1 => (db(), db()).prop_map(|(one, other)| Change::Swap { one, other }),
    ]
}

fn name(key: u8) -> Vec<u8> {
    format!("key:{key}").into_bytes()
}

fn with<R>(keyspace: &Keyspace, db: u32, key: u8, act: impl FnOnce(&mut Table, &Key<'_>) -> R) -> R {
    let name = name(key);
    let key = keyspace.key(&name);
    let mut locked = keyspace.lock([key.hash()]);
    act(locked.stripe_mut(key.hash()).table_mut(DbIndex(db)), &key)
}

fn is_string(table: &Table, key: &Key<'_>) -> bool {
    table.find(key).is_some_and(|entry| !matches!(entry.value(), Value::Object))
}

fn apply(keyspace: &Keyspace, change: &Change, nonce: usize) {
    let garbage = keyspace.garbage();
    match *change {
        Change::Set { db, key, len, expiry } => with(keyspace, db, key, |table, key| {
            let value = vec![nonce as u8; len];
            let expiry = expiry.map_or(Expiry::None, |at| Expiry::At(UnixMillis(at)));
            let stored = table.set(key, NewValue::Bytes(&value), expiry, 0);
            stored.replaced.into_iter().for_each(|replaced| garbage.bury_replaced(replaced));
        }),
        Change::Push { db, key, big, count } => with(keyspace, db, key, |table, key| {
            if let (Some(mut list), _) = table.find_or_create::<List>(key, 0, |_| ()) {
                let element = vec![nonce as u8; if big { ELEMENT_BYTES } else { 5 }];
                list.push(End::Back, (0..count).map(|_| element.as_slice()), LIMIT);
            }
        }),
        Change::Pop { db, key } => with(keyspace, db, key, |table, key| {
            let Some(Some(mut list)) = table.find_collection_mut::<List>(key, |_| ()) else { return };
            list.remove_at_end(End::Front, 1, LIMIT);
            let is_empty = list.is_empty();
            drop(list);
            if is_empty {
                garbage.bury_discarded(table.discard(key).unwrap());
            }
        }),
        Change::SetExpiry { db, key, at } => with(keyspace, db, key, |table, key| {
            table.set_expiry(key, at.map(UnixMillis));
        }),
        Change::Append { db, key } => with(keyspace, db, key, |table, key| {
            if is_string(table, key) {
                table.find_mut(key).unwrap().edit(|bytes| bytes.push(nonce as u8));
            }
        }),
        Change::Discard { db, key } => with(keyspace, db, key, |table, key| {
            table.discard(key).into_iter().for_each(|discarded| garbage.bury_discarded(discarded));
        }),
        Change::Move { from, to } => {
            if let Some(entry) = with(keyspace, from.0, from.1, |table, key| table.remove(key)) {
                let entry = entry.move_under(&name(to.1), 0);
                let replaced = with(keyspace, to.0, to.1, |table, key| table.put(key, entry));
                replaced.into_iter().for_each(|discarded| garbage.bury_discarded(discarded));
            }
        }
        Change::Copy { from, to } => copy(keyspace, from, to),
        Change::Expire { now } => {
            for stripe in 0..keyspace.stripes() {
                keyspace.roam().visit(stripe, |stripe| stripe.expire(UnixMillis(now), 3, garbage, |_, _| ()));
            }
        }
        Change::Flush { db } => {
            let mut locked = keyspace.lock_all();
            for stripe in 0..keyspace.stripes() {
                let taken = locked.visit(stripe, |stripe| stripe.take(DbIndex(db)));
                taken.into_iter().for_each(|table| garbage.bury_table(table));
            }
        }
        Change::Swap { one, other } => {
            let mut locked = keyspace.lock_all();
            for stripe in 0..keyspace.stripes() {
                locked.visit(stripe, |stripe| stripe.swap(DbIndex(one), DbIndex(other)));
            }
        }
    }
}

fn copy(keyspace: &Keyspace, from: (u32, u8), to: (u32, u8)) {
    let copied = with(keyspace, from.0, from.1, |table, key| {
        table.find(key).map(|entry| entry.copy_under(&name(to.1), 0))
    });
    if let Some(entry) = copied {
        let replaced = with(keyspace, to.0, to.1, |table, key| table.put(key, entry));
        replaced.into_iter().for_each(|discarded| keyspace.garbage().bury_discarded(discarded));
    }
}

#[derive(Clone, Debug)]
struct Round {
    before: Vec<Change>,
    /// Changes, and how many steps of the snapshot are taken before each.
    during: Vec<(u8, Change)>,
    bytes_max: usize,
    /// Before which of the changes it is given up.
    cancelled_at: Option<usize>,
}

fn round() -> impl Strategy<Value = Round> {
    let during = prop::collection::vec((0u8..4, change()), 0..60);
    let bytes_max = prop_oneof![Just(1usize), Just(3_000), Just(100_000)];
    let cancelled_at = prop_oneof![4 => Just(None), 1 => (0usize..40).prop_map(Some)];
    (prop::collection::vec(change(), 0..60), during, bytes_max, cancelled_at).prop_map(
        |(before, during, bytes_max, cancelled_at)| Round { before, during, bytes_max, cancelled_at },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 200 }))]

    #[test]
    fn it_shows_what_was_there_at_the_instant(rounds in prop::collection::vec(round(), 1..4)) {
        let keyspace = Keyspace::new(4, DATABASES, dict::HashKey::new([5; 16]));
        let mut nonce = 0;
        let mut act = |change: &Change| {
            nonce += 1;
            apply(&keyspace, change, nonce);
        };
        for round in &rounds {
            round.before.iter().for_each(&mut act);
            let expected = data_of(&mut keyspace.lock_all());
            let (mut snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
            assert!(keyspace.begin_snapshot(Box::new(Framed), |_| ()).is_err(), "one at a time");
            let mut sink = Sink::default();
            let mut goes_on = true;
            for (index, (steps, change)) in round.during.iter().enumerate() {
                if round.cancelled_at == Some(index) && goes_on {
                    snapshot.cancel();
                }
                for _ in 0..*steps {
                    goes_on = goes_on && sink.step(&mut snapshot, &keyspace, round.bytes_max);
                }
                act(change);
                keyspace.check_invariants();
            }
            while goes_on && sink.step(&mut snapshot, &keyspace, round.bytes_max) {}
            if !snapshot.is_cancelled() {
                prop_assert_eq!(sink.data, expected);
                prop_assert_eq!(snapshot.pending_bytes(), 0);
            }
            while keyspace.garbage().collect(100) {}
        }
        keyspace.check_invariants();
    }
}

#[test]
fn threads_go_on_meanwhile() {
    let keyspace = Arc::new(Keyspace::new(16, DATABASES, dict::HashKey::new([6; 16])));
    let is_over = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..3u64)
        .map(|seed| {
            let (keyspace, is_over) = (Arc::clone(&keyspace), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let mut runner = proptest::test_runner::TestRunner::deterministic();
                for nonce in seed as usize.. {
                    if is_over.load(Relaxed) {
                        return;
                    }
                    let change = change().new_tree(&mut runner).unwrap().current();
                    apply(&keyspace, &change, nonce);
                    while keyspace.garbage().collect(100) {}
                }
            })
        })
        .collect();
    for _ in 0..if cfg!(miri) { 2 } else { 200 } {
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
        let mut sink = Sink::default();
        while sink.step(&mut snapshot, &keyspace, 10_000) {}
        assert_eq!(sink.data, expected);
    }
    is_over.store(true, Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    keyspace.check_invariants();
}

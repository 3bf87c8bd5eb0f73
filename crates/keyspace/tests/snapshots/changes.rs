//! Changes of every kind by chance, while a snapshot is taken, cancelled or dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use kvd_keyspace::{DbIndex, Expiry, FieldsExpired, Key, Keyspace, List, Table, UnixMillis, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use structures::hash::Lifetime;
use structures::list::End;

use crate::framed::{self, BIG_BYTES, Framed, LIMIT, Sink, awaits, data_of};

const DATABASES: u32 = 3;
/// Bytes of an element of a big list.
const ELEMENT_BYTES: usize = 5_000;

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
    /// Fields of a hash; every third expires.
    SetFields {
        db: u32,
        key: u8,
        big: bool,
        count: usize,
        expiry: i64,
    },
    ExpireFields {
        db: u32,
        key: u8,
        now: i64,
    },
    Ask {
        db: u32,
        key: u8,
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
        6 => (db(), key(), any::<bool>(), 1usize..30, 0i64..100)
            .prop_map(|(db, key, big, count, expiry)| Change::SetFields { db, key, big, count, expiry }),
        3 => (db(), key(), 0i64..100).prop_map(|(db, key, now)| Change::ExpireFields { db, key, now }),
        3 => (db(), key()).prop_map(|(db, key)| Change::Ask { db, key }),
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
    framed::with(keyspace, db, &name(key), act)
}

fn is_string(table: &Table, key: &Key<'_>) -> bool {
    table.find(key).is_some_and(|entry| !matches!(entry.value(), Value::Object))
}

fn apply(keyspace: &Keyspace, change: &Change, nonce: usize) {
    let garbage = keyspace.garbage();
    match *change {
        Change::Set { db, key, len, expiry } => {
            let expiry = expiry.map_or(Expiry::None, |at| Expiry::At(UnixMillis(at)));
            framed::set(keyspace, db, &name(key), &vec![nonce as u8; len], expiry);
        }
        Change::Push { db, key, big, count } => {
            let element = vec![nonce as u8; if big { ELEMENT_BYTES } else { 5 }];
            framed::push(keyspace, db, &name(key), &element, count);
        }
        Change::SetFields { db, key, big, count, expiry } => {
            let lifetime =
                |field| if field % 3 == 0 { Lifetime::Until(expiry + 1) } else { Lifetime::Forever };
            let fields = (nonce..nonce + count).map(|field| (field % 40, lifetime(field)));
            let value = vec![nonce as u8; if big { ELEMENT_BYTES } else { 5 }];
            framed::set_fields(keyspace, db, &name(key), fields, &value);
        }
        Change::ExpireFields { db, key, now } => {
            with(keyspace, db, key, |table, key| expire_fields(keyspace, table, key, now));
        }
        Change::Ask { db, key } => drop(awaits(keyspace, db, &name(key))),
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
        Change::Expire { now } => sweep(keyspace, now),
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

/// Removes some of what is due.
fn sweep(keyspace: &Keyspace, now: i64) {
    for stripe in 0..keyspace.stripes() {
        keyspace.roam().visit(stripe, |stripe| {
            stripe.expire(UnixMillis(now), 3, keyspace.garbage(), |_, _| ());
            if let Some((db, name)) = stripe.first_with_due_fields(UnixMillis(now)) {
                expire_fields(keyspace, stripe.table_mut(db), &keyspace.key(&name), now);
            }
        });
    }
}

fn expire_fields(keyspace: &Keyspace, table: &mut Table, key: &Key<'_>, now: i64) {
    if let FieldsExpired::All(_, discarded) = table.expire_fields(key, UnixMillis(now), 5, |_| ()) {
        keyspace.garbage().bury_discarded(discarded);
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
    /// Before which of the changes it is dropped.
    dropped_at: Option<usize>,
}

fn round() -> impl Strategy<Value = Round> {
    let during = prop::collection::vec((0u8..4, change()), 0..60);
    let bytes_max = prop_oneof![Just(1usize), Just(3_000), Just(100_000)];
    let end = || prop_oneof![4 => Just(None), 1 => (0usize..40).prop_map(Some)];
    (prop::collection::vec(change(), 0..60), during, bytes_max, end(), end()).prop_map(
        |(before, during, bytes_max, cancelled_at, dropped_at)| Round {
            before,
            during,
            bytes_max,
            cancelled_at,
            dropped_at,
        },
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
            let (snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
            assert!(keyspace.begin_snapshot(Box::new(Framed), |_| ()).is_err(), "one at a time");
            let mut snapshot = Some(snapshot);
            let mut sink = Sink::default();
            for (index, (steps, change)) in round.during.iter().enumerate() {
                if round.dropped_at == Some(index) {
                    snapshot = None;
                }
                if let Some(snapshot) = snapshot.as_mut().filter(|_| round.cancelled_at == Some(index)) {
                    snapshot.cancel();
                }
                for _ in 0..*steps {
                    snapshot.as_mut().map(|snapshot| sink.step(snapshot, &keyspace, round.bytes_max));
                }
                act(change);
                keyspace.check_invariants();
            }
            if let Some(mut snapshot) = snapshot {
                sink.finish(&mut snapshot, &keyspace);
                if !snapshot.is_cancelled() {
                    prop_assert_eq!(sink.data, expected);
                }
                prop_assert_eq!(snapshot.pending_bytes(), 0);
            }
            prop_assert!(!keyspace.is_snapshot_under_way());
            prop_assert_eq!((keyspace.snapshot_bytes(), keyspace.flushed_snapshot_bytes()), (0, 0));
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
                let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed as u8; 32]);
                let mut runner = TestRunner::new_with_rng(Config::default(), random);
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
    for round in 0..if cfg!(miri) { 2 } else { 200 } {
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
        let mut sink = Sink::default();
        if round % 4 == 3 {
            // Dropped in the middle of changes that go on.
            let _has_more = (0..round).all(|_| sink.step(&mut snapshot, &keyspace, 10_000));
            continue;
        }
        sink.finish(&mut snapshot, &keyspace);
        assert_eq!(sink.data, expected);
    }
    is_over.store(true, Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    keyspace.check_invariants();
}

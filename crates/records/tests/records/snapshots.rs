//! Snapshots of every type of value, with a change of one of them at every point.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyspace::{
    Collection, DbIndex, Entry, Expiry, Hash, Key, Keyspace, List, NewValue, Object, Set, Snapshot,
    SortedSet, Step, Table, UnixMillis,
};
use rdb::Dialect;
use structures::HashKey;
use structures::hash::Lifetime;
use structures::list::End;
use structures::stream::{Stream, StreamId};

use crate::values::{content, file_of, limits, read_all, records, stream_of};

/// Values of each type, all too big to be saved in one go.
const VALUES: usize = 6;
const ELEMENTS: usize = 3_000;
const CLOCK: u32 = 9;

fn text(index: usize) -> Vec<u8> {
    format!("element:{index}:{}", index.wrapping_mul(2_654_435_761) % 1_000_003).into_bytes()
}

fn value(number: usize) -> NewValue<'static> {
    let limits = limits();
    let elements = || (0..ELEMENTS).map(text);
    let object = match number {
        0 => {
            let mut hash = Hash::default();
            for index in 0..ELEMENTS {
                let lifetime =
                    if index % 3 == 0 { Lifetime::Until(1000 + index as i64) } else { Lifetime::Forever };
                hash.set(&text(index), &text(index + 1), lifetime, &limits.hash);
            }
            hash.into_object()
        }
        1 => {
            let mut set = Set::default();
            elements().for_each(|member| assert!(set.insert(&member, &limits.set)));
            set.into_object()
        }
        2 => {
            let mut set = SortedSet::default();
            for (index, member) in elements().enumerate() {
                set.insert(&member, (index % 100) as f64 / 3.0, &limits.sorted_set);
            }
            set.into_object()
        }
        3 => {
            let entries: Vec<_> = elements().zip(elements().skip(1)).collect();
            let pending = (0..200).map(|number| (number, number % 5)).collect();
            let groups = [(1, pending), (2, vec![(1, 2), (7, 4)])];
            Object::Stream(Box::new(stream_of(&entries, &[1, 2, 3, 9], &groups)))
        }
        4 => {
            let mut list = List::default();
            let elements: Vec<_> = elements().collect();
            list.push(End::Back, elements.iter().map(Vec::as_slice), limits.list);
            list.into_object()
        }
        _ => return NewValue::Shared(Arc::new(elements().flatten().collect())),
    };
    NewValue::Object(object)
}

fn name(number: usize) -> Vec<u8> {
    format!("key:{number}").into_bytes()
}

fn with<R>(keyspace: &Keyspace, db: u32, name: &[u8], act: impl FnOnce(&mut Table, &Key<'_>) -> R) -> R {
    let key = keyspace.key(name);
    let mut locked = keyspace.lock([key.hash()]);
    act(locked.stripe_mut(key.hash()).table_mut(DbIndex(db)), &key)
}

/// Changes a value in place.
fn edit(table: &mut Table, key: &Key<'_>, number: usize) {
    fn held<'t, T: Collection>(table: &'t mut Table, key: &Key<'_>) -> keyspace::HeldMut<'t, T> {
        table.find_collection_mut(key, |_| ()).unwrap().unwrap()
    }
    let limits = limits();
    match number {
        0 => {
            let mut hash = held::<Hash>(table, key);
            hash.set(b"new", b"value", Lifetime::Forever, &limits.hash);
            assert!(hash.remove(&text(5)));
            hash.expire(2_500, 100_000, |_| ());
        }
        1 => assert!(held::<Set>(table, key).insert(b"new", &limits.set)),
        2 => drop(held::<SortedSet>(table, key).insert(b"new", 5.0, &limits.sorted_set)),
        3 => assert!(held::<Box<Stream>>(table, key).log.delete(StreamId::new(5, 13))),
        4 => held::<List>(table, key).remove_at_end(End::Front, 300, limits.list),
        _ => table.find_mut(key).unwrap().edit(|bytes| bytes.push(b'x')),
    }
}

const CHANGES: usize = 8;

/// Changes one of the values, in one of several ways.
fn change(keyspace: &Keyspace, how: usize, number: usize) {
    let (garbage, name) = (keyspace.garbage(), name(number));
    let here = |act: &mut dyn FnMut(&mut Table, &Key<'_>)| with(keyspace, 0, &name, act);
    match how {
        0 => here(&mut |table, key| garbage.bury_discarded(table.discard(key).unwrap())),
        1 => here(&mut |table, key| {
            let stored = table.set(key, NewValue::Bytes(b"x"), Expiry::Keep, CLOCK);
            stored.replaced.into_iter().for_each(|replaced| garbage.bury_replaced(replaced));
        }),
        2 => here(&mut |table, key| assert!(table.set_expiry(key, Some(UnixMillis(99))).is_some())),
        3 => {
            let entry = with(keyspace, 0, &name, |table, key| table.remove(key)).unwrap();
            let entry = entry.move_under(b"elsewhere", CLOCK);
            assert!(with(keyspace, 1, b"elsewhere", |table, key| table.put(key, entry)).is_none());
        }
        4 => here(&mut |table, key| edit(table, key, number)),
        5 => here(&mut |table, key| drop(table.expire_fields(key, UnixMillis(1_500), 10_000, |_| ()))),
        6 => here(&mut |table, _| {
            while let Some(discarded) = table.discard_due(UnixMillis(1_000), |_| ()) {
                garbage.bury_discarded(discarded);
            }
        }),
        _ => keyspace.lock_all().visit(0, |stripe| stripe.swap(DbIndex(0), DbIndex(1))),
    }
}

/// Takes up to so many steps; whether there are more.
fn steps(snapshot: &mut Snapshot, keyspace: &Keyspace, count: usize, out: &mut Vec<u8>) -> bool {
    (0..count).all(|_| snapshot.step(keyspace, 700, out) != Step::Complete)
}

/// What entries tell, by key.
type Told = BTreeMap<Vec<u8>, (String, Option<UnixMillis>)>;

fn tell(entries: &[Entry]) -> Told {
    let tell = |entry: &Entry| (entry.key().to_vec(), (content(entry, true), entry.expiry()));
    entries.iter().map(tell).collect()
}

/// One value is changed after so many steps of a snapshot, and everything is flushed two steps later.
fn check(
    entries: &[Entry],
    expected: &Told,
    (number, how): (usize, usize),
    changed_after: usize,
    is_flushed: bool,
) {
    let keyspace = Keyspace::new(1, 2, HashKey::new([5; 16]));
    for entry in entries {
        let copy = entry.copy_under(entry.key(), CLOCK);
        with(&keyspace, 0, entry.key(), |table, key| assert!(table.put(key, copy).is_none()));
    }
    let encoder = || Box::new(records(Dialect::Redis(12)));
    let (mut snapshot, ()) = keyspace.begin_snapshot(encoder(), |_| ()).unwrap();
    let mut out = Vec::new();
    steps(&mut snapshot, &keyspace, changed_after, &mut out);
    change(&keyspace, how, number);
    steps(&mut snapshot, &keyspace, 2, &mut out);
    for db in (0..2).filter(|_| is_flushed) {
        let flushed = keyspace.lock_all().visit(0, |stripe| stripe.take(DbIndex(db)));
        flushed.into_iter().for_each(|flushed| keyspace.garbage().bury_table(flushed));
    }
    steps(&mut snapshot, &keyspace, usize::MAX, &mut out);
    assert_eq!(snapshot.pending_bytes(), 0);
    let found = read_all(&file_of(Dialect::Redis(12), &out));
    assert_eq!(found.len(), VALUES, "a key is saved once");
    let is_right = tell(&found) == *expected;
    assert!(is_right, "value {number}, change {how} after {changed_after} steps, flushed: {is_flushed}");
    keyspace.check_invariants();
    assert!(keyspace.begin_snapshot(encoder(), |_| ()).is_ok());
}

#[test]
fn they_show_every_value_as_it_was_whatever_is_done_to_one() {
    let points = [0, 3, 60];
    let entry = |number| {
        let expiry = (number % 2 == 0).then_some(UnixMillis(50));
        Entry::new(&name(number), value(number), expiry, CLOCK)
    };
    let entries: Vec<Entry> = (0..VALUES).map(entry).collect();
    let expected = tell(&entries);
    for number in 0..VALUES {
        for how in 0..CHANGES {
            let rounds = points.into_iter().enumerate();
            rounds.for_each(|(round, point)| {
                check(&entries, &expected, (number, how), point, (round + how) % 2 == 0);
            });
        }
    }
}

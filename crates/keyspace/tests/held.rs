//! Small collections live in their entry's allocation, which changes hands while they are changed: nothing is lost, and nothing leaks.
//!
//! One test, since the allocator counts for the whole process.

use std::alloc::System;
use std::collections::BTreeMap;

use kvd_keyspace::memory::{Counting, used_bytes};
use kvd_keyspace::{
    Collection, DbIndex, Entry, Expiry, Hash, Key, Keyspace, NewValue, Set, Table, UnixMillis, Value,
};
use structures::hash::{Lifetime, Limits};

#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

/// Lengths of keys: within what is kept aside without an allocation and beyond, and with a length of more than a byte.
const KEY_LENS: &[usize] = if cfg!(miri) { &[5, 42] } else { &[0, 5, 41, 42, 300] };

const EXPIRIES: [Option<UnixMillis>; 2] = [None, Some(UnixMillis(5000))];

const CLOCK: u32 = 77;

fn limits() -> Limits {
    Limits { fields_max: 20, bytes_max: 64, hash_key: structures::HashKey::new([1; 16]) }
}

fn fill(hash: &mut Hash, fields: u8) {
    for field in 0..fields {
        hash.set(&[b'f', field], &[b'v'; 10], Lifetime::Keep, &limits());
    }
}

fn hash_of(fields: u8) -> Hash {
    let mut hash = Hash::default();
    fill(&mut hash, fields);
    hash
}

fn change(table: &mut Table, key: &Key<'_>, change: impl FnOnce(&mut Hash)) {
    let held = table.find_collection_mut::<Hash>(key, |entry| entry.set_clock(CLOCK));
    let mut hash = held.expect("the key is there").expect("it is a hash");
    change(&mut hash);
}

fn check(table: &Table, key: &Key<'_>, fields: u8, expiry: Option<UnixMillis>) {
    let entry = table.find(key).expect("the key is there");
    assert_eq!((entry.key(), entry.expiry(), entry.clock()), (key.bytes(), expiry, CLOCK));
    let object = entry.object().expect("it is no string");
    let hash = Hash::of(&object).expect("it is a hash");
    hash.check_invariants();
    let mut found = BTreeMap::new();
    hash.visit(0, |field, value| drop(found.insert(field.to_vec(), value.value.to_vec())));
    let expected = (0..fields).map(|field| (vec![b'f', field], vec![b'v'; 10]));
    assert_eq!(found, expected.collect());
}

/// What a hash goes through: each size on the way of growing and shrinking, both forms, both ways.
fn live(table: &mut Table, key: &Key<'_>, expiry: Option<UnixMillis>) {
    let at = expiry.map_or(Expiry::None, Expiry::At);
    assert!(table.set(key, NewValue::Object(Hash::default().into_object()), at, 0).is_new);
    for fields in 1..=9 {
        change(table, key, |hash| fill(hash, fields));
        check(table, key, fields, expiry);
    }
    let copied = |entry: &Entry| entry.copy_under(key.bytes(), CLOCK).memory_bytes();
    assert!(table.find(key).is_some_and(|entry| copied(&entry) == entry.memory_bytes()));
    for fields in (2..9).rev() {
        change(table, key, |hash| assert!(hash.remove(&[b'f', fields])));
        check(table, key, fields, expiry);
    }
    // Another in its place, from elsewhere; what was there is kept and looked at, or put into the place of yet another.
    let mut before = Hash::default();
    change(table, key, |hash| before = std::mem::replace(hash, hash_of(12)));
    check(table, key, 12, expiry);
    assert_eq!(before.len(), 2);
    change(table, key, |hash| std::mem::swap(hash, &mut before));
    check(table, key, 2, expiry);
    // To the large form within one change, and back.
    change(table, key, |hash| fill(hash, 30));
    check(table, key, 30, expiry);
    change(table, key, |hash| *hash = hash_of(3));
    check(table, key, 3, expiry);
    // With and without an expiry, to another name and back.
    table.set_expiry(key, Some(UnixMillis(9)));
    table.set_expiry(key, None);
    check(table, key, 3, None);
    let entry = table.remove(key).expect("the key is there").move_under(b"elsewhere", 1);
    assert!(table.put(key, entry.move_under(key.bytes(), CLOCK)).is_none());
    check(table, key, 3, None);
    assert!(table.find_collection_mut::<Set>(key, |_| ()).expect("the key is there").is_none());
    check(table, key, 3, None);
}

/// Hashes of two entries change places while both are held, which are then of other heads.
fn swap(keyspace: &Keyspace, key: &Key<'_>) {
    let other = keyspace.key(b"other");
    let [first, second] = [(); 2].map(|()| Keyspace::new(1, 1, dict::HashKey::new([3; 16])));
    let mut locked = (first.lock([key.hash()]), second.lock([other.hash()]));
    let first = locked.0.stripe_mut(key.hash()).table_mut(DbIndex(0));
    let second = locked.1.stripe_mut(other.hash()).table_mut(DbIndex(0));
    let _stored = first.set(key, NewValue::Object(hash_of(4).into_object()), Expiry::None, CLOCK);
    let _stored = second.set(&other, NewValue::Object(hash_of(7).into_object()), Expiry::None, CLOCK);
    change(first, key, |one| change(second, &other, |two| std::mem::swap(one, two)));
    check(first, key, 7, None);
    check(second, &other, 4, None);
}

#[test]
fn what_is_held_changes_hands_and_nothing_is_lost() {
    // Once unmeasured: threads and locks allocate when they are first used.
    for round in 0..2 {
        let before = used_bytes();
        {
            let keyspace = Keyspace::new(1, 1, dict::HashKey::new([7; 16]));
            for (len, expiry) in KEY_LENS.iter().flat_map(|len| EXPIRIES.map(|expiry| (*len, expiry))) {
                let bytes = vec![b'k'; len];
                let key = keyspace.key(&bytes);
                let mut locked = keyspace.lock([key.hash()]);
                let table = locked.stripe_mut(key.hash()).table_mut(DbIndex(0));
                live(table, &key, expiry);
                let replaced = table.set(&key, NewValue::Bytes(b"text"), Expiry::None, CLOCK).replaced;
                assert!(replaced.is_some());
                let entry = table.remove(&key).expect("the key is there");
                assert!(matches!(entry.value(), Value::Bytes(b"text")));
                swap(&keyspace, &key);
            }
        }
        assert!(round == 0 || used_bytes() == before, "{} before, {before} after", used_bytes());
    }
}

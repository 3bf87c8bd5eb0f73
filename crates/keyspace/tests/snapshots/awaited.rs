//! Who waits for a snapshot: what is awaited, that it comes next, and who is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use kvd_keyspace::{DbIndex, Expiry, FieldsExpired, Keyspace, Snapshot, UnixMillis};
use structures::hash::Lifetime;

use crate::framed::{BIG_BYTES, Data, Framed, Sink, awaits, data_of, make_hash, push, set, set_fields, with};

fn keyspace() -> (Keyspace, Arc<AtomicUsize>) {
    let keyspace = Keyspace::new(64, 3, dict::HashKey::new([5; 16]));
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    keyspace.on_snapshot_progress(move || {
        count.fetch_add(1, Relaxed);
    });
    (keyspace, told)
}

fn begin(keyspace: &Keyspace) -> (Snapshot, Data) {
    keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap()
}

#[test]
fn big_collections_are_awaited_and_nothing_else() {
    let (keyspace, _) = keyspace();
    make_hash(&keyspace, 1, b"big hash", 2_000);
    push(&keyspace, 0, b"big list", &[7; 5_000], 50);
    make_hash(&keyspace, 0, b"small", 10);
    set(&keyspace, 0, b"string", &[7; 2 * BIG_BYTES], Expiry::None);
    let all = [(1, &b"big hash"[..]), (0, b"big list"), (0, b"small"), (0, b"string"), (0, b"none")];
    let awaited = || all.map(|(db, name)| awaits(&keyspace, db, name));
    assert_eq!(awaited(), [false; 5], "without a snapshot nothing is");
    let (mut snapshot, _) = begin(&keyspace);
    assert_eq!(awaited(), [true, true, false, false, false]);
    assert!(!awaits(&keyspace, 0, b"big hash"), "it is in another database");
    make_hash(&keyspace, 0, b"new", 2_000);
    assert!(!awaits(&keyspace, 0, b"new"));
    Sink::default().finish(&mut snapshot, &keyspace);
    assert_eq!(awaited(), [false; 5]);
    let (mut snapshot, _) = begin(&keyspace);
    snapshot.cancel();
    assert_eq!(awaited(), [false; 5]);
}

#[test]
fn what_is_awaited_comes_next_and_is_told_once_it_is_there() {
    let (keyspace, told) = keyspace();
    let name = |index: u32| format!("key:{index}").into_bytes();
    (0..100).for_each(|index| make_hash(&keyspace, 0, &name(index), 1_000));
    let last = (0..100).map(name).max_by_key(|name| keyspace.stripe_of(keyspace.key(name).hash())).unwrap();
    let (mut snapshot, expected) = begin(&keyspace);
    let mut sink = Sink::default();
    // In the middle of another one, which is finished first.
    while sink.longest < 1_000 {
        sink.step(&mut snapshot, &keyspace, 1_000);
    }
    assert!(awaits(&keyspace, 0, &last) && awaits(&keyspace, 0, &last));
    let done = snapshot.stripes_done();
    while told.load(Relaxed) == 0 {
        assert!(sink.step(&mut snapshot, &keyspace, 1_000));
    }
    assert_eq!(snapshot.stripes_done(), done);
    assert!(!awaits(&keyspace, 0, &last), "it is saved");
    set_fields(&keyspace, 0, &last, [(1, Lifetime::Forever)].into_iter(), b"new");
    assert_eq!(keyspace.snapshot_bytes(), 0, "its change costs nothing now");
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!(sink.data, expected);
    assert_eq!(told.load(Relaxed), 2, "and at the end");
}

#[test]
fn who_waits_is_told_whatever_becomes_of_the_entry() {
    type End = fn(&Keyspace);
    let ends: [End; 5] = [
        |keyspace| set(keyspace, 0, b"big", b"new", Expiry::None),
        |keyspace| set_fields(keyspace, 0, b"big", [(1, Lifetime::Forever)].into_iter(), b"new"),
        |keyspace| drop(with(keyspace, 0, b"big", |table, key| table.remove(key))),
        |keyspace| drop(with(keyspace, 0, b"big", |table, key| table.discard(key))),
        |keyspace| {
            let mut locked = keyspace.lock_all();
            for stripe in 0..keyspace.stripes() {
                locked.visit(stripe, |stripe| drop(stripe.take(DbIndex(0))));
            }
        },
    ];
    for (index, end) in ends.into_iter().enumerate() {
        for is_begun in [false, true] {
            let (keyspace, told) = keyspace();
            make_hash(&keyspace, 0, b"big", 2_000);
            make_hash(&keyspace, 1, b"other", 2_000);
            let (mut snapshot, expected) = begin(&keyspace);
            let mut sink = Sink::default();
            assert!(awaits(&keyspace, 0, b"big"));
            if is_begun {
                (0..3).for_each(|_| assert!(sink.step(&mut snapshot, &keyspace, 1_000)));
            }
            assert_eq!(told.load(Relaxed), 0);
            end(&keyspace);
            (0..2).for_each(|_| assert!(sink.step(&mut snapshot, &keyspace, 1_000)));
            assert_eq!(told.load(Relaxed), 1, "{index} {is_begun}");
            sink.finish(&mut snapshot, &keyspace);
            assert_eq!(sink.data, expected);
        }
    }
}

#[test]
fn who_waits_is_told_when_the_snapshot_is_given_up() {
    for is_dropped in [false, true] {
        let (keyspace, told) = keyspace();
        make_hash(&keyspace, 0, b"big", 2_000);
        let (mut snapshot, _) = begin(&keyspace);
        assert!(awaits(&keyspace, 0, b"big"));
        if is_dropped {
            drop(snapshot)
        } else {
            snapshot.cancel()
        }
        assert_eq!(told.load(Relaxed), 1);
        assert!(!awaits(&keyspace, 0, b"big"));
    }
}

#[test]
fn room_is_told_when_half_of_it_is_free() {
    let (keyspace, told) = keyspace();
    let name = |index: usize| format!("key:{index}").into_bytes();
    (0..400).for_each(|index| set(&keyspace, 0, &name(index), &[7; 1_000], Expiry::None));
    keyspace.limit_snapshot_bytes(200_000);
    let (mut snapshot, expected) = begin(&keyspace);
    let mut changed = 0;
    while !keyspace.snapshot_lacks_room() {
        set(&keyspace, 0, &name(changed), b"new", Expiry::None);
        changed += 1;
    }
    assert!(changed > 90 && changed < 250, "{changed}");
    let mut sink = Sink::default();
    while told.load(Relaxed) == 0 {
        assert!(keyspace.snapshot_bytes() > 100_000);
        assert!(sink.step(&mut snapshot, &keyspace, 1_000));
    }
    assert!(keyspace.snapshot_bytes() <= 100_000 && !keyspace.snapshot_lacks_room());
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!(sink.data, expected);
    assert!(!keyspace.snapshot_lacks_room());
}

#[test]
fn what_is_due_is_left_while_the_snapshot_waits_for_it() {
    let (keyspace, _) = keyspace();
    let now = UnixMillis(100);
    let fields =
        || (0..2_000).map(|field| (field, if field < 10 { Lifetime::Until(50) } else { Lifetime::Forever }));
    set_fields(&keyspace, 0, b"fields", fields(), &[7; 100]);
    make_hash(&keyspace, 0, b"key", 2_000);
    with(&keyspace, 0, b"key", |table, key| table.set_expiry(key, Some(UnixMillis(50))));
    set(&keyspace, 0, b"small", b"text", Expiry::At(UnixMillis(60)));
    set(&keyspace, 1, b"small", b"text", Expiry::At(UnixMillis(60)));
    let expire = || {
        let mut names = Vec::new();
        for stripe in 0..keyspace.stripes() {
            keyspace.roam().visit(stripe, |stripe| {
                let garbage = keyspace.garbage();
                let more = stripe.expire(now, 10, garbage, |_, entry| names.push(entry.key().to_vec()));
                assert!(!more);
                names.extend(stripe.first_with_due_fields(now).map(|(_, name)| name));
            });
        }
        names.sort();
        names
    };
    let expire_fields =
        || with(&keyspace, 0, b"fields", |table, key| table.expire_fields(key, now, 100, |_| ()));
    let (mut snapshot, expected) = begin(&keyspace);
    assert_eq!(expire(), [b"small", b"small"]);
    assert!(matches!(expire_fields(), FieldsExpired::None), "who reads it doesn't save it");
    let mut sink = Sink::default();
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!(sink.data, expected);
    assert_eq!(expire(), [&b"fields"[..], b"key"]);
    assert!(matches!(expire_fields(), FieldsExpired::Some));
    keyspace.check_invariants();
}

//! How a snapshot ends, and what becomes of its parts then.

use kvd_keyspace::{DbIndex, Expiry, Keyspace, Replaced, Step};
use kvd_keyspace::{Hash, NewValue};

use crate::framed::{Framed, Sink, data_of, make_hash, set, with};

fn keyspace() -> Keyspace {
    Keyspace::new(4, 3, dict::HashKey::new([5; 16]))
}

fn fill(keyspace: &Keyspace, value: &[u8]) {
    for index in 0..2_000 {
        set(keyspace, index % 3, format!("key:{index}").as_bytes(), value, Expiry::None);
    }
}

#[test]
fn one_that_is_dropped_is_completed_by_the_next() {
    let keyspace = keyspace();
    fill(&keyspace, b"old");
    for steps in [0, 1, 5, 30] {
        let (mut snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
        assert!(keyspace.is_snapshot_under_way());
        let mut sink = Sink::default();
        (0..steps).for_each(|_| assert!(sink.step(&mut snapshot, &keyspace, 1_000)));
        fill(&keyspace, b"new");
        drop(snapshot);
        assert!(!keyspace.is_snapshot_under_way());
        fill(&keyspace, b"newer");
        assert_eq!(keyspace.snapshot_bytes(), 0, "nothing is saved for one that is gone");
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
        fill(&keyspace, b"newest");
        let mut sink = Sink::default();
        sink.finish(&mut snapshot, &keyspace);
        assert_eq!(sink.data, expected);
        keyspace.check_invariants();
    }
}

#[test]
fn one_that_is_complete_does_not_end_a_later_one() {
    let keyspace = keyspace();
    let (mut first, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
    Sink::default().finish(&mut first, &keyspace);
    let (_second, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
    assert_eq!(first.step(&keyspace, 100, &mut Vec::new()), Step::Complete);
    drop(first);
    assert!(keyspace.is_snapshot_under_way());
    assert!(keyspace.begin_snapshot(Box::new(Framed), |_| ()).is_err());
}

#[test]
fn after_it_was_cancelled_what_is_replaced_goes_where_it_goes_without_one() {
    let keyspace = keyspace();
    make_hash(&keyspace, 0, b"big", 2_000);
    let (mut snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
    snapshot.cancel();
    let stored =
        with(&keyspace, 0, b"big", |table, key| table.set(key, NewValue::Bytes(b"v"), Expiry::None, 0));
    assert!(matches!(stored.replaced, Some(Replaced::Object(_))), "who replaces it frees it elsewhere");
    Sink::default().finish(&mut snapshot, &keyspace);
    keyspace.check_invariants();
}

#[test]
fn what_it_kept_is_freed_elsewhere_when_it_is_given_up() {
    for is_dropped in [false, true] {
        let keyspace = keyspace();
        for key in [&b"one"[..], b"other"] {
            make_hash(&keyspace, 0, key, 2_000);
        }
        make_hash(&keyspace, 1, b"flushed", 10);
        let (mut snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
        for key in [&b"one"[..], b"other"] {
            let discarded = with(&keyspace, 0, key, |table, key| table.discard(key));
            discarded.into_iter().for_each(|discarded| keyspace.garbage().bury_discarded(discarded));
        }
        // One of them has been begun.
        let mut sink = Sink::default();
        assert!(sink.step(&mut snapshot, &keyspace, 1_000));
        for stripe in 0..keyspace.stripes() {
            let flushed = keyspace.roam().visit(stripe, |stripe| stripe.take(DbIndex(1)));
            flushed.into_iter().for_each(|flushed| keyspace.garbage().bury_table(flushed));
        }
        assert_eq!(keyspace.garbage().len(), 0);
        if is_dropped {
            drop(snapshot);
        } else {
            snapshot.cancel();
            assert_eq!(snapshot.pending_bytes(), 0);
        }
        assert_eq!(keyspace.garbage().len(), 3);
        assert_eq!((keyspace.snapshot_bytes(), keyspace.flushed_snapshot_bytes()), (0, 0));
    }
}

#[test]
fn what_was_flushed_is_its_own_at_once() {
    let keyspace = keyspace();
    fill(&keyspace, b"old");
    let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
    for stripe in 0..keyspace.stripes() {
        let flushed = keyspace.roam().visit(stripe, |stripe| stripe.take(DbIndex(1))).unwrap();
        assert!(flushed.len() > 100 && !flushed.is_empty());
        // Whoever forgets it takes nothing from the snapshot.
        drop(flushed);
    }
    let mut sink = Sink::default();
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!(sink.data, expected);
}

#[test]
fn what_is_not_changed_is_not_saved() {
    let keyspace = keyspace();
    make_hash(&keyspace, 0, b"hash", 10);
    set(&keyspace, 0, b"string", b"text", Expiry::None);
    let (mut snapshot, ()) = keyspace.begin_snapshot(Box::new(Framed), |_| ()).unwrap();
    with(&keyspace, 0, b"hash", |table, key| assert!(table.find_mut(key).is_some()));
    with(&keyspace, 0, b"string", |table, key| {
        assert!(table.find_collection_mut::<Hash>(key, |_| ()).unwrap().is_none());
        assert!(table.find_or_create::<Hash>(key, 0, |_| ()).0.is_none());
    });
    assert_eq!(snapshot.pending_bytes(), 0, "the type was wrong");
    with(&keyspace, 0, b"string", |table, key| drop(table.find_mut(key)));
    assert!(snapshot.pending_bytes() > 0);
    Sink::default().finish(&mut snapshot, &keyspace);
}

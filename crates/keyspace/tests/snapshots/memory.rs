//! What a snapshot takes of memory, in which pieces, and whom it keeps waiting for the encoder.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kvd_keyspace::{DbIndex, Encoder, Entry, Expiry, Hash, Keyspace, Progress};
use structures::hash::Lifetime;

use crate::framed::{Framed, Sink, data_of, hash_limits, make_hash, set, set_fields, with};

fn keyspace(stripes: usize) -> Keyspace {
    Keyspace::new(stripes, 1_000, dict::HashKey::new([5; 16]))
}

fn discard(keyspace: &Keyspace, db: u32, name: &[u8]) {
    let discarded = with(keyspace, db, name, |table, key| table.discard(key));
    discarded.into_iter().for_each(|discarded| keyspace.garbage().bury_discarded(discarded));
}

#[test]
fn records_of_many_databases_take_little_more_than_their_bytes() {
    for databases in [1, 2, 1_000] {
        let keyspace = keyspace(4);
        let fill = |value: &[u8]| {
            for index in 0..5_000 {
                set(&keyspace, index % databases, format!("key:{index}").as_bytes(), value, Expiry::None);
            }
        };
        fill(b"old");
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
        fill(b"new");
        let bytes = expected.keys().map(|(_, key)| 4 + key.len() + 8 + 7 + 4).sum::<usize>();
        let pending = snapshot.pending_bytes();
        assert!(pending >= bytes && pending <= 2 * bytes + 64 * 1_000, "{databases}: {pending} for {bytes}");
        let mut sink = Sink::default();
        sink.finish(&mut snapshot, &keyspace);
        assert_eq!(sink.data, expected);
    }
}

#[test]
fn shared_strings_take_no_memory_until_they_are_changed() {
    const LEN: usize = 200_000;
    let keyspace = keyspace(1);
    let name = |index: usize| format!("key:{index}").into_bytes();
    (0..50).for_each(|index| set(&keyspace, 0, &name(index), &[7; LEN], Expiry::None));
    let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
    let mut sink = Sink::default();
    for _ in 0..8 {
        sink.step(&mut snapshot, &keyspace, 1);
        assert!(keyspace.snapshot_bytes() < LEN, "{} bytes", keyspace.snapshot_bytes());
    }
    (0..50).for_each(|index| set(&keyspace, 0, &name(index), b"new", Expiry::None));
    assert!(keyspace.snapshot_bytes() > 40 * LEN);
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!(sink.data, expected);
    assert_eq!(keyspace.snapshot_bytes(), 0);
}

#[test]
fn what_is_discarded_or_flushed_is_counted_until_it_is_written() {
    let keyspace = keyspace(1);
    make_hash(&keyspace, 0, b"one", 2_000);
    make_hash(&keyspace, 0, b"other", 2_000);
    make_hash(&keyspace, 1, b"flushed", 2_000);
    let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
    let mut sink = Sink::default();
    while sink.longest < 1_000 {
        sink.step(&mut snapshot, &keyspace, 1_000);
    }
    discard(&keyspace, 0, b"one");
    assert!(keyspace.snapshot_bytes() >= 200_000);
    discard(&keyspace, 0, b"other");
    assert!(keyspace.snapshot_bytes() >= 400_000, "the one that was begun, too");
    sink.step(&mut snapshot, &keyspace, 1_000);
    assert!(keyspace.snapshot_bytes() >= 400_000, "both are there still");
    let flushed = keyspace.roam().visit(0, |stripe| stripe.take(DbIndex(1))).unwrap();
    keyspace.garbage().bury_table(flushed);
    assert!(keyspace.flushed_snapshot_bytes() >= 200_000);
    sink.finish(&mut snapshot, &keyspace);
    assert_eq!((keyspace.snapshot_bytes(), keyspace.flushed_snapshot_bytes()), (0, 0));
    assert_eq!(sink.data, expected);
}

#[test]
fn a_large_record_comes_in_slices() {
    for is_begun in [false, true] {
        let keyspace = keyspace(1);
        make_hash(&keyspace, 0, b"big", 5_000);
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(Framed), data_of).unwrap();
        let mut sink = Sink::default();
        while is_begun && sink.longest < 1_000 {
            sink.step(&mut snapshot, &keyspace, 1_000);
        }
        // Nobody asked whether it is awaited: all that is left is saved on the spot.
        set_fields(&keyspace, 0, b"big", [(1, Lifetime::Forever)].into_iter(), b"new");
        assert!(snapshot.pending_bytes() > 400_000);
        sink.finish(&mut snapshot, &keyspace);
        assert!(sink.longest <= 10_200, "{} bytes in a step", sink.longest);
        assert_eq!(sink.data, expected);
    }
}

/// Stops in the middle of the encoding of a key until it is let go on.
struct Stopping {
    key: &'static [u8],
    reached: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Stopping {
    fn stop_at(&self, entry: &Entry) {
        if entry.key() == self.key {
            self.reached.send(()).unwrap();
            self.go_on.lock().unwrap().recv_timeout(DEADLINE).unwrap();
        }
    }
}

const DEADLINE: Duration = Duration::from_secs(60);

impl Encoder for Stopping {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        self.stop_at(entry);
        Framed.encode(entry, out);
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        if bytes_max == usize::MAX {
            self.stop_at(entry);
        }
        Framed.encode_part(entry, progress, bytes_max, out)
    }
}

#[test]
fn who_encodes_keeps_nobody_waiting_in_another_stripe() {
    for is_begun in [false, true] {
        let keyspace = Arc::new(keyspace(64));
        make_hash(&keyspace, 0, b"big", 5_000);
        let home = |name: &[u8]| keyspace.stripe_of(keyspace.key(name).hash());
        let mut names = (0..).map(|index| format!("key:{index}").into_bytes());
        let mut elsewhere = || names.find(|name| home(name) != home(b"big")).unwrap();
        let (small, other) = (elsewhere(), elsewhere());
        make_hash(&keyspace, 0, &other, 2_000);
        set(&keyspace, 0, &small, b"old", Expiry::None);
        let (reached, is_reached) = channel();
        let (go_on, may_go_on) = channel();
        let encoder = Stopping { key: b"big", reached, go_on: Mutex::new(may_go_on) };
        let (mut snapshot, expected) = keyspace.begin_snapshot(Box::new(encoder), data_of).unwrap();
        let mut sink = Sink::default();
        if is_begun {
            assert!(crate::framed::awaits(&keyspace, 0, b"big"));
            (0..3).for_each(|_| assert!(sink.step(&mut snapshot, &keyspace, 1_000)));
        }
        let changing = Arc::clone(&keyspace);
        let change = std::thread::spawn(move || {
            with(&changing, 0, b"big", |table, key| {
                let mut hash = table.find_collection_mut::<Hash>(key, |_| ()).unwrap().unwrap();
                hash.set(b"new", b"value", Lifetime::Forever, &hash_limits());
            });
        });
        is_reached.recv_timeout(DEADLINE).unwrap();
        let (others, done) = (Arc::clone(&keyspace), channel());
        let is_done = done.1;
        let in_others = std::thread::spawn(move || {
            set(&others, 0, &small, b"new", Expiry::None);
            discard(&others, 0, &other);
            done.0.send(()).unwrap();
        });
        is_done.recv_timeout(DEADLINE).expect("changes of other stripes don't wait for the encoder");
        go_on.send(()).unwrap();
        change.join().unwrap();
        in_others.join().unwrap();
        sink.finish(&mut snapshot, &keyspace);
        assert_eq!(sink.data, expected);
    }
}

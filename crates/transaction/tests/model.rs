//! Clients that watch, queue and change keys, beside a naive twin that counts what happens to keys.

use std::collections::BTreeMap;

use kvd_transaction::{Fault, Transaction, Watches};
use proptest::prelude::*;

const CLIENTS: usize = 4;

/// What a client does.
#[derive(Clone, Debug)]
enum Step {
    Begin,
    Queue(u32),
    Spoil,
    Discard,
    Exec,
    Watch(u32, u8),
    Unwatch,
    Touch(u32, u8),
    /// The time of a key is over, and it is left where it is.
    Expire(u32, u8),
    /// That is found out; it stays there, or goes.
    FindOver(u32, u8, bool),
    Flush(u32),
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let key = || (0..2u32, 0..5u8);
    let step = prop_oneof![
        3 => Just(Step::Begin),
        4 => any::<u32>().prop_map(Step::Queue),
        1 => Just(Step::Spoil),
        1 => Just(Step::Discard),
        3 => Just(Step::Exec),
        4 => key().prop_map(|(db, key)| Step::Watch(db, key)),
        1 => Just(Step::Unwatch),
        3 => key().prop_map(|(db, key)| Step::Touch(db, key)),
        2 => key().prop_map(|(db, key)| Step::Expire(db, key)),
        2 => (key(), any::<bool>()).prop_map(|((db, key), stays)| Step::FindOver(db, key, stays)),
        1 => (0..2u32).prop_map(Step::Flush),
    ];
    (0..CLIENTS, step)
}

/// A client that remembers the versions of the keys that it watches.
#[derive(Default)]
struct Twin {
    open: Option<(Vec<u32>, bool)>,
    watched: BTreeMap<(u32, u8), Key>,
}

/// What is to be known of a key.
#[derive(Clone, Copy, Default)]
struct Key {
    /// How often it was touched.
    touched: u64,
    /// How often it was found to be over.
    found_over: u64,
    is_over: bool,
}

type Keys = BTreeMap<(u32, u8), Key>;

impl Key {
    /// Whatever touches a key removes what is over first.
    fn touch(&mut self) {
        self.touched += 1;
        self.is_over = false;
    }
}

impl Twin {
    fn is_touched(&self, keys: &Keys) -> bool {
        self.watched.iter().any(|(key, then)| {
            let now = keys.get(key).copied().unwrap_or_default();
            now.touched != then.touched || !then.is_over && now.found_over != then.found_over
        })
    }
}

fn run(step: &Step, client: &mut Transaction<Vec<u32>>, twin: &mut Twin, watches: &Watches, keys: &mut Keys) {
    match *step {
        Step::Begin => {
            let expected = if twin.open.is_some() { Err(Fault::Nested) } else { Ok(()) };
            assert_eq!(client.begin(Vec::new()), expected);
            twin.open.get_or_insert_default();
        }
        Step::Queue(command) => {
            assert_eq!(client.is_open(), twin.open.is_some());
            client.queue_mut().into_iter().for_each(|queue| queue.push(command));
            twin.open.iter_mut().for_each(|(queue, _)| queue.push(command));
        }
        Step::Spoil => {
            client.spoil();
            twin.open.iter_mut().for_each(|(_, is_spoilt)| *is_spoilt = true);
        }
        Step::Discard => {
            let expected = twin.open.take().map(|(queue, _)| queue).ok_or(Fault::NotOpen);
            if expected.is_ok() {
                twin.watched.clear();
            }
            assert_eq!(client.discard(watches), expected);
        }
        Step::Exec => {
            let expected = match twin.open.take() {
                None => Err(Fault::NotOpen),
                Some((_, true)) => Err(Fault::Spoilt),
                Some((queue, false)) => Ok(queue),
            };
            assert_eq!(client.finish(), expected);
            if expected != Err(Fault::NotOpen) {
                assert_eq!(client.end_watch(watches), twin.is_touched(keys));
                twin.watched.clear();
            }
        }
        Step::Watch(db, key) => {
            let expected = if twin.open.is_some() { Err(Fault::WatchInside) } else { Ok(()) };
            let now = keys.get(&(db, key)).copied().unwrap_or_default();
            assert_eq!(client.watch(watches, db, &[key], now.is_over), expected);
            if expected.is_ok() {
                twin.watched.entry((db, key)).or_insert(now);
            }
        }
        Step::Unwatch => {
            assert_eq!(client.end_watch(watches), twin.is_touched(keys));
            twin.watched.clear();
        }
        Step::Touch(db, key) => {
            watches.touch(db, &[key]);
            keys.entry((db, key)).or_default().touch();
        }
        Step::Expire(db, key) => keys.entry((db, key)).or_default().is_over = true,
        Step::FindOver(db, key, stays) => {
            let found = keys.entry((db, key)).or_default();
            if found.is_over {
                watches.touch_over(db, &[key]);
                found.found_over += 1;
                found.is_over = stays;
            }
        }
        Step::Flush(db) => {
            watches.touch_database(db, |key| key[0] % 2 == 0);
            (0..5).filter(|key| key % 2 == 0).for_each(|key| keys.entry((db, key)).or_default().touch());
        }
    }
}

proptest! {
    #[test]
    fn it_behaves_as_if_all_that_happens_to_keys_were_counted(steps in prop::collection::vec(step(), 0..200)) {
        let watches = Watches::default();
        let mut clients: [Transaction<Vec<u32>>; CLIENTS] = Default::default();
        let mut twins: [Twin; CLIENTS] = Default::default();
        let mut keys = Keys::new();
        for (index, step) in &steps {
            run(step, &mut clients[*index], &mut twins[*index], &watches, &mut keys);
            for (client, twin) in clients.iter().zip(&twins) {
                prop_assert_eq!(client.is_touched(), twin.is_touched(&keys));
                prop_assert_eq!(client.watched().len(), twin.watched.len());
                prop_assert_eq!(client.queue(), twin.open.as_ref().map(|(queue, _)| queue));
            }
            prop_assert_eq!(watches.len(), twins.iter().map(|twin| twin.watched.len()).sum::<usize>());
        }
        for client in &mut clients {
            client.end_watch(&watches);
        }
        prop_assert!(watches.is_empty() && watches.keys().is_empty());
    }
}

#[test]
fn ten_thousand_may_watch_one_key() {
    let watches = Watches::default();
    let mut clients: Vec<Transaction<()>> = (0..10_000).map(|_| Transaction::default()).collect();
    for client in &mut clients {
        client.watch(&watches, 0, b"key", false).expect("no transaction is open");
    }
    assert_eq!(watches.len(), clients.len());
    watches.touch(1, b"key");
    assert!(!clients.iter().any(Transaction::is_touched), "another database");
    watches.touch(0, b"key");
    assert!(clients.iter_mut().all(|client| client.end_watch(&watches)));
    assert!(watches.is_empty());
}

#[test]
fn threads_that_count_lose_nothing() {
    const ROUNDS: usize = 2000;
    let watches = Watches::default();
    // The lock that guards the key.
    let counter = std::sync::Mutex::new(0usize);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Transaction::<()>::default();
                let mut done = 0;
                while done < ROUNDS {
                    client.watch(&watches, 0, b"counter", false).expect("no transaction is open");
                    let seen = *counter.lock().expect("nobody panics");
                    client.begin(()).expect("no transaction is open");
                    client.finish().expect("it is open and whole");
                    let mut guarded = counter.lock().expect("nobody panics");
                    if !client.end_watch(&watches) {
                        *guarded = seen + 1;
                        watches.touch(0, b"counter");
                        done += 1;
                    }
                }
            });
        }
    });
    assert_eq!(*counter.lock().expect("nobody panics"), 4 * ROUNDS);
}

//! The lock protocol: commands on one key, on several, on everything, and walks, all at once.
//!
//! Run as it is, with real threads; and, with `RUSTFLAGS="--cfg kvd_shuttle"`, under a scheduler that tries thousands of orders in
//! which the threads may meet and fails on the first deadlock or broken promise, printing how to see it again.

use std::sync::Arc;

use kvd_keyspace::{DbIndex, Expiry, Keyspace, Locked, NewValue, Value};

const ACCOUNTS: i64 = 6;
const START: i64 = 100;
const DB: DbIndex = DbIndex(0);

fn bank() -> Keyspace {
    let keyspace = Keyspace::new(4, 1, dict::HashKey::new([3; 16]));
    for account in 0..ACCOUNTS {
        let name = name(account);
        let key = keyspace.key(&name);
        let mut locked = keyspace.lock([key.hash()]);
        let stored =
            locked.stripe_mut(key.hash()).table_mut(DB).set(&key, NewValue::Integer(START), Expiry::None, 0);
        assert!(stored.is_new);
    }
    keyspace
}

fn name(account: i64) -> Vec<u8> {
    format!("account:{account}").into_bytes()
}

fn balance(locked: &Locked<'_>, account: i64) -> i64 {
    let name = name(account);
    let key = locked.keyspace().key(&name);
    let table = locked.stripe(key.hash()).table(DB).expect("accounts exist");
    match table.find(&key).expect("accounts exist").value() {
        Value::Integer(balance) => balance,
        other => panic!("not a balance: {other:?}"),
    }
}

fn add(locked: &mut Locked<'_>, account: i64, amount: i64) {
    let sum = balance(locked, account) + amount;
    let name = name(account);
    let key = locked.keyspace().key(&name);
    let stored =
        locked.stripe_mut(key.hash()).table_mut(DB).set(&key, NewValue::Integer(sum), Expiry::None, 0);
    assert!(!stored.is_new);
}

/// A command on several keys: from some accounts to others, in whatever order their stripes lie.
fn transfer(keyspace: &Keyspace, accounts: [i64; 3]) {
    let hashes = accounts.map(|account| keyspace.key(&name(account)).hash());
    let mut locked = keyspace.lock(hashes);
    add(&mut locked, accounts[0], -2);
    add(&mut locked, accounts[1], 1);
    add(&mut locked, accounts[2], 1);
}

/// A command on one key.
fn look(keyspace: &Keyspace, account: i64) {
    let hash = keyspace.key(&name(account)).hash();
    let locked = keyspace.lock([hash]);
    assert_eq!(balance(&locked, account), balance(&locked, account));
}

/// A command on everything sees no transfer half done.
fn audit(keyspace: &Keyspace) {
    let locked = keyspace.lock_all();
    let total: i64 = (0..ACCOUNTS).map(|account| balance(&locked, account)).sum();
    assert_eq!(total, ACCOUNTS * START, "a transfer was seen half done");
}

/// A walk locks one stripe after the other, and a key that exists throughout is met.
fn walk(keyspace: &Keyspace) {
    let mut roaming = keyspace.roam();
    let met: usize = (0..keyspace.stripes())
        .map(|stripe| roaming.visit(stripe, |stripe| stripe.table(DB).map_or(0, |table| table.len())))
        .sum();
    assert_eq!(met, ACCOUNTS as usize);
}

fn work(keyspace: &Keyspace, worker: i64, rounds: i64) {
    for round in 0..rounds {
        let from = worker + round;
        transfer(keyspace, [from % ACCOUNTS, (from * 3 + 1) % ACCOUNTS, (from + 2) % ACCOUNTS]);
        match (worker + round) % 3 {
            0 => audit(keyspace),
            1 => walk(keyspace),
            _ => look(keyspace, from % ACCOUNTS),
        }
    }
}

#[cfg(not(kvd_shuttle))]
#[test]
#[expect(clippy::disallowed_methods, reason = "the test is about threads that meet")]
fn commands_on_one_key_several_and_all_exclude_each_other() {
    let keyspace = Arc::new(bank());
    let workers = [0, 1, 2, 3].map(|worker| {
        let keyspace = Arc::clone(&keyspace);
        std::thread::spawn(move || work(&keyspace, worker, 2000))
    });
    for worker in workers {
        worker.join().expect("no promise was broken");
    }
    audit(&keyspace);
}

#[cfg(kvd_shuttle)]
#[test]
fn commands_on_one_key_several_and_all_exclude_each_other_in_every_order_tried() {
    shuttle::check_random(
        || {
            let keyspace = Arc::new(bank());
            let workers = [0, 1, 2].map(|worker| {
                let keyspace = Arc::clone(&keyspace);
                shuttle::thread::spawn(move || work(&keyspace, worker, 2))
            });
            for worker in workers {
                worker.join().expect("no promise was broken");
            }
            audit(&keyspace);
        },
        5000,
    );
}

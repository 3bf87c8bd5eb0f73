//! Client-side caching: what is remembered, and what that costs whom.

mod engine_with_clients;

use engine_with_clients::{EngineWithClients, TestClient};

/// A client that has read so many keys at once and is told of their changes.
fn reader(t: &EngineWithClients, keys: usize) -> TestClient<'_> {
    let mut reader = t.client("127.0.0.1:1");
    reader.run("HELLO 3");
    reader.run("CLIENT TRACKING ON");
    let names: Vec<String> = (0..keys).map(|key| format!("key:{key}")).collect();
    reader.run(&format!("MGET {}", names.join(" ")));
    assert_eq!(t.engine.tracked_keys(), keys);
    reader
}

/// How many keys are told to be forgotten.
fn told(replies: &str) -> usize {
    replies.matches("\nkey:").count() + replies.matches("\nother\r").count()
}

#[test]
fn a_read_forgets_few_keys_and_the_ticks_the_rest() {
    let t = EngineWithClients::new(&[]);
    let mut reader = reader(&t, 1000);
    reader.run("CONFIG SET tracking-table-max-keys 1");
    let at_once = reader.run("GET other");
    assert!((930..1000).contains(&t.engine.tracked_keys()), "{}", t.engine.tracked_keys());
    assert_eq!(at_once.matches("invalidate").count(), 1, "all in one message: {at_once}");
    let mut ticks = 0;
    while t.engine.tick(0, &t).next == engine::Clock::now(&t) {
        ticks += 1;
    }
    assert!(ticks > 2, "{ticks}");
    assert_eq!(t.engine.tracked_keys(), 1);
    let by_ticks = reader.run("PING");
    assert_eq!(told(&at_once) + told(&by_ticks), 1000);
    assert!(!reader.is_closed());
}

#[test]
fn many_keys_are_freed_elsewhere() {
    let t = EngineWithClients::new(&[]);
    let garbage = t.engine.keyspace().garbage();
    let mut few = reader(&t, 10);
    few.run("FLUSHALL");
    assert_eq!((t.engine.tracked_keys(), t.engine.tracked_items(), garbage.len()), (0, 0, 0));
    drop(few);
    let mut many = reader(&t, 1000);
    assert!(many.run("FLUSHALL").contains("invalidate"));
    assert_eq!((t.engine.tracked_keys(), t.engine.tracked_items()), (0, 0));
    assert!(!garbage.is_empty());
    while garbage.collect(16) {}
    drop(many);
    drop(reader(&t, 1000));
    assert_eq!((t.engine.tracked_keys(), t.engine.tracked_items()), (0, 0));
    assert!(!garbage.is_empty());
}

#[test]
fn keys_of_a_command_are_measured_whatever_it_locks() {
    let t = EngineWithClients::new(&[]);
    let mut client = t.client("127.0.0.1:1");
    client.run("RPUSH list 2 1\nHOTKEYS START METRICS 1 CALLS");
    client.run("SORT_RO list BY weight_*");
    assert!(client.run("HOTKEYS GET").contains("$4\r\nlist\r\n"));
}

#[test]
fn keys_that_many_have_read_are_forgotten_few_at_a_time() {
    const READERS: usize = 300;
    const KEYS: usize = 100;
    let t = EngineWithClients::new(&[]);
    let mut readers: Vec<_> = (0..READERS).map(|number| t.client(&format!("127.0.0.1:{number}"))).collect();
    let names: Vec<String> = (0..KEYS).map(|key| format!("key:{key}")).collect();
    for reader in &mut readers {
        reader.run(&format!("HELLO 3\nCLIENT TRACKING ON\nMGET {}", names.join(" ")));
    }
    assert_eq!(t.engine.tracked_items(), READERS * KEYS);
    let mut other = t.client("127.0.0.1:1000");
    other.run("CONFIG SET tracking-table-max-keys 1");
    let mut ticks = 0;
    while t.engine.tracked_keys() > 1 {
        let before = t.engine.tracked_items();
        t.engine.tick(0, &t);
        let forgotten = before - t.engine.tracked_items();
        assert!((1..2048 + READERS).contains(&forgotten), "{forgotten}");
        ticks += 1;
    }
    assert!(ticks > 10, "{ticks}");
    let all: usize = readers.iter_mut().map(|reader| told(&reader.run("PING"))).sum();
    assert_eq!(all, READERS * (KEYS - 1));
}

#[test]
fn of_a_key_that_two_have_changed_both_are_told() {
    let t = EngineWithClients::new(&[]);
    let mut writer = t.client("127.0.0.1:1");
    let mut waiter = t.client("127.0.0.1:2");
    for client in [&mut writer, &mut waiter] {
        client.run("HELLO 3\nCLIENT TRACKING ON BCAST NOLOOP");
    }
    assert_eq!(waiter.run("BLPOP key:1 0"), "");
    let written = writer.run("RPUSH key:1 a\nPING");
    assert_eq!(told(&written), 1, "the waiter took it: {written}");
    let taken = waiter.run("");
    // Its reply names the key, too.
    assert_eq!(told(&taken), 2, "the writer brought it: {taken}");
    assert_eq!(told(&writer.run("RPUSH key:2 a\nPING")), 0, "its own change alone");
}

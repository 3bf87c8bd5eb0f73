//! What clients that cache are told, where a transcript can't say it: redirection to another client, and the table's limit.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::time::Duration;

use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::memory::info_number;
use kvd_tests::process::{self, Process};
use kvd_tests::wire::{self, Frame};

fn start() -> Process {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    kvd.start_with(&["--threads", "2"]).unwrap()
}

fn bulk(text: &str) -> Frame {
    Frame::Bulk(text.into())
}

fn id_of(client: &mut Client) -> String {
    match client.ask(&["CLIENT", "ID"]).unwrap() {
        Frame::Integer(id) => id.to_string(),
        other => panic!("{other:?}"),
    }
}

fn flags_of(client: &mut Client) -> String {
    format!("{:?}", client.ask(&["CLIENT", "TRACKINGINFO"]).unwrap())
}

#[test]
fn another_client_is_told_instead() {
    let kvd = start();
    let [mut reader, mut listener, mut writer] = [(); 3].map(|()| Client::connect(kvd.address).unwrap());
    let id = id_of(&mut listener);
    let channel = "__redis__:invalidate";
    listener.ask(&["SUBSCRIBE", channel]).unwrap();
    reader.ask(&["CLIENT", "TRACKING", "ON", "REDIRECT", &id]).unwrap();
    assert_eq!(reader.ask(&["CLIENT", "GETREDIR"]).unwrap(), Frame::Integer(id.parse().unwrap()));
    reader.ask(&["GET", "key"]).unwrap();
    writer.ask(&["SET", "key", "value"]).unwrap();
    let told = vec![bulk("message"), bulk(channel), Frame::Array(vec![bulk("key")])];
    assert_eq!(listener.frame().unwrap(), Frame::Array(told));
    writer.ask(&["FLUSHALL"]).unwrap();
    let all = vec![bulk("message"), bulk(channel), Frame::NilArray];
    assert_eq!(listener.frame().unwrap(), Frame::Array(all));

    // Whoever redirects to one that has gone is told so, if it can be.
    reader.ask(&["HELLO", "3"]).unwrap();
    reader.ask(&["GET", "key"]).unwrap();
    writer.ask(&["CLIENT", "KILL", "ID", &id]).unwrap();
    writer.ask(&["SET", "key", "other"]).unwrap();
    let broken = Frame::Push(vec![bulk("tracking-redir-broken"), Frame::Integer(id.parse().unwrap())]);
    assert_eq!(reader.frame().unwrap(), broken);
    assert!(flags_of(&mut reader).contains(&format!("{:?}", bulk("broken_redirect"))));
}

#[test]
fn what_expires_is_told() {
    let kvd = start();
    let mut reader = Client::connect(kvd.address).unwrap();
    reader.ask(&["HELLO", "3"]).unwrap();
    reader.ask(&["CLIENT", "TRACKING", "ON"]).unwrap();
    // Time stands still in a transaction: however slow the machine, the key is there when it is read.
    reader.ask(&["MULTI"]).unwrap();
    reader.ask(&["SET", "key", "value", "PX", "1"]).unwrap();
    reader.ask(&["GET", "key"]).unwrap();
    let replies = vec![Frame::Status("OK".into()), bulk("value")];
    assert_eq!(reader.ask(&["EXEC"]).unwrap(), Frame::Array(replies));
    let told = Frame::Push(vec![bulk("invalidate"), Frame::Array(vec![bulk("key")])]);
    assert_eq!(reader.frame().unwrap(), told);
}

#[test]
fn whose_own_read_has_a_key_forgotten_is_told() {
    let kvd = start();
    let [mut reader, mut other] = [(); 2].map(|()| Client::connect(kvd.address).unwrap());
    other.ask(&["CONFIG", "SET", "tracking-table-max-keys", "2"]).unwrap();
    reader.ask(&["HELLO", "3"]).unwrap();
    reader.ask(&["CLIENT", "TRACKING", "ON", "NOLOOP"]).unwrap();
    ["a", "b", "c"].iter().for_each(|key| drop(reader.ask(&["GET", key]).unwrap()));
    other.ask(&["MSET", "a", "1", "b", "1", "c", "1"]).unwrap();
    // One when it was forgotten, two when they were changed: no matter which.
    let told: BTreeSet<String> = (0..3).map(|_| format!("{:?}", reader.frame().unwrap())).collect();
    let key = |key| format!("{:?}", Frame::Push(vec![bulk("invalidate"), Frame::Array(vec![bulk(key)])]));
    assert_eq!(told, BTreeSet::from(["a", "b", "c"].map(key)));
}

#[test]
fn the_table_forgets_and_tells_so_when_it_is_full() {
    let kvd = start();
    let [mut reader, mut other] = [(); 2].map(|()| Client::connect(kvd.address).unwrap());
    other.ask(&["CONFIG", "SET", "tracking-table-max-keys", "10"]).unwrap();
    reader.ask(&["HELLO", "3"]).unwrap();
    reader.ask(&["CLIENT", "TRACKING", "ON"]).unwrap();
    let (mut replies, mut told) = (0, 0);
    for number in 0..30 {
        reader.request(&["GET", &format!("key:{number}")]).unwrap();
    }
    while replies < 30 || told < 20 {
        match reader.frame().unwrap() {
            Frame::Push(_) => told += 1,
            _ => replies += 1,
        }
    }
    assert_eq!(info_number(&mut other, "stats", "tracking_total_keys").unwrap(), 10);
    assert_eq!(info_number(&mut other, "stats", "tracking_total_items").unwrap(), 10);
    assert_eq!(info_number(&mut other, "clients", "tracking_clients").unwrap(), 1);
    reader.ask(&["CLIENT", "TRACKING", "OFF"]).unwrap();
    assert_eq!(info_number(&mut other, "stats", "tracking_total_keys").unwrap(), 0);
}

/// Lets the server notice who has gone, and begin to clean up.
#[expect(clippy::disallowed_methods, reason = "some of those who begin shall do so while that is going on")]
fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}

#[test]
fn a_table_that_is_suddenly_too_large_shrinks_by_itself() {
    let kvd = start();
    let [mut reader, mut other] = [(); 2].map(|()| Client::connect(kvd.address).unwrap());
    reader.ask(&["HELLO", "3"]).unwrap();
    reader.ask(&["CLIENT", "TRACKING", "ON"]).unwrap();
    let keys: Vec<String> = (0..1000).map(|key| format!("key:{key}")).collect();
    reader.ask(&std::iter::once("MGET").chain(keys.iter().map(String::as_str)).collect::<Vec<_>>()).unwrap();
    other.ask(&["CONFIG", "SET", "tracking-table-max-keys", "10"]).unwrap();
    let mut told = 0;
    while told < 990 {
        match reader.frame().unwrap() {
            Frame::Push(words) => match &words[..] {
                [_, Frame::Array(keys)] => told += keys.len(),
                _ => panic!("{words:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(info_number(&mut other, "stats", "tracking_total_keys").unwrap(), 10);
}

#[test]
fn who_begins_while_the_last_one_leaves_is_told_all() {
    const KEYS_LEFT: usize = 300_000;
    const KEYS_PER_REQUEST: usize = 1_000;
    let kvd = start();
    let mut writer = Client::connect(kvd.address).unwrap();
    let keys: Vec<String> = (0..100).map(|key| format!("read:{key}")).collect();
    let reads: Vec<u8> = keys.iter().flat_map(|key| wire::encode(&["GET", key])).collect();
    let begins = [wire::encode(&["HELLO", "3"]), wire::encode(&["CLIENT", "TRACKING", "ON"]), reads].concat();
    let writes: Vec<u8> = keys.iter().flat_map(|key| wire::encode(&["SET", key, "value"])).collect();
    for _ in 0..3 {
        let mut others = [(); 8].map(|()| Client::connect(kvd.address).unwrap());
        let mut last = Client::connect(kvd.address).unwrap();
        last.ask(&["CLIENT", "TRACKING", "ON"]).unwrap();
        for first in (0..KEYS_LEFT).step_by(KEYS_PER_REQUEST) {
            let left: Vec<String> =
                (first..first + KEYS_PER_REQUEST).map(|key| format!("left:{key}")).collect();
            let request =
                std::iter::once("EXISTS").chain(left.iter().map(String::as_str)).collect::<Vec<_>>();
            last.ask(&request).unwrap();
        }
        drop(last);
        for other in &mut others {
            pause();
            other.send(&begins).unwrap();
        }
        for other in &mut others {
            (0..keys.len() + 2).for_each(|_| drop(other.frame().unwrap()));
        }
        writer.send(&writes).unwrap();
        keys.iter().for_each(|_| drop(writer.frame().unwrap()));
        for other in &mut others {
            // What it is told comes before the next reply.
            other.request(&["PING"]).unwrap();
            let told = std::iter::repeat_with(|| other.frame().unwrap());
            let told = told.take_while(|frame| matches!(frame, Frame::Push(_))).count();
            assert_eq!(told, keys.len());
        }
    }
}

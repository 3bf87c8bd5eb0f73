//! MONITOR where a transcript can't say it: several workers, clients that wait, and a monitor that doesn't read.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::net::SocketAddr;
use std::thread;

use kvd_tests::hostile::client::Client;
use kvd_tests::process::{self, Process};
use kvd_tests::wire::Frame;

const WRITERS: usize = 3;
const PIPELINES: usize = 40;
const COMMANDS: usize = 25;

/// What says that all was run.
const END: &str = "end";

fn start() -> Process {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    kvd.start_with(&["--threads", "2"]).unwrap()
}

fn monitor(address: SocketAddr) -> Client {
    let mut client = Client::connect(address).unwrap();
    assert_eq!(client.ask(&["MONITOR"]).unwrap(), Frame::Status(b"OK".to_vec()));
    client
}

/// The next line: its time, and what stands behind the address.
fn next(client: &mut Client) -> (String, String) {
    let Frame::Status(line) = client.frame().unwrap() else { panic!("no line") };
    let line = String::from_utf8(line).unwrap();
    let (time, rest) = line.split_once(" [").unwrap();
    (time.to_owned(), rest.split_once("] ").unwrap().1.to_owned())
}

/// All that a monitor sees before the end, at times that never go back.
fn watch(mut client: Client) -> Vec<String> {
    let mut seen = Vec::new();
    let mut last = String::new();
    loop {
        let (time, words) = next(&mut client);
        assert!(time >= last, "{time} after {last}");
        last = time;
        if words.contains(END) {
            return seen;
        }
        seen.push(words);
    }
}

/// Pipelines of commands on one key that all writers share, every other one as a transaction.
fn write(address: SocketAddr, writer: usize) {
    let mut client = Client::connect(address).unwrap();
    for pipeline in 0..PIPELINES {
        let is_transaction = pipeline % 2 == 1;
        let sets =
            (0..COMMANDS).map(|number| format!("SET key {writer}:{}\r\n", pipeline * COMMANDS + number));
        let text: String = sets.collect();
        let text = if is_transaction { format!("MULTI\r\n{text}EXEC\r\n") } else { text };
        client.send(text.as_bytes()).unwrap();
        let replies = if is_transaction { COMMANDS + 2 } else { COMMANDS };
        for _ in 0..replies {
            assert!(!matches!(client.frame().unwrap(), Frame::Error(_)));
        }
    }
}

#[test]
fn all_monitors_see_one_order_which_is_that_of_the_key() {
    let kvd = start();
    let address = kvd.address;
    let monitors: Vec<Client> = (0..4).map(|_| monitor(address)).collect();
    let seen: Vec<Vec<String>> = thread::scope(|scope| {
        let watching: Vec<_> =
            monitors.into_iter().map(|client| scope.spawn(move || watch(client))).collect();
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || write(address, writer))).collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let mut client = Client::connect(address).unwrap();
        client.ask(&["ECHO", END]).unwrap();
        watching.into_iter().map(|watching| watching.join().unwrap()).collect()
    });
    let first = &seen[0];
    assert!(seen.iter().all(|other| other == first), "all see the same order");
    for writer in 0..WRITERS {
        let prefix = format!("\"SET\" \"key\" \"{writer}:");
        let numbers = first.iter().filter_map(|words| words.strip_prefix(&prefix)?.strip_suffix('"'));
        let expected = (0..PIPELINES * COMMANDS).map(|number| number.to_string());
        assert!(numbers.eq(expected), "the order of {writer}");
    }
    for word in ["\"MULTI\"", "\"EXEC\""] {
        assert_eq!(first.iter().filter(|words| *words == word).count(), WRITERS * PIPELINES / 2);
    }
    // What was shown last is what the key holds.
    let last = first.iter().rfind(|words| words.starts_with("\"SET\"")).unwrap();
    let mut client = Client::connect(address).unwrap();
    let Frame::Bulk(value) = client.ask(&["GET", "key"]).unwrap() else { panic!("no value") };
    assert_eq!(*last, format!("\"SET\" \"key\" \"{}\"", String::from_utf8(value).unwrap()));
}

#[test]
fn a_command_that_waits_is_shown_once() {
    let kvd = start();
    let mut watcher = monitor(kvd.address);
    let [mut waiting, mut other] = [(); 2].map(|()| Client::connect(kvd.address).unwrap());
    waiting.request(&["BLMOVE", "from", "to", "LEFT", "LEFT", "0"]).unwrap();
    assert_eq!(next(&mut watcher).1, r#""BLMOVE" "from" "to" "LEFT" "LEFT" "0""#);
    other.ask(&["RPUSH", "from", "x"]).unwrap();
    waiting.frame().unwrap();
    other.ask(&["ECHO", END]).unwrap();
    assert_eq!(next(&mut watcher).1, r#""RPUSH" "from" "x""#);
    assert_eq!(next(&mut watcher).1, r#""ECHO" "end""#);
}

#[test]
fn a_monitor_that_does_not_read_is_closed() {
    const ROUNDS_MAX: usize = 4000;
    let kvd = start();
    let mut lazy = Client::connect_narrow(kvd.address, 4096).unwrap();
    lazy.ask(&["MONITOR"]).unwrap();
    let mut eager = monitor(kvd.address);
    let mut client = Client::connect(kvd.address).unwrap();
    client.ask(&["CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0"]).unwrap();
    let value = "x".repeat(20_000);
    let is_closed = (0..ROUNDS_MAX).any(|_| {
        client.ask(&["SET", "key", &value]).unwrap();
        assert!(next(&mut eager).1.len() > value.len());
        let Frame::Bulk(list) = client.ask(&["CLIENT", "LIST"]).unwrap() else { panic!("no list") };
        String::from_utf8(list).unwrap().matches(" flags=O ").count() == 1
    });
    assert!(is_closed, "the limit holds for monitors");
    let Frame::Bulk(stats) = client.ask(&["INFO", "stats"]).unwrap() else { panic!("no stats") };
    assert!(String::from_utf8(stats).unwrap().contains("client_output_buffer_limit_disconnections:1"));
}

#[test]
fn who_leaves_is_no_longer_shown_anything() {
    let kvd = start();
    let mut client = Client::connect(kvd.address).unwrap();
    for _ in 0..20 {
        let mut reset = monitor(kvd.address);
        let gone = monitor(kvd.address);
        reset.ask(&["RESET"]).unwrap();
        drop(gone);
        client.ask(&["SET", "key", "value"]).unwrap();
        assert_eq!(reset.ask(&["GET", "key"]).unwrap(), Frame::Bulk(b"value".to_vec()));
    }
}

//! HOTKEYS: what is measured, and put down to which key.

mod engine_under_test;

use std::cell::Cell;
use std::sync::Arc;

use engine::{Clock, Engine, Moment, NoHost, Options, Peer};
use engine_under_test::{EngineUnderTest, START_MS};
use resp::{Output, RequestReader, write_request};

/// The elements of an array reply under a name within a flat array, joined.
fn list(reply: &str, name: &str) -> String {
    let lines: Vec<&str> = reply.split("\r\n").collect();
    let at = lines.iter().position(|line| *line == name).unwrap_or_else(|| panic!("{name} in {reply}")) + 1;
    let count: usize = lines[at].trim_start_matches('*').parse().expect("an array");
    let mut elements = lines[at + 1..].iter().filter(|line| !line.starts_with('$')).take(count);
    elements.by_ref().copied().collect::<Vec<_>>().join(" ")
}

/// The number behind a name.
fn number(reply: &str, name: &str) -> u64 {
    let mut lines = reply.split("\r\n").skip_while(|line| *line != name).skip(1);
    lines.next().and_then(|line| line.strip_prefix(':')?.parse().ok()).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn calls_and_bytes_are_put_down_to_keys() {
    let mut t = EngineUnderTest::new();
    t.run("SET before 1");
    assert_eq!(t.run("HOTKEYS START METRICS 2 CALLS NET"), "+OK\r\n");
    t.run("SET a 1");
    (0..3).for_each(|_| drop(t.run("GET a")));
    t.run("GET b");
    t.run("PING");
    // The first is turned away; the second runs, and fails.
    t.run("GET");
    t.run("LPUSH a x");
    let report = t.run("HOTKEYS GET");
    assert_eq!(list(&report, "by-calls"), "a :5 b :1");
    let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n+OK\r\n".len();
    let get = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n$1\r\n1\r\n".len();
    let push = "*3\r\n$5\r\nLPUSH\r\n$1\r\na\r\n$1\r\nx\r\n\
                -WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
    let miss = "*2\r\n$3\r\nGET\r\n$1\r\nb\r\n$-1\r\n".len();
    assert_eq!(list(&report, "by-net-bytes"), format!("a :{} b :{miss}", set + 3 * get + push.len()));
    assert!(!report.contains("by-cpu-time-us"));
}

#[test]
fn several_keys_share_bytes_and_each_was_called() {
    let mut t = EngineUnderTest::new();
    t.run("HOTKEYS START METRICS 2 CALLS NET");
    t.run("MGET a b");
    let report = t.run("HOTKEYS GET");
    let bytes = "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$-1\r\n$-1\r\n".len();
    assert_eq!(list(&report, "by-calls"), "a :1 b :1");
    assert_eq!(list(&report, "by-net-bytes"), format!("a :{0} b :{0}", bytes / 2));
}

#[test]
fn commands_of_a_transaction_count_when_they_are_run() {
    let mut t = EngineUnderTest::new();
    t.run("HOTKEYS START METRICS 1 CALLS");
    for command in ["MULTI", "GET c", "DISCARD", "MULTI", "SET a 1", "INCR a", "GET b", "EXEC"] {
        t.run(command);
    }
    assert_eq!(list(&t.run("HOTKEYS GET"), "by-calls"), "a :2 b :1");
}

#[test]
fn the_replies_of_a_pipeline_are_told_apart() {
    let mut t = EngineUnderTest::new();
    t.run(&format!("SET long {}", "x".repeat(1000)));
    t.run("HOTKEYS START METRICS 1 NET");
    let mut words: Vec<Vec<u8>> = Vec::new();
    for key in ["long", "none", "long", "none"] {
        let mut wire = Vec::new();
        write_request(&mut wire, &[b"GET", key.as_bytes()]);
        words.push(wire);
    }
    t.run_wire(&words.concat());
    let report = t.run("HOTKEYS GET");
    let long = "*2\r\n$3\r\nGET\r\n$4\r\nlong\r\n$1000\r\n\r\n".len() + 1000;
    let none = "*2\r\n$3\r\nGET\r\n$4\r\nnone\r\n$-1\r\n".len();
    assert_eq!(list(&report, "by-net-bytes"), format!("long :{} none :{}", 2 * long, 2 * none));
}

#[test]
fn a_measurement_begins_and_ends_once() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("HOTKEYS GET"), "$-1\r\n");
    assert_eq!(t.run("HOTKEYS STOP"), "$-1\r\n");
    assert_eq!(t.run("HOTKEYS RESET"), "+OK\r\n");
    t.run("HOTKEYS START METRICS 1 CALLS");
    assert!(t.run("HOTKEYS START METRICS 1 CALLS").contains("already in progress"));
    assert!(t.run("HOTKEYS RESET").contains("stop tracking first"));
    t.run("GET a");
    t.pass(1500);
    assert_eq!(t.run("HOTKEYS STOP"), "+OK\r\n");
    assert_eq!(t.run("HOTKEYS STOP"), "$-1\r\n");
    t.run("GET a");
    t.pass(1500);
    let report = t.run("HOTKEYS GET");
    assert_eq!(list(&report, "by-calls"), "a :1", "what was found stays, and is all");
    assert_eq!(number(&report, "tracking-active"), 0);
    assert_eq!(number(&report, "collection-start-time-unix-ms"), START_MS);
    assert_eq!(number(&report, "collection-duration-ms"), 1500);
    assert_eq!(t.run("HOTKEYS RESET"), "+OK\r\n");
    assert_eq!(t.run("HOTKEYS GET"), "$-1\r\n");
}

#[test]
fn a_measurement_ends_by_itself_after_its_duration() {
    let mut t = EngineUnderTest::new();
    t.run("HOTKEYS START METRICS 1 CALLS DURATION 2");
    t.run("GET a");
    t.pass(1999);
    t.tick();
    assert_eq!(number(&t.run("HOTKEYS GET"), "tracking-active"), 1);
    t.pass(1);
    t.tick();
    t.run("GET a");
    let report = t.run("HOTKEYS GET");
    assert_eq!(number(&report, "tracking-active"), 0);
    assert_eq!(number(&report, "collection-duration-ms"), 2000);
    assert_eq!(list(&report, "by-calls"), "a :1");
    assert_eq!(t.run("HOTKEYS START METRICS 1 CALLS"), "+OK\r\n");
}

#[test]
fn the_hottest_of_many_keys_are_found_from_a_sample() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("HOTKEYS START METRICS 1 CALLS COUNT 2 SAMPLE 4"), "+OK\r\n");
    for number in 0..20_000 {
        let key = match number % 10 {
            0..3 => "hot".to_owned(),
            3..5 => "warm".to_owned(),
            _ => format!("cold:{number}"),
        };
        t.run(&format!("GET {key}"));
    }
    let report = t.run("HOTKEYS GET");
    assert_eq!(number(&report, "sample-ratio"), 4);
    let found = list(&report, "by-calls");
    let words: Vec<&str> = found.split(' ').collect();
    let calls = |word: &str| word[1..].parse::<u64>().expect("a number");
    assert_eq!((words.len(), words[0], words[2]), (4, "hot", "warm"));
    assert!((1300..1700).contains(&calls(words[1])) && (850..1150).contains(&calls(words[3])), "{found}");
}

#[test]
fn what_is_asked_for_wrongly_is_told() {
    let mut t = EngineUnderTest::new();
    let rows = [
        ("HOTKEYS START", "METRICS parameter is required"),
        ("HOTKEYS START COUNT 5", "METRICS parameter is required"),
        ("HOTKEYS START METRICS", "syntax error"),
        ("HOTKEYS START METRICS 0 CPU", "METRICS count"),
        ("HOTKEYS START METRICS 2 CPU", "METRICS count"),
        ("HOTKEYS START METRICS 2 CPU CPU", "METRICS count"),
        ("HOTKEYS START METRICS 1 CPU NET", "syntax error"),
        ("HOTKEYS START METRICS 1 CPU COUNT 0", "COUNT must be"),
        ("HOTKEYS START METRICS 1 CPU COUNT 65", "COUNT must be"),
        ("HOTKEYS START METRICS 1 CPU COUNT", "syntax error"),
        ("HOTKEYS START METRICS 1 CPU DURATION -1", "DURATION must be"),
        ("HOTKEYS START METRICS 1 CPU SAMPLE 0", "SAMPLE ratio must be"),
        ("HOTKEYS START METRICS 1 CPU SLOTS 1 7", "non-cluster mode"),
    ];
    for (request, error) in rows {
        let reply = t.run(request);
        assert!(reply.starts_with("-ERR ") && reply.contains(error), "{request}: {reply}");
    }
    assert_eq!(t.run("HOTKEYS GET"), "$-1\r\n", "nothing was begun");
    assert_eq!(t.run("HOTKEYS START METRICS 3 net CALLS cpu COUNT 64 DURATION 0 SAMPLE 1000"), "+OK\r\n");
}

/// A clock on which every look takes ten microseconds.
struct Slow(Cell<u64>);

impl Clock for Slow {
    fn now(&self) -> Moment {
        self.0.set(self.0.get() + 10_000);
        Moment::from_unix_nanos(START_MS * 1_000_000 + self.0.get())
    }
}

#[test]
fn the_time_of_commands_is_put_down_to_keys() {
    let clock = Slow(Cell::new(0));
    let engine = Engine::new(Options {
        config: config::Config::default(),
        handlers: kvd_commands::handlers(),
        workers: 1,
        seed: [7; 32],
        now: clock.now(),
        host: Box::new(NoHost),
    });
    let mut session = engine.open(0, &Peer::in_process(), clock.now(), Arc::new(())).expect("there is room");
    let mut run = |requests: &[&[&[u8]]]| {
        let (mut input, mut output, mut wire) = (RequestReader::new(), Output::new(), Vec::new());
        requests.iter().for_each(|words| write_request(&mut wire, words));
        input.feed(&wire);
        engine.serve(&mut session, &mut input, &clock, &mut output);
        String::from_utf8_lossy(&output.to_vec()).into_owned()
    };
    run(&[&[b"HOTKEYS", b"START", b"METRICS", b"1", b"CPU"]]);
    run(&[&[b"GET", b"alone"]]);
    run(&[&[b"GET", b"first"], &[b"GET", b"second"]]);
    let report = run(&[&[b"HOTKEYS", b"GET"]]);
    assert_eq!(list(&report, "by-cpu-time-us"), "alone :10 first :5 second :5");
    // And as long for HOTKEYS START itself.
    assert_eq!(number(&report, "all-commands-all-slots-us"), 30);
}

//! MEMORY USAGE beside what the allocator gets back when the key is removed, and beside what many keys take of it.
//!
//! One test, since the allocator counts for the whole process.

use std::alloc::System;
use std::sync::Arc;

use config::Config;
use engine::{Engine, Moment, NoHost, Options, Peer, Session};
use keyspace::memory::{Counting, used_bytes};
use resp::{Output, RequestReader, write_request};

#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

/// How far MEMORY USAGE may be from the truth, in hundredths.
const PERCENT_MAX: usize = 10;

/// What an aggregate of keys may differ by without being wrong: buckets and replies that come and go.
const BYTES_IGNORED: usize = 256;

struct Client {
    engine: Engine,
    session: Session,
    input: RequestReader,
    output: Output,
    now: Moment,
}

impl Client {
    fn new() -> Self {
        let now = Moment::from_unix_millis(1_800_000_000_000);
        let (config, handlers) = (Config::default(), kvd_commands::handlers());
        let options = Options { config, handlers, workers: 1, seed: [7; 32], now, host: Box::new(NoHost) };
        let engine = Engine::new(options);
        let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("one client may come in");
        Self { engine, session, input: RequestReader::new(), output: Output::new(), now }
    }

    fn run(&mut self, words: &[&[u8]]) -> String {
        let mut wire = Vec::new();
        write_request(&mut wire, words);
        self.input.feed(&wire);
        self.engine.serve(&mut self.session, &mut self.input, &self.now, &mut self.output);
        let reply = String::from_utf8_lossy(&self.output.to_vec()).into_owned();
        self.output.clear();
        assert!(!reply.starts_with('-'), "{reply}");
        reply
    }

    /// Runs a command of words between blanks.
    fn say(&mut self, command: &str) -> String {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        self.run(&words)
    }

    /// Runs a command with more words, up to a hundred at a time; what belongs together has `together` words.
    fn feed(&mut self, command: &str, words: impl Iterator<Item = String>, together: usize) {
        let words: Vec<String> = words.collect();
        for part in words.chunks(100 / together * together) {
            let head = command.split(' ').map(str::as_bytes);
            let request: Vec<&[u8]> = head.chain(part.iter().map(String::as_bytes)).collect();
            self.run(&request);
        }
    }

    fn usage(&mut self, key: &str) -> usize {
        let reply = self.say(&format!("MEMORY USAGE {key}"));
        let number = reply.trim_start_matches(':').trim_end();
        number.parse().unwrap_or_else(|_| panic!("{reply}"))
    }

    fn remove(&mut self, key: &str) {
        self.say(&format!("UNLINK {key}"));
        self.collect();
    }

    /// Frees what was cut off.
    fn collect(&self) {
        while self.engine.keyspace().garbage().collect(16) {}
    }
}

type Build = fn(&mut Client, &str);

fn text(number: usize, len: usize) -> String {
    format!("{number:.>len$}")
}

fn texts(count: usize, len: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |number| text(number, len))
}

fn pairs(count: usize, len: usize) -> impl Iterator<Item = String> {
    (0..count).flat_map(move |number| [text(number, len), text(number * 7, len)])
}

fn scored(count: usize, len: usize) -> impl Iterator<Item = String> {
    (0..count).flat_map(move |number| [format!("{}.5", number * 7 % count), text(number, len)])
}

const STRINGS: &[(&str, Build)] = &[
    ("an integer", |c, k| drop(c.say(&format!("SET {k} 12345")))),
    ("a short string", |c, k| drop(c.say(&format!("SET {k} {}", text(1, 20))))),
    ("a string", |c, k| drop(c.say(&format!("SET {k} {}", text(1, 1000))))),
    ("a long string", |c, k| drop(c.say(&format!("SET {k} {}", text(1, 60_000))))),
    ("a string that grew", |c, k| {
        for number in 0..500 {
            c.say(&format!("APPEND {k} {}", text(number, 50)));
        }
    }),
    ("a HyperLogLog of a few", |c, k| c.feed(&format!("PFADD {k}"), texts(10, 5), 1)),
    ("a HyperLogLog of many", |c, k| c.feed(&format!("PFADD {k}"), texts(20_000, 5), 1)),
];

const LISTS: &[(&str, Build)] = &[
    ("a small list", |c, k| c.feed(&format!("RPUSH {k}"), texts(20, 10), 1)),
    ("a list", |c, k| c.feed(&format!("RPUSH {k}"), texts(20_000, 10), 1)),
    ("a list of long elements", |c, k| c.feed(&format!("RPUSH {k}"), texts(50, 20_000), 1)),
    ("what is left of a list", |c, k| {
        c.feed(&format!("RPUSH {k}"), texts(20_000, 10), 1);
        c.say(&format!("LPOP {k} 17000"));
        for number in 19_000..20_000 {
            c.say(&format!("LREM {k} 0 {}", text(number, 10)));
        }
    }),
];

const HASHES: &[(&str, Build)] = &[
    ("a small hash", |c, k| c.feed(&format!("HSET {k}"), pairs(10, 10), 2)),
    ("a small hash whose fields expire", |c, k| {
        c.feed(&format!("HSET {k}"), pairs(10, 10), 2);
        c.feed(&format!("HPEXPIRE {k} 100000 FIELDS 10"), texts(10, 10), 10);
    }),
    ("a hash", |c, k| c.feed(&format!("HSET {k}"), pairs(20_000, 10), 2)),
    ("a hash of long values", |c, k| c.feed(&format!("HSET {k}"), pairs(50, 20_000), 2)),
    ("a hash whose fields expire", |c, k| {
        c.feed(&format!("HSET {k}"), pairs(5000, 10), 2);
        for number in 0..5000 {
            c.say(&format!("HPEXPIRE {k} {} FIELDS 1 {}", 100_000 + number, text(number, 10)));
        }
    }),
    ("what is left of a hash", |c, k| {
        c.feed(&format!("HSET {k}"), pairs(20_000, 10), 2);
        c.feed(&format!("HDEL {k}"), texts(18_000, 10), 1);
    }),
];

const SETS: &[(&str, Build)] = &[
    ("a set of integers", |c, k| c.feed(&format!("SADD {k}"), (0..400).map(|n| (n * 70_000).to_string()), 1)),
    ("a small set", |c, k| c.feed(&format!("SADD {k}"), texts(100, 10), 1)),
    ("a set", |c, k| c.feed(&format!("SADD {k}"), texts(20_000, 10), 1)),
    ("a set just large", |c, k| c.feed(&format!("SADD {k}"), texts(130, 10), 1)),
    ("a set of long members", |c, k| c.feed(&format!("SADD {k}"), texts(50, 20_000), 1)),
    ("what is left of a set", |c, k| {
        c.feed(&format!("SADD {k}"), texts(20_000, 10), 1);
        c.feed(&format!("SREM {k}"), texts(18_000, 10), 1);
    }),
];

const SORTED_SETS: &[(&str, Build)] = &[
    ("a small sorted set", |c, k| c.feed(&format!("ZADD {k}"), scored(50, 10), 2)),
    ("a sorted set", |c, k| c.feed(&format!("ZADD {k}"), scored(20_000, 10), 2)),
    ("a sorted set just large", |c, k| c.feed(&format!("ZADD {k}"), scored(130, 10), 2)),
    ("a sorted set of long members", |c, k| c.feed(&format!("ZADD {k}"), scored(50, 20_000), 2)),
    ("what is left of a sorted set", |c, k| {
        c.feed(&format!("ZADD {k}"), scored(20_000, 10), 2);
        c.feed(&format!("ZREM {k}"), texts(18_000, 10), 1);
    }),
];

const STREAMS: &[(&str, Build)] = &[
    ("a stream of one entry", |c, k| drop(c.say(&format!("XADD {k} 1-1 field value")))),
    ("a stream", |c, k| {
        for number in 1..5000 {
            c.say(&format!("XADD {k} {number}-1 field {}", text(number, 10)));
        }
    }),
    ("a stream with a group", |c, k| {
        for number in 1..5000 {
            c.say(&format!("XADD {k} {number}-1 field {}", text(number, 10)));
        }
        c.say(&format!("XGROUP CREATE {k} group 0"));
        c.say(&format!("XREADGROUP GROUP group consumer COUNT 4000 STREAMS {k} >"));
    }),
    ("what is left of a stream", |c, k| {
        for number in 1..5000 {
            c.say(&format!("XADD {k} {number}-1 field {}", text(number, 10)));
        }
        c.say(&format!("XTRIM {k} MAXLEN 500"));
        c.collect();
    }),
];

/// Below this several keys are made, so that what else comes and goes does not count.
const AGGREGATE_BYTES_MIN: usize = 150_000;

/// What a key takes of its table on average. Tables keep most of it when a few of their keys are removed.
const PLACE_BYTES: usize = 12;

/// Keys by which the whole is measured, tables and all.
const KEYS: usize = 50_000;

fn is_near(told: usize, truth: usize) -> bool {
    told.abs_diff(truth) <= truth * PERCENT_MAX / 100 + BYTES_IGNORED
}

/// What is wrong with MEMORY USAGE of many small keys, of which what they take is known as a whole.
fn fault_of_many(set: &str) -> Option<String> {
    let mut client = Client::new();
    let before = used_bytes();
    for number in 0..KEYS {
        client.say(&format!("SET key:{number:06} {set}"));
    }
    let truth = used_bytes() - before;
    let told: usize = (0..KEYS).map(|number| client.usage(&format!("key:{number:06}"))).sum();
    println!("{KEYS} keys, SET {set}: {} told, {} taken", told / KEYS, truth / KEYS);
    (!is_near(told, truth))
        .then(|| format!("{KEYS} keys, SET {set}: MEMORY USAGE is {told}, they take {truth}"))
}

/// What is wrong with MEMORY USAGE of keys built so.
fn fault(what: &str, build: Build) -> Option<String> {
    let mut client = Client::new();
    for ballast in 0..3000 {
        client.say(&format!("SET ballast:{ballast} x"));
    }
    build(&mut client, "sample");
    let count = 1 + AGGREGATE_BYTES_MIN / client.usage("sample");
    for number in 0..count {
        build(&mut client, &format!("key:{number}"));
    }
    let told: usize = (0..count).map(|number| client.usage(&format!("key:{number}"))).sum();
    let before = used_bytes();
    (0..count).for_each(|number| client.remove(&format!("key:{number}")));
    let truth = before - used_bytes() + count * PLACE_BYTES;
    println!("{what}: {} told, {} taken", told / count, truth / count);
    (!is_near(told, truth))
        .then(|| format!("{what}: MEMORY USAGE of {count} keys is {told}, they take {truth}"))
}

#[test]
fn memory_usage_is_what_is_freed_with_the_key() {
    let all = [STRINGS, LISTS, HASHES, SETS, SORTED_SETS, STREAMS];
    let rows = all.iter().flat_map(|family| family.iter());
    let mut faults: Vec<String> = rows.filter_map(|(what, build)| fault(what, *build)).collect();
    faults.extend(["12345", "12345 EX 100", "twenty.bytes.of.text"].into_iter().filter_map(fault_of_many));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

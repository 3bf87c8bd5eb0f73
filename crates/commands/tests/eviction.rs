//! `maxmemory`: which keys go, who hears of it, and what is refused when none can. The allocator counts for the whole process, so that each test is alone.

mod engine_under_test;

use std::alloc::System;
use std::sync::{Arc, Mutex};

use engine::Host;
use engine_under_test::{EngineUnderTest, alone};
use keyspace::memory::{Counting, used_bytes};

#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

const OOM: &str = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
const VALUE: [u8; 1000] = [b'x'; 1000];

/// Keeps what is said in the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Host for Log {
    fn log(&self, text: &str) {
        self.0.lock().expect("no test panics while it notes").push(text.to_owned());
    }
}

fn with_policy(policy: &str) -> EngineUnderTest {
    EngineUnderTest::with_config(&format!(
        "maxmemory-policy {policy}\nmaxmemory-eviction-tenacity 100\nstripes 16"
    ))
}

/// Stores keys `name:0`, `name:1` and so on.
fn fill(t: &mut EngineUnderTest, name: &str, count: usize, options: &[&[u8]]) {
    for index in 0..count {
        let key = format!("{name}:{index}");
        let words: Vec<&[u8]> =
            [&b"SET"[..], key.as_bytes(), &VALUE].into_iter().chain(options.iter().copied()).collect();
        assert_eq!(t.run_words(&words), "+OK\r\n");
        t.forget();
    }
}

fn count(t: &mut EngineUnderTest, name: &str, count: usize) -> usize {
    let mut exists = |index| t.run(&format!("OBJECT ENCODING {name}:{index}")) != "$-1\r\n";
    (0..count).filter(|index| exists(*index)).count()
}

/// Leaves room for so much less than what is there now.
fn take_away(t: &mut EngineUnderTest, bytes: usize) {
    t.forget();
    t.configure("maxmemory", &(used_bytes() - bytes).to_string());
}

fn evicted(t: &EngineUnderTest) -> u64 {
    t.engine().stats().sum(|counters| &counters.evicted_keys)
}

#[test]
fn what_may_need_memory_is_refused_when_nothing_may_go() {
    let _alone = alone();
    let mut t = with_policy("noeviction");
    fill(&mut t, "k", 10, &[]);
    t.run("RPUSH list a b");
    take_away(&mut t, 1);
    let rows = [
        ("SET k:1 v", OOM),
        ("APPEND k:1 v", OOM),
        ("RPUSH list c", OOM),
        ("COPY k:1 other", OOM),
        ("STRLEN k:1", ":1000\r\n"),
        ("RENAME k:1 k:0", "+OK\r\n"),
        ("EXPIRE k:0 100", ":1\r\n"),
        ("LPOP list", "$1\r\na\r\n"),
        ("PUBLISH channel message", ":0\r\n"),
        ("CONFIG SET maxmemory-samples 5", "+OK\r\n"),
    ];
    for (command, reply) in rows {
        t.configure("maxmemory", "1");
        assert_eq!(t.run(command), reply, "{command}");
    }
    assert_eq!(evicted(&t), 0);
    t.configure("maxmemory", "0");
    assert_eq!(t.run("SET k:1 v"), "+OK\r\n");
}

#[test]
fn blocks_that_may_need_memory_are_refused() {
    let _alone = alone();
    let mut t = with_policy("noeviction");
    t.run("SET a 1");
    t.configure("maxmemory", "1");
    for command in ["MULTI", "DISCARD", "MULTI"] {
        assert_eq!(t.run(command), "+OK\r\n");
    }
    assert_eq!(t.run("GET a"), "+QUEUED\r\n");
    assert_eq!(t.run("SET a 2"), OOM);
    let spoilt = "-EXECABORT Transaction discarded because of previous errors.\r\n";
    assert_eq!(t.run("EXEC"), spoilt);
    t.configure("maxmemory", "0");
    for (queued, reply) in [
        ("GET a", "*1\r\n$1\r\n1\r\n"),
        (
            "SET a 2",
            "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n",
        ),
    ] {
        t.run("MULTI");
        assert_eq!(t.run(queued), "+QUEUED\r\n");
        t.configure("maxmemory", "1");
        assert_eq!(t.run("EXEC"), reply);
        t.configure("maxmemory", "0");
    }
    assert_eq!(t.run("GET a"), "$1\r\n1\r\n");
}

#[test]
fn keys_that_were_used_lately_stay() {
    let _alone = alone();
    let mut t = with_policy("allkeys-lru");
    fill(&mut t, "old", 500, &[]);
    t.pass(1000);
    fill(&mut t, "new", 500, &[]);
    t.pass(1000);
    for index in 0..100 {
        t.run(&format!("GET old:{index}"));
    }
    t.pass(1000);
    // A read makes room, too.
    take_away(&mut t, 300 * 1100);
    t.run("PING");
    assert!(evicted(&t) >= 290, "{}", evicted(&t));
    let used = (0..100).filter(|index| t.run(&format!("EXISTS old:{index}")) == ":1\r\n").count();
    t.configure("maxmemory", "0");
    assert!(used >= 98, "{used} of 100 keys that were used are there");
    let new = count(&mut t, "new", 500);
    assert!(new >= 460, "{new} of 500 keys that are newer are there");
}

#[test]
fn keys_that_are_used_often_stay() {
    let _alone = alone();
    let mut t = with_policy("allkeys-lfu");
    t.configure("lfu-log-factor", "1");
    fill(&mut t, "k", 1000, &[]);
    for _ in 0..20 {
        for index in 0..200 {
            t.run(&format!("GET k:{index}"));
        }
    }
    // What was used once, and later.
    for index in 200..1000 {
        t.run(&format!("GET k:{index}"));
    }
    take_away(&mut t, 500 * 1100);
    t.tick();
    t.configure("maxmemory", "0");
    let often = count(&mut t, "k", 200);
    assert!(often >= 196, "{often} of 200 keys that are used often are there");
    assert!(evicted(&t) >= 490);
}

#[test]
fn only_keys_with_an_expiry_go_under_a_volatile_policy() {
    let _alone = alone();
    for policy in ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"] {
        let mut t = with_policy(policy);
        fill(&mut t, "forever", 100, &[]);
        fill(&mut t, "passing", 100, &[b"EX", b"1000"]);
        take_away(&mut t, 60_000);
        assert_eq!(t.run("SET a b"), "+OK\r\n", "{policy}");
        let before = evicted(&t);
        // The test's own memory comes and goes, too.
        assert!((50..=80).contains(&before), "{before} by {policy}");
        take_away(&mut t, 60_000);
        assert_eq!(t.run("SET a b"), OOM, "{policy}");
        assert_eq!(evicted(&t), 100, "{policy}");
        t.configure("maxmemory", "0");
        assert_eq!(count(&mut t, "forever", 100), 100, "{policy}");
        t.engine().keyspace().check_invariants();
    }
}

#[test]
fn a_key_that_gets_an_expiry_may_go_at_once() {
    let _alone = alone();
    let mut t = with_policy("volatile-lru");
    fill(&mut t, "k", 3, &[]);
    // So much that what an expiry takes itself doesn't matter.
    t.run_words(&[b"SET", b"k:1", &[b'x'; 20_000]]);
    take_away(&mut t, 100);
    for _ in 0..3 {
        assert_eq!(t.run("SET a b"), OOM);
    }
    assert_eq!(t.run("EXPIRE k:1 1000"), ":1\r\n");
    assert_eq!(t.run("SET a b"), "+OK\r\n");
    assert_eq!(t.run("EXISTS k:0 k:1 k:2"), ":2\r\n");
    t.configure("maxmemory", "1");
    assert_eq!(t.run("SET a b"), OOM);
    t.configure("maxmemory-policy", "allkeys-lru");
    assert_eq!(t.run("EXISTS k:0 k:2"), ":0\r\n");
}

#[test]
fn what_expires_first_goes_first() {
    let _alone = alone();
    let mut t = with_policy("volatile-ttl");
    for index in 0..400 {
        let (key, seconds) = (format!("k:{index}"), (100 + index).to_string());
        t.run_words(&[b"SET", key.as_bytes(), &VALUE, b"EX", seconds.as_bytes()]);
        t.forget();
    }
    take_away(&mut t, 100_000);
    t.tick();
    t.configure("maxmemory", "0");
    let gone = evicted(&t) as usize;
    let early = gone - (0..gone).filter(|index| t.run(&format!("EXISTS k:{index}")) == ":1\r\n").count();
    assert!(gone >= 90 && early * 100 >= gone * 85, "{early} of {gone} were among the first to expire");
}

#[test]
fn keys_of_all_databases_may_go() {
    let _alone = alone();
    let mut t = with_policy("allkeys-random");
    for db in ["0", "1", "9"] {
        t.run(&format!("SELECT {db}"));
        fill(&mut t, "k", 100, &[]);
    }
    take_away(&mut t, 150_000);
    t.tick();
    t.configure("maxmemory", "0");
    for db in ["0", "1", "9"] {
        t.run(&format!("SELECT {db}"));
        let left = count(&mut t, "k", 100);
        assert!((10..90).contains(&left), "{left} are left of database {db}");
    }
}

#[test]
fn all_who_ask_for_it_hear_that_a_key_was_evicted() {
    let _alone = alone();
    let mut t = with_policy("allkeys-random");
    t.run("SELECT 3");
    fill(&mut t, "k", 1, &[]);
    t.run("WATCH k:0");
    t.configure("maxmemory", "1");
    t.tick();
    assert_eq!(t.events(), ["@3 evicted k:0"]);
    assert_eq!(t.effects(), ["@3 DEL k:0"]);
    t.configure("maxmemory", "0");
    t.run("MULTI");
    assert_eq!(t.run("EXEC"), "*-1\r\n");
    assert!(t.run("INFO stats").contains("\r\nevicted_keys:1\r\n"));
    assert_eq!(t.run("CONFIG RESETSTAT"), "+OK\r\n");
    assert!(t.run("INFO stats").contains("\r\nevicted_keys:0\r\n"));
}

#[test]
fn what_is_about_to_be_freed_counts_as_free() {
    let _alone = alone();
    let mut t = with_policy("allkeys-random");
    let large = vec![b'x'; 1 << 20];
    for index in 0..20 {
        t.run_words(&[b"SET", format!("k:{index}").as_bytes(), &large]);
        t.forget();
    }
    take_away(&mut t, (5 << 20) - 1000);
    t.tick();
    let before = evicted(&t);
    assert!((5..=6).contains(&before), "the memory of those is freed later, but {before} went");
    assert!(t.engine().keyspace().garbage().pending_bytes() >= 5 << 20);
    t.run("SET small value");
    assert_eq!(evicted(&t), before);
    while t.engine().keyspace().garbage().collect(10) {}
    assert_eq!(t.engine().keyspace().garbage().pending_bytes(), 0);
    t.run("SET small value");
    assert_eq!(evicted(&t), before);
    assert_eq!(t.run("FLUSHALL ASYNC"), "+OK\r\n");
    assert!(t.engine().keyspace().garbage().pending_bytes() > used_bytes(), "nobody knows how much it is");
}

#[test]
fn the_time_over_the_limit_is_told() {
    let _alone = alone();
    let mut t = with_policy("noeviction");
    t.configure("maxmemory", "1");
    t.tick();
    t.pass(1500);
    let line = |t: &mut EngineUnderTest, name: &str| {
        let info = t.run("INFO stats");
        info.lines()
            .find_map(|line| line.strip_prefix(&format!("{name}:")).map(str::to_owned))
            .unwrap_or_default()
    };
    assert_eq!(line(&mut t, "current_eviction_exceeded_time"), "1500");
    assert_eq!(line(&mut t, "total_eviction_exceeded_time"), "1500");
    t.configure("maxmemory", "100gb");
    t.tick();
    t.pass(1000);
    assert_eq!(line(&mut t, "current_eviction_exceeded_time"), "0");
    assert_eq!(line(&mut t, "total_eviction_exceeded_time"), "1500");
}

#[test]
fn nothing_is_evicted_while_clients_are_paused() {
    let _alone = alone();
    let mut t = with_policy("allkeys-random");
    fill(&mut t, "k", 10, &[]);
    assert_eq!(t.run("CLIENT PAUSE 1000 WRITE"), "+OK\r\n");
    t.configure("maxmemory", "1");
    t.tick();
    assert_eq!(t.run("DBSIZE"), ":10\r\n");
    t.pass(1001);
    t.tick();
    assert_eq!(t.run("DBSIZE"), ":0\r\n");
}

#[test]
fn the_log_says_what_a_small_limit_will_do() {
    let _alone = alone();
    let log = Log::default();
    let mut t = EngineUnderTest::with_host("stripes 16", Box::new(log.clone()));
    fill(&mut t, "k", 10, &[]);
    t.configure("maxmemory", "1gb");
    assert!(log.0.lock().unwrap().is_empty());
    t.configure("maxmemory", "1000");
    t.configure("maxmemory-policy", "allkeys-lru");
    t.configure("maxmemory", "999");
    let lines = log.0.lock().unwrap().clone();
    let [refused, evicted] = &lines[..] else { panic!("{lines:?}") };
    assert!(refused.starts_with("maxmemory is 1000 bytes now, and ") && refused.ends_with("are refused"));
    assert!(evicted.starts_with("maxmemory is 999 bytes now, and ") && evicted.ends_with("until it is kept"));
}

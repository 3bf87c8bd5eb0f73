//! INFO and MEMORY: what they show is there, is true and is known to monitoring.

mod engine_under_test;

use std::collections::BTreeSet;

use engine::{Engine, Host, Storage, StorageStatus};
use engine_under_test::{EngineUnderTest, START_MS};

/// The names of all fields that Redis 8.2 and Valkey 9.1 show; `<` begins what depends on the server.
const PEERS_FIELDS: &str = include_str!("data/info_fields.txt");

fn field(t: &mut EngineUnderTest, name: &str) -> String {
    let text = t.run("INFO everything");
    let mut lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(own, _)| *own == name).unwrap_or_else(|| panic!("INFO has a field {name}")).1.to_owned()
}

fn sections(reply: &str) -> Vec<&str> {
    reply.split("\r\n").filter_map(|line| line.strip_prefix("# ")).collect()
}

/// A log whose thread hangs, and says nothing of what it has yet to write.
struct HangingLog;

impl Storage for HangingLog {
    fn status(&self, _: &Engine) -> StorageStatus {
        let mut status = StorageStatus::default();
        status.log.is_on = true;
        status
    }
}

impl Host for HangingLog {
    fn storage(&self) -> &dyn Storage {
        self
    }
}

#[test]
fn what_a_hanging_log_has_yet_to_write_is_shown() {
    let mut t = EngineUnderTest::with_host("", Box::new(HangingLog));
    let shown = |t: &mut EngineUnderTest| {
        ["aof_buffer_length", "mem_aof_buffer", "aof_pending_bio_fsync"].map(|name| field(t, name)).join(" ")
    };
    assert_eq!(shown(&mut t), "0 0 0");
    t.run("SET a 1");
    let bytes = t.engine().journal().end().0;
    assert_eq!(shown(&mut t), format!("{bytes} {bytes} 1"));
    let stats = t.run("MEMORY STATS");
    assert!(stats.contains(&format!("aof.buffer\r\n:{bytes}\r\n")), "{stats}");
    t.engine().note_durable(t.engine().journal().end());
    assert_eq!(shown(&mut t), "0 0 0");
}

#[test]
fn every_field_is_one_of_the_peers_or_our_own() {
    let mut t = EngineUnderTest::new();
    t.run("SET a 1");
    t.run("GET nosuch x");
    let known = |field: &str| {
        field.starts_with("kvd_")
            || PEERS_FIELDS.lines().any(|name| match name.split_once('<') {
                Some((prefix, _)) => field.starts_with(prefix),
                None => field == name,
            })
    };
    let text = t.run("INFO everything");
    let mut seen = BTreeSet::new();
    for line in text.split("\r\n").skip(1).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, _) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} is a field"));
        assert!(known(name), "no peer has a field {name}");
        assert!(seen.insert(name), "{name} is there twice");
    }
    assert!(seen.contains("cmdstat_set") && seen.contains("errorstat_ERR") && seen.contains("db0"));
}

/// The section of the document that names the fields which aren't there.
fn fields_named_as_missing() -> BTreeSet<&'static str> {
    let document = include_str!("../../../docs/compatibility.md");
    let section = document.split("\n## ").find(|section| section.starts_with("INFO\n"));
    let table = section.expect("a section INFO").lines().filter(|line| line.starts_with("| `"));
    table.flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_field_of_the_peers_is_there_or_named_as_missing() {
    let mut t = EngineUnderTest::new();
    for request in ["SET a 1", "RPUSH l x", "SADD s x", "ZADD z 1 x", "HSET h f x", "GET nosuch x"] {
        t.run(request);
    }
    let text = t.run("INFO everything");
    let shown: Vec<&str> = text.split("\r\n").filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let is_shown = |name: &str| match name.split_once('<') {
        // `db0` stands for `db<n>`, not for `db<n>_distrib…`.
        Some((prefix, rest)) if rest.starts_with("n>") => {
            let number = |field: &'_ str| {
                let number = field.strip_prefix(prefix)?.strip_suffix(&rest[2..])?;
                number.parse::<u32>().ok()
            };
            shown.iter().any(|field| number(field).is_some())
        }
        Some((prefix, _)) => shown.iter().any(|field| field.starts_with(prefix)),
        None => shown.contains(&name),
    };
    let missing: BTreeSet<&str> = PEERS_FIELDS.lines().filter(|name| !is_shown(name)).collect();
    assert_eq!(
        missing,
        fields_named_as_missing(),
        "left: fields that aren't there, right: docs/compatibility.md"
    );
}

#[test]
fn sections_are_shown_once_and_in_order_however_they_are_asked_for() {
    let mut t = EngineUnderTest::new();
    let usual = [
        "Server",
        "Clients",
        "Memory",
        "Persistence",
        "Threads",
        "Stats",
        "Replication",
        "CPU",
        "Modules",
        "Errorstats",
        "Cluster",
        "Keyspace",
        "Keysizes",
    ];
    assert_eq!(sections(&t.run("INFO")), usual);
    assert_eq!(sections(&t.run("INFO default")), usual);
    assert_eq!(sections(&t.run("INFO keyspace SERVER server")), ["Server", "Keyspace"]);
    assert_eq!(sections(&t.run("INFO all")).len(), usual.len() + 2);
    assert_eq!(
        sections(&t.run("INFO EVERYTHING")),
        sections(&t.run("INFO default latencystats commandstats"))
    );
    assert_eq!(t.run("INFO nosuch"), "$0\r\n\r\n");
    t.use_resp3();
    assert!(t.run("INFO cluster").starts_with("=") && t.run("INFO cluster").contains("txt:# Cluster\r\n"));
}

#[test]
fn keyspace_counts_keys_and_averages_their_time_to_live() {
    let mut t = EngineUnderTest::new();
    assert!(!t.run("INFO keyspace").contains("db0"));
    t.run("SET a 1 PX 1000");
    t.run("SET b 1 PX 4000");
    t.run("SET c 1");
    assert_eq!(field(&mut t, "db0"), "keys=3,expires=2,avg_ttl=2500,subexpiry=0");
    t.pass(500);
    assert_eq!(field(&mut t, "db0"), "keys=3,expires=2,avg_ttl=2000,subexpiry=0");
    t.run("SET b 1");
    assert_eq!(field(&mut t, "db0"), "keys=3,expires=1,avg_ttl=500,subexpiry=0");
    t.run("SWAPDB 0 9");
    assert_eq!(field(&mut t, "db9"), "keys=3,expires=1,avg_ttl=500,subexpiry=0");
}

#[test]
fn counters_go_up_and_resetstat_takes_them_back() {
    let mut t = EngineUnderTest::new();
    for command in ["SET a 1", "GET a", "GET a", "GET b", "NOSUCH", "SET a 1 NX XX"] {
        t.run(command);
    }
    assert_eq!(field(&mut t, "keyspace_hits"), "2");
    assert_eq!(field(&mut t, "keyspace_misses"), "1");
    assert_eq!(field(&mut t, "total_error_replies"), "2");
    assert_eq!(field(&mut t, "errorstat_ERR"), "count=2");
    assert_eq!(field(&mut t, "rdb_changes_since_last_save"), "1");
    let get = "calls=3,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=0";
    assert_eq!(field(&mut t, "cmdstat_get"), get);
    assert!(field(&mut t, "cmdstat_set").ends_with("failed_calls=1"));

    assert_eq!(t.run("CONFIG RESETSTAT"), "+OK\r\n");
    assert_eq!(field(&mut t, "keyspace_hits"), "0");
    assert_eq!(field(&mut t, "total_error_replies"), "0");
    assert_eq!(field(&mut t, "rdb_changes_since_last_save"), "1", "changes are counted since the last save");
    assert!(!t.run("INFO commandstats errorstats").contains("cmdstat_get"));
}

#[test]
fn rates_come_from_the_engines_ticks() {
    let mut t = EngineUnderTest::new();
    for _ in 0..20 {
        t.tick();
        t.run("GET a");
        t.pass(100);
    }
    assert_eq!(field(&mut t, "instantaneous_ops_per_sec"), "10");
}

#[test]
fn time_and_uptime_follow_the_clock() {
    let mut t = EngineUnderTest::new();
    t.pass(90_061_234);
    let micros = (START_MS + 90_061_234) * 1000;
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    assert_eq!(t.run("TIME"), format!("*2\r\n$10\r\n{seconds}\r\n$6\r\n{rest}\r\n"));
    assert_eq!(field(&mut t, "uptime_in_seconds"), "90061");
    assert_eq!(field(&mut t, "uptime_in_days"), "1");
    assert_eq!(field(&mut t, "server_time_usec"), micros.to_string());
}

#[test]
fn memory_usage_is_of_a_key_that_is_there_and_leaves_no_trace() {
    let mut t = EngineUnderTest::new();
    assert_eq!(t.run("MEMORY USAGE a"), "$-1\r\n");
    t.run_words(&[b"SET", b"a", &[b'x'; 5000]]);
    let bytes: usize =
        t.run("MEMORY USAGE a SAMPLES 0").trim_matches([':', '\r', '\n']).parse().expect("a number");
    assert!((5000..5200).contains(&bytes), "{bytes}");
    assert_eq!(field(&mut t, "keyspace_hits"), "0");
    assert_eq!(t.run("MEMORY USAGE a SAMPLES"), "-ERR syntax error\r\n");
    assert_eq!(t.run("MEMORY USAGE a SAMPLES -1"), "-ERR syntax error\r\n");
    assert_eq!(t.run("MEMORY USAGE a SAMPLES x"), "-ERR value is not an integer or out of range\r\n");
    t.pass(1);
    assert_eq!(t.run("SET a 1 PX 1"), "+OK\r\n");
    t.pass(2);
    assert_eq!(t.run("MEMORY USAGE a"), "$-1\r\n");
}

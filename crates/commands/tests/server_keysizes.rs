//! INFO keysizes is what a walk over all keys finds, whatever was done before.

mod engine_under_test;

use std::collections::BTreeMap;

use engine_under_test::EngineUnderTest;
use fastrand::Rng;
use keyspace::DbIndex;

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const DATABASES: u32 = 3;

/// How long a key lives that may die, at most.
const LIFETIME_MS: u64 = 60;

/// Values of a type in a database: how many are at least so long, and shorter than twice that.
type Histograms = BTreeMap<String, BTreeMap<u64, u64>>;

#[test]
fn lengths_are_those_that_a_walk_finds() {
    let mut kinds_seen = BTreeMap::new();
    for seed in 0..30 {
        let mut random = Rng::with_seed(seed);
        let mut server =
            EngineUnderTest::with_config("stripes 2\nset-max-intset-entries 4\nhash-max-listpack-entries 4");
        for step in 0..600 {
            server.session().select(DbIndex(random.u32(..DATABASES)));
            let command = command(&mut random);
            let reply = server.run(&command);
            let is_misspelt = ["syntax", "unknown", "arguments"].iter().any(|word| reply.contains(word));
            assert!(!is_misspelt, "{command}: {reply}");
            server.pass(random.u64(..4));
            if random.u8(..8) == 0 {
                server.tick();
            }
            server.engine().keyspace().check_invariants();
            if step % 20 == 0 {
                // Nothing is due afterwards that the walk would remove.
                server.pass(LIFETIME_MS);
                server.tick();
                let shown = shown(&mut server);
                shown.keys().for_each(|name| *kinds_seen.entry(name.clone()).or_insert(0) += 1);
                assert_eq!(shown, walked(&mut server), "seed {seed}, step {step}, after {command}");
            }
        }
    }
    assert_eq!(kinds_seen.len(), 5 * DATABASES as usize, "all types were in all databases: {kinds_seen:?}");
}

fn command(random: &mut Rng) -> String {
    let mut name = || NAMES[random.usize(..NAMES.len())];
    let (one, other) = (name(), name());
    let db = random.u32(..DATABASES);
    let text = "x".repeat(random.usize(..9) * random.usize(1..40));
    let text = if text.is_empty() { "\"\"" } else { &text };
    let ms = random.u64(1..LIFETIME_MS);
    let number = random.i32(-1000..1000);
    let few = random.u8(..9);
    let ttl = ["NX", "XX", "GT", "LT"][random.usize(..4)];
    match random.u8(..46) {
        0 => format!("SET {one} {text}"),
        1 => format!("SET {one} {number} PX {ms}"),
        2 => format!("SET {one} {text} KEEPTTL"),
        3 => format!("APPEND {one} {text}"),
        4 => format!("SETRANGE {one} {} {text}", random.u8(..200)),
        5 => format!("INCRBY {one} {number}"),
        6 => format!("SETBIT {one} {} 1", random.u16(..900)),
        7 => format!("PFADD {one} {number} {few}"),
        8 => format!("GETDEL {one}"),
        9 => format!("MSET {one} {text} {other} {number}"),
        10..13 => format!("RPUSH {one} a {few} {text}"),
        13 => format!("LPOP {one} {few}"),
        14 => format!("LTRIM {one} 1 {few}"),
        15 => format!("LMOVE {one} {other} LEFT RIGHT"),
        16 => format!("LREM {one} 0 a"),
        17..20 => format!("SADD {one} {few} {number} {text}"),
        20 => format!("SPOP {one} 2"),
        21 => format!("SMOVE {one} {other} {few}"),
        22 => format!("SUNIONSTORE {one} {one} {other}"),
        23 => format!("SDIFFSTORE {one} {one} {other}"),
        24..27 => format!("HSET {one} {few} {text} {number} b"),
        27 => format!("HDEL {one} {few} {number}"),
        28 => format!("HPEXPIRE {one} {ms} FIELDS 1 {few}"),
        29 => format!("HGETDEL {one} FIELDS 1 {few}"),
        30 => format!("HSETEX {one} PX {ms} FIELDS 1 {few} v"),
        31..34 => format!("ZADD {one} 1 {few} 2 {number}"),
        34 => format!("ZPOPMIN {one} 2"),
        35 => format!("ZRANGESTORE {one} {other} 0 {few}"),
        36 => format!("ZREMRANGEBYRANK {one} 0 1"),
        37 => format!("DEL {one} {other}"),
        38 => format!("RENAME {one} {other}"),
        39 => format!("COPY {one} {other} DB {db} REPLACE"),
        40 => format!("MOVE {one} {db}"),
        41 => format!("PEXPIRE {one} {ms} {ttl}"),
        42 => format!("PERSIST {one}"),
        43 => format!("SORT {one} BY nosort STORE {other}"),
        44 if few == 0 => "FLUSHDB".to_owned(),
        44 => format!("SWAPDB {db} {}", (db + 1) % DATABASES),
        _ => format!("XADD {one} * f {text}"),
    }
}

/// What INFO says.
fn shown(server: &mut EngineUnderTest) -> Histograms {
    let text = server.run("INFO keysizes");
    let fields = text.split("\r\n").filter_map(|line| line.split_once(':'));
    fields.map(|(name, bins)| (name.to_owned(), bins.split(',').map(bin).collect())).collect()
}

fn bin(text: &str) -> (u64, u64) {
    let (least, count) = text.split_once('=').expect("a length and how many have it");
    let least = match least.strip_suffix('K') {
        Some(thousands) => thousands.parse::<u64>().expect("a number") * 1024,
        None => least.parse().expect("a number"),
    };
    (least, count.parse().expect("a number"))
}

/// What the keys say, asked one by one.
fn walked(server: &mut EngineUnderTest) -> Histograms {
    let mut histograms = Histograms::new();
    for db in 0..DATABASES {
        server.session().select(DbIndex(db));
        for key in NAMES {
            let kind = server.run(&format!("TYPE {key}"));
            let (name, question) = match kind.trim_end() {
                "+string" => ("strings_sizes", "STRLEN"),
                "+list" => ("lists_items", "LLEN"),
                "+set" => ("sets_items", "SCARD"),
                "+zset" => ("zsets_items", "ZCARD"),
                "+hash" => ("hashes_items", "HLEN"),
                _ => continue,
            };
            let reply = server.run(&format!("{question} {key}"));
            let len: u64 = reply[1..].trim_end().parse().expect("a length");
            let least = len.checked_ilog2().map_or(0, |exponent| 1 << exponent);
            let histogram = histograms.entry(format!("db{db}_distrib_{name}")).or_default();
            *histogram.entry(least).or_default() += 1;
        }
    }
    histograms
}

#[test]
fn keys_that_are_due_count_until_they_are_removed() {
    let mut server = EngineUnderTest::new();
    server.run("SET k value PX 10");
    server.run("HSETEX h PX 10 FIELDS 2 f v g v");
    server.run("HSET h other v");
    server.pass(20);
    let both = "# Keysizes\r\ndb0_distrib_strings_sizes:4=1\r\ndb0_distrib_hashes_items:2=1\r\n";
    assert!(server.run("INFO keysizes").contains(both));
    server.tick();
    assert!(server.run("INFO keysizes").contains("# Keysizes\r\ndb0_distrib_hashes_items:1=1\r\n"));
}

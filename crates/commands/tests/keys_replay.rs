//! What the journal gets of keys' commands makes the same data elsewhere.
//!
//! The other engine's clock stands still at the beginning, so no key is ever due there: what expires must be told by the journal, in the
//! right database and before the effect that relies on it.

mod engine_under_test;

use engine_under_test::EngineUnderTest;
use fastrand::Rng;
use keyspace::DbIndex;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const DATABASES: u32 = 3;

#[test]
fn effects_make_the_same_data_elsewhere() {
    for seed in 0..20 {
        let mut random = Rng::with_seed(seed);
        let mut first = EngineUnderTest::with_config("stripes 4");
        let mut second = EngineUnderTest::with_config("stripes 4");
        for _ in 0..500 {
            first.session().select(DbIndex(random.u32(..DATABASES)));
            first.run(&command(&mut random));
            first.pass(random.u64(..4));
        }
        let data = data(&mut first);
        replay(&first.effects(), &mut second);
        assert_eq!(data, self::data(&mut second), "seed {seed}");
        assert!(!data.is_empty(), "seed {seed} leaves something to compare");
    }
}

fn command(random: &mut Rng) -> String {
    let mut name = || NAMES[random.usize(..NAMES.len())];
    let (one, other) = (name(), name());
    let db = random.u32(..DATABASES);
    let ms = random.u32(..40);
    match random.u8(..14) {
        0..3 => format!("SET {one} {ms}"),
        3 => format!("SET {one} {ms} PX {}", ms + 1),
        4 => format!("DEL {one} {other}"),
        5 => format!("RENAME {one} {other}"),
        6 => format!("RENAMENX {one} {other}"),
        7 => format!("COPY {one} {other} DB {db}"),
        8 => format!("COPY {one} {other} DB {db} REPLACE"),
        9 => format!("MOVE {one} {db}"),
        10 => format!("PEXPIRE {one} {ms} {}", ["GT", "LT", "NX", "XX"][random.usize(..4)]),
        11 => format!("EXPIRE {one} {ms}"),
        12 => format!("PERSIST {one}"),
        _ => format!("UNLINK {one}"),
    }
}

/// Every key there is, with its database, value and expiry. Looking at each makes those go that are due.
fn data(server: &mut EngineUnderTest) -> Vec<String> {
    let mut found = Vec::new();
    for db in 0..DATABASES {
        server.session().select(DbIndex(db));
        for name in NAMES {
            if server.run(&format!("EXISTS {name}")) == ":1\r\n" {
                let value = server.run(&format!("GET {name}"));
                let expiry = server.run(&format!("PEXPIRETIME {name}"));
                found.push(format!("{db} {name} {value} {expiry}"));
            }
        }
    }
    found
}

/// Runs effects as the harness shows them.
fn replay(effects: &[String], server: &mut EngineUnderTest) {
    for line in effects {
        let (db, requests) = match line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((db, requests)) => (db.parse().expect("a database has a number"), requests),
            None => (0, &line[..]),
        };
        server.session().select(DbIndex(db));
        for request in requests.split("; ") {
            let reply = server.run(request);
            assert!(
                !reply.starts_with('-') && reply != ":0\r\n",
                "{request} on database {db} did nothing: {reply}"
            );
        }
    }
}

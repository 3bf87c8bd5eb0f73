//! Strings and bitmaps: whoever runs the effects has the same data.

mod engine_under_test;

use engine_under_test::EngineUnderTest;
use keyspace::{DbIndex, UnixMillis};
use proptest::prelude::*;
use proptest::sample::select;

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

fn key() -> impl Strategy<Value = &'static str> {
    select(&KEYS[..])
}

fn value() -> impl Strategy<Value = &'static str> {
    select(&["\"\"", "1", "-7", "1.5", "text", "inf", "GET", "0123456789"][..])
}

fn lifetime() -> impl Strategy<Value = &'static str> {
    const LIFETIMES: [&str; 9] =
        ["", "", "EX 1", "PX 5", "px 700", "EXAT 1800000001", "PXAT 1800000000003", "PXAT 1", "KEEPTTL"];
    select(&LIFETIMES[..])
}

fn condition() -> impl Strategy<Value = &'static str> {
    select(&["", "", "", "NX", "XX", "IFEQ 1", "get", "XX GET", "IFEQ GET GET"][..])
}

fn field() -> impl Strategy<Value = &'static str> {
    const OPERATIONS: [&str; 6] = [
        "SET u8 0 65",
        "SET u8 0 0",
        "INCRBY i5 #3 7",
        "OVERFLOW FAIL INCRBY u2 40 3",
        "OVERFLOW FAIL SET u4 100 16",
        "GET u8 0",
    ];
    select(&OPERATIONS[..])
}

fn command() -> impl Strategy<Value = String> {
    let plain = select(
        &[
            "GET",
            "INCR",
            "DECR",
            "GETDEL",
            "GETEX",
            "STRLEN",
            "APPEND",
            "SETNX",
            "GETSET",
            "DELIFEQ",
            "INCRBYFLOAT",
        ][..],
    );
    prop_oneof![
        3 => (key(), value(), condition(), lifetime())
            .prop_map(|(key, value, condition, lifetime)| format!("SET {key} {value} {condition} {lifetime}")),
        4 => (plain, key(), value()).prop_map(|(name, key, value)| match name {
            "GET" | "INCR" | "DECR" | "GETDEL" | "GETEX" | "STRLEN" => format!("{name} {key}"),
            _ => format!("{name} {key} {value}"),
        }),
        2 => (key(), lifetime()).prop_map(|(key, lifetime)| format!("GETEX {key} {lifetime}")),
        1 => key().prop_map(|key| format!("GETEX {key} PERSIST")),
        2 => (key(), value(), key(), value(), lifetime()).prop_map(|(a, x, b, y, lifetime)| {
            format!("MSETEX 2 {a} {x} {b} {y} {lifetime}")
        }),
        1 => (key(), value(), key(), value()).prop_map(|(a, x, b, y)| format!("MSETNX {a} {x} {b} {y}")),
        2 => (key(), 0..20, value()).prop_map(|(key, offset, value)| format!("SETRANGE {key} {offset} {value}")),
        2 => (key(), 0..40, 0..2).prop_map(|(key, offset, bit)| format!("SETBIT {key} {offset} {bit}")),
        2 => (select(&["AND", "OR", "NOT", "DIFF", "ONE"][..]), key(), key())
            .prop_map(|(how, to, from)| format!("BITOP {how} {to} {from}")),
        3 => (key(), field(), field()).prop_map(|(key, one, two)| format!("BITFIELD {key} {one} {two}")),
    ]
}

/// What an engine holds under a key: its text and its expiry, whether due or not.
fn held(t: &EngineUnderTest, key: &str) -> Option<(Vec<u8>, Option<UnixMillis>)> {
    let data = t.engine().keyspace();
    let key = data.key(key.as_bytes());
    let mut locked = data.lock([key.hash()]);
    let table = locked.stripe_mut(key.hash()).table_mut(DbIndex(0));
    table.find(&key).map(|entry| (entry.value().to_vec(), entry.expiry()))
}

/// Runs an effect. Those that commands of other families would carry out are told in the words of this one.
fn replay(t: &mut EngineUnderTest, effect: &str) {
    let words: Vec<&str> = effect.split(' ').collect();
    let reply = match words[..] {
        ["DEL", key] => t.run(&format!("GETDEL {key}")),
        ["PEXPIREAT", key, at] => t.run(&format!("GETEX {key} PXAT {at}")),
        ["PERSIST", key] => t.run(&format!("GETEX {key} PERSIST")),
        _ => t.run(effect),
    };
    assert!(!reply.starts_with('-'), "{effect}: {reply}");
}

proptest! {
    #[test]
    fn effects_reproduce_the_data(
        steps in proptest::collection::vec((command(), select(&[0u64, 0, 1, 3, 400][..])), 1..60),
    ) {
        let mut primary = EngineUnderTest::new();
        for (command, pause) in &steps {
            let words: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
            primary.run(&words.join(" "));
            primary.pass(*pause);
        }
        // Whatever is due has its removal in the journal by the time it is looked at.
        for key in KEYS {
            primary.run(&format!("GET {key}"));
        }
        // The other engine's clock still stands at the beginning: it removes nothing on its own.
        let mut replica = EngineUnderTest::new();
        for effects in primary.effects() {
            effects.split("; ").for_each(|effect| replay(&mut replica, effect));
        }
        for key in KEYS {
            prop_assert_eq!(held(&primary, key), held(&replica, key), "{}", key);
        }
    }
}

//! OBJECT, and the access clock that it shows.

mod engine_under_test;

use std::sync::atomic::Ordering::Relaxed;

use engine_under_test::EngineUnderTest;

fn encoding(server: &mut EngineUnderTest, key: &str) -> String {
    let reply = server.run(&format!("OBJECT ENCODING {key}"));
    reply.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn numbers_are_int_and_only_in_their_canonical_form() {
    let mut server = EngineUnderTest::new();
    for (value, expected) in [
        ("0", "int"),
        ("-9223372036854775808", "int"),
        ("9223372036854775808", "embstr"),
        ("007", "embstr"),
        ("+1", "embstr"),
        ("\"\"", "embstr"),
    ] {
        server.run(&format!("SET a {value}"));
        assert_eq!(encoding(&mut server, "a"), expected, "{value}");
    }
}

#[test]
fn key_value_and_expiry_share_the_room_of_embstr() {
    let mut server = EngineUnderTest::new();
    for (key_len, value_len, option, expected) in [
        (1, 40, "", "embstr"),
        (1, 41, "", "raw"),
        (10, 31, "", "embstr"),
        (10, 32, "", "raw"),
        (1, 32, " EX 100", "embstr"),
        (1, 33, " EX 100", "raw"),
        (42, 0, "", "raw"),
    ] {
        let (key, value) = ("k".repeat(key_len), "x".repeat(value_len));
        let value = if value.is_empty() { "\"\"" } else { &value };
        server.run(&format!("SET {key} {value}{option}"));
        assert_eq!(encoding(&mut server, &key), expected, "{key_len} {value_len}{option}");
    }
}

#[test]
fn a_value_has_one_reference() {
    let mut server = EngineUnderTest::new();
    server.run("MSET number 7 text abc");
    assert_eq!(server.run("OBJECT REFCOUNT number"), ":1\r\n");
    assert_eq!(server.run("OBJECT refcount text"), ":1\r\n");
    assert_eq!(server.run("OBJECT REFCOUNT nosuch"), "$-1\r\n");
    server.use_resp3();
    assert_eq!(server.run("OBJECT REFCOUNT nosuch"), "_\r\n");
}

#[test]
fn idle_time_counts_from_the_last_use_and_looking_is_none() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 EX 100000");
    server.pass(90_000);
    for command in
        ["OBJECT IDLETIME a", "EXISTS a", "TYPE a", "TTL a", "KEYS *", "SCAN 0", "OBJECT ENCODING a"]
    {
        server.run(command);
    }
    assert_eq!(server.run("OBJECT IDLETIME a"), ":90\r\n");
    assert_eq!(server.run("TOUCH a"), ":1\r\n");
    assert_eq!(server.run("OBJECT IDLETIME a"), ":0\r\n");
    assert!(server.run("OBJECT FREQ a").starts_with("-ERR An LFU maxmemory policy is not selected, access"));
}

#[test]
fn touch_touches_even_for_a_client_that_does_not() {
    let mut server = EngineUnderTest::new();
    server.session().client().is_no_touch.store(true, Relaxed);
    server.run("SET a 1");
    server.pass(60_000);
    server.run("GET a");
    assert_eq!(server.run("OBJECT IDLETIME a"), ":60\r\n");
    server.run("TOUCH a");
    assert_eq!(server.run("OBJECT IDLETIME a"), ":0\r\n");
}

#[test]
fn a_renamed_key_was_used_just_now_and_a_copy_is_fresh() {
    let mut server = EngineUnderTest::new();
    server.run("MSET a 1 b 2");
    server.pass(60_000);
    server.run("RENAME a c");
    server.run("COPY b d");
    for key in ["b", "c", "d"] {
        assert_eq!(server.run(&format!("OBJECT IDLETIME {key}")), ":0\r\n");
    }
}

#[test]
fn frequency_needs_an_lfu_policy_and_idle_time_another() {
    let mut server = EngineUnderTest::new();
    server.configure("maxmemory-policy", "allkeys-lfu");
    server.run("SET a 1");
    assert_eq!(server.run("OBJECT FREQ a"), ":5\r\n");
    assert_eq!(server.run("OBJECT FREQ nosuch"), "$-1\r\n");
    assert_eq!(server.run("OBJECT IDLETIME nosuch"), "$-1\r\n");
    let error = server.run("OBJECT IDLETIME a");
    assert!(
        error.starts_with("-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note")
    );
    server.pass(180_000);
    assert_eq!(server.run("OBJECT FREQ a"), ":2\r\n");
}

#[test]
fn help_is_lines_of_text() {
    let mut server = EngineUnderTest::new();
    let help = server.run("OBJECT HELP");
    let count: usize = help[1..].lines().next().and_then(|count| count.parse().ok()).expect("an array");
    assert_eq!(help.lines().count(), count + 1);
    assert!(help.lines().skip(1).all(|line| line.starts_with('+')));
}

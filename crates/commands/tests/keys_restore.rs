//! What RESTORE leaves behind, and what DUMP shows of hashes whose fields are due.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, START_MS, check_table};
use rdb::{Dialect, dump};
use resp::write_request;

/// A payload that is plain text, so that it can stand in a table: of `value`, five digits.
fn payload(mut value: impl FnMut(u32) -> Vec<u8>) -> String {
    let mut payloads = (0..100_000).map(|number| dump::seal(&value(number), Dialect::Redis(10)));
    let is_word = |payload: &Vec<u8>| payload.is_ascii() && !payload.contains(&b' ');
    let found = payloads.find(is_word).expect("one checksum of some hundreds is text");
    String::from_utf8(found).expect("text")
}

fn string() -> String {
    payload(|number| format!("\0\x05{number:05}").into_bytes())
}

/// Of a list of one element.
fn list() -> String {
    payload(|number| format!("\x01\x01\x05{number:05}").into_bytes())
}

#[test]
fn restoring_is_told() {
    let mut server = EngineUnderTest::new();
    let (string, list) = (string(), list());
    let rows = [
        (format!("RESTORE k 0 {string}"), "", "new k | restore k"),
        (format!("RESTORE k 0 {string} REPLACE"), "", "new k | restore k | overwritten k"),
        (format!("RESTORE k 0 {list} REPLACE"), "", "new k | restore k | overwritten k | type_changed k"),
        (format!("RESTORE a 1999999999999 {string} IDLETIME 9 ABSTTL"), "", "new a | restore a"),
        (format!("RESTORE b 0 {string} absttl freq 9"), "", "new b | restore b"),
        (format!("RESTORE-ASKING c 0 {string}"), "", "new c | restore c"),
        (
            format!("RESTORE d 100000 {string} IDLETIME 7"),
            &*format!("RESTORE d {} {string} IDLETIME 7 ABSTTL", START_MS + 100_000),
            "new d | restore d",
        ),
        (
            format!("RESTORE-ASKING d 1 {string} REPLACE freq 7"),
            &*format!("RESTORE d {} {string} REPLACE freq 7 ABSTTL", START_MS + 1),
            "new d | restore d | overwritten d",
        ),
        (format!("RESTORE k 1 {string} ABSTTL REPLACE"), "DEL k", "del k"),
        (format!("RESTORE d {START_MS} {string} ABSTTL REPLACE"), "DEL d", "del d"),
    ];
    for (command, effect, events) in &rows {
        let effect = if effect.is_empty() { command } else { *effect };
        check_table(&mut server, &[(command, "+OK\r\n", effect, events)]);
    }
    let gone = format!("RESTORE nosuch 1 {string} ABSTTL REPLACE");
    let busy = format!("RESTORE a 0 {string}");
    check_table(
        &mut server,
        &[
            (&gone, "+OK\r\n", "", ""),
            (&busy, "-BUSYKEY Target key name already exists.\r\n", "", ""),
            ("RESTORE a 0 junk REPLACE", "-ERR DUMP payload version or checksum are wrong\r\n", "", ""),
            ("DUMP nosuch", "$-1\r\n", "", "keymiss nosuch"),
        ],
    );
}

#[test]
fn effects_make_the_same_keys_elsewhere_and_later() {
    let (mut first, mut second) = (EngineUnderTest::new(), EngineUnderTest::new());
    let (string, list) = (string(), list());
    for command in [
        format!("RESTORE a 5000 {string}"),
        format!("RESTORE b 1999999999999 {list} ABSTTL"),
        format!("RESTORE c 0 {list}"),
        format!("RESTORE a 9000 {list} REPLACE"),
        format!("RESTORE c 1 {list} REPLACE ABSTTL"),
        format!("RESTORE d 9223372036854775807 {list}"),
    ] {
        assert_eq!(first.run(&command), "+OK\r\n");
    }
    second.pass(1_000);
    for effect in first.effects() {
        second.run(&effect);
    }
    for key in ["a", "b", "c", "d"] {
        for question in [format!("PEXPIRETIME {key}"), format!("DUMP {key}"), format!("TYPE {key}")] {
            assert_eq!(second.run(&question), first.run(&question), "{question}");
        }
    }
    assert_eq!(first.run("PEXPIRETIME a"), format!(":{}\r\n", START_MS + 9_000));
    assert_eq!(first.run("EXISTS c d"), ":0\r\n");
}

#[test]
fn a_key_whose_time_is_up_leaves_before_another_takes_its_place() {
    let mut server = EngineUnderTest::new();
    server.run("SET k v PX 1");
    server.pass(2);
    let command = format!("RESTORE k 0 {}", string());
    let effects = format!("DEL k; {command}");
    check_table(&mut server, &[(&command, "+OK\r\n", &effects, "expired k | new k | restore k")]);
}

/// More than are removed at one look.
const DUE: usize = 300;

#[test]
fn fields_that_are_due_are_not_dumped() {
    for (fields_max, is_paused) in [("1000", false), ("10", false), ("1000", true), ("10", true)] {
        let mut server = EngineUnderTest::with_config(&format!("hash-max-listpack-entries {fields_max}"));
        server.run("HSET h stays 1 also 2");
        server.run(&format!("HPEXPIREAT h {} FIELDS 1 also", START_MS + 60_000));
        for number in 0..DUE {
            server.run(&format!("HSETEX h PX 5 FIELDS 1 field{number} x"));
        }
        server.pass(10);
        if is_paused {
            server.run("CLIENT PAUSE 1000 WRITE");
        }
        // The other's clock stands at the beginning, when no field was due.
        let mut other = EngineUnderTest::new();
        restore(&mut other, "h", &dumped(&mut server, "h"));
        assert_eq!(other.run("HLEN h"), ":2\r\n", "{fields_max} {is_paused}");
        let expiries = format!("*2\r\n:-1\r\n:{}\r\n", START_MS + 60_000);
        assert_eq!(other.run("HPEXPIRETIME h FIELDS 2 stays also"), expiries);
    }
}

/// What DUMP gives.
fn dumped(server: &mut EngineUnderTest, key: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    write_request(&mut wire, &[b"DUMP", key.as_bytes()]);
    let reply = server.run_bytes(&wire);
    let start = reply.iter().position(|byte| *byte == b'\n').expect("a bulk string") + 1;
    reply[start..reply.len() - 2].to_vec()
}

fn restore(server: &mut EngineUnderTest, key: &str, payload: &[u8]) {
    assert_eq!(server.run_words(&[b"RESTORE", key.as_bytes(), b"0", payload, b"REPLACE"]), "+OK\r\n");
}

#[test]
fn long_values_come_back_as_they_were() {
    let mut server = EngineUnderTest::new();
    let long = "0123456789abcdef".repeat(20_000);
    server.run(&format!("SET s {long}"));
    server.run(&format!("RPUSH l a {long} b"));
    for compression in ["yes", "no"] {
        server.configure("rdbcompression", compression);
        for (key, question) in [("s", "GET"), ("l", "LINDEX")] {
            let payload = dumped(&mut server, key);
            assert_eq!(payload.len() > long.len(), compression == "no");
            restore(&mut server, "copy", &payload);
            let index = if key == "l" { " 1" } else { "" };
            assert_eq!(
                server.run(&format!("{question} copy{index}")),
                format!("${}\r\n{long}\r\n", long.len())
            );
        }
    }
}

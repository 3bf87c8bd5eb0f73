//! Strings: how values are kept, for how long, and how long they may be.

mod engine_under_test;

use engine_under_test::EngineUnderTest;

const TOO_LONG: &str = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

/// Whether the key is shown as an integer or, changed in place, as raw.
fn form_of(t: &EngineUnderTest, key: &str) -> &'static str {
    let data = t.engine().keyspace();
    let key = data.key(key.as_bytes());
    let mut locked = data.lock([key.hash()]);
    let table = locked.stripe_mut(key.hash()).table_mut(keyspace::DbIndex(0));
    let entry = table.find(&key).expect("the key is there");
    match entry.value() {
        keyspace::Value::Integer(_) => "int",
        _ if entry.is_edited() => "raw",
        _ => "plain",
    }
}

#[test]
fn changes_in_place_make_a_value_raw_until_it_is_set_again() {
    let steps = [
        ("SET k 5", "int"),
        ("APPEND k 5", "raw"),
        ("INCR k", "int"),
        ("SETRANGE k 0 7", "raw"),
        ("SET k abc", "plain"),
        ("SETBIT k 1 1", "raw"),
        ("GETSET k 12", "int"),
        ("INCRBYFLOAT k 1", "plain"),
        ("BITFIELD k SET u8 0 65", "raw"),
        ("GETDEL k", ""),
        ("APPEND k 12", "int"),
        ("BITOP OR k k", "raw"),
        ("GETDEL k", ""),
        ("SETRANGE k 0 12", "raw"),
    ];
    let mut t = EngineUnderTest::new();
    for (command, expected) in steps {
        t.run(command);
        if !expected.is_empty() {
            assert_eq!(form_of(&t, "k"), expected, "after {command}");
        }
    }
}

#[test]
fn changes_in_place_keep_the_expiry_and_replacements_drop_it() {
    let keeping =
        ["INCR k", "INCRBYFLOAT k 1", "APPEND k 1", "SETRANGE k 0 1", "SETBIT k 1 1", "SET k 1 KEEPTTL"];
    let dropping = ["SET k 1", "GETSET k 1", "MSET k 1", "SET k 1 GET", "BITOP OR k k", "GETEX k PERSIST"];
    for (command, expected) in
        keeping.map(|c| (c, "$-1\r\n")).into_iter().chain(dropping.map(|c| (c, "$1\r\n1\r\n")))
    {
        let mut t = EngineUnderTest::new();
        t.run("SET k 1 PX 10");
        t.run(command);
        t.pass(11);
        assert_eq!(t.run("GET k"), expected, "after {command}");
    }
}

#[test]
fn a_key_lives_through_the_millisecond_of_its_expiry() {
    let mut t = EngineUnderTest::new();
    t.run("SET k 1 PX 10");
    t.pass(10);
    assert_eq!(t.run("GET k"), "$1\r\n1\r\n");
    t.pass(1);
    assert_eq!(t.run("GET k"), "$-1\r\n");
}

#[test]
fn no_command_makes_a_string_longer_than_allowed() {
    let mut t = EngineUnderTest::new();
    t.configure("proto-max-bulk-len", "1048576");
    assert_eq!(t.run("SETRANGE k 1048576 x"), TOO_LONG);
    assert_eq!(t.run("SETRANGE k 9223372036854775807 x"), TOO_LONG);
    assert_eq!(t.run("STRLEN k"), ":0\r\n");
    assert_eq!(t.run("SETRANGE k 1048575 x"), ":1048576\r\n");
    assert_eq!(t.run("APPEND k x"), TOO_LONG);
    assert_eq!(t.run("APPEND k \"\""), ":1048576\r\n");
    let wrong_offset = "-ERR bit offset is not an integer or out of range\r\n";
    assert_eq!(t.run("SETBIT k 8388608 1"), wrong_offset);
    assert_eq!(t.run("SETBIT k 8388607 1"), ":0\r\n");
    assert_eq!(t.run("BITFIELD k SET u8 8388608 1"), wrong_offset);
    let too_large = "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n";
    assert_eq!(t.run("LCS k k"), too_large);
    assert_eq!(t.run("LCS k k LEN"), too_large);
}

#[test]
fn a_long_value_is_taken_over_as_it_was_received() {
    let mut t = EngineUnderTest::new();
    let long = vec![b'x'; 100_000];
    for command in ["SET", "GETSET", "SETNX", "APPEND"] {
        t.run("GETDEL k");
        t.run_words(&[command.as_bytes(), b"k", &long]);
        let data = t.engine().keyspace();
        let key = data.key(b"k");
        let mut locked = data.lock([key.hash()]);
        let table = locked.stripe_mut(key.hash()).table_mut(keyspace::DbIndex(0));
        let buffer = table.find(&key).and_then(|entry| entry.shared()).expect("a buffer of its own");
        assert_eq!(buffer.len(), long.len());
        assert_eq!(
            std::sync::Arc::strong_count(&buffer),
            2,
            "{command} keeps one owner, the test is the other"
        );
    }
}

#[test]
fn lcs_replies_with_a_map_where_the_protocol_has_one() {
    let mut t = EngineUnderTest::new();
    t.run("MSET a ohmytext b mynewtext");
    t.use_resp3();
    let ranges = "*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n";
    assert_eq!(
        t.run("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN"),
        format!("%2\r\n$7\r\nmatches\r\n*1\r\n*3\r\n{ranges}:4\r\n$3\r\nlen\r\n:6\r\n")
    );
    assert_eq!(t.run("GET nokey"), "_\r\n");
}

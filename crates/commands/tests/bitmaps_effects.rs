//! Bitmaps: what goes into the journal, and which events are told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

#[test]
fn setbit_is_journaled_when_it_changes_or_grows_the_string() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("SETBIT k 7 1", ":0\r\n", "SETBIT k 7 1", "new k | setbit k"),
            ("SETBIT k 7 1", ":1\r\n", "", ""),
            ("SETBIT k 100 0", ":0\r\n", "SETBIT k 100 0", "setbit k"),
            ("SETBIT k 100 0", ":0\r\n", "", ""),
            ("SETBIT z 0 0", ":0\r\n", "SETBIT z 0 0", "new z | setbit z"),
            ("STRLEN k", ":13\r\n", "", ""),
        ],
    );
}

#[test]
fn bitop_stores_without_expiry_and_removes_an_empty_result() {
    let mut t = EngineUnderTest::new();
    t.run("MSET a abc b ab");
    check_table(
        &mut t,
        &[
            ("BITOP DIFF d a b", ":3\r\n", "BITOP DIFF d a b", "new d | set d"),
            ("GET d", "$3\r\n\0\0c\r\n", "", ""),
            ("bitop or d a nokey", ":3\r\n", "bitop or d a nokey", "keymiss nokey | overwritten d | set d"),
            ("BITOP AND d nokey", ":0\r\n", "BITOP AND d nokey", "keymiss nokey | del d"),
            ("BITOP AND d nokey", ":0\r\n", "", "keymiss nokey"),
            ("BITOP NOT a a b", "-ERR BITOP NOT must be called with a single source key.\r\n", "", ""),
            ("BITOP ONE a a", ":3\r\n", "BITOP ONE a a", "overwritten a | set a"),
        ],
    );
}

#[test]
fn bitop_on_due_keys_journals_their_removal_first() {
    let mut t = EngineUnderTest::new();
    t.run("MSETEX 2 a 1 d 1 PX 10");
    t.run("SET b 2");
    t.pass(11);
    check_table(
        &mut t,
        &[(
            "BITOP OR d a b",
            ":1\r\n",
            "DEL a; DEL d; BITOP OR d a b",
            "expired a | keymiss a | expired d | new d | set d",
        )],
    );
}

#[test]
fn bitfield_is_journaled_when_it_changes_or_grows_the_string() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("BITFIELD k GET u8 0", "*1\r\n:0\r\n", "", "keymiss k"),
            ("BITFIELD k", "*0\r\n", "", "keymiss k"),
            ("BITFIELD k SET u8 0 255", "*1\r\n:0\r\n", "BITFIELD k SET u8 0 255", "new k | setbit k"),
            ("BITFIELD k SET u8 0 255", "*1\r\n:255\r\n", "", ""),
            ("BITFIELD k INCRBY u8 0 10", "*1\r\n:9\r\n", "BITFIELD k INCRBY u8 0 10", "setbit k"),
            ("BITFIELD k OVERFLOW FAIL INCRBY u8 0 255", "*1\r\n$-1\r\n", "", ""),
            // The string grows even though nothing is written into it: whoever replays this must end up with the same.
            (
                "BITFIELD f OVERFLOW FAIL SET u8 8 256",
                "*1\r\n$-1\r\n",
                "BITFIELD f OVERFLOW FAIL SET u8 8 256",
                "new f | setbit f",
            ),
            ("STRLEN f", ":2\r\n", "", ""),
            ("BITFIELD_RO k GET u8 0", "*1\r\n:9\r\n", "", ""),
            ("BITFIELD_RO k SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n", "", ""),
            ("BITFIELD k SET u8 0 1 GET u99 0", WRONG_TYPE, "", ""),
            ("BITFIELD_RO k GET u8 0", "*1\r\n:9\r\n", "", ""),
        ],
    );
}

const WRONG_TYPE: &str =
    "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n";

#[test]
fn bitcount_takes_a_start_alone() {
    let mut t = EngineUnderTest::new();
    t.run("SET k abc");
    assert_eq!(t.run("BITCOUNT k 1"), ":7\r\n");
    assert_eq!(t.run("BITPOS k 1 1"), ":9\r\n");
    assert_eq!(t.run("BITPOS nokey 0 5 6"), ":0\r\n");
}

//! What the commands of keys leave behind: replies, effects in the journal, events.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, START_MS, check_table};
use keyspace::DbIndex;

#[test]
fn removing_is_told_for_every_key_that_was_there() {
    let mut server = EngineUnderTest::new();
    server.run("MSET a 1 b 2 c 3");
    check_table(
        &mut server,
        &[
            ("DEL a nosuch b a", ":2\r\n", "DEL a nosuch b a", "del a | del b"),
            ("DEL a", ":0\r\n", "", ""),
            ("UNLINK c c", ":1\r\n", "UNLINK c c", "del c"),
        ],
    );
}

#[test]
fn looking_at_keys_leaves_no_effects() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1");
    check_table(
        &mut server,
        &[
            ("EXISTS a a", ":2\r\n", "", ""),
            ("EXISTS nosuch", ":0\r\n", "", "keymiss nosuch"),
            ("TOUCH a a", ":2\r\n", "", ""),
            ("TOUCH nosuch", ":0\r\n", "", "keymiss nosuch"),
            ("TYPE a", "+string\r\n", "", ""),
            ("TYPE nosuch", "+none\r\n", "", "keymiss nosuch"),
            ("TTL nosuch", ":-2\r\n", "", "keymiss nosuch"),
            ("OBJECT ENCODING nosuch", "$-1\r\n", "", ""),
            ("COPY nosuch b", ":0\r\n", "", "keymiss nosuch"),
            ("RENAME nosuch b", "-ERR no such key\r\n", "", ""),
            ("RENAMENX nosuch nosuch", "-ERR no such key\r\n", "", ""),
            ("MOVE nosuch 1", ":0\r\n", "", ""),
            ("EXPIRE nosuch 10", ":0\r\n", "", ""),
            ("PERSIST nosuch", ":0\r\n", "", ""),
            ("PERSIST a", ":0\r\n", "", ""),
        ],
    );
}

#[test]
fn renaming_tells_both_names() {
    let mut server = EngineUnderTest::new();
    server.run("MSET a 1 b 2 c 3");
    let replaced = "new b | rename_from a | rename_to b | overwritten b";
    check_table(
        &mut server,
        &[
            ("RENAME a a", "+OK\r\n", "", ""),
            ("RENAMENX a a", ":0\r\n", "", ""),
            ("RENAMENX a b", ":0\r\n", "", ""),
            ("RENAME a b", "+OK\r\n", "RENAME a b", replaced),
            ("GET b", "$1\r\n1\r\n", "", ""),
            ("GET a", "$-1\r\n", "", "keymiss a"),
            ("RENAMENX b d", ":1\r\n", "RENAMENX b d", "new d | rename_from b | rename_to d"),
            ("DBSIZE", ":2\r\n", "", ""),
        ],
    );
}

#[test]
fn renaming_carries_the_expiry_and_also_the_lack_of_one() {
    let mut server = EngineUnderTest::new();
    server.run("SET mortal 1 EX 100");
    server.run("SET eternal 1");
    server.run("SET other 1 EX 50");
    server.run("RENAME mortal renamed");
    assert_eq!(server.run("TTL renamed"), ":100\r\n");
    server.run("RENAME eternal other");
    assert_eq!(server.run("TTL other"), ":-1\r\n");
    server.pass(100_001);
    assert_eq!(server.run("EXISTS renamed other"), ":1\r\n");
}

#[test]
fn an_expired_key_is_gone_for_rename_before_it_is_touched() {
    let mut server = EngineUnderTest::new();
    server.run("MSET a 1");
    server.run("SET due 1 PX 10");
    server.pass(11);
    check_table(
        &mut server,
        &[
            (
                "RENAMENX a due",
                ":1\r\n",
                "DEL due; RENAMENX a due",
                "expired due | new due | rename_from a | rename_to due",
            ),
            ("PEXPIRE due 10", ":1\r\n", "PEXPIREAT due 1800000000021", "expire due"),
        ],
    );
    server.pass(11);
    check_table(&mut server, &[("RENAME due a", "-ERR no such key\r\n", "DEL due", "expired due")]);
}

#[test]
fn copying_refuses_a_taken_name_unless_told_to_replace() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 EX 100");
    server.run("SET b 2");
    check_table(
        &mut server,
        &[
            ("COPY a b", ":0\r\n", "", ""),
            ("COPY a b REPLACE", ":1\r\n", "COPY a b REPLACE", "new b | copy_to b | overwritten b"),
            ("TTL b", ":100\r\n", "", ""),
            ("COPY a c", ":1\r\n", "COPY a c", "new c | copy_to c"),
            ("COPY a a", "-ERR source and destination objects are the same\r\n", "", ""),
            ("COPY a a DB 0", "-ERR source and destination objects are the same\r\n", "", ""),
            ("COPY a a DB 16", "-ERR DB index is out of range\r\n", "", ""),
            ("COPY a a FOO", "-ERR syntax error\r\n", "", ""),
        ],
    );
}

#[test]
fn copies_and_moves_reach_other_databases() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 EX 100");
    check_table(
        &mut server,
        &[
            ("COPY a a DB 1", ":1\r\n", "COPY a a DB 1", "@1 new a | @1 copy_to a"),
            ("COPY a a DB 1", ":0\r\n", "", ""),
            (
                "COPY a a DB 1 REPLACE",
                ":1\r\n",
                "COPY a a DB 1 REPLACE",
                "@1 new a | @1 copy_to a | @1 overwritten a",
            ),
            ("MOVE a 1", ":0\r\n", "", ""),
            ("MOVE a 2", ":1\r\n", "MOVE a 2", "@2 new a | move_from a | @2 move_to a"),
            ("EXISTS a", ":0\r\n", "", "keymiss a"),
            ("MOVE a 0", "-ERR source and destination objects are the same\r\n", "", ""),
            ("MOVE a 16", "-ERR DB index is out of range\r\n", "", ""),
            (
                "MOVE a 2147483648",
                "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
                "",
                "",
            ),
        ],
    );
    server.session().select(DbIndex(2));
    check_table(
        &mut server,
        &[
            ("TTL a", ":100\r\n", "", ""),
            ("MOVE a 0", ":1\r\n", "@2 MOVE a 0", "new a | @2 move_from a | move_to a"),
        ],
    );
}

#[test]
fn a_destination_that_is_due_is_deleted_in_its_own_database() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 PX 10");
    server.run("MOVE a 1");
    server.run("SET a 2");
    server.pass(11);
    check_table(
        &mut server,
        &[("COPY a a DB 1", ":1\r\n", "@1 DEL a | COPY a a DB 1", "@1 expired a | @1 new a | @1 copy_to a")],
    );
}

#[test]
fn both_are_due_each_is_deleted_where_it_was() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 PX 10");
    server.run("COPY a b DB 1");
    server.run("SET b 1 PX 10");
    server.pass(11);
    check_table(
        &mut server,
        &[
            ("MOVE b 1", ":0\r\n", "DEL b", "expired b"),
            ("COPY a b DB 1", ":0\r\n", "DEL a", "expired a | keymiss a"),
        ],
    );
}

#[test]
fn expiries_are_journaled_as_absolute_times() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1");
    check_table(
        &mut server,
        &[
            ("EXPIRE a 100", ":1\r\n", "PEXPIREAT a 1800000100000", "expire a"),
            ("PEXPIRE a 1500 LT", ":1\r\n", "PEXPIREAT a 1800000001500", "expire a"),
            ("EXPIREAT a 1800000200 XX", ":1\r\n", "PEXPIREAT a 1800000200000", "expire a"),
            ("PEXPIREAT a 1800000200000 GT", ":0\r\n", "", ""),
            ("PERSIST a", ":1\r\n", "PERSIST a", "persist a"),
            ("EXPIRE a 10 GT", ":0\r\n", "", ""),
        ],
    );
    assert_eq!(START_MS, 1_800_000_000_000, "the times above count from here");
}

#[test]
fn an_expiry_that_is_not_ahead_deletes() {
    let mut server = EngineUnderTest::new();
    for command in [
        "EXPIRE a 0",
        "EXPIRE a -1",
        "PEXPIREAT a 1800000000000",
        "EXPIREAT a 1 LT",
        "PEXPIRE a -9223372036854775808",
    ] {
        server.run("SET a 1");
        check_table(&mut server, &[(command, ":1\r\n", "DEL a", "del a"), ("DEL a", ":0\r\n", "", "")]);
    }
    server.run("SET a 1");
    check_table(
        &mut server,
        &[
            ("EXPIREAT a 1 XX", ":0\r\n", "", ""),
            ("EXPIREAT a 1 GT", ":0\r\n", "", ""),
            ("EXISTS a", ":1\r\n", "", ""),
        ],
    );
}

#[test]
fn a_key_that_is_due_cannot_be_kept_alive() {
    let mut server = EngineUnderTest::new();
    for command in ["EXPIRE a 10", "PERSIST a", "DEL a", "MOVE a 1"] {
        server.run("SET a 1 PX 5");
        server.pass(6);
        check_table(&mut server, &[(command, ":0\r\n", "DEL a", "expired a")]);
    }
}

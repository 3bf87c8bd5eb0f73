//! Sets: what goes into the journal, and which events are told.

mod engine_under_test;

use std::collections::BTreeSet;

use engine_under_test::{EngineUnderTest, check_table};

const NIL: &str = "$-1\r\n";
const NONE: &str = "*0\r\n";
const WRONG_TYPE: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

#[test]
fn adding_and_removing_is_journaled_if_it_changed_something() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("sadd s a b a", ":2\r\n", "sadd s a b a", "new s | sadd s"),
            ("SADD s a", ":0\r\n", "", ""),
            ("SADD s a c", ":1\r\n", "SADD s a c", "sadd s"),
            ("SREM s x", ":0\r\n", "", ""),
            ("SREM s x a", ":1\r\n", "SREM s x a", "srem s"),
            ("SREM s b c d", ":2\r\n", "SREM s b c d", "srem s | del s"),
            ("SREM s a", ":0\r\n", "", ""),
            ("SET str 1", "+OK\r\n", "SET str 1", "new str | set str"),
            ("SADD str a", WRONG_TYPE, "", ""),
            ("SREM str a", WRONG_TYPE, "", ""),
        ],
    );
}

#[test]
fn smove_is_one_effect() {
    let mut t = EngineUnderTest::new();
    t.run("SADD s a b c");
    t.run("SADD t a");
    check_table(
        &mut t,
        &[
            ("SMOVE s t x", ":0\r\n", "", ""),
            ("SMOVE nokey t a", ":0\r\n", "", ""),
            ("SMOVE s t a", ":1\r\n", "SMOVE s t a", "srem s"),
            ("SMOVE s new b", ":1\r\n", "SMOVE s new b", "srem s | new new | sadd new"),
            ("SMOVE s s c", ":1\r\n", "", ""),
            ("SMOVE s t c", ":1\r\n", "SMOVE s t c", "srem s | del s | sadd t"),
            ("SMOVE s t c", ":0\r\n", "", ""),
        ],
    );
}

#[test]
fn spop_is_journaled_with_what_it_took() {
    let mut t = EngineUnderTest::new();
    t.run("SADD s a");
    check_table(
        &mut t,
        &[
            ("SPOP s", "$1\r\na\r\n", "SREM s a", "spop s | del s"),
            ("SPOP s", NIL, "", ""),
            ("SPOP s 3", NONE, "", ""),
            ("SADD s 1 2 3", ":3\r\n", "SADD s 1 2 3", "new s | sadd s"),
            ("SPOP s 0", NONE, "", ""),
            ("SPOP s -1", "-ERR value is out of range, must be positive\r\n", "", ""),
            ("SPOP s 3", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n", "DEL s", "spop s | del s"),
        ],
    );
}

#[test]
fn members_popped_together_are_named_in_effects_of_a_thousand() {
    let mut t = EngineUnderTest::new();
    for from in (0..3000).step_by(500) {
        let members: Vec<String> = (from..from + 500).map(|number| format!("m{number}")).collect();
        t.run(&format!("SADD s {}", members.join(" ")));
    }
    t.forget();
    let reply = t.run("SPOP s 2500");
    let popped: BTreeSet<&str> = reply.split("\r\n").filter(|line| line.starts_with('m')).collect();
    assert_eq!(popped.len(), 2500);
    let effects = t.effects();
    let effects: Vec<Vec<&str>> =
        effects.iter().flat_map(|line| line.split("; ")).map(|effect| effect.split(' ').collect()).collect();
    assert_eq!(effects.iter().map(Vec::len).collect::<Vec<_>>(), [1026, 1026, 454]);
    assert!(effects.iter().all(|words| words[..2] == ["SREM", "s"]));
    let named: BTreeSet<&str> = effects.iter().flat_map(|words| words[2..].iter().copied()).collect();
    assert_eq!(named, popped);
    assert_eq!(t.events(), ["spop s"]);
    assert_eq!(t.run("SCARD s"), ":500\r\n");
}

#[test]
fn results_are_stored_as_called_and_tell_what_they_replaced() {
    let mut t = EngineUnderTest::new();
    t.run("SADD s a b");
    t.run("SET str x");
    let overwritten = "overwritten str | type_changed str | sunionstore str";
    check_table(
        &mut t,
        &[
            ("SUNIONSTORE d s", ":2\r\n", "SUNIONSTORE d s", "new d | sunionstore d"),
            ("SUNIONSTORE str s", ":2\r\n", "SUNIONSTORE str s", overwritten),
            ("SINTERSTORE d s str", ":2\r\n", "SINTERSTORE d s str", "overwritten d | sinterstore d"),
            ("SINTERSTORE d s nokey", ":0\r\n", "SINTERSTORE d s nokey", "keymiss nokey | del d"),
            ("SINTERSTORE d s nokey", ":0\r\n", "", "keymiss nokey"),
            ("SDIFFSTORE s s", ":2\r\n", "SDIFFSTORE s s", "overwritten s | sdiffstore s"),
            ("SDIFFSTORE s s s", ":0\r\n", "SDIFFSTORE s s s", "del s"),
            ("SUNIONSTORE d nokey", ":0\r\n", "", "keymiss nokey"),
        ],
    );
}

#[test]
fn reading_changes_nothing_and_tells_of_missing_keys() {
    let mut t = EngineUnderTest::new();
    t.run("SADD s a");
    check_table(
        &mut t,
        &[
            ("SCARD s", ":1\r\n", "", ""),
            ("SMEMBERS s", "*1\r\n$1\r\na\r\n", "", ""),
            ("SRANDMEMBER s -2", "*2\r\n$1\r\na\r\n$1\r\na\r\n", "", ""),
            ("SMEMBERS nokey", NONE, "", "keymiss nokey"),
            ("SCARD nokey", ":0\r\n", "", "keymiss nokey"),
            ("SISMEMBER nokey a", ":0\r\n", "", "keymiss nokey"),
            ("SMISMEMBER nokey a b", "*2\r\n:0\r\n:0\r\n", "", "keymiss nokey"),
            ("SRANDMEMBER nokey", NIL, "", "keymiss nokey"),
            ("SRANDMEMBER nokey 3", NONE, "", "keymiss nokey"),
            ("SSCAN nokey 0", "*2\r\n$1\r\n0\r\n*0\r\n", "", "keymiss nokey"),
            ("SUNION nokey s", "*1\r\n$1\r\na\r\n", "", "keymiss nokey"),
            ("SINTER s nokey", NONE, "", "keymiss nokey"),
            ("SDIFF nokey s", NONE, "", "keymiss nokey"),
            ("SINTERCARD 2 s nokey", ":0\r\n", "", "keymiss nokey"),
        ],
    );
}

#[test]
fn a_due_set_is_removed_before_the_command_sees_it() {
    let rows = [
        ("SADD s b", ":1\r\n", "DEL s; SADD s b", "expired s | new s | sadd s"),
        ("SREM s a", ":0\r\n", "DEL s", "expired s"),
        ("SPOP s", NIL, "DEL s", "expired s"),
        ("SMEMBERS s", NONE, "DEL s", "expired s | keymiss s"),
        ("SMOVE s t a", ":0\r\n", "DEL s", "expired s"),
        ("SMOVE t s b", ":1\r\n", "DEL s; SMOVE t s b", "expired s | srem t | del t | new s | sadd s"),
        (
            "SUNIONSTORE d s t",
            ":1\r\n",
            "DEL s; SUNIONSTORE d s t",
            "expired s | keymiss s | new d | sunionstore d",
        ),
        ("SINTERSTORE s t", ":1\r\n", "DEL s; SINTERSTORE s t", "expired s | new s | sinterstore s"),
    ];
    for row in rows {
        let mut t = EngineUnderTest::new();
        t.run("SADD s a");
        t.run("PEXPIRE s 10");
        t.run("SADD t b");
        t.pass(11);
        check_table(&mut t, &[row]);
    }
}

#[test]
fn repeated_members_are_bounded() {
    let mut t = EngineUnderTest::new();
    t.run("SADD s a");
    check_table(
        &mut t,
        &[
            ("SRANDMEMBER s -9223372036854775807", "-ERR value is out of range\r\n", "", ""),
            ("SRANDMEMBER nokey -9223372036854775807", NONE, "", "keymiss nokey"),
        ],
    );
}

#[test]
fn what_a_large_set_leaves_behind_is_freed_elsewhere() {
    let commands =
        ["DEL s", "UNLINK s", "SET s x", "SUNIONSTORE s t", "RENAME t s", "SPOP s 100000", "SPOP s 9990"];
    for command in commands {
        let mut t = EngineUnderTest::new();
        t.run("SADD t a");
        for from in (0..10_000).step_by(1000) {
            let members: Vec<String> = (from..from + 1000).map(|number| format!("m{number}")).collect();
            t.run(&format!("SADD s {}", members.join(" ")));
        }
        assert!(!t.run(command).starts_with('-'), "{command}");
        assert_eq!(t.engine().keyspace().garbage().len(), 1, "{command}");
    }
    let mut t = EngineUnderTest::new();
    let members: Vec<String> = (0..10_000).map(|number| format!("m{number}")).collect();
    t.run(&format!("SADD s {}", members.join(" ")));
    t.run("PEXPIRE s 5");
    t.pass(6);
    assert_eq!(t.run("EXISTS s"), ":0\r\n");
    assert_eq!(t.engine().keyspace().garbage().len(), 1, "expired");
}

//! Strings: what goes into the journal, and which events are told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

const NIL: &str = "$-1\r\n";
const OK: &str = "+OK\r\n";

#[test]
fn set_is_journaled_with_absolute_times_and_without_get() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("SET a 1", OK, "SET a 1", "new a | set a"),
            ("set a 2", OK, "set a 2", "overwritten a | set a"),
            (
                "set b 3 ex 100 nx get",
                NIL,
                "SET b 3 PXAT 1800000100000",
                "keymiss b | new b | set b | expire b",
            ),
            ("SET b 3 nx", NIL, "", ""),
            ("set b 4 xx keepttl get", "$1\r\n3\r\n", "set b 4 xx keepttl", "overwritten b | set b"),
            ("SET b 5 GET KEEPTTL Get", "$1\r\n4\r\n", "SET b 5 KEEPTTL", "overwritten b | set b"),
            ("SET b GET IFEQ 5 GET", "$1\r\n5\r\n", "SET b GET IFEQ 5", "overwritten b | set b"),
            ("SET b IFEQ GET IFEQ GET", "$3\r\nGET\r\n", "SET b IFEQ IFEQ GET", "overwritten b | set b"),
            ("SET b 6 IFEQ IFEQ GET", "$4\r\nIFEQ\r\n", "SET b 6 IFEQ IFEQ", "overwritten b | set b"),
            ("SET b 7 IFEQ 6 PX 5", OK, "SET b 7 PXAT 1800000000005", "overwritten b | set b | expire b"),
            ("SET nokey 1 IFEQ 1", NIL, "", ""),
            ("SET nokey 1 IFEQ 1 GET", NIL, "", "keymiss nokey"),
            ("SET nokey 1 XX", NIL, "", ""),
        ],
    );
}

#[test]
fn set_in_the_past_is_gone_at_the_next_look() {
    let mut t = EngineUnderTest::new();
    t.run("SET a 1");
    check_table(
        &mut t,
        &[
            ("SET a 2 PXAT 1", OK, "SET a 2 PXAT 1", "overwritten a | set a | expire a"),
            ("GET a", NIL, "DEL a", "expired a | keymiss a"),
            ("SET a 2 EXAT 0", "-ERR invalid expire time in 'set' command\r\n", "", ""),
        ],
    );
}

#[test]
fn a_due_key_is_removed_before_the_command_sees_it() {
    let rows = [
        ("SET k 2", "+OK\r\n", "DEL k; SET k 2", "expired k | new k | set k"),
        ("SET k 2 NX", "+OK\r\n", "DEL k; SET k 2 NX", "expired k | new k | set k"),
        ("SET k 2 XX GET", "$-1\r\n", "DEL k", "expired k | keymiss k"),
        ("SETNX k 2", ":1\r\n", "DEL k; SETNX k 2", "expired k | new k | set k"),
        ("GETSET k 2", "$-1\r\n", "DEL k; SET k 2", "expired k | keymiss k | new k | set k"),
        ("APPEND k 2", ":1\r\n", "DEL k; APPEND k 2", "expired k | new k | append k"),
        ("INCR k", ":1\r\n", "DEL k; INCR k", "expired k | new k | incrby k"),
        ("INCRBYFLOAT k 2", "$1\r\n2\r\n", "DEL k; SET k 2 KEEPTTL", "expired k | new k | incrbyfloat k"),
        ("SETRANGE k 1 b", ":2\r\n", "DEL k; SETRANGE k 1 b", "expired k | new k | setrange k"),
        ("SETRANGE k 1 \"\"", ":0\r\n", "DEL k", "expired k"),
        ("GETEX k PERSIST", "$-1\r\n", "DEL k", "expired k | keymiss k"),
        ("GETDEL k", "$-1\r\n", "DEL k", "expired k | keymiss k"),
        ("DELIFEQ k 1", ":0\r\n", "DEL k", "expired k"),
        ("MSETNX j 1 k 2", ":1\r\n", "DEL k; MSETNX j 1 k 2", "expired k | new j | set j | new k | set k"),
        (
            "MSETEX 2 j 1 k 2 PX 5",
            ":1\r\n",
            "DEL k; MSETEX 2 j 1 k 2 PXAT 1800000000016",
            "new j | set j | expire j | expired k | new k | set k | expire k",
        ),
    ];
    for row in rows {
        let mut t = EngineUnderTest::new();
        t.run("PSETEX k 10 1");
        t.pass(11);
        check_table(&mut t, &[row]);
    }
}

#[test]
fn setex_getex_and_getdel_are_journaled_as_what_they_did() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("SETEX k 100 v", OK, "SET k v PXAT 1800000100000", "new k | set k | expire k"),
            ("PSETEX k 7 v", OK, "SET k v PXAT 1800000000007", "overwritten k | set k | expire k"),
            ("GETEX k", "$1\r\nv\r\n", "", ""),
            ("GETEX k PX 9", "$1\r\nv\r\n", "PEXPIREAT k 1800000000009", "expire k"),
            ("GETEX k PERSIST", "$1\r\nv\r\n", "PERSIST k", "persist k"),
            ("GETEX k PERSIST", "$1\r\nv\r\n", "", ""),
            ("GETEX k EXAT 1", "$1\r\nv\r\n", "DEL k", "del k"),
            ("GETEX k EX 0", NIL, "", "keymiss k"),
            ("GETEX k KEEPTTL", "-ERR syntax error\r\n", "", ""),
            ("SET k v", OK, "SET k v", "new k | set k"),
            ("GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n", "", ""),
            ("GETEX k EX x", "-ERR value is not an integer or out of range\r\n", "", ""),
            ("GETSET k w", "$1\r\nv\r\n", "SET k w", "overwritten k | set k"),
            ("GETDEL k", "$1\r\nw\r\n", "DEL k", "del k"),
            ("GETDEL k", NIL, "", "keymiss k"),
            ("SETNX k v", ":1\r\n", "SETNX k v", "new k | set k"),
            ("SETNX k v", ":0\r\n", "", ""),
            ("DELIFEQ k w", ":0\r\n", "", ""),
            ("DELIFEQ k v", ":1\r\n", "DEL k", "del k"),
        ],
    );
}

#[test]
fn several_keys_make_one_effect() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            (
                "MSET a 1 a 2 b 3",
                OK,
                "MSET a 1 a 2 b 3",
                "new a | set a | overwritten a | set a | new b | set b",
            ),
            ("MSETNX c 1 a 1", ":0\r\n", "", ""),
            ("MSETNX c 1 d 1", ":1\r\n", "MSETNX c 1 d 1", "new c | set c | new d | set d"),
            ("msetex 1 c 2 xx", ":1\r\n", "msetex 1 c 2 xx", "overwritten c | set c"),
            ("MSETEX 1 c 3 NX", ":0\r\n", "", ""),
            (
                "MSETEX 2 e 1 f 2 EX 1 NX",
                ":1\r\n",
                "MSETEX 2 e 1 f 2 NX PXAT 1800000001000",
                "new e | set e | expire e | new f | set f | expire f",
            ),
            ("MSETEX 1 e 2 KEEPTTL", ":1\r\n", "MSETEX 1 e 2 KEEPTTL", "overwritten e | set e"),
            ("MSETEX 0 e 2", "-ERR invalid numkeys value or out of range\r\n", "", ""),
            ("MSETEX 2 e 2", "-ERR syntax error\r\n", "", ""),
            ("MSETEX 1 e 2 IFEQ 2", "-ERR syntax error\r\n", "", ""),
        ],
    );
    t.pass(1001);
    assert_eq!(t.run("MGET e f c"), "*3\r\n$-1\r\n$-1\r\n$1\r\n2\r\n");
}

#[test]
fn changes_in_place_are_journaled_even_if_the_bytes_stay() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("APPEND a 12", ":2\r\n", "APPEND a 12", "new a | append a"),
            ("INCR a", ":13\r\n", "INCR a", "incrby a"),
            ("APPEND a \"\"", ":2\r\n", "APPEND a \"\"", "append a"),
            ("DECRBY a 3", ":10\r\n", "DECRBY a 3", "incrby a"),
            ("incrbyfloat a 0.5", "$4\r\n10.5\r\n", "SET a 10.5 KEEPTTL", "incrbyfloat a"),
            ("INCR a", "-ERR value is not an integer or out of range\r\n", "", ""),
            ("SETRANGE a 1 0", ":4\r\n", "SETRANGE a 1 0", "setrange a"),
            ("SETRANGE a 1 \"\"", ":4\r\n", "", ""),
            ("SETRANGE new 1 \"\"", ":0\r\n", "", ""),
            ("APPEND e \"\"", ":0\r\n", "APPEND e \"\"", "new e | append e"),
        ],
    );
}

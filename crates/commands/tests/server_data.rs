//! Whole databases, and DEBUG: what is done with data, recorded and told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

fn debugged() -> EngineUnderTest {
    EngineUnderTest::with_config("enable-debug-command yes")
}

#[test]
fn flushes_and_swaps_enter_the_journal_as_called() {
    let mut t = EngineUnderTest::new();
    t.run("SET a 1");
    check_table(
        &mut t,
        &[
            ("FLUSHALL x", "-ERR syntax error\r\n", "", ""),
            ("FLUSHDB SYNC ASYNC", "-ERR syntax error\r\n", "", ""),
            ("DBSIZE", ":1\r\n", "", ""),
            ("SWAPDB 0 1", "+OK\r\n", "SWAPDB 0 1", ""),
            ("DBSIZE", ":0\r\n", "", ""),
            ("FLUSHDB", "+OK\r\n", "FLUSHDB", ""),
            ("SWAPDB 1 0", "+OK\r\n", "SWAPDB 1 0", ""),
            ("DBSIZE", ":1\r\n", "", ""),
            ("FLUSHALL async", "+OK\r\n", "FLUSHALL async", ""),
            ("DBSIZE", ":0\r\n", "", ""),
            ("SWAPDB a 1", "-ERR invalid first DB index\r\n", "", ""),
            ("SWAPDB 1 a", "-ERR invalid second DB index\r\n", "", ""),
            ("SWAPDB 4294967296 1", "-ERR invalid first DB index\r\n", "", ""),
            ("SWAPDB 0 16", "-ERR DB index is out of range\r\n", "", ""),
            ("SWAPDB -1 0", "-ERR DB index is out of range\r\n", "", ""),
        ],
    );
}

#[test]
fn flushes_change_as_many_keys_as_there_are() {
    let mut t = EngineUnderTest::new();
    let changes = |t: &EngineUnderTest| t.engine().stats().sum(|counters| &counters.changes);
    t.run("MSET a 1 b 2");
    t.run("FLUSHALL");
    assert_eq!(changes(&t), 4);
    t.run("FLUSHALL");
    assert_eq!(changes(&t), 4);
    t.run("SWAPDB 1 1");
    assert_eq!(changes(&t), 5);
}

#[test]
fn swapped_databases_keep_their_expiries() {
    let mut t = EngineUnderTest::new();
    t.run("SET a 1 PX 100");
    t.run("SWAPDB 0 1");
    t.run("SWAPDB 1 0");
    t.pass(99);
    assert_eq!(t.run("GET a"), "$1\r\n1\r\n");
    t.pass(2);
    assert_eq!(t.run("GET a"), "$-1\r\n");
}

#[test]
fn debug_is_refused_unless_the_configuration_allows_it() {
    let refused = "-ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local \
         connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n";
    assert_eq!(EngineUnderTest::new().run("DEBUG HELP"), refused);
    let mut t = EngineUnderTest::with_config("enable-debug-command local");
    assert_eq!(t.run("DEBUG SET-ACTIVE-EXPIRE 1"), "+OK\r\n");
    let unknown = "-ERR unknown subcommand or wrong number of arguments for 'Foo'. Try DEBUG HELP.\r\n";
    assert_eq!(t.run("DEBUG Foo"), unknown);
    assert_eq!(t.run("DEBUG Digest x").replace("Digest", "Foo"), unknown);
}

/// The expected fingerprints are those of redis 8.2 and valkey 9.1 on the same data.
#[test]
fn digests_are_those_of_the_peers() {
    let mut t = debugged();
    assert_eq!(t.run("DEBUG DIGEST"), "+0000000000000000000000000000000000000000\r\n");
    t.run_words(&[b"SET", b"a", &[b'x'; 200]]);
    assert_eq!(t.run("DEBUG DIGEST"), "+4d722f7c07c8cedcdb914587f669ed67c2c705d6\r\n");
    t.run("FLUSHALL");
    for command in
        ["MSET a 1 b hello c 0123456789 d \"\"", "SET e x EX 1000", "SWAPDB 0 3", "SET f x PX 100000"]
    {
        assert_eq!(t.run(command), "+OK\r\n");
    }
    assert_eq!(t.run("DEBUG POPULATE 1000 foo 30"), "+OK\r\n");
    assert_eq!(t.run("DEBUG DIGEST"), "+34121cf64a89a508b5d790577b8856156b3ecdd3\r\n");
    let none = "+0000000000000000000000000000000000000000\r\n";
    assert_eq!(t.run("DEBUG DIGEST-VALUE nosuch"), format!("*1\r\n{none}"));
    t.run("DEBUG POPULATE 1");
    let value = "*2\r\n+c15f34c747bf411833c10208c03e1da1bb7da7cf\r\n".to_owned() + none;
    assert_eq!(t.run("DEBUG DIGEST-VALUE key:0 nosuch"), value);
}

#[test]
fn digests_leave_out_what_is_due() {
    let mut t = debugged();
    t.run("SET a 1 PX 10");
    t.pass(11);
    assert_eq!(t.run("DEBUG DIGEST"), "+0000000000000000000000000000000000000000\r\n");
    assert_eq!(t.run("DEBUG DIGEST-VALUE a"), "*1\r\n+0000000000000000000000000000000000000000\r\n");
}

#[test]
fn populate_makes_up_keys_that_nobody_hears_of() {
    let mut t = debugged();
    t.run("SET key:1 mine");
    t.forget();
    assert_eq!(t.run("DEBUG POPULATE 3"), "+OK\r\n");
    assert!(t.effects().is_empty());
    assert_eq!(
        t.run("MGET key:0 key:1 key:2 key:3"),
        "*4\r\n$7\r\nvalue:0\r\n$4\r\nmine\r\n$7\r\nvalue:2\r\n$-1\r\n"
    );
    t.run("DEBUG POPULATE 1 short 3");
    t.run("DEBUG POPULATE 1 long 9");
    assert_eq!(t.run("MGET short:0 long:0"), "*2\r\n$3\r\nval\r\n$9\r\nvalue:0\0\0\r\n");
    for command in ["DEBUG POPULATE x", "DEBUG POPULATE -1", "DEBUG POPULATE 1 a -1", "DEBUG POPULATE 1 a x"]
    {
        assert_eq!(t.run(command), "-ERR value is out of range, must be positive\r\n", "{command}");
    }
}

#[test]
fn object_tells_encoding_and_idle_time() {
    let mut t = debugged();
    t.run("SET a 12");
    t.run("SET b x");
    t.run_words(&[b"SET", b"c", &[b'x'; 45]]);
    t.pass(7000);
    for (key, encoding) in [("a", "int"), ("b", "embstr"), ("c", "raw")] {
        let reply = t.run(&format!("DEBUG OBJECT {key}"));
        assert!(reply.contains(&format!(" refcount:1 encoding:{encoding} lru:")), "{reply}");
        assert!(reply.ends_with(" lru_seconds_idle:7\r\n"), "{reply}");
    }
    assert_eq!(t.run("DEBUG OBJECT nosuch"), "-ERR no such key\r\n");
}

#[test]
fn due_keys_stay_while_active_expire_is_off() {
    let mut t = debugged();
    t.run("DEBUG SET-ACTIVE-EXPIRE 0");
    t.run("SET a 1 PX 10");
    t.pass(50);
    t.tick();
    assert_eq!(t.run("DBSIZE"), ":1\r\n");
    t.run("DEBUG SET-ACTIVE-EXPIRE 1");
    t.tick();
    assert_eq!(t.run("DBSIZE"), ":0\r\n");
}

#[test]
fn change_repl_id_begins_another_history() {
    let mut t = debugged();
    let before = t.engine().replication_id();
    assert_eq!(t.run("DEBUG CHANGE-REPL-ID"), "+OK\r\n");
    let after = t.engine().replication_id();
    assert!(before != after && after.len() == 40 && t.run("INFO replication").contains(&after));
}

#[test]
fn an_error_of_ones_own_is_no_error_of_the_server() {
    let mut t = debugged();
    assert_eq!(t.run_words(&[b"DEBUG", b"ERROR", b"OUCH that hurts"]), "-OUCH that hurts\r\n");
    assert!(!t.run("INFO errorstats").contains("OUCH"));
    assert_eq!(t.run("DEBUG STRINGMATCH-LEN a*c abc"), ":1\r\n");
    assert_eq!(t.run("DEBUG STRINGMATCH-LEN a*c abd"), ":0\r\n");
}

#[test]
fn protocol_has_an_example_of_every_type() {
    let mut t = debugged();
    t.use_resp3();
    for (name, reply) in [
        ("string", "$11\r\nHello World\r\n"),
        ("integer", ":12345\r\n"),
        ("double", ",3.141\r\n"),
        ("bignum", "(1234567999999999999999999999999999999\r\n"),
        ("null", "_\r\n"),
        ("array", "*3\r\n:0\r\n:1\r\n:2\r\n"),
        ("set", "~3\r\n:0\r\n:1\r\n:2\r\n"),
        ("map", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
        (
            "attrib",
            "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n",
        ),
        (
            "push",
            "$40\r\nSome real reply following the push reply\r\n>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n",
        ),
        ("verbatim", "=29\r\ntxt:This is a verbatim\nstring\r\n"),
        ("true", "#t\r\n"),
        ("FALSE", "#f\r\n"),
    ] {
        assert_eq!(t.run(&format!("DEBUG PROTOCOL {name}")), reply, "{name}");
    }
    assert!(t.run("DEBUG PROTOCOL nosuch").starts_with("-ERR Wrong protocol type name."));
}

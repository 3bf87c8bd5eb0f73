//! Times to live: conditions, limits, rounding.

mod engine_under_test;

use engine_under_test::EngineUnderTest;

#[test]
fn each_condition_judges_the_expiry_that_is_there() {
    // condition, on a key without expiry, with an earlier one, the same, a later one
    let rows = [
        ("", [1, 1, 1, 1]),
        (" NX", [1, 0, 0, 0]),
        (" XX", [0, 1, 1, 1]),
        (" GT", [0, 1, 0, 0]),
        (" LT", [1, 0, 0, 1]),
        (" XX GT", [0, 1, 0, 0]),
        (" LT XX", [0, 0, 0, 1]),
        (" nx NX", [1, 0, 0, 0]),
    ];
    let mut server = EngineUnderTest::new();
    for (condition, expected) in rows {
        for (old, expected) in ["", " EX 50", " EX 100", " EX 200"].iter().zip(expected) {
            server.run(&format!("SET a 1{old}"));
            let before = server.run("TTL a");
            let reply = server.run(&format!("EXPIRE a 100{condition}"));
            assert_eq!(reply, format!(":{expected}\r\n"), "EXPIRE a 100{condition} after SET a 1{old}");
            let after = if expected == 1 { ":100\r\n".to_owned() } else { before };
            assert_eq!(server.run("TTL a"), after);
        }
    }
}

#[test]
fn faults_are_found_before_anything_changes() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1 EX 7");
    let clash = "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n";
    let rows = [
        ("EXPIRE a 10 NX XX", clash),
        ("EXPIRE a 10 LT NX", clash),
        ("EXPIRE a 10 GT LT NX", clash),
        ("EXPIRE a 10 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"),
        ("EXPIRE a 10 NX XX foo", "-ERR Unsupported option foo\r\n"),
        ("EXPIRE a x NX XX", clash),
        ("EXPIRE a x", "-ERR value is not an integer or out of range\r\n"),
        ("EXPIRE nosuch x", "-ERR value is not an integer or out of range\r\n"),
        ("EXPIRE a 9223372036854775", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIRE a -9223372036854776", "-ERR invalid expire time in 'expire' command\r\n"),
        ("EXPIREAT a 9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n"),
        ("PEXPIRE a 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"),
    ];
    for (command, reply) in rows {
        assert_eq!(server.run(command), reply, "{command}");
    }
    assert_eq!(server.run("TTL a"), ":7\r\n");
    assert!(server.effects().len() == 1, "only SET was journaled");
}

#[test]
fn seconds_are_rounded_to_the_nearest() {
    let mut server = EngineUnderTest::new();
    for (ms, seconds) in [(1, 0), (499, 0), (500, 1), (1499, 1), (1500, 2), (1600, 2)] {
        server.run(&format!("SET a 1 PX {ms}"));
        assert_eq!(server.run("TTL a"), format!(":{seconds}\r\n"));
        assert_eq!(server.run("PTTL a"), format!(":{ms}\r\n"));
        assert_eq!(server.run("EXPIRETIME a"), format!(":{}\r\n", 1_800_000_000 + seconds));
        assert_eq!(server.run("PEXPIRETIME a"), format!(":{}\r\n", 1_800_000_000_000_i64 + ms));
    }
}

#[test]
fn the_latest_expiry_there_is_can_be_shown() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1");
    assert_eq!(server.run("PEXPIREAT a 9223372036854775807"), ":1\r\n");
    assert_eq!(server.run("EXPIRETIME a"), ":9223372036854776\r\n");
    assert_eq!(server.run("PEXPIRETIME a"), ":9223372036854775807\r\n");
    assert_eq!(server.run("PTTL a"), ":9223370236854775807\r\n");
}

#[test]
fn a_key_lives_through_its_last_millisecond() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1");
    server.run("PEXPIRE a 1000");
    server.pass(1000);
    assert_eq!(server.run("PTTL a"), ":0\r\n");
    assert_eq!(server.run("EXISTS a"), ":1\r\n");
    server.pass(1);
    assert_eq!(server.run("PTTL a"), ":-2\r\n");
}

#[test]
fn no_key_and_no_expiry_have_numbers_of_their_own() {
    let mut server = EngineUnderTest::new();
    server.run("SET a 1");
    for command in ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"] {
        assert_eq!(server.run(&format!("{command} a")), ":-1\r\n");
        assert_eq!(server.run(&format!("{command} nosuch")), ":-2\r\n");
    }
}

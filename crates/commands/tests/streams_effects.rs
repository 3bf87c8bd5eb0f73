//! Streams: what their commands put into the journal, and the events that they tell.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

const OK: &str = "+OK\r\n";

#[test]
fn entries_are_journaled_under_the_numbers_that_they_got() {
    check_table(
        &mut EngineUnderTest::new(),
        &[
            ("XADD s 1-1 f v", "$3\r\n1-1\r\n", "XADD s 1-1 f v", "new s | xadd s"),
            ("XADD s 1-* f v", "$3\r\n1-2\r\n", "XADD s 1-2 f v", "xadd s"),
            ("XADD s * f v", "$15\r\n1800000000000-0\r\n", "XADD s 1800000000000-0 f v", "xadd s"),
            ("XADD s * f v", "$15\r\n1800000000000-1\r\n", "XADD s 1800000000000-1 f v", "xadd s"),
            (
                "xadd s NOMKSTREAM MAXLEN 4 1800000000000-* f v",
                "$15\r\n1800000000000-2\r\n",
                "xadd s NOMKSTREAM MAXLEN 4 1800000000000-2 f v",
                "xadd s | xtrim s",
            ),
            ("XADD none NOMKSTREAM * f v", "$-1\r\n", "", ""),
            ("XSETID s 1900000000000-0", OK, "XSETID s 1900000000000-0", "xsetid s"),
            ("XDEL s 1-2 9-9", ":1\r\n", "XDEL s 1-2 9-9", "xdel s"),
            ("XDEL s 1-2 9-9", ":0\r\n", "", ""),
        ],
    );
}

#[test]
fn approximate_trimming_is_journaled_as_exact() {
    let mut t = EngineUnderTest::with_config("stream-node-max-entries 2");
    for number in 1..=6 {
        t.run(&format!("XADD s {number}-1 f v"));
    }
    check_table(
        &mut t,
        &[
            (
                "XADD s MAXLEN ~ 4 LIMIT 9 7-1 f v",
                "$3\r\n7-1\r\n",
                "XADD s MAXLEN = 5 7-1 f v",
                "xadd s | xtrim s",
            ),
            ("XTRIM s MINID ~ 6", ":2\r\n", "XTRIM s MINID = 5-1", "xtrim s"),
            ("XTRIM s MAXLEN ~ 2", ":0\r\n", "", ""),
            ("XTRIM s MAXLEN 2", ":1\r\n", "XTRIM s MAXLEN 2", "xtrim s"),
            (
                "XADD s MINID ~ 7 DELREF 8-1 f v",
                "$3\r\n8-1\r\n",
                "XADD s MINID = 6-1 DELREF 8-1 f v",
                "xadd s",
            ),
        ],
    );
}

#[test]
fn reading_as_a_group_is_journaled_as_claims() {
    let mut t = EngineUnderTest::new();
    for number in 1..=3 {
        t.run(&format!("XADD s {number}-1 f v"));
    }
    let read_one = |t: &mut EngineUnderTest, command: &str, effects: &str, events: &str| {
        t.forget();
        assert!(t.run(command).starts_with("*1"), "{command}");
        assert_eq!(t.effects().join(" | "), effects, "effects of {command}");
        assert_eq!(t.events().join(" | "), events, "events of {command}");
    };
    check_table(&mut t, &[("XGROUP CREATE s g 0", OK, "XGROUP CREATE s g 0", "xgroup-create s")]);
    read_one(
        &mut t,
        "XREADGROUP GROUP g c COUNT 2 STREAMS s >",
        "XCLAIM s g c 0 1-1 TIME 1800000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1; XCLAIM s g c 0 2-1 TIME 1800000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1; XGROUP SETID s g 2-1 ENTRIESREAD 2",
        "xgroup-createconsumer s",
    );
    read_one(
        &mut t,
        "XREADGROUP GROUP g d NOACK STREAMS s >",
        "XGROUP CREATECONSUMER s g d; XGROUP SETID s g 3-1 ENTRIESREAD 3",
        "xgroup-createconsumer s",
    );
    read_one(&mut t, "XREADGROUP GROUP g c STREAMS s 0", "", "");
    check_table(
        &mut t,
        &[
            ("XREADGROUP GROUP g c STREAMS s >", "*-1\r\n", "", ""),
            ("XACK s g 1-1 7-7", ":1\r\n", "XACK s g 1-1 7-7", ""),
            ("XACK s g 1-1", ":0\r\n", "", ""),
            (
                "XCLAIM s g d 0 2-1 JUSTID",
                "*1\r\n$3\r\n2-1\r\n",
                "XCLAIM s g d 0 2-1 TIME 1800000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 3-1",
                "",
            ),
            ("XDEL s 2-1", ":1\r\n", "XDEL s 2-1", "xdel s"),
            (
                "XAUTOCLAIM s g c 0 0",
                "*3\r\n$3\r\n0-0\r\n*0\r\n*1\r\n$3\r\n2-1\r\n",
                "XCLAIM s g d 0 2-1 TIME 1800000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 3-1",
                "",
            ),
            ("XGROUP SETID s g 0", OK, "XGROUP SETID s g 0", "xgroup-setid s"),
            ("XGROUP DELCONSUMER s g c", ":0\r\n", "XGROUP DELCONSUMER s g c", "xgroup-delconsumer s"),
            ("XGROUP DESTROY s g", ":1\r\n", "XGROUP DESTROY s g", "xgroup-destroy s"),
        ],
    );
}

#[test]
fn idle_times_follow_the_clock() {
    let mut t = EngineUnderTest::new();
    t.run("XADD s 1-1 f v");
    t.run("XGROUP CREATE s g 0");
    t.run("XREADGROUP GROUP g c STREAMS s >");
    t.pass(500);
    assert_eq!(t.run("XPENDING s g - + 9"), "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:500\r\n:1\r\n");
    assert_eq!(t.run("XPENDING s g IDLE 501 - + 9"), "*0\r\n");
    assert_eq!(t.run("XCLAIM s g d 501 1-1 JUSTID"), "*0\r\n");
    assert_eq!(t.run("XAUTOCLAIM s g d 500 0 JUSTID"), "*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-1\r\n*0\r\n");
    assert!(t.run("XINFO CONSUMERS s g").contains("idle\r\n:500\r\n$8\r\ninactive\r\n:500\r\n"));
}

//! Sorted sets: what goes into the journal, and which events are told.

mod engine_under_test;

use std::sync::Arc;

use engine::{Flow, Moment, Peer};
use engine_under_test::{EngineUnderTest, START_MS, check_table};
use resp::{Output, RequestReader};

const NIL: &str = "$-1\r\n";

#[test]
fn what_is_added_or_changed_is_journaled_as_called() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("zadd z 1 a 2 b", ":2\r\n", "zadd z 1 a 2 b", "new z | zadd z"),
            ("ZADD z 1 a", ":0\r\n", "", ""),
            ("ZADD z 3 a", ":0\r\n", "ZADD z 3 a", "zadd z"),
            ("ZADD z CH 5 a 2 b", ":1\r\n", "ZADD z CH 5 a 2 b", "zadd z"),
            ("ZADD z NX 9 a", ":0\r\n", "", ""),
            ("ZADD z GT 4 a", ":0\r\n", "", ""),
            ("ZADD z XX 9 none", ":0\r\n", "", ""),
            ("ZADD none XX 1 a", ":0\r\n", "", ""),
            ("ZADD z INCR 1 a", "$1\r\n6\r\n", "ZADD z INCR 1 a", "zincr z"),
            ("ZADD z INCR 0 a", "$1\r\n6\r\n", "", ""),
            ("ZADD z XX INCR 1 none", NIL, "", ""),
            ("ZADD z LT INCR 1 a", NIL, "", ""),
            ("ZINCRBY z 1 a", "$1\r\n7\r\n", "ZINCRBY z 1 a", "zincr z"),
            ("ZINCRBY z 0 a", "$1\r\n7\r\n", "", ""),
            ("ZINCRBY y 0 a", "$1\r\n0\r\n", "ZINCRBY y 0 a", "new y | zincr y"),
        ],
    );
}

#[test]
fn a_refused_request_leaves_no_empty_set_behind() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("ZADD z 1 a x b", "-ERR value is not a valid float\r\n", "", ""),
            ("ZADD z XX INCR 1 a", NIL, "", ""),
            ("ZADD z XX 1 a", ":0\r\n", "", ""),
            ("ZINCRBY z nan a", "-ERR value is not a valid float\r\n", "", ""),
            ("DBSIZE", ":0\r\n", "", ""),
        ],
    );
}

#[test]
fn the_last_member_takes_the_key_with_it() {
    let mut t = EngineUnderTest::new();
    t.run("ZADD z 1 a 2 b");
    t.run("ZADD y 1 a 2 b 3 c 4 d");
    check_table(
        &mut t,
        &[
            ("ZREM z none", ":0\r\n", "", ""),
            ("ZREM none a", ":0\r\n", "", ""),
            ("ZREM z a none", ":1\r\n", "ZREM z a none", "zrem z"),
            ("ZREM z b", ":1\r\n", "ZREM z b", "zrem z | del z"),
            ("ZREMRANGEBYRANK y 5 6", ":0\r\n", "", ""),
            ("ZREMRANGEBYRANK y 0 0", ":1\r\n", "ZREMRANGEBYRANK y 0 0", "zremrangebyrank y"),
            ("ZREMRANGEBYSCORE y 2 2", ":1\r\n", "ZREMRANGEBYSCORE y 2 2", "zremrangebyscore y"),
            ("ZREMRANGEBYSCORE y (4 9", ":0\r\n", "", ""),
            ("ZREMRANGEBYLEX y - [c", ":1\r\n", "ZREMRANGEBYLEX y - [c", "zremrangebylex y"),
            ("ZREMRANGEBYLEX y - +", ":1\r\n", "ZREMRANGEBYLEX y - +", "zremrangebylex y | del y"),
            ("ZREMRANGEBYRANK y 0 -1", ":0\r\n", "", ""),
            ("DBSIZE", ":0\r\n", "", ""),
        ],
    );
}

#[test]
fn what_is_popped_is_journaled_with_the_key_that_was_found() {
    let mut t = EngineUnderTest::new();
    t.run("ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i");
    check_table(
        &mut t,
        &[
            ("zpopmin z", "*2\r\n$1\r\na\r\n$1\r\n1\r\n", "zpopmin z", "zpopmin z"),
            ("ZPOPMAX z 1", "*2\r\n$1\r\ni\r\n$1\r\n9\r\n", "ZPOPMAX z 1", "zpopmax z"),
            ("ZPOPMAX z 0", "*0\r\n", "", ""),
            ("ZPOPMIN none", "*0\r\n", "", ""),
            (
                "ZMPOP 2 none z MIN",
                "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n",
                "ZPOPMIN z 1",
                "zpopmin z",
            ),
            ("BZPOPMAX none z 0", "*3\r\n$1\r\nz\r\n$1\r\nh\r\n$1\r\n8\r\n", "ZPOPMAX z", "zpopmax z"),
            ("bzpopmin z 0", "*3\r\n$1\r\nz\r\n$1\r\nc\r\n$1\r\n3\r\n", "ZPOPMIN z", "zpopmin z"),
            (
                "BZMPOP 0 1 z MAX COUNT 2",
                "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\ng\r\n$1\r\n7\r\n*2\r\n$1\r\nf\r\n$1\r\n6\r\n",
                "ZPOPMAX z 2",
                "zpopmax z",
            ),
            (
                "ZMPOP 1 z MIN COUNT 9",
                "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nd\r\n$1\r\n4\r\n*2\r\n$1\r\ne\r\n$1\r\n5\r\n",
                "ZPOPMIN z 2",
                "zpopmin z | del z",
            ),
            ("ZMPOP 1 z MIN", "*-1\r\n", "", ""),
        ],
    );
}

#[test]
fn a_stored_result_is_journaled_as_called() {
    let mut t = EngineUnderTest::new();
    t.run("ZADD z 1 a 2 b");
    check_table(
        &mut t,
        &[
            ("zrangestore d z 0 -1", ":2\r\n", "zrangestore d z 0 -1", "new d | zrangestore d"),
            ("ZRANGESTORE d z 0 0", ":1\r\n", "ZRANGESTORE d z 0 0", "overwritten d | zrangestore d"),
            ("ZRANGESTORE d none 0 1", ":0\r\n", "ZRANGESTORE d none 0 1", "keymiss none | del d"),
            ("ZRANGESTORE d none 0 1", ":0\r\n", "", "keymiss none"),
            ("ZRANGESTORE d z 5 6", ":0\r\n", "", ""),
            (
                "ZUNIONSTORE d 2 z none",
                ":2\r\n",
                "ZUNIONSTORE d 2 z none",
                "keymiss none | new d | zunionstore d",
            ),
            ("ZINTERSTORE d 2 z z", ":2\r\n", "ZINTERSTORE d 2 z z", "overwritten d | zinterstore d"),
            ("ZINTERSTORE d 2 z none", ":0\r\n", "ZINTERSTORE d 2 z none", "keymiss none | del d"),
            ("ZINTERSTORE d 2 z none", ":0\r\n", "", "keymiss none"),
            ("ZDIFFSTORE d 1 z", ":2\r\n", "ZDIFFSTORE d 1 z", "new d | zdiffstore d"),
            ("ZDIFFSTORE d 2 z z", ":0\r\n", "ZDIFFSTORE d 2 z z", "del d"),
            ("ZUNIONSTORE z 1 z", ":2\r\n", "ZUNIONSTORE z 1 z", "overwritten z | zunionstore z"),
        ],
    );
}

#[test]
fn reading_tells_of_a_missing_key_and_popping_does_not() {
    let mut t = EngineUnderTest::new();
    t.run("ZADD z 1 a");
    t.forget();
    for command in [
        "ZRANGE none 0 -1",
        "ZREVRANGE none 0 -1",
        "ZRANGEBYSCORE none 0 1",
        "ZSCORE none a",
        "ZMSCORE none a",
        "ZRANK none a",
        "ZREVRANK none a",
        "ZCARD none",
        "ZCOUNT none 0 1",
        "ZLEXCOUNT none - +",
        "ZRANDMEMBER none",
        "ZRANDMEMBER none 0",
        "ZSCAN none 0",
        "ZUNION 2 z none",
        "ZINTER 2 none z",
        "ZDIFF 2 none z",
        "ZINTERCARD 2 z none",
    ] {
        t.run(command);
        assert_eq!(t.events(), ["keymiss none"], "{command}");
    }
    for command in ["ZPOPMIN none", "ZPOPMAX none 3", "ZMPOP 1 none MIN", "ZREM none a"] {
        t.run(command);
        assert!(t.events().is_empty(), "{command}");
    }
    assert!(t.effects().is_empty());
}

#[test]
fn a_due_set_is_gone_before_the_command_sees_it() {
    let rows = [
        ("ZADD k 5 x", ":1\r\n", "DEL k; ZADD k 5 x", "expired k | new k | zadd k"),
        ("ZADD k XX 5 a", ":0\r\n", "DEL k", "expired k"),
        ("ZINCRBY k 5 a", "$1\r\n5\r\n", "DEL k; ZINCRBY k 5 a", "expired k | new k | zincr k"),
        ("ZREM k a", ":0\r\n", "DEL k", "expired k"),
        ("ZPOPMIN k", "*0\r\n", "DEL k", "expired k"),
        ("ZMPOP 1 k MAX", "*-1\r\n", "DEL k", "expired k"),
        ("ZREMRANGEBYRANK k 0 -1", ":0\r\n", "DEL k", "expired k"),
        ("ZSCORE k a", NIL, "DEL k", "expired k | keymiss k"),
        ("ZRANGESTORE d k 0 -1", ":0\r\n", "DEL k", "expired k | keymiss k"),
        ("ZUNIONSTORE d 1 k", ":0\r\n", "DEL k", "expired k | keymiss k"),
        ("ZUNIONSTORE k 1 k", ":0\r\n", "DEL k", "expired k | keymiss k"),
    ];
    for row in rows {
        let mut t = EngineUnderTest::new();
        t.run("ZADD k 1 a");
        t.run("PEXPIRE k 10");
        t.pass(11);
        check_table(&mut t, &[row]);
    }
}

#[test]
fn a_set_keeps_its_expiry_while_it_changes() {
    let mut t = EngineUnderTest::new();
    t.run("ZADD k 1 a 2 b 3 c");
    t.run("PEXPIRE k 1000");
    t.run("ZADD k 4 d");
    t.run("ZINCRBY k 4 d");
    t.run("ZPOPMIN k");
    t.run("ZREM k b");
    assert_eq!(t.run("PTTL k"), ":1000\r\n");
    t.run("ZRANGESTORE k k 0 -1");
    assert_eq!(t.run("PTTL k"), ":-1\r\n");
}

#[test]
fn what_is_packed_follows_the_parameters() {
    let mut t = EngineUnderTest::new();
    let encoding = |t: &mut EngineUnderTest| t.run("OBJECT ENCODING k");
    t.configure("zset-max-listpack-entries", "2");
    t.configure("zset-max-listpack-value", "3");
    t.run("ZADD k 1 abc");
    assert_eq!(encoding(&mut t), "$8\r\nlistpack\r\n");
    t.run("ZADD k 1 a 2 b");
    assert_eq!(encoding(&mut t), "$8\r\nskiplist\r\n");
    t.run("DEL k");
    t.run("ZADD k 1 abcd");
    assert_eq!(encoding(&mut t), "$8\r\nskiplist\r\n");
}

#[test]
fn what_is_served_to_those_who_wait_is_journaled_behind_what_served_them() {
    let rows = [
        ("BZPOPMIN y z 0", "ZADD z 1 a", "ZADD z 1 a | ZPOPMIN z", "new z | zadd z | zpopmin z | del z"),
        ("BZPOPMAX z y 0", "ZADD z 1 a", "ZADD z 1 a | ZPOPMAX z", "new z | zadd z | zpopmax z | del z"),
        (
            "BZMPOP 0 2 y z MAX COUNT 9",
            "ZADD z 1 a 2 b",
            "ZADD z 1 a 2 b | ZPOPMAX z 2",
            "new z | zadd z | zpopmax z | del z",
        ),
        (
            "BZPOPMIN z 0",
            "ZUNIONSTORE z 1 src",
            "ZUNIONSTORE z 1 src | ZPOPMIN z",
            "new z | zunionstore z | zpopmin z",
        ),
        (
            "BZPOPMIN z 0",
            "ZRANGESTORE z src 0 -1",
            "ZRANGESTORE z src 0 -1 | ZPOPMIN z",
            "new z | zrangestore z | zpopmin z",
        ),
        ("BZPOPMIN z 0", "ZINCRBY z 2 a", "ZINCRBY z 2 a | ZPOPMIN z", "new z | zincr z | zpopmin z | del z"),
    ];
    for (waits, serves, effects, events) in rows {
        let mut t = EngineUnderTest::new();
        t.run("ZADD src 1 a 2 b");
        let now = Moment::from_unix_millis(START_MS);
        let mut waiting = t.engine().open(0, &Peer::in_process(), now, Arc::new(())).expect("there is room");
        let (mut input, mut output) = (RequestReader::new(), Output::new());
        input.feed(format!("{waits}\r\n").as_bytes());
        assert_eq!(t.engine().serve(&mut waiting, &mut input, &now, &mut output), Flow::Wait);
        t.forget();
        t.run(serves);
        assert_eq!(t.effects().join(" | "), effects, "{waits}, {serves}");
        assert_eq!(t.events().join(" | "), events, "{waits}, {serves}");
        assert_eq!(t.engine().serve(&mut waiting, &mut input, &now, &mut output), Flow::More);
        assert!(!output.is_empty(), "{waits}");
        t.engine().close(waiting);
    }
}

#[test]
fn random_members_of_a_large_set_differ_unless_they_may_repeat() {
    let mut t = EngineUnderTest::new();
    t.configure("zset-max-listpack-entries", "4");
    for number in 0..200 {
        t.run(&format!("ZADD z {number} m{number}"));
    }
    for (wanted, shown) in [(1, 1), (20, 20), (49, 49), (51, 51), (150, 150), (200, 200), (500, 200)] {
        let reply = t.run(&format!("ZRANDMEMBER z {wanted}"));
        let mut members: Vec<&str> = reply.split("\r\n").filter(|line| line.starts_with('m')).collect();
        members.sort_unstable();
        members.dedup();
        assert_eq!(members.len(), shown, "{wanted}");
    }
    let reply = t.run("ZRANDMEMBER z -1000 WITHSCORES");
    assert!(reply.starts_with("*2000\r\n"));
}

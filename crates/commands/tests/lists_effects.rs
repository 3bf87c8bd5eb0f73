//! Lists: what goes into the journal, and which events are told.

mod engine_under_test;

use std::sync::Arc;

use engine::{Flow, Moment, Peer, Session};
use engine_under_test::{EngineUnderTest, START_MS, check_table};
use resp::{Output, RequestReader};

const NOW: Moment = Moment::from_unix_millis(START_MS);
const NIL: &str = "$-1\r\n";
const OK: &str = "+OK\r\n";

#[test]
fn what_is_pushed_is_journaled_as_called() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("LPUSHX l a", ":0\r\n", "", ""),
            ("rpush l a b", ":2\r\n", "rpush l a b", "new l | rpush l"),
            ("LPUSH l c", ":3\r\n", "LPUSH l c", "lpush l"),
            ("RPUSHX l d", ":4\r\n", "RPUSHX l d", "rpush l"),
            ("LINSERT l BEFORE a x", ":5\r\n", "LINSERT l BEFORE a x", "linsert l"),
            ("LINSERT l BEFORE none x", ":-1\r\n", "", ""),
            ("LSET l 0 y", OK, "LSET l 0 y", "lset l"),
            ("LSET l 9 y", "-ERR index out of range\r\n", "", ""),
        ],
    );
}

#[test]
fn the_last_element_takes_the_key_with_it() {
    let mut t = EngineUnderTest::new();
    t.run("RPUSH l a b c d e");
    t.run("RPUSH m a a b");
    t.run("RPUSH n a b");
    check_table(
        &mut t,
        &[
            ("LPOP l", "$1\r\na\r\n", "LPOP l", "lpop l"),
            ("rpop l 2", "*2\r\n$1\r\ne\r\n$1\r\nd\r\n", "rpop l 2", "rpop l"),
            ("LPOP l 0", "*0\r\n", "", ""),
            ("LPOP l 9", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n", "LPOP l 9", "lpop l | del l"),
            ("LPOP l", NIL, "", ""),
            ("LREM m 0 x", ":0\r\n", "", ""),
            ("LREM m 1 a", ":1\r\n", "LREM m 1 a", "lrem m"),
            ("LREM m 0 a", ":1\r\n", "LREM m 0 a", "lrem m"),
            ("LREM m 0 b", ":1\r\n", "LREM m 0 b", "lrem m | del m"),
            ("LTRIM n 0 0", OK, "LTRIM n 0 0", "ltrim n"),
            ("LTRIM n 1 0", OK, "LTRIM n 1 0", "ltrim n | del n"),
            ("LTRIM n 1 0", OK, "", ""),
        ],
    );
}

#[test]
fn what_is_moved_is_told_at_its_destination_first() {
    let mut t = EngineUnderTest::new();
    t.run("RPUSH a 1 2");
    check_table(
        &mut t,
        &[
            ("LMOVE a b LEFT RIGHT", "$1\r\n1\r\n", "LMOVE a b LEFT RIGHT", "new b | rpush b | lpop a"),
            ("RPOPLPUSH a b", "$1\r\n2\r\n", "RPOPLPUSH a b", "lpush b | rpop a | del a"),
            ("RPOPLPUSH a b", NIL, "", ""),
            ("LMOVE b b LEFT RIGHT", "$1\r\n2\r\n", "LMOVE b b LEFT RIGHT", "rpush b | lpop b"),
        ],
    );
}

#[test]
fn pops_with_a_choice_are_journaled_as_what_was_chosen() {
    let mut t = EngineUnderTest::new();
    t.run("RPUSH l 1 2 3 4 5 6");
    check_table(
        &mut t,
        &[
            ("LMPOP 2 a l LEFT", "*2\r\n$1\r\nl\r\n*1\r\n$1\r\n1\r\n", "LPOP l 1", "lpop l"),
            ("BLPOP a l 0", "*2\r\n$1\r\nl\r\n$1\r\n2\r\n", "LPOP l", "lpop l"),
            ("BRPOP a l 0", "*2\r\n$1\r\nl\r\n$1\r\n6\r\n", "RPOP l", "rpop l"),
            ("BLMOVE l d LEFT LEFT 0", "$1\r\n3\r\n", "LMOVE l d LEFT LEFT", "new d | lpush d | lpop l"),
            ("brpoplpush l d 0", "$1\r\n5\r\n", "RPOPLPUSH l d", "lpush d | rpop l"),
            (
                "BLMPOP 0 2 a l RIGHT COUNT 9",
                "*2\r\n$1\r\nl\r\n*1\r\n$1\r\n4\r\n",
                "RPOP l 1",
                "rpop l | del l",
            ),
        ],
    );
}

#[test]
fn sort_stores_as_called() {
    let mut t = EngineUnderTest::new();
    t.run("RPUSH l 2 1");
    let sorted = "*2\r\n$1\r\n1\r\n$1\r\n2\r\n";
    check_table(
        &mut t,
        &[
            ("SORT l", sorted, "", ""),
            ("SORT l STORE d", ":2\r\n", "SORT l STORE d", "new d | sortstore d"),
            ("SORT l STORE d", ":2\r\n", "SORT l STORE d", "overwritten d | sortstore d"),
            ("SORT none STORE d", ":0\r\n", "SORT none STORE d", "keymiss none | del d"),
            ("SORT none STORE d", ":0\r\n", "", "keymiss none"),
            ("SORT l GET w_* LIMIT 0 1", "*1\r\n$-1\r\n", "", "keymiss w_1"),
        ],
    );
}

#[test]
fn a_due_list_is_gone_before_the_command_sees_it() {
    let rows = [
        ("RPUSH k x", ":1\r\n", "DEL k; RPUSH k x", "expired k | new k | rpush k"),
        ("RPUSHX k x", ":0\r\n", "DEL k", "expired k"),
        ("LPOP k", NIL, "DEL k", "expired k"),
        ("LLEN k", ":0\r\n", "DEL k", "expired k | keymiss k"),
        ("LSET k 0 x", "-ERR no such key\r\n", "DEL k", "expired k"),
        ("LTRIM k 0 1", OK, "DEL k", "expired k"),
        ("LMOVE k d LEFT LEFT", NIL, "DEL k", "expired k"),
        ("SORT k STORE d", ":0\r\n", "DEL k", "expired k | keymiss k"),
    ];
    for row in rows {
        let mut t = EngineUnderTest::new();
        t.run("RPUSH k 1");
        t.run("PEXPIRE k 10");
        t.pass(11);
        check_table(&mut t, &[row]);
    }
}

#[test]
fn a_list_keeps_its_expiry_while_it_changes() {
    let mut t = EngineUnderTest::new();
    t.run("RPUSH k 1 2");
    t.run("PEXPIRE k 1000");
    t.run("RPUSH k 3");
    t.run("LPOP k");
    t.run("LMOVE k k LEFT RIGHT");
    assert_eq!(t.run("PTTL k"), ":1000\r\n");
}

#[test]
fn the_limit_of_a_listpack_is_the_parameter() {
    let mut t = EngineUnderTest::new();
    t.configure("list-max-listpack-size", "2");
    t.run("RPUSH k 1 2");
    assert_eq!(t.run("OBJECT ENCODING k"), "$8\r\nlistpack\r\n");
    t.run("RPUSH k 3");
    assert_eq!(t.run("OBJECT ENCODING k"), "$9\r\nquicklist\r\n");
    let used = t.run("MEMORY USAGE k");
    assert!(used.starts_with(':') && used != ":0\r\n", "{used}");
}

#[test]
fn what_is_served_to_those_who_wait_is_journaled_behind_the_push() {
    let rows = [
        ("BLPOP a l 0", "RPUSH l x | LPOP l", "new l | rpush l | lpop l | del l"),
        ("BRPOP l a 0", "RPUSH l x | RPOP l", "new l | rpush l | rpop l | del l"),
        ("BLMPOP 0 2 a l RIGHT COUNT 9", "RPUSH l x | RPOP l 1", "new l | rpush l | rpop l | del l"),
        (
            "BLMOVE l d LEFT RIGHT 0",
            "RPUSH l x | LMOVE l d LEFT RIGHT",
            "new l | rpush l | new d | rpush d | lpop l | del l",
        ),
        (
            "BRPOPLPUSH l d 0",
            "RPUSH l x | RPOPLPUSH l d",
            "new l | rpush l | new d | lpush d | rpop l | del l",
        ),
    ];
    for (waits, effects, events) in rows {
        let mut t = EngineUnderTest::new();
        let (now, mut input, mut output) = (NOW, RequestReader::new(), Output::new());
        let mut waiting = waiting(&t, waits);
        t.forget();
        check_table(&mut t, &[("RPUSH l x", ":1\r\n", effects, events)]);
        assert_eq!(t.engine().serve(&mut waiting, &mut input, &now, &mut output), Flow::More);
        assert!(!output.is_empty(), "{waits}");
        t.engine().close(waiting);
    }
}

#[test]
fn info_counts_those_who_wait() {
    let mut t = EngineUnderTest::new();
    let clients = [waiting(&t, "BLPOP a b b 0"), waiting(&t, "BLMOVE b c LEFT LEFT 5")];
    let counts = ["blocked_clients:2", "clients_in_timeout_table:1", "total_blocking_keys:2"];
    let info = t.run("INFO clients");
    for count in counts {
        assert!(info.contains(&format!("{count}\r\n")), "{count}, not {info}");
    }
    clients.into_iter().for_each(|client| t.engine().close(client));
    let info = t.run("INFO clients");
    for count in counts.map(|count| count.split(':').next().unwrap_or_default()) {
        assert!(info.contains(&format!("{count}:0\r\n")), "{count}, not {info}");
    }
}

/// A client that has asked for something and waits.
fn waiting(t: &EngineUnderTest, request: &str) -> Session {
    let mut session = t.engine().open(0, &Peer::in_process(), NOW, Arc::new(())).expect("there is room");
    let (mut input, mut output) = (RequestReader::new(), Output::new());
    input.feed(format!("{request}\r\n").as_bytes());
    assert_eq!(t.engine().serve(&mut session, &mut input, &NOW, &mut output), Flow::Wait);
    session
}

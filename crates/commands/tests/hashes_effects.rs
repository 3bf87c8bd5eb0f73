//! Hashes: what goes into the journal, and which events are told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

const NIL: &str = "$-1\r\n";
const OK: &str = "+OK\r\n";

#[test]
fn fields_are_written_as_called() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("HSET h f v g w", ":2\r\n", "HSET h f v g w", "new h | hset h"),
            ("hset h f v", ":0\r\n", "hset h f v", "hset h"),
            ("HMSET h f v", OK, "HMSET h f v", "hset h"),
            ("HSETNX h f x", ":0\r\n", "", ""),
            ("HSETNX h n x", ":1\r\n", "HSETNX h n x", "hset h"),
            ("HINCRBY h c 7", ":7\r\n", "HINCRBY h c 7", "hincrby h"),
            ("HINCRBYFLOAT h c 0.5", "$3\r\n7.5\r\n", "HSETEX h KEEPTTL FIELDS 1 c 7.5", "hincrbyfloat h"),
            ("HINCRBY h c 1", "-ERR hash value is not an integer\r\n", "", ""),
            ("HDEL h nosuch", ":0\r\n", "", ""),
            ("HDEL h n c nosuch", ":2\r\n", "HDEL h n c nosuch", "hdel h"),
            ("HDEL h f g", ":2\r\n", "HDEL h f g", "hdel h | del h"),
            ("EXISTS h", ":0\r\n", "", "keymiss h"),
            ("HSET h f", "-ERR wrong number of arguments for 'hset' command\r\n", "", ""),
        ],
    );
}

#[test]
fn expiries_are_journaled_as_absolute_times_of_what_changed() {
    let mut t = EngineUnderTest::new();
    t.run("HSET h f v g w k x");
    check_table(
        &mut t,
        &[
            (
                "HEXPIRE h 100 FIELDS 3 f nosuch g",
                "*3\r\n:1\r\n:-2\r\n:1\r\n",
                "HPEXPIREAT h 1800000100000 FIELDS 2 f g",
                "hexpire h",
            ),
            (
                "HPEXPIRE h 100 NX FIELDS 2 f k",
                "*2\r\n:0\r\n:1\r\n",
                "HPEXPIREAT h 1800000000100 FIELDS 1 k",
                "hexpire h",
            ),
            ("HEXPIRE h 1 GT FIELDS 1 f", "*1\r\n:0\r\n", "", ""),
            (
                "HEXPIREAT h 1800000001 LT FIELDS 1 f",
                "*1\r\n:1\r\n",
                "HPEXPIREAT h 1800000001000 FIELDS 1 f",
                "hexpire h",
            ),
            ("HTTL h FIELDS 4 f g k nosuch", "*4\r\n:1\r\n:100\r\n:1\r\n:-2\r\n", "", ""),
            (
                "HPERSIST h FIELDS 2 k nosuch",
                "*2\r\n:1\r\n:-2\r\n",
                "HPERSIST h FIELDS 2 k nosuch",
                "hpersist h",
            ),
            ("HPERSIST h FIELDS 1 k", "*1\r\n:-1\r\n", "", ""),
            ("HPEXPIREAT h 1 XX FIELDS 2 k f", "*2\r\n:0\r\n:2\r\n", "HDEL h f", "hdel h"),
            ("HPEXPIREAT h 0 FIELDS 2 k g", "*2\r\n:2\r\n:2\r\n", "HDEL h k g", "hdel h | del h"),
            ("HEXPIRE h 1 FIELDS 1 f", "*1\r\n:-2\r\n", "", ""),
        ],
    );
}

#[test]
fn reads_that_change_expiries_are_journaled_as_the_change() {
    let mut t = EngineUnderTest::new();
    t.run("HSET h f v g w");
    check_table(
        &mut t,
        &[
            ("HGETEX h FIELDS 1 f", "*1\r\n$1\r\nv\r\n", "", ""),
            (
                "HGETEX h EX 10 FIELDS 2 f nosuch",
                "*2\r\n$1\r\nv\r\n$-1\r\n",
                "HPEXPIREAT h 1800000010000 FIELDS 1 f",
                "hexpire h",
            ),
            ("HGETEX h EX 10 FIELDS 1 nosuch", "*1\r\n$-1\r\n", "", ""),
            (
                "HGETEX h PERSIST FIELDS 2 f g",
                "*2\r\n$1\r\nv\r\n$1\r\nw\r\n",
                "HPERSIST h FIELDS 1 f",
                "hpersist h",
            ),
            ("HGETEX h PXAT 1 FIELDS 1 f", "*1\r\n$1\r\nv\r\n", "HDEL h f", "hdel h"),
            ("HGETDEL h FIELDS 2 g nosuch", "*2\r\n$1\r\nw\r\n$-1\r\n", "HDEL h g", "hdel h | del h"),
            ("HGETDEL h FIELDS 1 g", "*1\r\n$-1\r\n", "", ""),
        ],
    );
}

#[test]
fn hsetex_is_journaled_with_its_time_and_without_its_conditions() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("HSETEX h FXX FIELDS 1 f v", ":0\r\n", "", ""),
            ("HSETEX h XX FIELDS 1 f v", ":0\r\n", "", ""),
            ("HSETEX h NX FIELDS 1 f v", ":1\r\n", "HSETEX h NX FIELDS 1 f v", "new h | hset h"),
            ("HSETEX h NX FIELDS 1 f v", ":0\r\n", "", ""),
            ("HSETEX h FNX FIELDS 2 g v f v", ":0\r\n", "", ""),
            (
                "HSETEX h FNX EX 10 FIELDS 1 g w",
                ":1\r\n",
                "HSETEX h PXAT 1800000010000 FIELDS 1 g w",
                "hset h | hexpire h",
            ),
            ("HSETEX h KEEPTTL FIELDS 1 g x", ":1\r\n", "HSETEX h KEEPTTL FIELDS 1 g x", "hset h"),
            ("HPTTL h FIELDS 2 g f", "*2\r\n:10000\r\n:-1\r\n", "", ""),
            ("HSETEX h EXAT 1 FIELDS 2 f v z v", ":1\r\n", "HDEL h f z", "hset h | hdel h"),
            ("HSETEX q PX 0 FIELDS 1 f v", ":1\r\n", "HDEL q f", "new q | hset q | hdel q | del q"),
            ("HSET h g y", ":0\r\n", "HSET h g y", "hset h"),
            ("HPTTL h FIELDS 1 g", "*1\r\n:-1\r\n", "", ""),
        ],
    );
}

#[test]
fn a_due_field_is_removed_before_the_command_sees_it() {
    let rows = [
        ("HGET h f", NIL, "HDEL h f", "hexpired h"),
        ("HLEN h", ":1\r\n", "HDEL h f", "hexpired h"),
        ("HGETALL h", "*2\r\n$1\r\ng\r\n$1\r\nw\r\n", "HDEL h f", "hexpired h"),
        ("HSCAN h 0", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\ng\r\n$1\r\nw\r\n", "HDEL h f", "hexpired h"),
        ("HRANDFIELD h", "$1\r\ng\r\n", "HDEL h f", "hexpired h"),
        ("HSET h f 2", ":1\r\n", "HDEL h f; HSET h f 2", "hexpired h | hset h"),
        ("HSETNX h f 2", ":1\r\n", "HDEL h f; HSETNX h f 2", "hexpired h | hset h"),
        ("HINCRBY h f 2", ":2\r\n", "HDEL h f; HINCRBY h f 2", "hexpired h | hincrby h"),
        ("HDEL h f", ":0\r\n", "HDEL h f", "hexpired h"),
        ("HDEL h f g", ":1\r\n", "HDEL h f; HDEL h f g", "hexpired h | hdel h | del h"),
        ("HSETEX h FXX FIELDS 1 f 2", ":0\r\n", "HDEL h f", "hexpired h"),
        ("HEXPIRE h 5 FIELDS 1 f", "*1\r\n:-2\r\n", "HDEL h f", "hexpired h"),
        ("HPERSIST h FIELDS 1 f", "*1\r\n:-2\r\n", "HDEL h f", "hexpired h"),
        ("HGETDEL h FIELDS 1 f", "*1\r\n$-1\r\n", "HDEL h f", "hexpired h"),
        ("COPY h i", ":1\r\n", "HDEL h f | COPY h i", "hexpired h | new i | copy_to i"),
        ("SET h 1", OK, "HDEL h f; SET h 1", "hexpired h | overwritten h | type_changed h | set h"),
    ];
    for row in rows {
        let mut t = EngineUnderTest::new();
        t.run("HSET h f 1 g w");
        t.run("HPEXPIRE h 10 FIELDS 1 f");
        t.pass(10);
        assert_eq!(t.run("HGET h f"), "$1\r\n1\r\n", "it lives through the whole of its last millisecond");
        t.pass(1);
        check_table(&mut t, &[row]);
    }
}

#[test]
fn a_hash_goes_with_the_last_of_its_fields() {
    for command in ["HGET h f", "HLEN h", "EXISTS h", "TYPE h", "HINCRBY h f 1", "HGETALL h"] {
        let mut t = EngineUnderTest::new();
        t.run("HSETEX h PX 10 FIELDS 2 f 1 g 2");
        t.pass(11);
        t.forget();
        t.run(command);
        assert!(t.effects()[0].starts_with("DEL h"), "{command}");
        assert_eq!(t.events()[..2], ["hexpired h", "del h"], "{command}");
    }
}

#[test]
fn due_fields_are_removed_without_being_asked_for() {
    let mut t = EngineUnderTest::new();
    t.run("HSET h f 1 g 2 k 3");
    t.run("HPEXPIRE h 10 FIELDS 1 f");
    t.run("HPEXPIRE h 20 FIELDS 1 g");
    t.run("HSETEX all PX 20 FIELDS 1 f 1");
    t.run("SELECT 3");
    t.run("HSETEX h PX 30 FIELDS 1 f 1");
    t.run("HSET h g 2");
    t.forget();
    t.pass(10);
    t.tick();
    assert!(t.effects().is_empty());
    t.pass(1);
    t.tick();
    assert_eq!((t.effects(), t.events()), (vec!["HDEL h f".into()], vec!["hexpired h".into()]));
    t.pass(10);
    t.tick();
    let mut effects = t.effects();
    effects.sort_unstable();
    assert_eq!(effects, ["DEL all", "HDEL h g"]);
    t.forget();
    t.pass(10);
    t.tick();
    assert_eq!((t.effects(), t.events()), (vec!["@3 HDEL h f".into()], vec!["@3 hexpired h".into()]));
    assert!(t.run("INFO stats").contains("expired_subkeys:4\r\n"));
    assert!(t.run("INFO keyspace").contains("db0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n"));
}

#[test]
fn keys_and_fields_expire_each_in_its_time() {
    let mut t = EngineUnderTest::new();
    t.run("HSETEX h PX 10 FIELDS 1 f 1");
    t.run("HSET h g 2");
    t.run("PEXPIRE h 20");
    t.run("HSETEX i PX 20 FIELDS 1 f 1");
    t.run("PEXPIRE i 10");
    assert!(t.run("INFO keyspace").contains("expires=2,avg_ttl=15,subexpiry=2\r\n"));
    t.forget();
    t.pass(11);
    t.tick();
    assert_eq!(t.effects(), ["DEL i", "HDEL h f"]);
    t.pass(10);
    t.tick();
    assert_eq!(t.effects(), ["DEL h"]);
    assert_eq!(t.events(), ["expired i", "hexpired h", "expired h"]);
}

/// More fields than one look removes.
#[test]
fn of_a_mass_of_due_fields_none_is_seen_and_no_command_removes_all() {
    let mut t = EngineUnderTest::new();
    t.use_resp3();
    for number in 0..2_000 {
        t.run(&format!("HSETEX h PX 10 FIELDS 1 f{number} {number}"));
    }
    t.run("HSET h stays 1");
    t.pass(11);
    t.forget();
    assert_eq!(t.run("HGETALL h"), "%1\r\n$5\r\nstays\r\n$1\r\n1\r\n");
    assert_eq!(t.effects()[0].split(' ').count(), 2 + 64);
    assert_eq!(t.run("HGET h f1999"), "_\r\n");
    assert_eq!(t.run("HRANDFIELD h 5"), "*1\r\n$5\r\nstays\r\n");
    assert_eq!(t.run("HRANDFIELD h -2"), "*2\r\n$5\r\nstays\r\n$5\r\nstays\r\n");
    t.forget();
    assert_eq!(t.run("HINCRBY h f1999 5"), ":5\r\n");
    let effects = t.effects();
    assert!(effects[0].contains("; HDEL h f1999; HDEL "), "before the next look: {effects:?}");
    assert!(effects[0].ends_with("; HINCRBY h f1999 5"), "{effects:?}");
    (0..20).for_each(|_| t.tick());
    assert_eq!(t.run("HLEN h"), ":2\r\n");
    assert!(t.run("INFO stats").contains("expired_subkeys:2000\r\n"));
}

#[test]
fn expiries_go_along_with_copies_and_new_names() {
    let mut t = EngineUnderTest::new();
    t.run("HSETEX h PX 10 FIELDS 1 f 1");
    t.run("HSET h g 2");
    t.run("COPY h copied");
    t.run("RENAME h renamed");
    t.run("COPY copied overwritten");
    t.run("SET overwritten 1");
    assert!(t.run("INFO keyspace").contains("subexpiry=2\r\n"));
    t.forget();
    t.pass(11);
    t.tick();
    let mut effects = t.effects();
    effects.sort_unstable();
    assert_eq!(effects, ["HDEL copied f", "HDEL renamed f"]);
}

//! A database as a program uses it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::thread;
use std::time::Duration;

use kvd_embed::{CommandError, Connection, Db, Error, OpenError, Options, Reply, TestClock};

/// Without a thread, with a clock that stands.
fn db() -> (Db, TestClock) {
    let clock = TestClock::new();
    let db = Db::open(Options::default().manual().clock(clock.clone()).seed([7; 32])).unwrap();
    (db, clock)
}

#[test]
fn handles_and_connections_go_to_threads() {
    fn goes<T: Send>() {}
    fn is_shared<T: Sync>() {}
    goes::<Db>();
    is_shared::<Db>();
    goes::<Connection>();
}

#[test]
fn counters_hammered_by_many_threads_are_right() {
    const THREADS: i64 = 8;
    const ROUNDS: i64 = 2000;
    let db = Db::open(Options::default().workers(3)).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let db = db.clone();
            scope.spawn(move || {
                let mut own = db.connect().unwrap();
                for round in 0..ROUNDS {
                    db.call(["INCR", "all"]).unwrap();
                    let mine: i64 = own.query(("INCR", format!("of:{thread}"))).unwrap();
                    assert_eq!(mine, round + 1, "a reply went to another caller");
                }
            });
        }
    });
    assert_eq!(db.query::<i64>(["GET", "all"]), Ok(THREADS * ROUNDS));
    let info: String = db.query(["INFO", "commandstats"]).unwrap();
    let calls = format!("cmdstat_incr:calls={},", 2 * THREADS * ROUNDS);
    assert!(info.contains(&calls), "every call is counted once: {info}");
}

#[test]
fn each_thread_gets_its_own_replies_without_a_connection() {
    let db = Db::open(Options::default().workers(2)).unwrap();
    thread::scope(|scope| {
        for thread in 0..6u32 {
            let db = &db;
            scope.spawn(move || {
                for round in 0..1000u32 {
                    let text = format!("{thread}:{round}");
                    assert_eq!(db.query::<String>(["ECHO", &text]).unwrap(), text);
                }
            });
        }
    });
}

#[test]
fn databases_share_nothing() {
    let (one, clock) = db();
    let (other, _) = db();
    one.call(("SET", "k", 1, "EX", 1)).unwrap();
    other.call(("SET", "k", 2, "EX", 1)).unwrap();
    clock.advance(Duration::from_secs(2));
    assert_eq!(one.query::<Option<i64>>(["GET", "k"]), Ok(None));
    assert_eq!(other.query::<Option<i64>>(["GET", "k"]), Ok(Some(2)));
}

#[test]
fn keys_expire_when_the_clock_says_so() {
    let (db, clock) = db();
    db.call(("SET", "k", "v", "PX", 1500)).unwrap();
    clock.advance(Duration::from_millis(1499));
    assert_eq!(db.query::<i64>(["PTTL", "k"]), Ok(1));
    clock.advance(Duration::from_millis(1));
    assert_eq!(db.query::<i64>(["PTTL", "k"]), Ok(0), "as with Redis, the last millisecond is the key's");
    clock.advance(Duration::from_millis(1));
    assert_eq!(db.query::<i64>(["EXISTS", "k"]), Ok(0));
}

#[test]
fn a_tick_removes_what_is_due() {
    let (db, clock) = db();
    for key in 0..1000 {
        db.call(("SET", key, "v", "EX", 1)).unwrap();
    }
    clock.advance(Duration::from_secs(2));
    let mut slices = 1;
    while db.tick().is_zero() {
        slices += 1;
    }
    assert!(slices > 1, "a slice is bounded");
    assert_eq!(db.query::<i64>(["DBSIZE"]), Ok(0));
}

#[test]
fn the_thread_removes_what_is_due() {
    let clock = TestClock::new();
    let db = Db::open(Options::default().clock(clock.clone())).unwrap();
    let events = db.events(10);
    db.call(("SET", "k", "v", "EX", 1)).unwrap();
    clock.advance(Duration::from_secs(2));
    let expired = events.into_iter().find(|event| event.name == "expired");
    assert_eq!(expired.map(|event| event.key), Some(b"k".to_vec()));
}

#[test]
fn errors_have_a_code_and_a_message() {
    let (db, _) = db();
    db.call(["SET", "text", "abc"]).unwrap();
    let error = db.call(["INCR", "text"]).unwrap_err();
    let expected = CommandError {
        code: "ERR".to_owned(),
        message: "value is not an integer or out of range".to_owned(),
    };
    assert_eq!(error, Error::Command(expected));
    let error = db.call(["NOSUCH", "a"]).unwrap_err();
    assert_eq!(error.to_string(), "ERR unknown command 'NOSUCH', with args beginning with: 'a' ");
    assert_eq!(db.call(Vec::<&str>::new()), Err(Error::NoWords));
}

#[test]
fn what_changes_a_session_needs_one() {
    let (db, _) = db();
    assert_eq!(db.call(["select", "1"]), Err(Error::NeedsConnection("select")));
    assert_eq!(
        db.call(["CLIENT", "SETNAME", "a"]).unwrap_err().to_string(),
        "'client|setname' changes the session that it runs in: call it on a connection of your own, see Db::connect"
    );
    let mut connection = db.connect().unwrap();
    connection.call(("SELECT", 1)).unwrap();
    connection.call(["CLIENT", "SETNAME", "a"]).unwrap();
    connection.call(["SET", "k", "v"]).unwrap();
    assert_eq!(db.query::<i64>(["DBSIZE"]), Ok(0));
    assert_eq!(connection.query::<Option<String>>(["CLIENT", "GETNAME"]), Ok(Some("a".to_owned())));
    assert_eq!(db.query::<Option<String>>(["CLIENT", "GETNAME"]), Ok(None));
}

#[test]
fn what_is_for_servers_is_refused() {
    let (db, _) = db();
    let mut connection = db.connect().unwrap();
    for words in [vec!["SHUTDOWN", "NOSAVE"], vec!["MONITOR"], vec!["CLIENT", "REPLY", "OFF"]] {
        assert!(matches!(db.call(&words), Err(Error::NotEmbedded(_))), "{words:?}");
        assert!(matches!(connection.call(&words), Err(Error::NotEmbedded(_))), "{words:?}");
    }
    assert_eq!(connection.query::<String>(["PING"]), Ok("PONG".to_owned()));
}

#[test]
fn debug_sleep_does_not_sleep() {
    let db = Db::open(Options::default().parameter("enable-debug-command", "local")).unwrap();
    // Were it to sleep, the test would not end.
    db.call(["DEBUG", "SLEEP", "1000000"]).unwrap();
}

#[test]
fn a_closed_session_says_so() {
    let (db, _) = db();
    let mut connection = db.connect().unwrap();
    let id: i64 = connection.query(["CLIENT", "ID"]).unwrap();
    db.call(("CLIENT", "KILL", "ID", id)).unwrap();
    assert_eq!(connection.call(["PING"]), Err(Error::Closed));
    assert_eq!(
        connection.pipeline().cmd(["PING"]).cmd(["PING"]).run(),
        [Err(Error::Closed), Err(Error::Closed)]
    );

    let mut connection = db.connect().unwrap();
    connection.call(["QUIT"]).unwrap();
    assert_eq!(connection.call(["PING"]), Err(Error::Closed));
}

#[test]
fn lent_sessions_that_were_killed_are_replaced() {
    let (db, _) = db();
    let mut connection = db.connect().unwrap();
    db.call(["PING"]).unwrap();
    let id: i64 = db.query(["CLIENT", "ID"]).unwrap();
    connection.call(("CLIENT", "KILL", "ID", id)).unwrap();
    let next: i64 = db.query(["CLIENT", "ID"]).unwrap();
    assert_ne!(next, id);
    // Even one that kills itself answers first.
    assert_eq!(db.query::<i64>(("CLIENT", "KILL", "ID", next, "SKIPME", "no")), Ok(1));
    assert_eq!(db.query::<String>(["PING"]), Ok("PONG".to_owned()));
}

#[test]
fn there_is_a_limit_of_sessions() {
    let db = Db::open(Options::default().parameter("maxclients", "2")).unwrap();
    let first = db.connect().unwrap();
    let _second = db.connect().unwrap();
    assert_eq!(db.connect().unwrap_err(), Error::TooManyClients);
    assert_eq!(db.call(["PING"]), Err(Error::TooManyClients));
    drop(first);
    assert_eq!(db.query::<String>(["PING"]), Ok("PONG".to_owned()));
}

#[test]
fn parameters_are_checked_as_in_a_configuration() {
    let fault = |name: &str, value: &str| {
        let error = Db::open(Options::default().parameter(name, value)).unwrap_err();
        assert!(matches!(error, OpenError::Parameter(_)));
        error.to_string()
    };
    assert!(fault("nosuch", "1").contains("'nosuch'"));
    assert!(fault("stripes", "3").contains("argument must be a power of two"));
    assert!(fault("save", "900 1").contains("a database inside a program has no disk"));
    assert!(fault("maxmemory", "1gb").contains("the memory of a program is not measured"));
    assert!(fault("appendonly", "yes").contains("a database inside a program has no disk"));
    assert!(
        Db::open(Options::default().stripes(2).stripes(4)).unwrap_err().to_string().contains("duplicate")
    );

    let db = Db::open(Options::default().databases(2).stripes(4).parameter("SAVE", "")).unwrap();
    assert!(db.connect().unwrap().call(("SELECT", 2)).is_err());
    assert!(db.call(["CONFIG", "SET", "save", "900 1"]).is_err());
    assert_eq!(
        db.query::<Vec<(String, String)>>(["CONFIG", "GET", "stripes"]),
        Ok(vec![("stripes".to_owned(), "4".to_owned())])
    );
}

#[test]
fn a_password_is_for_streams_alone() {
    let db = Db::open(Options::default().parameter("requirepass", "secret")).unwrap();
    assert_eq!(db.query::<String>(["PING"]), Ok("PONG".to_owned()));
    assert_eq!(db.query::<String>(["ACL", "SETUSER", "default", "off", "nocommands"]), Ok("OK".to_owned()));
    assert_eq!(db.query::<String>(["PING"]), Ok("PONG".to_owned()));
    assert_eq!(db.connect().unwrap().query::<String>(["PING"]), Ok("PONG".to_owned()));
}

#[test]
fn pipelines_have_an_outcome_for_each_command() {
    let (db, _) = db();
    let outcomes = db
        .pipeline()
        .cmd(("SET", "n", 5))
        .cmd(["SELECT", "1"])
        .cmd(["INCR", "n"])
        .cmd(["INCR", "n", "n"])
        .cmd(Vec::<&str>::new())
        .cmd(["INCR", "n"])
        .run();
    assert_eq!(outcomes.len(), 6);
    assert_eq!(outcomes[1], Err(Error::NeedsConnection("select")));
    assert_eq!(outcomes[2], Ok(Reply::Integer(6)));
    assert!(matches!(outcomes[3], Err(Error::Command(_))));
    assert_eq!(outcomes[4], Err(Error::NoWords));
    assert_eq!(outcomes[5], Ok(Reply::Integer(7)));
    assert!(db.pipeline().run().is_empty());
}

#[test]
fn long_pipelines_with_long_replies_are_complete() {
    let (db, _) = db();
    let value = vec![b'x'; 100_000];
    db.call(["SET".as_bytes(), b"k", &value]).unwrap();
    let mut pipeline = db.pipeline();
    for _ in 0..500 {
        pipeline.cmd(["GET", "k"]).cmd(["STRLEN", "k"]);
    }
    let outcomes = pipeline.run();
    assert_eq!(outcomes.len(), 1000);
    for pair in outcomes.chunks(2) {
        assert!(matches!(&pair[0], Ok(Reply::Bulk(bytes)) if *bytes == value));
        assert_eq!(pair[1], Ok(Reply::Integer(100_000)));
    }
    assert!(pipeline.is_empty());
}

#[test]
fn large_values_come_back_and_too_large_ones_are_refused() {
    let (db, _) = db();
    let value: Vec<u8> = (0..8 << 20).map(|index: u32| (index % 251) as u8).collect();
    db.call(["SET".as_bytes(), b"k", &value]).unwrap();
    assert_eq!(db.query::<Vec<u8>>(["GET", "k"]).as_ref(), Ok(&value));
    assert_eq!(db.query::<Vec<Vec<u8>>>(["MGET", "k", "k"]), Ok(vec![value.clone(), value.clone()]));

    db.call(["CONFIG", "SET", "proto-max-bulk-len", "1mb"]).unwrap();
    let error = db.call(["SET".as_bytes(), b"k", &value]).unwrap_err();
    assert_eq!(error.to_string(), "ERR Protocol error: invalid bulk length");
    assert_eq!(db.query::<i64>(["STRLEN", "k"]), Ok(8 << 20), "the session was replaced");
}

#[test]
fn a_panic_of_a_caller_hurts_nobody() {
    let (db, _) = db();
    for round in 0..10 {
        let panicking = db.clone();
        let outcome = thread::Builder::new()
            .spawn(move || {
                let mut own = panicking.connect().unwrap();
                own.call(["SET", "k", "v"]).unwrap();
                let mut pipeline = panicking.pipeline();
                pipeline.cmd(["INCR", "n"]);
                panic!("in the middle of things");
            })
            .unwrap()
            .join();
        assert!(outcome.is_err());
        assert_eq!(db.query::<i64>(("ECHO", round)), Ok(round));
    }
    assert_eq!(db.query::<Option<i64>>(["GET", "n"]), Ok(None));
    let clients: String = db.query(["CLIENT", "LIST"]).unwrap();
    assert_eq!(clients.lines().count(), 1, "dropped connections are gone: {clients}");
}

#[test]
fn events_that_find_the_queue_full_are_counted() {
    let (db, _) = db();
    let mut events = db.events(2);
    let gone = db.events(1);
    drop(gone);
    for key in ["a", "b", "c"] {
        db.call(["SET", key, "v"]).unwrap();
    }
    let first = events.try_next().unwrap();
    assert_eq!((first.db, first.key.as_slice()), (0, b"a".as_slice()));
    assert!(events.try_next().is_some());
    assert_eq!(events.try_next(), None);
    assert_eq!(events.take_missed(), 4, "each SET of a new key tells of the key and of the value");
    assert_eq!(events.take_missed(), 0);
    drop(db);
    assert_eq!(events.next(), None);
}

#[test]
fn the_same_seed_and_calls_give_the_same_replies() {
    let replies = || {
        let (db, _) = db();
        for key in 0..100 {
            db.call(("SET", key, "v")).unwrap();
        }
        (0..20).map(|_| db.query::<String>(["RANDOMKEY"]).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(replies(), replies());
}

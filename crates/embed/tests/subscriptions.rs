//! Listening inside a program: threads publish, a thread listens.

use std::thread;
use std::time::Duration;

use kvd_embed::{Db, Error, Message, Options, TestClock};

fn message(channel: &str, payload: &str) -> Message {
    Message { channel: channel.into(), pattern: None, payload: payload.into() }
}

#[test]
fn a_thread_waits_for_what_others_publish() {
    const MESSAGES: usize = 500;
    let db = Db::open(Options::default().workers(2)).unwrap();
    let mut subscription = db.subscribe(["c"]).unwrap();
    thread::scope(|scope| {
        for publisher in 0..3 {
            let db = &db;
            scope.spawn(move || {
                for number in 0..MESSAGES {
                    let said = format!("{publisher}:{number}");
                    assert_eq!(db.query::<i64>(["PUBLISH", "c", &said]), Ok(1));
                }
            });
        }
        let mut next = [0; 3];
        for _ in 0..3 * MESSAGES {
            let payload = String::from_utf8(subscription.next().unwrap().payload).unwrap();
            let (publisher, number) = payload.split_once(':').unwrap();
            let next = &mut next[publisher.parse::<usize>().unwrap()];
            assert_eq!(number, next.to_string());
            *next += 1;
        }
    });
    assert_eq!(subscription.try_next(), None);
}

#[test]
fn channels_patterns_and_sharded_channels_come_and_go() {
    let db = Db::open(Options::default()).unwrap();
    let mut subscription = db.subscribe([] as [&str; 0]).unwrap();
    subscription.listen_to("a").unwrap();
    subscription.listen_to_pattern("b*").unwrap();
    subscription.listen_to_shard_channel("s").unwrap();
    assert_eq!(db.query::<i64>(["PUBLISH", "a", "1"]), Ok(1));
    assert_eq!(db.query::<i64>(["PUBLISH", "bb", "2"]), Ok(1));
    assert_eq!(db.query::<i64>(["SPUBLISH", "s", "3"]), Ok(1));
    assert_eq!(subscription.next(), Some(message("a", "1")));
    let by_pattern = Message { pattern: Some(b"b*".to_vec()), ..message("bb", "2") };
    assert_eq!(subscription.next(), Some(by_pattern));
    assert_eq!(subscription.next(), Some(message("s", "3")));
    db.call(["PUBLISH", "a", "4"]).unwrap();
    subscription.ignore("a").unwrap();
    subscription.ignore_pattern("b*").unwrap();
    subscription.ignore_shard_channel("s").unwrap();
    assert_eq!(db.query::<i64>(["PUBLISH", "a", "5"]), Ok(0));
    assert_eq!(subscription.next(), Some(message("a", "4")));
    assert_eq!(subscription.try_next(), None);
    drop(subscription);
    assert_eq!(db.query::<String>(["INFO", "clients"]).unwrap().matches("pubsub_clients:0").count(), 1);
}

#[test]
fn nobody_waits_longer_than_told() {
    let clock = TestClock::new();
    let db = Db::open(Options::default().clock(clock.clone())).unwrap();
    let mut subscription = db.subscribe(["c"]).unwrap();
    thread::scope(|scope| {
        let waiting =
            scope.spawn(move || (subscription.next_within(Duration::from_secs(3600)), subscription));
        while !waiting.is_finished() {
            clock.advance(Duration::from_secs(60));
            thread::yield_now();
        }
        let (heard, mut subscription) = waiting.join().unwrap();
        assert_eq!(heard, None);
        db.call(["PUBLISH", "c", "x"]).unwrap();
        assert_eq!(subscription.next_within(Duration::ZERO), Some(message("c", "x")));
    });
}

#[test]
fn who_is_killed_or_too_slow_hears_the_end() {
    let limit = "pubsub 100kb 0 0";
    let db = Db::open(Options::default().parameter("client-output-buffer-limit", limit)).unwrap();
    let mut subscription = db.subscribe(["c"]).unwrap();
    assert_eq!(db.query::<i64>(["CLIENT", "KILL", "TYPE", "pubsub"]), Ok(1));
    assert_eq!(subscription.next(), None);
    assert!(!subscription.is_open());
    assert_eq!(subscription.listen_to("d"), Err(Error::Closed));

    let mut slow = db.subscribe(["c"]).unwrap();
    let payload = "x".repeat(20_000);
    while db.query::<i64>(["PUBLISH", "c", &payload]).unwrap() > 0 && slow.is_open() {}
    assert_eq!(slow.next(), None);
}

#[test]
fn notifications_of_keys_are_messages() {
    let db = Db::open(Options::default().parameter("notify-keyspace-events", "KEA")).unwrap();
    let mut subscription = db.subscribe(["__keyspace@0__:k"]).unwrap();
    db.call(["SET", "k", "v"]).unwrap();
    db.call(["SET", "other", "v"]).unwrap();
    db.call(["DEL", "k"]).unwrap();
    assert_eq!(subscription.next(), Some(message("__keyspace@0__:k", "set")));
    assert_eq!(subscription.next(), Some(message("__keyspace@0__:k", "del")));
}

#[test]
fn other_sessions_do_not_listen() {
    let db = Db::open(Options::default()).unwrap();
    assert_eq!(db.call(["SUBSCRIBE", "c"]), Err(Error::NotEmbedded("subscribe")));
    assert_eq!(db.connect().unwrap().call(["PSUBSCRIBE", "c"]), Err(Error::NotEmbedded("psubscribe")));
}

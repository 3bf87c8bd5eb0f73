//! Commands that wait: their thread does, and is served by another or by the clock.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use kvd_embed::{Db, Error, Options, Reply, TestClock};

type Popped = Option<(String, String)>;

/// Waits, without an end but the test's own, until so many clients wait.
fn until_blocked(db: &Db, count: usize) {
    let expected = format!("blocked_clients:{count}\r\n");
    while !db.query::<String>(["INFO", "clients"]).unwrap().contains(&expected) {
        thread::yield_now();
    }
}

#[test]
fn a_thread_waits_for_what_another_pushes() {
    // One lane: were it held while waiting, nobody could push.
    let db = Db::open(Options::default().workers(1)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| db.query::<Popped>(["BLPOP", "queue", "0"]).unwrap());
        until_blocked(&db, 1);
        assert_eq!(db.query::<i64>(["RPUSH", "queue", "job"]), Ok(1));
        assert_eq!(waiting.join().unwrap(), Some(("queue".into(), "job".into())));
    });
    assert_eq!(db.query::<i64>(["LLEN", "queue"]), Ok(0));
}

#[test]
fn time_is_up_when_the_clock_says_so() {
    let clock = TestClock::new();
    let db = Db::open(Options::default().workers(1).clock(clock.clone())).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| db.query::<Popped>(["BLPOP", "queue", "3600"]).unwrap());
        until_blocked(&db, 1);
        clock.advance(Duration::from_secs(3599));
        until_blocked(&db, 1);
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        assert_eq!(waiting.join().unwrap(), None);
    });
}

#[test]
fn the_clock_of_the_machine_goes_on_by_itself() {
    let db = Db::open(Options::default()).unwrap();
    assert_eq!(db.query::<Popped>(["BLPOP", "queue", "0.01"]), Ok(None));
}

#[test]
fn connections_and_pipelines_wait_and_go_on() {
    let db = Db::open(Options::default().workers(1)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut own = db.connect().unwrap();
            own.call(["SELECT", "0"]).unwrap();
            let outcomes = own
                .pipeline()
                .cmd(["SET", "before", "1"])
                .cmd(["BLPOP", "queue", "0"])
                .cmd(["LLEN", "queue"])
                .run();
            outcomes.into_iter().collect::<Result<Vec<Reply>, Error>>().unwrap()
        });
        until_blocked(&db, 1);
        assert_eq!(db.query::<String>(["GET", "before"]).as_deref(), Ok("1"));
        db.call(["RPUSH", "queue", "a", "b"]).unwrap();
        let replies = waiting.join().unwrap();
        assert_eq!(replies.len(), 3);
        assert_eq!(replies.last(), Some(&Reply::Integer(1)));
    });
}

#[test]
fn a_waiting_call_can_be_ended() {
    let db = Db::open(Options::default().workers(1)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut own = db.connect().unwrap();
            let id: i64 = own.query(["CLIENT", "ID"]).unwrap();
            db.call(("SET", "id", id)).unwrap();
            own.call(["BLPOP", "queue", "0"])
        });
        until_blocked(&db, 1);
        let id: String = db.query(["GET", "id"]).unwrap();
        assert_eq!(db.query::<i64>(["CLIENT", "UNBLOCK", &id, "ERROR"]), Ok(1));
        assert!(matches!(waiting.join().unwrap(), Err(Error::Command(_))));
    });
}

#[test]
fn a_client_at_a_stream_waits() {
    let db = Db::open(Options::default().workers(1)).unwrap();
    let (mut client, served) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| db.serve(served));
        client.write_all(b"BLPOP queue 0\r\nPING\r\n").unwrap();
        until_blocked(&db, 1);
        db.call(["RPUSH", "queue", "job"]).unwrap();
        let expected = b"*2\r\n$5\r\nqueue\r\n$3\r\njob\r\n+PONG\r\n";
        let mut replies = vec![0; expected.len()];
        client.read_exact(&mut replies).unwrap();
        assert_eq!(replies, expected);
        drop(client);
    });
}

#[test]
fn many_threads_share_a_queue_and_each_job_is_done_once() {
    const THREADS: usize = 8;
    const JOBS: usize = 2000;
    let db = Db::open(Options::default().workers(2)).unwrap();
    let done: usize = thread::scope(|scope| {
        let work = || {
            let mut done = 0;
            while let Some((_, job)) = db.query::<Popped>(["BRPOP", "jobs", "0"]).unwrap() {
                if job == "stop" {
                    break;
                }
                done += 1;
            }
            done
        };
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for job in 0..JOBS {
            db.call(("LPUSH", "jobs", job)).unwrap();
        }
        for _ in 0..THREADS {
            db.call(["LPUSH", "jobs", "stop"]).unwrap();
        }
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(done, JOBS);
}

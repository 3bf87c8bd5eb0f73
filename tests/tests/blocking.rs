//! Clients that wait for a list's elements, at a kvd of its own process: in which order they are served, for how long they wait, how their wait
//! ends, and how many there can be.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "processes take their time")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::connections;
use kvd_tests::hostile::memory::info_number;
use kvd_tests::patience::{PATIENCE, wait_until};
use kvd_tests::process::{self, Process};
use kvd_tests::wire::Frame;

fn start() -> Process {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    kvd.start_with(&["--threads", "2", "--maxclients", "20000"]).unwrap()
}

fn connect(kvd: &Process) -> Client {
    Client::connect(kvd.address).unwrap()
}

/// Waits until so many clients wait.
fn until_blocked(checker: &mut Client, count: usize) {
    let are_blocked = || info_number(checker, "clients", "blocked_clients").unwrap() == count as u64;
    wait_until(are_blocked, &format!("{count} clients wait"));
}

fn popped(key: &str, element: &str) -> Frame {
    Frame::Array(vec![bulk(key), bulk(element)])
}

fn bulk(text: &str) -> Frame {
    Frame::Bulk(text.as_bytes().to_vec())
}

#[test]
fn whoever_came_first_is_served_first() {
    const CLIENTS: usize = 100;
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut waiting = Vec::new();
    for number in 0..CLIENTS {
        let mut client = connect(&kvd);
        client.request(&["BLPOP", "other", "queue", "0"]).unwrap();
        waiting.push(client);
        until_blocked(&mut checker, number + 1);
    }
    for number in 0..CLIENTS {
        checker.ask(&["RPUSH", "queue", &number.to_string()]).unwrap();
    }
    for (number, client) in waiting.iter_mut().enumerate() {
        assert_eq!(client.frame().unwrap(), popped("queue", &number.to_string()));
    }
    until_blocked(&mut checker, 0);
}

#[test]
fn one_push_serves_as_many_as_it_has_elements() {
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut clients: Vec<Client> = (0..3).map(|_| connect(&kvd)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.request(&["BRPOP", "queue", "0"]).unwrap();
        until_blocked(&mut checker, number + 1);
    }
    assert_eq!(checker.ask(&["RPUSH", "queue", "a", "b"]).unwrap(), Frame::Integer(2));
    assert_eq!(clients[0].frame().unwrap(), popped("queue", "b"));
    assert_eq!(clients[1].frame().unwrap(), popped("queue", "a"));
    until_blocked(&mut checker, 1);
    assert_eq!(checker.ask(&["EXISTS", "queue"]).unwrap(), Frame::Integer(0));
}

#[test]
fn a_wait_lasts_as_long_as_asked_for() {
    let kvd = start();
    let mut client = connect(&kvd);
    for (seconds, least) in [("0.001", 1), ("0.05", 50), ("0.2", 200)] {
        let begun = Instant::now();
        assert_eq!(client.ask(&["BLPOP", "none", seconds]).unwrap(), Frame::NilArray);
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_millis(least), "{seconds} s were {waited:?}");
        assert!(waited < PATIENCE, "{seconds} s were {waited:?}");
    }
    // On a machine with nothing else to do it is a matter of a millisecond; here the best of some tries is near enough.
    let late = (0..50).map(|_| {
        let begun = Instant::now();
        client.ask(&["BLPOP", "none", "0.01"]).unwrap();
        begun.elapsed()
    });
    let best = late.min().unwrap();
    assert!(best < Duration::from_millis(60), "a wait of 10 ms took {best:?} at best");
}

#[test]
fn client_unblock_ends_a_wait() {
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut client = connect(&kvd);
    let Frame::Integer(id) = client.ask(&["CLIENT", "ID"]).unwrap() else { panic!("an id is a number") };
    let id = id.to_string();
    assert_eq!(checker.ask(&["CLIENT", "UNBLOCK", &id]).unwrap(), Frame::Integer(0));
    for reason in ["TIMEOUT", "ERROR"] {
        client.request(&["BLMOVE", "a", "b", "LEFT", "LEFT", "0"]).unwrap();
        until_blocked(&mut checker, 1);
        assert_eq!(checker.ask(&["CLIENT", "UNBLOCK", &id, reason]).unwrap(), Frame::Integer(1));
        let error = b"UNBLOCKED client unblocked via CLIENT UNBLOCK".to_vec();
        let expected = if reason == "ERROR" { Frame::Error(error) } else { Frame::NilArray };
        assert_eq!(client.frame().unwrap(), expected);
    }
    assert_eq!(checker.ask(&["RPUSH", "a", "x"]).unwrap(), Frame::Integer(1));
    assert_eq!(client.ask(&["LLEN", "a"]).unwrap(), Frame::Integer(1));
}

#[test]
fn a_client_that_leaves_takes_nothing_with_it() {
    let kvd = start();
    let mut checker = connect(&kvd);
    for is_reset in [false, true] {
        let mut client = connect(&kvd);
        client.request(&["BLPOP", "queue", "0"]).unwrap();
        until_blocked(&mut checker, 1);
        if is_reset {
            client.reset().unwrap()
        } else {
            drop(client)
        }
        until_blocked(&mut checker, 0);
        assert_eq!(checker.ask(&["RPUSH", "queue", "x"]).unwrap(), Frame::Integer(1));
        assert_eq!(checker.ask(&["LPOP", "queue"]).unwrap(), bulk("x"));
    }
}

#[test]
fn a_killed_client_takes_nothing_with_it() {
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut client = connect(&kvd);
    let Frame::Integer(id) = client.ask(&["CLIENT", "ID"]).unwrap() else { panic!("an id is a number") };
    client.request(&["BLPOP", "queue", "0"]).unwrap();
    until_blocked(&mut checker, 1);
    let killed = checker.ask(&["CLIENT", "KILL", "ID", &id.to_string()]).unwrap();
    assert_eq!(killed, Frame::Integer(1));
    assert_eq!(client.everything().unwrap(), b"");
    until_blocked(&mut checker, 0);
    assert_eq!(checker.ask(&["RPUSH", "queue", "x"]).unwrap(), Frame::Integer(1));
    assert_eq!(checker.ask(&["LLEN", "queue"]).unwrap(), Frame::Integer(1));
}

#[test]
fn what_stands_behind_a_wait_in_a_pipeline_waits_too() {
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut client = connect(&kvd);
    client.send(b"SET before 1\r\nBLPOP queue 0\r\nSET after 1\r\nBLPOP queue 0\r\nLLEN queue\r\n").unwrap();
    assert_eq!(client.frame().unwrap(), Frame::Status(b"OK".to_vec()));
    until_blocked(&mut checker, 1);
    assert_eq!(checker.ask(&["EXISTS", "before", "after"]).unwrap(), Frame::Integer(1));
    checker.ask(&["RPUSH", "queue", "a"]).unwrap();
    assert_eq!(client.frame().unwrap(), popped("queue", "a"));
    assert_eq!(client.frame().unwrap(), Frame::Status(b"OK".to_vec()));
    until_blocked(&mut checker, 1);
    client.send(b"PING\r\n").unwrap();
    checker.ask(&["RPUSH", "queue", "b", "c"]).unwrap();
    assert_eq!(client.frame().unwrap(), popped("queue", "b"));
    assert_eq!(client.frame().unwrap(), Frame::Integer(1));
    assert_eq!(client.frame().unwrap(), Frame::Status(b"PONG".to_vec()));
}

/// Held by whoever has thousands of connections: this process may not have many more.
static CROWD: Mutex<()> = Mutex::new(());

/// Clients that wait at `queue`, in this order.
fn queue_up(kvd: &Process, count: usize, request: &[u8]) -> Vec<TcpStream> {
    let mut streams = connections::idle(kvd.address, count).unwrap();
    for stream in &mut streams {
        // What stands before a wait in the same batch is answered when it has begun.
        stream.write_all(&[b"PING\r\n", request].concat()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        expect(stream, b"+PONG\r\n");
    }
    streams
}

fn expect(stream: &mut TcpStream, reply: &[u8]) {
    let mut found = vec![0; reply.len()];
    stream.read_exact(&mut found).unwrap();
    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(reply));
}

fn room_for(wanted: usize) -> usize {
    const SPARE: usize = 10;
    let count = wanted.min(connections::room() - SPARE);
    report(count, wanted);
    count
}

/// Nobody waits, and no key remembers that somebody did.
fn check_nothing_is_left(checker: &mut Client) {
    until_blocked(checker, 0);
    for field in ["total_blocking_keys", "clients_in_timeout_table"] {
        assert_eq!(info_number(checker, "clients", field).unwrap(), 0, "{field}");
    }
    let Frame::Bulk(list) = checker.ask(&["CLIENT", "LIST"]).unwrap() else { panic!("a list is text") };
    assert!(!String::from_utf8(list).unwrap().contains(" flags=b"), "nobody is shown as waiting");
}

#[test]
fn ten_thousand_clients_wait_at_one_key_and_half_of_them_leave() {
    let _alone = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
    let kvd = start();
    let mut checker = connect(&kvd);
    let count = room_for(10_000);
    let streams = queue_up(&kvd, count, b"BLPOP queue 0\r\n");
    until_blocked(&mut checker, count);
    assert_eq!(info_number(&mut checker, "clients", "total_blocking_keys").unwrap(), 1);
    let (leaving, staying): (Vec<_>, Vec<_>) =
        streams.into_iter().enumerate().partition(|(place, _)| place % 2 == 0);
    connections::reset_all(leaving.into_iter().map(|(_, stream)| stream).collect()).unwrap();
    until_blocked(&mut checker, staying.len());
    // By one push for some, then by one for each.
    let numbers: Vec<String> = (0..staying.len()).map(|number| format!("{number:04}")).collect();
    let (together, alone) = numbers.split_at(numbers.len() / 2);
    for numbers in together.chunks(100).chain(alone.chunks(1)) {
        let words = ["RPUSH", "queue"].into_iter().chain(numbers.iter().map(String::as_str));
        let pushed = checker.ask(&words.collect::<Vec<_>>()).unwrap();
        assert_eq!(pushed, Frame::Integer(numbers.len() as i64));
    }
    let mut staying: Vec<TcpStream> = staying.into_iter().map(|(_, stream)| stream).collect();
    for (stream, number) in staying.iter_mut().zip(&numbers) {
        expect(stream, format!("*2\r\n$5\r\nqueue\r\n$4\r\n{number}\r\n").as_bytes());
    }
    check_nothing_is_left(&mut checker);
    assert_eq!(checker.ask(&["EXISTS", "queue"]).unwrap(), Frame::Integer(0));
    connections::reset_all(staying).unwrap();
}

#[test]
fn ten_thousand_waits_at_one_key_end_by_their_time() {
    let _alone = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
    let kvd = start();
    let mut checker = connect(&kvd);
    let count = room_for(10_000);
    let begun = Instant::now();
    let mut streams = queue_up(&kvd, count, b"BLPOP queue 3\r\n");
    for stream in &mut streams {
        expect(stream, b"*-1\r\n");
    }
    assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
    check_nothing_is_left(&mut checker);
    assert_eq!(checker.ask(&["RPUSH", "queue", "x"]).unwrap(), Frame::Integer(1));
    assert_eq!(checker.ask(&["LLEN", "queue"]).unwrap(), Frame::Integer(1));
    connections::reset_all(streams).unwrap();
}

#[test]
fn a_client_waits_at_ten_thousand_keys() {
    const KEYS: usize = 10_000;
    let kvd = start();
    let mut checker = connect(&kvd);
    let mut client = connect(&kvd);
    let keys: Vec<String> = (0..KEYS).map(|number| format!("key:{number}")).collect();
    let mut request = vec!["BLPOP"];
    request.extend(keys.iter().map(String::as_str));
    request.push("0");
    for key in ["key:0", "key:9999", "key:5000"] {
        client.request(&request).unwrap();
        until_blocked(&mut checker, 1);
        assert_eq!(info_number(&mut checker, "clients", "total_blocking_keys").unwrap(), KEYS as u64);
        assert_eq!(checker.ask(&["LPUSH", key, "x"]).unwrap(), Frame::Integer(1));
        assert_eq!(client.frame().unwrap(), popped(key, "x"));
        check_nothing_is_left(&mut checker);
    }
    // No key takes anything for the client any more.
    for key in &keys {
        checker.request(&["LPUSH", key, "x"]).unwrap();
    }
    for _ in &keys {
        assert_eq!(checker.frame().unwrap(), Frame::Integer(1));
    }
    assert_eq!(checker.ask(&["DBSIZE"]).unwrap(), Frame::Integer(KEYS as i64));
    assert_eq!(client.ask(&["PING"]).unwrap(), Frame::Status(b"PONG".to_vec()));
}

#[test]
fn jobs_handed_on_by_many_are_done_once_each() {
    const WORKERS: usize = 20;
    const JOBS: usize = 2_000;
    let kvd = start();
    let address = kvd.address;
    let work = move || {
        let mut client = Client::connect(address).unwrap();
        loop {
            let taken = client.ask(&["BLMOVE", "jobs", "done", "LEFT", "RIGHT", "0"]).unwrap();
            if taken == bulk("stop") {
                return;
            }
        }
    };
    let workers: Vec<_> = (0..WORKERS).map(|_| thread::spawn(work)).collect();
    let mut client = connect(&kvd);
    for job in 0..JOBS {
        client.ask(&["RPUSH", "jobs", &job.to_string()]).unwrap();
    }
    for _ in 0..WORKERS {
        client.ask(&["RPUSH", "jobs", "stop"]).unwrap();
    }
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    let Frame::Array(done) = client.ask(&["LRANGE", "done", "0", "-1"]).unwrap() else { panic!("a list") };
    let mut jobs: Vec<usize> = done
        .iter()
        .filter_map(|frame| match frame {
            Frame::Bulk(text) => std::str::from_utf8(text).unwrap().parse().ok(),
            _ => None,
        })
        .collect();
    jobs.sort_unstable();
    assert!(jobs.iter().copied().eq(0..JOBS), "{} jobs were done", jobs.len());
}

/// Past the capture of test output, where fewer were possible.
fn report(count: usize, wanted: usize) {
    if count < wanted {
        // Nothing is lost when standard error is closed.
        let _ = writeln!(
            std::io::stderr(),
            "scaled down to {count} clients: the limit of open files allows no more"
        );
    }
}

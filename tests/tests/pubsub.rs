//! Publishers and listeners at a kvd of its own process, several workers, all at once: the order of messages, and that none is lost,
//! while other listeners are killed at random.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use fastrand::Rng;
use kvd_tests::hostile::client::Client;
use kvd_tests::process::{self, Process};
use kvd_tests::wire::Frame;

const PUBLISHERS: usize = 3;
const MESSAGES: usize = 1500;
const STEADY: usize = 4;
const KILLED: usize = 2;

/// What says that all was published.
const END: &str = "end";

fn start() -> Process {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    kvd.start_with(&["--threads", "3"]).unwrap()
}

/// A client that listens, every other one in RESP3, and its id.
fn listener(address: SocketAddr, number: usize) -> io::Result<(Client, String)> {
    let mut client = Client::connect(address)?;
    let Frame::Integer(id) = client.ask(&["CLIENT", "ID"])? else { panic!("an id is an integer") };
    if number % 2 == 1 {
        client.ask(&["HELLO", "3"])?;
    }
    client.ask(&["SUBSCRIBE", "c"])?;
    client.ask(&["PSUBSCRIBE", "?"])?;
    Ok((client, id.to_string()))
}

/// The next message: by which way it came, and what it says. `None` when the connection has ended.
fn next(client: &mut Client) -> Option<(String, String)> {
    loop {
        let (Frame::Array(words) | Frame::Push(words)) = client.frame().ok()? else { panic!("no message") };
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        match (words.first(), words.last()) {
            (Some(Frame::Bulk(kind)), Some(Frame::Bulk(payload))) => {
                return Some((text(kind), text(payload)));
            }
            // Confirms a subscription: messages of one before may have come first.
            (Some(Frame::Bulk(_)), Some(Frame::Integer(_))) => {}
            _ => panic!("{words:?}"),
        }
    }
}

fn publish(address: SocketAddr, publisher: usize) {
    let mut client = Client::connect(address).unwrap();
    for number in 0..MESSAGES {
        let receivers = client.ask(&["PUBLISH", "c", &format!("{publisher}:{number}")]).unwrap();
        assert!(matches!(receivers, Frame::Integer(count) if count >= 2 * STEADY as i64), "{receivers:?}");
    }
}

/// All messages that came by channel until the end, after a look at those that came by pattern.
fn listen(client: &mut Client) -> Vec<String> {
    let (mut direct, mut by_pattern) = (Vec::new(), Vec::new());
    loop {
        let (kind, payload) = next(client).unwrap();
        let is_end = payload == END && kind == "pmessage";
        if kind == "message" { &mut direct } else { &mut by_pattern }.push(payload);
        if is_end {
            assert_eq!(direct, by_pattern);
            return direct;
        }
    }
}

/// Listens, and comes back when it was killed. What it gets of one publisher has no gap as long as it is connected.
fn come_back(address: SocketAddr, is_over: &AtomicBool) {
    while !is_over.load(Relaxed) {
        // It may be killed before it listens.
        let Ok((mut client, _)) = listener(address, 1) else { continue };
        let mut last = [None; PUBLISHERS];
        while let Some((kind, payload)) = next(&mut client) {
            let Some((publisher, number)) = payload.split_once(':').filter(|_| kind == "message") else {
                continue;
            };
            let (publisher, number): (usize, usize) = (publisher.parse().unwrap(), number.parse().unwrap());
            assert!(last[publisher].is_none_or(|last: usize| last + 1 == number), "{payload} after {last:?}");
            last[publisher] = Some(number);
        }
    }
}

/// Kills all who listen, but for those who are spared.
fn kill_at_random(address: SocketAddr, spared: &[String], is_over: &AtomicBool) {
    let mut random = Rng::with_seed(11);
    let mut client = Client::connect(address).unwrap();
    while !is_over.load(Relaxed) {
        let Frame::Bulk(list) = client.ask(&["CLIENT", "LIST", "TYPE", "pubsub"]).unwrap() else { panic!() };
        let list = String::from_utf8(list).unwrap();
        let ids = list.lines().filter_map(|line| line.strip_prefix("id=")?.split(' ').next());
        let ids: Vec<&str> = ids.filter(|id| !spared.iter().any(|spared| spared == id)).collect();
        if let Some(id) = random.choice(&ids) {
            client.ask(&["CLIENT", "KILL", "ID", id]).unwrap();
        }
        thread::yield_now();
    }
}

#[test]
fn all_who_stay_see_one_order_while_others_are_killed() {
    let kvd = start();
    let address = kvd.address;
    let mut ids = Vec::new();
    let mut steady = Vec::new();
    for number in 0..STEADY {
        let (client, id) = listener(address, number).unwrap();
        ids.push(id);
        steady.push(client);
    }
    let is_over = AtomicBool::new(false);
    let heard: Vec<Vec<String>> = thread::scope(|scope| {
        let is_over = &is_over;
        let killed: Vec<_> = (0..KILLED).map(|_| scope.spawn(move || come_back(address, is_over))).collect();
        let killer = scope.spawn(|| kill_at_random(address, &ids, is_over));
        let listening: Vec<_> = steady.iter_mut().map(|client| scope.spawn(move || listen(client))).collect();
        let publishers: Vec<_> =
            (0..PUBLISHERS).map(|publisher| scope.spawn(move || publish(address, publisher))).collect();
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        is_over.store(true, Relaxed);
        killer.join().unwrap();
        let mut client = Client::connect(address).unwrap();
        client.ask(&["PUBLISH", "c", END]).unwrap();
        let heard = listening.into_iter().map(|listener| listener.join().unwrap()).collect();
        while killed.iter().any(|thread| !thread.is_finished()) {
            client.ask(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
        }
        heard
    });
    check(&heard);
    let mut client = Client::connect(address).unwrap();
    let none = Frame::Array(vec![Frame::Bulk(b"c".to_vec()), Frame::Integer(0)]);
    while client.ask(&["PUBSUB", "NUMSUB", "c"]).unwrap() != none {
        client.ask(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
    }
    while client.ask(&["PUBSUB", "NUMPAT"]).unwrap() != Frame::Integer(0) {
        thread::yield_now();
    }
}

fn check(heard: &[Vec<String>]) {
    let first = &heard[0];
    assert_eq!(first.len(), PUBLISHERS * MESSAGES + 1);
    for publisher in 0..PUBLISHERS {
        let prefix = format!("{publisher}:");
        let numbers = first.iter().filter_map(|payload| payload.strip_prefix(&prefix));
        assert!(numbers.eq((0..MESSAGES).map(|number| number.to_string())), "the order of {publisher}");
    }
    assert!(heard.iter().all(|other| other == first), "all see the same order");
}

#[test]
fn a_channel_that_is_lost_while_one_subscribes_is_lost() {
    const ROUNDS: usize = 200;
    let kvd = start();
    let mut admin = Client::connect(kvd.address).unwrap();
    for round in 0..ROUNDS {
        admin.ask(&["ACL", "SETUSER", "anna", "on", "nopass", "+@all", "allchannels"]).unwrap();
        let mut anna = Client::connect(kvd.address).unwrap();
        anna.ask(&["AUTH", "anna", "x"]).unwrap();
        let subscribing = thread::scope(|scope| {
            let subscribing = scope.spawn(|| anna.ask(&["SUBSCRIBE", "c"]));
            admin.ask(&["ACL", "SETUSER", "anna", "resetchannels"]).unwrap();
            subscribing.join().unwrap()
        });
        // Refused, or confirmed and then closed, or closed before that was read: whichever came first.
        if let Ok(Frame::Array(_)) = subscribing {
            let ended = anna.frame().unwrap_err().kind();
            assert!(
                matches!(ended, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset),
                "{ended} in round {round}"
            );
        }
        let receivers = admin.ask(&["PUBLISH", "c", "secret"]).unwrap();
        assert_eq!(receivers, Frame::Integer(0), "in round {round}");
    }
}

//! What a client may take of the server: replies that wait, requests that wait, memory of all clients together, time.

mod engine_with_clients;

use std::sync::atomic::Ordering::Relaxed;

use engine::{Flow, OUTPUT_BYTES_HIGH};
use engine_with_clients::{EngineWithClients, TestClient};

const VALUE_BYTES: usize = 100_000;

/// What is allowed to wait, and one reply.
const WAITING_BYTES_MAX: usize = OUTPUT_BYTES_HIGH + VALUE_BYTES + 100;

fn set_value(client: &mut TestClient<'_>) {
    client.send(
        format!("*3\r\n$3\r\nSET\r\n$1\r\nv\r\n${VALUE_BYTES}\r\n{}\r\n", "x".repeat(VALUE_BYTES)).as_bytes(),
    );
    assert_eq!(client.serve(), Flow::More);
    assert_eq!(client.receive(), b"+OK\r\n");
}

#[test]
fn requests_wait_while_their_client_does_not_take_its_replies() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    set_value(&mut client);
    client.send("GET v\nINCR n\n".repeat(50).as_bytes());
    assert_eq!(client.serve(), Flow::Flush);
    let mut replies = client.receive();
    assert!(replies.len() <= WAITING_BYTES_MAX, "{}", replies.len());
    assert_eq!(
        engine.client("127.0.0.1:2").run("GET n"),
        "$1\r\n2\r\n",
        "the third GET was the last to be run"
    );

    while client.serve() == Flow::Flush {
        let more = client.receive();
        assert!(more.len() <= WAITING_BYTES_MAX, "{}", more.len());
        replies.extend(more);
    }
    replies.extend(client.receive());
    let replies = String::from_utf8(replies).expect("text");
    let integers: Vec<usize> =
        replies.split("\r\n").filter_map(|line| line.strip_prefix(':')?.parse().ok()).collect();
    assert_eq!(integers, (1..=50).collect::<Vec<_>>());
    assert_eq!(
        replies.len(),
        50 * (VALUE_BYTES + 11) + integers.iter().map(|n| n.to_string().len() + 3).sum::<usize>()
    );
}

#[test]
fn input_that_comes_in_the_middle_of_a_batch_is_served_behind_it() {
    let engine = EngineWithClients::new(&[]);
    let mut client = engine.client("127.0.0.1:1");
    set_value(&mut client);
    client.send("GET v\n".repeat(5).as_bytes());
    client.send(b"ECHO fi");
    assert_eq!(client.serve(), Flow::Flush);
    client.receive();
    client.send(b"rst\nECHO second\n");
    assert_eq!(client.serve(), Flow::More);
    let replies = String::from_utf8(client.receive()).expect("text");
    assert!(replies.ends_with("x\r\n$5\r\nfirst\r\n$6\r\nsecond\r\n"));
}

#[test]
fn others_have_a_turn_when_time_has_passed() {
    let engine = EngineWithClients::new(&[]);
    engine.step_ms.set(1);
    let mut client = engine.client("127.0.0.1:1");
    client.send("INCR n\n".repeat(150).as_bytes());
    assert_eq!(client.serve(), Flow::Flush);
    assert_eq!(engine.client("127.0.0.1:2").run("GET n"), "$2\r\n64\r\n");
    engine.step_ms.set(0);
    assert_eq!(client.serve(), Flow::More);
    assert_eq!(engine.client("127.0.0.1:2").run("GET n"), "$3\r\n150\r\n");
}

#[test]
fn long_requests_make_short_batches() {
    let engine = EngineWithClients::new(&[]);
    engine.step_ms.set(1);
    let mut client = engine.client("127.0.0.1:1");
    client.send(format!("APPEND s {}\n", "x".repeat(50_000)).repeat(10).as_bytes());
    assert_eq!(client.serve(), Flow::Flush);
    assert_eq!(engine.client("127.0.0.1:2").run("STRLEN s"), ":150000\r\n");
}

#[test]
fn a_client_with_too_much_in_its_query_buffer_is_closed_without_a_reply() {
    let engine = EngineWithClients::new(&[("client-query-buffer-limit", "1mb")]);
    let mut client = engine.client("127.0.0.1:1");
    client.send(b"*2\r\n$3\r\nGET\r\n$2000000\r\n");
    client.send(&vec![b'x'; 1_000_000]);
    assert_eq!(client.serve(), Flow::More);
    client.send(&vec![b'x'; 100_000]);
    client.serve();
    assert_eq!(client.serve(), Flow::Close);
    assert!(client.is_closed());
    assert_eq!(client.receive(), b"");
    drop(client);
    let info = engine.client("127.0.0.1:2").run("INFO stats");
    assert!(info.contains("client_query_buffer_limit_disconnections:1\r\n"), "{info}");
}

#[test]
fn the_largest_client_goes_when_all_together_take_too_much() {
    let engine = EngineWithClients::new(&[("maxmemory-clients", "1mb")]);
    let mut spared = engine.client("127.0.0.1:1");
    assert_eq!(spared.run("CLIENT NO-EVICT ON"), "+OK\r\n");
    let unfinished = |client: &mut TestClient<'_>, bytes: usize| {
        client.send(format!("*2\r\n$3\r\nGET\r\n${bytes}\r\n").as_bytes());
        client.serve();
        client.send(&vec![b'x'; bytes - 1]);
        client.serve()
    };
    let mut small = engine.client("127.0.0.1:2");
    let mut large = engine.client("127.0.0.1:3");
    assert_eq!(unfinished(&mut spared, 2_000_000), Flow::More);
    assert_eq!(unfinished(&mut large, 600_000), Flow::More);
    assert_eq!(unfinished(&mut small, 500_000), Flow::More);
    assert_eq!(large.serve(), Flow::Close);
    drop(large);
    assert_eq!(small.serve(), Flow::More);
    let mut other = engine.client("127.0.0.1:4");
    assert!(other.run("INFO stats").contains("evicted_clients:1\r\n"));
    drop((small, spared));
    assert_eq!(other.run("PING"), "+PONG\r\n");
}

#[test]
fn the_memory_of_clients_is_added_up_and_given_back() {
    let engine = EngineWithClients::new(&[]);
    let mut clients: Vec<TestClient<'_>> =
        (0..10).map(|number| engine.client(&format!("127.0.0.1:{number}"))).collect();
    for client in &mut clients {
        client.run("PING");
    }
    assert!(engine.engine.clients().used_bytes() > 0);
    clients.clear();
    assert_eq!(engine.engine.clients().used_bytes(), 0);
}

/// Commands that need little room in the query buffer, and more while they are queued.
const QUEUED: usize = 20_000;

#[test]
fn what_is_kept_of_queued_commands_counts_besides_their_words() {
    let engine = EngineWithClients::new(&[("client-query-buffer-limit", "1mb")]);
    let mut client = engine.client("127.0.0.1:1");
    client.run("MULTI\nGET a");
    let queued = engine.engine.clients().find(1).map(|client| client.queued_bytes.load(Relaxed));
    assert!(queued.is_some_and(|bytes| (64..256).contains(&bytes)), "{queued:?}");
    client.run("DISCARD");
    client.run(&format!("MULTI\n{}", "GET a\n".repeat(QUEUED)));
    assert_eq!(client.serve(), Flow::Close);
    drop(client);
    let info = engine.client("127.0.0.1:2").run("INFO stats");
    assert!(info.contains("client_query_buffer_limit_disconnections:1\r\n"), "{info}");
}

/// `before` and then `command` with so many different names of 8 bytes.
fn many(before: &str, command: &str, separator: &str, count: usize) -> String {
    const IN_ONE: usize = 50;
    let mut requests = before.to_owned();
    for first in (0..count).step_by(IN_ONE) {
        requests.push_str(command);
        for number in first..first + IN_ONE {
            requests.push_str(&format!("{separator}name{number:04}"));
        }
        requests.push('\n');
    }
    requests
}

/// Those of the following that take as much room in the query buffer.
const TEXTS: [&str; 2] = ["a name", "a library"];

/// Whatever a client has the server keep, the requests that make it so, none of them long, and the one that ends it.
fn holdings() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("a queue", format!("MULTI\n{}", "GET a\n".repeat(QUEUED)), "RESET"),
        ("watched keys", many("", "WATCH", " ", 5000), "UNWATCH"),
        ("channels", many("HELLO 3\n", "SUBSCRIBE", " ", 9000), "UNSUBSCRIBE"),
        ("patterns", many("HELLO 3\n", "PSUBSCRIBE", " ", 9000), "PUNSUBSCRIBE"),
        ("shard channels", many("HELLO 3\n", "SSUBSCRIBE", " ", 9000), "SUNSUBSCRIBE"),
        ("a name", format!("CLIENT SETNAME {}", "x".repeat(60_000)), "RESET"),
        ("a library", format!("CLIENT SETINFO LIB-NAME {}", "x".repeat(60_000)), "CLIENT SETINFO LIB-NAME x"),
        ("prefixes", many("HELLO 3\n", "CLIENT TRACKING ON BCAST", " PREFIX ", 5000), "CLIENT TRACKING OFF"),
    ]
}

#[test]
fn a_client_goes_for_what_it_has_the_server_keep() {
    for (what, requests, _) in holdings().into_iter().filter(|(what, ..)| !TEXTS.contains(what)) {
        let engine = EngineWithClients::new(&[("maxmemory-clients", "150kb")]);
        let mut client = engine.client("127.0.0.1:1");
        for request in requests.split_inclusive('\n') {
            client.run(request.trim_end());
        }
        assert_eq!(client.serve(), Flow::Close, "{what}");
        drop(client);
        let info = engine.client("127.0.0.1:2").run("INFO stats");
        assert!(info.contains("evicted_clients:1\r\n"), "{what}: {info}");
    }
}

#[test]
fn a_client_goes_for_the_keys_it_waits_at() {
    let engine = EngineWithClients::new(&[("maxmemory-clients", "500kb")]);
    let mut client = engine.client("127.0.0.1:1");
    let names: String = (0..2000).map(|name| format!(" name{name:04}")).collect();
    assert!(client.run(&format!("MGET{names}")).starts_with("*2000\r\n"));
    assert_eq!(client.run("PING"), "+PONG\r\n", "the request alone is not too much");
    assert_eq!(client.run(&format!("BLPOP{names} 0")), "");
    client.serve();
    assert!(client.is_closed());
}

#[test]
fn what_a_client_no_longer_has_the_server_keep_does_not_count() {
    for (what, requests, end) in holdings() {
        let engine = EngineWithClients::new(&[]);
        let mut client = engine.client("127.0.0.1:1");
        let held = || engine.engine.clients().find(1).map_or(0, |client| client.held_bytes.load(Relaxed));
        client.run("PING");
        let before = held();
        client.run(&requests);
        assert!(held() > before + 20_000, "{what}");
        client.run(end);
        if what == "a queue" {
            // Its room is given back when less was needed for a while, but for a little.
            client.run(&"MULTI\nGET a\nDISCARD\n".repeat(600));
            assert!(held() < before + 150_000, "{what}: {} and {before}", held());
        } else {
            assert!(held() < before + 100, "{what}: {} and {before}", held());
        }
    }
}

/// So many that looking all of them up for each would take minutes.
const SECRET_WORDS: usize = 500_000;

#[test]
fn a_request_of_many_secret_words_is_shown_to_whoever_monitors() {
    let engine = EngineWithClients::new(&[]);
    let mut monitor = engine.client("127.0.0.1:1");
    assert_eq!(monitor.run("MONITOR"), "+OK\r\n");
    let mut client = engine.client("127.0.0.1:2");
    client.send(format!("*{}\r\n$4\r\nAUTH\r\n", SECRET_WORDS + 1).as_bytes());
    client.send("$1\r\nx\r\n".repeat(SECRET_WORDS).as_bytes());
    assert!(client.run("").starts_with("-ERR"));
    monitor.serve();
    let line = String::from_utf8(monitor.receive()).expect("text");
    assert!(line.ends_with(&format!("\"AUTH\"{}\r\n", " \"(redacted)\"".repeat(SECRET_WORDS))));
}

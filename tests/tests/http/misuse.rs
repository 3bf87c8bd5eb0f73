//! Clients that don't behave.

use std::io::Write;
use std::time::{Duration, Instant};

use kvd_tests::patience::wait_until;
use kvd_tests::wire;

use super::client::{Server, reply};

/// The server's bound.
const CONNECTIONS_MAX: usize = 64;

#[test]
fn garbage_is_refused_and_harms_nobody() {
    let server = Server::start(&[]);
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000));
    let long_header = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(1000));
    let zeros = [0; 5000];
    for (bytes, statuses) in [
        (&b"PING\r\n\r\n"[..], &[400][..]),
        (b"*1\r\n$4\r\nPING\r\n", &[400]),
        (b"\x16\x03\x01\x02\x00\x01\x00", &[400]),
        (&zeros, &[400]),
        (b"GET / HTTP/9.9\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", &[200, 400]),
        (long_line.as_bytes(), &[414, 431]),
        (long_header.as_bytes(), &[431]),
        (many_headers.as_bytes(), &[431]),
    ] {
        let mut client = server.connect();
        // It may have hung up before it was told everything.
        let _cut = client.send(bytes);
        client.end_sending();
        let said = client.rest();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]);
        // A reset may have swallowed the answer.
        let is_one = statuses.iter().any(|status| said.starts_with(&format!("HTTP/1.1 {status} ")));
        assert!(said.is_empty() || is_one, "{shown:?}: {said}");
    }
    server.wait_until_healthy();
    assert_eq!(server.command(&["PING"]), "+PONG");
}

#[test]
fn nobody_can_hold_all_places() {
    const SILENT: usize = 3 * CONNECTIONS_MAX;
    let server = Server::start(&[]);
    let mut silent: Vec<_> = (0..SILENT)
        .map(|number| {
            let mut client = server.connect();
            if number % 2 == 0 {
                // The server may be closing it to make room already.
                let _cut = client.send(b"GET /metrics HTTP/1.1\r\nHo");
            }
            client
        })
        .collect();
    for _ in 0..10 {
        server.wait_until_healthy();
        assert_eq!(server.get("/metrics").status, 200);
        assert_eq!(server.command(&["PING"]), "+PONG");
    }
    let mut is_closed = [false; SILENT];
    wait_until(
        || {
            is_closed.iter_mut().zip(&mut silent).for_each(|(closed, client)| *closed |= client.is_closed());
            is_closed.iter().filter(|closed| **closed).count() >= SILENT - CONNECTIONS_MAX
        },
        "the oldest make room",
    );
}

#[test]
fn a_request_that_comes_a_byte_at_a_time_ends() {
    let server = Server::start(&[]);
    let mut slow = server.connect();
    let mut silent = server.connect();
    let mut quick = server.connect();
    assert_eq!(quick.ask("GET", "/").status, 200);
    wait_until(|| slow.send(b"G").is_err() || slow.is_closed(), "it says too little for too long");
    wait_until(|| silent.is_closed(), "it says nothing for too long");
    assert_eq!(quick.ask("GET", "/").status, 200, "who has asked before has more time");
}

#[test]
fn who_does_not_read_holds_up_nobody() {
    let server = Server::start(&[]);
    let mut greedy: Vec<_> = (0..8).map(|_| server.connect()).collect();
    let request = "GET /metrics HTTP/1.1\r\nHost: kvd\r\n\r\n".repeat(300);
    for client in &mut greedy {
        // It gets stuck when the server doesn't read any more either.
        client.send_some(request.as_bytes());
    }
    for _ in 0..10 {
        assert_eq!(server.get("/metrics").status, 200);
        assert_eq!(server.command(&["PING"]), "+PONG");
    }
}

#[test]
fn who_waits_for_metrics_does_not_keep_probes_out() {
    const SLEEP: Duration = Duration::from_secs(3);
    let server = Server::start(&[]);
    let mut database = server.database();
    #[expect(clippy::disallowed_methods, reason = "the worker sleeps by the real clock")]
    let begun = Instant::now();
    database.get_mut().write_all(&wire::encode(&["DEBUG", "SLEEP", &SLEEP.as_secs().to_string()])).unwrap();
    wait_until(|| server.get("/healthz").status == 503, "a worker sleeps, and holds all data");
    let requests = "GET /metrics HTTP/1.1\r\nHost: kvd\r\n\r\n".repeat(20);
    let mut waiting = Vec::new();
    // Until they hold all places but one a probe finds one in any case.
    for number in 0..2 * CONNECTIONS_MAX {
        let mut client = server.connect();
        // The server may be closing it to make room already.
        let _cut = client.send(requests.as_bytes());
        waiting.push(client);
        if number >= CONNECTIONS_MAX {
            assert_eq!(server.get("/").status, 200);
        }
    }
    let status = server.get("/healthz").status;
    assert!(
        status == 503 || status == 200 && begun.elapsed() >= SLEEP,
        "{status}: it is asked, and answers truly"
    );
    assert_eq!(reply(&mut database), "+OK");
    server.wait_until_healthy();
    let answers = waiting.iter_mut().filter_map(|client| client.answer().ok());
    for answer in answers {
        let is_sent_away = answer.status == 503 && answer.headers.contains_key("retry-after");
        assert!(answer.status == 200 || is_sent_away, "{answer:?}");
    }
}

//! Bytes that are no requests.

use std::io::ErrorKind;

use kvd_tests::hostile::client::{Client, Ending};
use kvd_tests::hostile::requests;
use kvd_tests::patience::PATIENCE;
use kvd_tests::wire::Frame;

use crate::battle::{Battle, MIB, status};

const GROWTH_MAX: u64 = 8 * MIB;

/// What comes back to `bytes` until the server closes the connection.
fn answer(battle: &Battle, bytes: &[u8]) -> String {
    let mut client = requests::raw(battle.address(), bytes).unwrap();
    String::from_utf8_lossy(&client.everything().unwrap()).into_owned()
}

#[test]
fn lengths_that_cannot_be_are_refused_and_the_connection_closed() {
    let battle = Battle::begin(&[]);
    let bulk = "-ERR Protocol error: invalid bulk length\r\n";
    let multibulk = "-ERR Protocol error: invalid multibulk length\r\n";
    let dollar = "-ERR Protocol error: expected '$', got '*'\r\n";
    for (request, reply) in [
        ("*2147483648\r\n", multibulk),
        ("*99999999999999999999\r\n", multibulk),
        ("*1x\r\n", multibulk),
        ("*1\r\n$-1\r\n", bulk),
        ("*1\r\n$-2147483648\r\n", bulk),
        ("*1\r\n$536870913\r\n", bulk),
        ("*1\r\n$18446744073709551616\r\n", bulk),
        ("*1\r\n$99999999999999999999\r\n", bulk),
        ("*1048576\r\n*1048576\r\n", dollar),
        ("*1\r\n*1\r\n", dollar),
    ] {
        assert_eq!(answer(&battle, request.as_bytes()), reply, "{request:?}");
        let after_ping = format!("PING\r\n{request}");
        assert_eq!(answer(&battle, after_ping.as_bytes()), format!("+PONG\r\n{reply}"), "{request:?}");
    }
    battle.assert_peak_below(GROWTH_MAX);
    battle.end();
}

/// The server has its say even while the client is still sending, but a connection that is reset takes the words with it.
#[test]
fn a_million_brackets_of_either_kind_are_cut_short() {
    let battle = Battle::begin(&[]);
    for (bytes, reply) in [
        (b"*1\r\n".repeat(1_000_000), "-ERR Protocol error: expected '$', got '*'\r\n"),
        (b"[".repeat(1_000_000), "-ERR Protocol error: too big inline request\r\n"),
        (b"\0".repeat(1_000_000), "-ERR Protocol error: too big inline request\r\n"),
    ] {
        let got = answer(&battle, &bytes);
        assert!(got.is_empty() || got == reply, "{got:?}");
    }
    battle.assert_peak_below(GROWTH_MAX);
    battle.end();
}

#[test]
fn a_line_that_does_not_end_is_refused_at_64_kb() {
    let battle = Battle::begin(&[]);
    assert_eq!(answer(&battle, &[b'x'; (64 << 10) + 1]), "-ERR Protocol error: too big inline request\r\n");
    battle.end();
}

#[test]
fn a_gigabyte_without_a_line_break_is_not_taken() {
    // What the kernel's buffers took before the connection was closed.
    const TAKEN_MAX: usize = 64 << 20;
    let battle = Battle::begin(&[]);
    let (mut client, taken) = requests::garbage(battle.address(), 1 << 30).unwrap();
    assert!(taken < TAKEN_MAX, "{taken} bytes were taken");
    assert_eq!(client.ending(PATIENCE).unwrap(), Ending::Closed);
    battle.assert_peak_below(GROWTH_MAX);
    battle.end();
}

/// Each line is a command that nobody knows; its reply quotes at most 128 bytes of it.
#[test]
fn a_gigabyte_of_long_lines_is_answered_line_by_line() {
    const LINES: usize = 17_000;
    const LENGTH: usize = 63_000;
    let battle = Battle::begin(&[]);
    let mut client = requests::garbage_lines(battle.address(), LINES, LENGTH).unwrap();
    let reply = format!("ERR unknown command '{}', with args beginning with: ", "x".repeat(128));
    for _ in 0..LINES {
        assert_eq!(client.frame().unwrap(), Frame::Error(reply.clone().into_bytes()));
    }
    assert_eq!(client.ask(&["PING"]).unwrap(), status("PONG"));
    battle.assert_peak_below(GROWTH_MAX);
    drop(client);
    battle.end();
}

/// Before AUTH nobody may announce more than a password needs.
#[test]
fn strangers_cannot_announce_much() {
    let battle = Battle::begin_with_password("secret");
    for (request, reply) in [
        ("*2\r\n$4\r\nAUTH\r\n$536870912\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"),
        ("*2\r\n$4\r\nAUTH\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"),
        ("*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"),
        ("*2147483647\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"),
    ] {
        assert_eq!(answer(&battle, request.as_bytes()), reply, "{request:?}");
    }
    battle.assert_peak_below(GROWTH_MAX);
    battle.end();
}

/// A page in a browser can make it send a request here, and some of its lines would be commands. The peers close the connection
/// at POST and at the Host: line, whatever came before them, and send nothing; what ran before stays done.
#[test]
fn who_speaks_http_is_left_without_an_answer() {
    let mut battle = Battle::begin(&[]);
    for request in [
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET http yes\r\n",
        "post\r\nSET http yes\r\n",
        "Host: localhost\r\nSET http yes\r\n",
        "*2\r\n$5\r\nhost:\r\n$1\r\na\r\nSET http yes\r\n",
    ] {
        assert_eq!(answer(&battle, request.as_bytes()), "", "{request:?}");
    }
    // Whether the earlier reply is still delivered is up to the socket.
    let got = answer(&battle, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nSET http yes\r\n");
    assert!(got.is_empty() || got == "-ERR wrong number of arguments for 'get' command\r\n", "{got:?}");
    answer(&battle, b"SET before 1\r\nHost: localhost\r\nSET http yes\r\n");
    assert_eq!(battle.ask(&["EXISTS", "http"]), Frame::Integer(0));
    assert_eq!(battle.ask(&["EXISTS", "before"]), Frame::Integer(1));
    assert!(battle.kvd.log().to_lowercase().contains("attack"), "{}", battle.kvd.log());
    battle.end();
}

#[test]
fn a_wrong_byte_after_a_value_is_an_error_and_not_a_request() {
    let battle = Battle::begin(&[]);
    let mut client = Client::connect(battle.address()).unwrap();
    client.send(b"*2\r\n$4\r\nECHO\r\n$1\r\nabcPING\r\n").unwrap();
    // Redis takes any two bytes there; valkey and kvd don't.
    assert_eq!(
        client.frame().unwrap(),
        Frame::Error(b"ERR Protocol error: invalid CRLF in request".to_vec())
    );
    assert!(matches!(
        client.frame().unwrap_err().kind(),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
    ));
    drop(client);
    battle.end();
}

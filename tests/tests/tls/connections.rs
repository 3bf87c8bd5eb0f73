//! Connections over TLS are as good as plain ones.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use kvd_tests::patience::PATIENCE;
use kvd_tests::wire;
use tokio_rustls::rustls::ClientConfig;

use super::certificates::Folder;
use super::server::{Client, Server, ask, ping};

impl Server {
    /// Has a client that got the only place do something; as others leave only when the server notices, it may have to ask again.
    pub(crate) fn wait_until_served(&self, config: &Arc<ClientConfig>, then: impl FnOnce(&mut Client)) {
        let start = Instant::now();
        loop {
            let mut client = self.connect(config);
            if ping(&mut client).is_ok_and(|line| line == "+PONG") {
                return then(&mut client);
            }
            assert!(start.elapsed() < PATIENCE, "the place of a client that left is not free");
        }
    }
}

fn start() -> (Folder, Server, Arc<ClientConfig>) {
    let (folder, ca) = Folder::new();
    let server = Server::start(&folder, &[]);
    let config = folder.client(&ca, Some("client"));
    (folder, server, config)
}

#[test]
fn a_pipeline_is_answered_in_order() {
    const REQUESTS: usize = 100;
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    for _ in 0..100 {
        client.write_all(&wire::encode(&["ECHO", "some text"]).repeat(REQUESTS)).unwrap();
        let mut got = vec![0; REQUESTS * b"$9\r\nsome text\r\n".len()];
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, b"$9\r\nsome text\r\n".repeat(REQUESTS));
    }
}

/// Records cost time and bytes each. Gathered replies must fill them, however many pieces they are made of.
#[test]
fn replies_are_sent_in_few_records() {
    const REQUESTS: usize = 100;
    const VALUE_LEN: usize = 5000;
    const RECORD_LEN_MAX: usize = 1 << 14;
    const HEADER_LEN: usize = 5;
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    ask(&mut client, &["SET", "a", &"v".repeat(VALUE_LEN)], "+OK\r\n");
    client.write_all(&wire::encode(&["GET", "a"]).repeat(REQUESTS)).unwrap();
    client.flush().unwrap();
    let (mut records, mut bytes) = (0, 0);
    while bytes < REQUESTS * VALUE_LEN {
        let mut header = [0; HEADER_LEN];
        client.sock.read_exact(&mut header).unwrap();
        let len = usize::from(u16::from_be_bytes([header[3], header[4]]));
        client.sock.read_exact(&mut vec![0; len]).unwrap();
        records += 1;
        bytes += len;
    }
    assert!(records <= 2 * REQUESTS * VALUE_LEN / RECORD_LEN_MAX, "{records} records for {bytes} bytes");
}

#[test]
fn a_value_of_a_hundred_megabytes_comes_and_goes_unharmed() {
    const LEN: usize = 100_000_000;
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    let value: Vec<u8> = (0..LEN).map(|index| (index % 251) as u8).collect();
    client.write_all(format!("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n${LEN}\r\n").as_bytes()).unwrap();
    client.write_all(&value).unwrap();
    client.write_all(b"\r\n").unwrap();
    let mut ok = [0; 5];
    client.read_exact(&mut ok).unwrap();
    assert_eq!(&ok, b"+OK\r\n");
    client.write_all(&wire::encode(&["GET", "big"])).unwrap();
    let header = format!("${LEN}\r\n");
    let mut got = vec![0; header.len() + LEN + 2];
    client.read_exact(&mut got).unwrap();
    assert!(got.starts_with(header.as_bytes()) && got.ends_with(b"\r\n"));
    assert!(got[header.len()..got.len() - 2] == value[..]);
}

#[test]
fn a_pipeline_may_be_sent_whole_before_the_first_reply_is_read() {
    const REQUESTS: usize = 20_000;
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    let value = "v".repeat(2000);
    ask(&mut client, &["SET", "a", &value], "+OK\r\n");
    // 40 MB of replies: more than all buffers of the sockets hold.
    client.conn.set_buffer_limit(None);
    client.write_all(&wire::encode(&["GET", "a"]).repeat(REQUESTS)).unwrap();
    let reply = format!("$2000\r\n{value}\r\n");
    let mut got = vec![0; reply.len()];
    for _ in 0..REQUESTS {
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, reply.as_bytes());
    }
    ask(&mut client, &["PING"], "+PONG\r\n");
}

#[test]
fn replies_that_the_socket_had_no_room_for_come_when_it_has() {
    // Around the size of the sockets' buffers the last records stay in the server's TLS layer, and nothing but room wakes it.
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    for len in (1..=40).map(|step| step * 200_000) {
        let value = "v".repeat(len);
        ask(&mut client, &["SET", "a", &value], "+OK\r\n");
        client.write_all(&wire::encode(&["GET", "a"])).unwrap();
        client.flush().unwrap();
        // The server has written all that it can before the client reads.
        ask(&mut server.plain(), &["PING"], "+PONG\r\n");
        let mut got = vec![0; format!("${len}\r\n").len() + len + 2];
        client.read_exact(&mut got).unwrap();
        assert!(got.ends_with(b"v\r\n"));
    }
}

#[test]
fn a_connection_ends_with_a_closing_record() {
    let (_folder, mut server, config) = start();
    let mut quitting = server.connect(&config);
    ask(&mut quitting, &["QUIT"], "+OK\r\n");
    // Without the record this would be an error.
    assert_eq!(quitting.read(&mut [0; 10]).unwrap(), 0);
    let mut killed = server.connect(&config);
    ask(&mut killed, &["CLIENT", "SETNAME", "victim"], "+OK\r\n");
    ask(
        &mut server.plain(),
        &["CLIENT", "KILL", "ADDR", &killed.sock.local_addr().unwrap().to_string()],
        ":1\r\n",
    );
    assert_eq!(killed.read(&mut [0; 10]).unwrap(), 0);
    let mut left = server.connect(&config);
    assert_eq!(ping(&mut left).unwrap(), "+PONG");
    server.process.signal("TERM").unwrap();
    assert!(server.process.wait().unwrap().success());
    assert_eq!(left.read(&mut [0; 10]).unwrap(), 0);
}

#[test]
fn replies_are_sent_to_a_client_that_has_closed_its_own_side() {
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    client.write_all(b"PING\r\nPING\r\n").unwrap();
    client.conn.send_close_notify();
    client.flush().unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    assert_eq!(all, "+PONG\r\n+PONG\r\n");
}

#[test]
fn a_client_that_closes_without_a_closing_record_has_left_like_any_other() {
    let (_folder, server, config) = start();
    let mut client = server.connect(&config);
    client.write_all(b"PING\r\n").unwrap();
    client.sock.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = String::new();
    match client.read_to_string(&mut all) {
        Ok(_) => {}
        Err(error) => assert_ne!(error.kind(), ErrorKind::TimedOut, "{error}"),
    }
    assert_eq!(all, "+PONG\r\n");
    assert!(!server.process.log().contains("connection broke"), "{}", server.process.log());
}

#[test]
fn a_client_that_lets_too_much_of_a_reply_wait_is_closed() {
    let (_folder, server, config) = start();
    assert_eq!(server.config_set(&[("client-output-buffer-limit", "normal 1mb 0 0")]), "+OK");
    let mut greedy = server.connect(&config);
    ask(&mut greedy, &["SETRANGE", "a", "50000000", "v"], ":50000001\r\n");
    let request = wire::encode(&["GET", "a"]);
    let start = Instant::now();
    while greedy.conn.writer().write_all(&request).is_ok() && greedy.conn.write_tls(&mut greedy.sock).is_ok()
    {
        assert!(start.elapsed() < PATIENCE, "the client is still there");
    }
    server.wait_for_log("client-output-buffer-limit");
    assert_eq!(ping(&mut server.connect(&config)).unwrap(), "+PONG");
}

//! A client of RESP at the other end of a stream that needn't be a socket.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{self, Read, Write};

use kvd_embed::{Db, Options};

/// A client that says all it has to say, and keeps what it hears.
struct Script<'s> {
    says: &'s [u8],
    hears: Vec<u8>,
}

impl Read for Script<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // In small pieces, as a network may.
        let room = into.len().min(7);
        self.says.read(&mut into[..room])
    }
}

impl Write for Script<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(5);
        self.hears.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn answers(db: &Db, says: &[u8]) -> String {
    let mut script = Script { says, hears: Vec::new() };
    db.serve(&mut script).unwrap();
    String::from_utf8(script.hears).unwrap()
}

#[test]
fn a_client_is_answered_in_its_protocol() {
    let db = Db::open(Options::default().manual()).unwrap();
    assert_eq!(
        answers(&db, b"SET k v\r\nGET k\r\nGET nosuch\r\nSELECT 1\r\nGET k\r\n"),
        "+OK\r\n$1\r\nv\r\n$-1\r\n+OK\r\n$-1\r\n"
    );
    assert_eq!(db.query::<String>(["GET", "k"]), Ok("v".to_owned()));
    let clients: String = db.query(["CLIENT", "LIST"]).unwrap();
    assert_eq!(clients.lines().count(), 1, "who left is gone");
}

#[test]
fn what_ends_a_connection_ends_the_stream() {
    let db = Db::open(Options::default().manual()).unwrap();
    assert_eq!(answers(&db, b"QUIT\r\nPING\r\n"), "+OK\r\n");
    assert_eq!(answers(&db, b"SHUTDOWN NOSAVE\r\nPING\r\n"), "");
    assert_eq!(answers(&db, b"*1\r\nPING\r\n"), "-ERR Protocol error: expected '$', got 'P'\r\n");
    assert_eq!(db.query::<String>(["PING"]), Ok("PONG".to_owned()), "and nothing else");
}

#[test]
fn a_client_needs_the_password() {
    let db = Db::open(Options::default().manual().parameter("requirepass", "secret")).unwrap();
    let heard = answers(&db, b"GET k\r\nAUTH secret\r\nGET k\r\n");
    assert_eq!(heard, "-NOAUTH Authentication required.\r\n+OK\r\n$-1\r\n");
}

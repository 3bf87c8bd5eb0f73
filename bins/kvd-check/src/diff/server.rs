//! A server that is read while it runs.

use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use rdb::dump::Payload;
use resp::{Frame, ReplyLimits, ReplyReader, write_request};

use super::side::{Loose, Seen, Visitor, bad_payload};
use crate::progress::{Bar, Progress};
use crate::scan::Stop;
use crate::text::Shown;
use crate::trouble::{Failure, Trouble};

/// A server that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Keys for which SCAN is asked at a time.
const SCANNED: &str = "1000";
/// Values that are asked for at a time.
const PIPELINED: usize = 32;
/// The longest payload: a value may be larger than what a client may send.
const LIMITS: ReplyLimits = ReplyLimits { bulk_bytes_max: u32::MAX as usize, ..ReplyLimits::DEFAULT };

/// Where a server is, and who asks it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// `host:port`.
    place: String,
    user: Option<String>,
    password: Option<String>,
}

/// A connection.
pub(super) struct Server<'a> {
    address: &'a Address,
    stream: TcpStream,
    reader: ReplyReader,
    /// Requests to be sent.
    out: Vec<u8>,
    piece: Vec<u8>,
}

impl Address {
    /// Reads `host:port` or a URL. The error says why it can't be one, if it looks like one.
    pub(super) fn parse(text: &str) -> Result<Self, Option<String>> {
        const PORT: &str = "6379";
        if text.starts_with("rediss://") {
            return Err(Some("TLS is not supported: use a tunnel, or compare with a snapshot".to_owned()));
        }
        let Some(rest) = text.strip_prefix("redis://").or_else(|| text.strip_prefix("valkey://")) else {
            let (host, port) = text.rsplit_once(':').ok_or(None)?;
            let is_place = !host.is_empty() && port.parse::<u16>().is_ok();
            let place = text.to_owned();
            return if is_place { Ok(Self { place, user: None, password: None }) } else { Err(None) };
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (who, place) = rest.rsplit_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
        if place.is_empty() || place.contains('/') {
            return Err(Some(
                "write redis://[USER:PASSWORD@]HOST:PORT; all databases are compared".to_owned(),
            ));
        }
        let has_port = place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let place = if has_port { place.to_owned() } else { format!("{place}:{PORT}") };
        let (user, password) = who.map_or((None, None), |who| {
            let (user, password) = who.split_once(':').unwrap_or((who, ""));
            ((!user.is_empty()).then(|| decoded(user)), Some(decoded(password)))
        });
        Ok(Self { place, user, password })
    }

    fn failure(&self, reason: impl fmt::Display) -> Failure {
        Failure::Server { address: self.place.clone(), reason: reason.to_string() }
    }
}

/// Turns `%40` into `@`. What is no such thing stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl<'a> Server<'a> {
    pub(super) fn connect(address: &'a Address) -> Result<Self, Failure> {
        let failure = |error: std::io::Error| address.failure(format!("cannot connect: {error}"));
        let mut last = None;
        let mut connected = None;
        for place in address.place.to_socket_addrs().map_err(failure)? {
            match TcpStream::connect_timeout(&place, PATIENCE) {
                Ok(stream) => {
                    connected = Some(stream);
                    break;
                }
                Err(error) => last = Some(error),
            }
        }
        let stream =
            connected.ok_or_else(|| last.map_or_else(|| address.failure("no such host"), failure))?;
        let set =
            stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
        set.and_then(|()| stream.set_nodelay(true)).map_err(failure)?;
        let mut server =
            Self { address, stream, reader: ReplyReader::new(), out: Vec::new(), piece: vec![0; 64 * 1024] };
        if let Some(password) = &address.password {
            match &address.user {
                Some(user) => server.call(&[b"AUTH", user.as_bytes(), password.as_bytes()])?,
                None => server.call(&[b"AUTH", password.as_bytes()])?,
            };
        }
        Ok(server)
    }

    /// Shows every key of every database.
    pub(super) fn visit(&mut self, progress: &Progress, see: &mut Visitor<'_>) -> Result<(), Trouble> {
        let databases = self.databases()?;
        let bar = progress.keys(&self.address.place, databases.iter().map(|(_, keys)| keys).sum());
        for (db, _) in databases {
            self.call(&[b"SELECT", db.to_string().as_bytes()])?;
            let mut cursor = b"0".to_vec();
            loop {
                let keys;
                (cursor, keys) = self.scan(&cursor)?;
                for some in keys.chunks(PIPELINED) {
                    self.dump(db, some, &bar, see)?;
                }
                if cursor == b"0" {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The databases that hold something, and how many keys they have.
    fn databases(&mut self) -> Result<Vec<(u64, u64)>, Failure> {
        let (Frame::Bulk(text) | Frame::Verbatim(_, text)) = self.call(&[b"INFO", b"keyspace"])? else {
            return Err(self.address.failure("INFO gave no text"));
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let read = |line: &str| {
            let (db, rest) = line.trim().strip_prefix("db")?.split_once(":keys=")?;
            Some((db.parse().ok()?, rest.split(',').next()?.parse().ok()?))
        };
        Ok(text.lines().filter_map(read).collect())
    }

    fn scan(&mut self, cursor: &[u8]) -> Result<(Vec<u8>, Vec<Vec<u8>>), Failure> {
        let reply = self.call(&[b"SCAN", cursor, b"COUNT", SCANNED.as_bytes()])?;
        let odd = || self.address.failure("SCAN gave something else than a cursor and keys");
        let Frame::Array(parts) = reply else { return Err(odd()) };
        let Ok([Frame::Bulk(cursor), Frame::Array(keys)]) = <[Frame; 2]>::try_from(parts) else {
            return Err(odd());
        };
        let key = |frame| match frame {
            Frame::Bulk(key) => Some(key),
            _ => None,
        };
        let keys = keys.into_iter().map(key).collect::<Option<Vec<_>>>();
        Ok((cursor, keys.ok_or_else(odd)?))
    }

    /// Shows these keys. One that has gone since is passed over.
    fn dump(&mut self, db: u64, keys: &[Vec<u8>], bar: &Bar, see: &mut Visitor<'_>) -> Result<(), Trouble> {
        let address = self.address;
        for key in keys {
            write_request(&mut self.out, &[b"PEXPIRETIME", &key[..]]);
            write_request(&mut self.out, &[b"DUMP", &key[..]]);
        }
        self.send()?;
        for key in keys {
            let expiry = self.receive()?;
            let payload = self.receive()?;
            bar.add(1);
            let expires_at_ms = match expiry {
                Frame::Integer(-2) => continue,
                Frame::Integer(at_ms) => (at_ms >= 0).then_some(at_ms),
                _ => return Err(address.failure("PEXPIRETIME gave no number").into()),
            };
            let payload = match payload {
                Frame::Bulk(payload) => payload,
                frame if frame.is_null() => continue,
                _ => return Err(address.failure("DUMP gave no bytes").into()),
            };
            let parsed = Payload::parse(&payload);
            let parsed =
                parsed.map_err(|error| address.failure(format!("payload of key {}: {error}", Shown(key))))?;
            let raw = parsed.value().map_err(|error| bad_payload(address, db, key, &error.kind))?;
            match see(Seen { db, key, expires_at_ms, value: Loose::Raw(raw) }) {
                Ok(()) => {}
                Err(Stop::Read(error)) => return Err(bad_payload(address, db, key, &error.kind).into()),
                Err(Stop::Trouble(trouble)) => return Err(trouble),
            }
        }
        Ok(())
    }

    fn call(&mut self, words: &[&[u8]]) -> Result<Frame, Failure> {
        write_request(&mut self.out, words);
        self.send()?;
        self.receive()
    }

    fn send(&mut self) -> Result<(), Failure> {
        let sent = self.stream.write_all(&self.out);
        self.out.clear();
        sent.map_err(|error| self.address.failure(error))
    }

    /// The next reply; an error is one here.
    fn receive(&mut self) -> Result<Frame, Failure> {
        loop {
            match self.reader.parse(&LIMITS).map_err(|error| self.address.failure(error))? {
                Some(Frame::Error(text) | Frame::BulkError(text)) => {
                    return Err(self.address.failure(String::from_utf8_lossy(&text)));
                }
                Some(frame) => return Ok(frame),
                None => {}
            }
            let count = self.stream.read(&mut self.piece).map_err(|error| self.address.failure(error))?;
            if count == 0 {
                return Err(self.address.failure("the server closed the connection"));
            }
            self.reader.feed(self.piece.get(..count).unwrap_or_default());
        }
    }
}

/// Without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>, Option<String>) {
        let address = Address::parse(text).unwrap();
        (address.place, address.user, address.password)
    }

    #[test]
    fn addresses_are_read_in_both_forms() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("localhost:7000"), ("localhost:7000".to_owned(), None, None));
        assert_eq!(read("redis://[::1]"), ("[::1]:6379".to_owned(), None, None));
        assert_eq!(read("redis://:p%40ss%@h:1/"), ("h:1".to_owned(), None, some("p@ss%")));
        assert_eq!(read("redis://me:a:b@h"), ("h:6379".to_owned(), some("me"), some("a:b")));
        for wrong in ["dump.rdb", "c:", ":6379", "a:99999"] {
            assert_eq!(Address::parse(wrong), Err(None), "{wrong}");
        }
        assert!(matches!(Address::parse("rediss://h"), Err(Some(_))));
        assert!(matches!(Address::parse("redis://h/3"), Err(Some(_))));
        assert_eq!(format!("{:?}", Address::parse("redis://:secret@h")), "Ok(Address(h:6379))");
    }
}

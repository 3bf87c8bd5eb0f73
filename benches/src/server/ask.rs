//! A plain connection for questions between measurements: one request, one reply.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::types::OwnedFrame;

use crate::failure::{Attempt, Failure, Result};

/// How long an answer may take; a server that expires millions of keys may be silent for long.
const ANSWER_SECONDS_MAX: u64 = 120;

/// A connection that waits for its replies.
#[derive(Debug)]
pub(crate) struct Asker {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Asker {
    /// Connect to a port of this machine.
    pub(crate) fn open(port: u16) -> Result<Self> {
        let stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).attempt(|| format!("connect to port {port}"))?;
        let timeout = Some(Duration::from_secs(ANSWER_SECONDS_MAX));
        stream.set_read_timeout(timeout).attempt(|| "set a timeout".into())?;
        stream.set_nodelay(true).attempt(|| "set TCP_NODELAY".into())?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// The socket, for those who read on by themselves.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Send `words` and wait for the reply; an error reply is a failure.
    pub(crate) fn ask(&mut self, words: &[&str]) -> Result<OwnedFrame> {
        self.stream.write_all(encoded(words).as_bytes()).attempt(|| format!("send {words:?}"))?;
        match self.reply(words)? {
            OwnedFrame::Error(text) => Err(Failure::ErrorReply { command: words.join(" "), text }),
            reply => Ok(reply),
        }
    }

    /// Send many requests at once and wait for all their replies; an error reply is a failure.
    pub(crate) fn ask_all<const N: usize>(&mut self, requests: &[[&str; N]]) -> Result<Vec<OwnedFrame>> {
        let wire: String = requests.iter().map(|words| encoded(words)).collect();
        self.stream.write_all(wire.as_bytes()).attempt(|| format!("send {} requests", requests.len()))?;
        let replies = requests.iter().map(|words| match self.reply(words)? {
            OwnedFrame::Error(text) => Err(Failure::ErrorReply { command: words.join(" "), text }),
            reply => Ok(reply),
        });
        replies.collect()
    }

    /// The number that `words` are answered with.
    pub(crate) fn integer(&mut self, words: &[&str]) -> Result<i64> {
        match self.ask(words)? {
            OwnedFrame::Integer(number) => Ok(number),
            other => Err(Failure::WrongReplies { command: words.join(" "), what: format!("got {other:?}") }),
        }
    }

    /// A section of INFO.
    pub(crate) fn info(&mut self, section: &str) -> Result<Info> {
        match self.ask(&["INFO", section])? {
            OwnedFrame::BulkString(text) => Ok(Info(String::from_utf8_lossy(&text).into_owned())),
            other => Err(Failure::WrongReplies { command: "INFO".into(), what: format!("got {other:?}") }),
        }
    }

    fn reply(&mut self, words: &[&str]) -> Result<OwnedFrame> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let decoded = decode(&self.received);
            let decoded = decoded.map_err(|error| Failure::WrongReplies {
                command: words.join(" "),
                what: error.to_string(),
            })?;
            if let Some((frame, length)) = decoded {
                self.received.drain(..length);
                return Ok(frame);
            }
            match self.stream.read(&mut buffer).attempt(|| format!("wait for the reply to {words:?}"))? {
                0 => return Err(Failure::Closed { command: words.join(" ") }),
                length => self.received.extend_from_slice(&buffer[..length]),
            }
        }
    }
}

fn encoded(words: &[&str]) -> String {
    let head = format!("*{}\r\n", words.len());
    words.iter().fold(head, |wire, word| wire + &format!("${}\r\n{word}\r\n", word.len()))
}

/// The text of INFO.
#[derive(Debug)]
pub(crate) struct Info(String);

impl Info {
    /// A section with this text.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        Self(text.into())
    }

    /// The value of the line `name:value`.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
    }

    /// The same as a number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.field(name)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_fields_are_found_by_their_whole_name() {
        let info = Info::of("# Memory\r\nused_memory_rss:7\r\nused_memory:1234\r\nused_memory_human:1K\r\n");
        assert_eq!(info.number("used_memory"), Some(1234));
        assert_eq!(info.field("used_memory_human"), Some("1K"));
        assert_eq!(info.field("used"), None);
    }
}

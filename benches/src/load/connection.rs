//! One connection of the generator: a batch on its way, and the replies still owed to it.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use crate::failure::{Attempt, Failure, Result};
use crate::keys::Keys;
use crate::scan::Scanner;
use crate::template::{Batch, Expect, Workload};

/// A socket with its batches.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// Sent in turn.
    batches: Vec<Batch>,
    /// The one on its way, or sent last.
    current: usize,
    written: usize,
    /// Replies that the batch on its way still lacks; 0 when idle.
    owed: u64,
    /// When that batch was due.
    due_ns: u64,
    scanner: Scanner,
    bytes_in: u64,
}

impl Connection {
    /// Connect to a port of this machine; `batches` are sent in turn, and there is at least one.
    pub(super) fn open(port: u16, batches: Vec<Batch>) -> Result<Self> {
        let stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).attempt(|| format!("connect to port {port}"))?;
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_nonblocking(true))
            .attempt(|| "set up a socket".into())?;
        let (current, scanner) = (batches.len() - 1, Scanner::new());
        Ok(Self { stream, batches, current, written: 0, owed: 0, due_ns: 0, scanner, bytes_in: 0 })
    }

    /// For epoll.
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether every reply has come.
    pub(super) fn is_idle(&self) -> bool {
        self.owed == 0
    }

    /// When the batch on its way was due.
    pub(super) fn due_ns(&self) -> u64 {
        self.due_ns
    }

    /// Start the next batch. Call only when idle.
    pub(super) fn send(&mut self, due_ns: u64, keys: &mut Keys) -> Result<()> {
        debug_assert!(self.is_idle());
        self.current = if self.current + 1 == self.batches.len() { 0 } else { self.current + 1 };
        let batch = &mut self.batches[self.current];
        batch.refill(keys);
        self.owed = batch.requests();
        self.due_ns = due_ns;
        self.written = 0;
        self.flush()
    }

    /// Write what the socket takes.
    pub(super) fn flush(&mut self) -> Result<()> {
        let bytes = self.batches[self.current].bytes();
        while self.owed > 0 && self.written < bytes.len() {
            match self.stream.write(&bytes[self.written..]) {
                Ok(taken) => self.written += taken,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).attempt(|| "write requests".into()),
            }
        }
        Ok(())
    }

    /// Read once, count; returns the completed replies and whether there may be more to read.
    pub(super) fn receive(&mut self, buffer: &mut [u8], workload: &Workload) -> Result<(u64, bool)> {
        let length = match self.stream.read(buffer) {
            Ok(0) => return Err(Failure::Closed { command: workload.command().into() }),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok((0, false)),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok((0, true)),
            Err(error) => return Err(error).attempt(|| "read replies".into()),
        };
        self.bytes_in += length as u64;
        let completed = self
            .scanner
            .feed(&buffer[..length])
            .map_err(|fault| Failure::Protocol { command: workload.command().into(), fault })?;
        self.check_errors(workload)?;
        self.owed = self.owed.checked_sub(completed).ok_or_else(|| Failure::WrongReplies {
            command: workload.command().into(),
            what: "more replies than requests".into(),
        })?;
        // A read that leaves room in the buffer has emptied the socket (epoll(7)).
        Ok((completed, length == buffer.len()))
    }

    /// Whether the replies so far are those that the workload must get. Call only when idle.
    pub(super) fn check_replies(&self, workload: &Workload) -> Result<()> {
        let Expect::Bytes(each) = workload.expect else { return Ok(()) };
        let replies = self.scanner.counts().replies;
        if self.bytes_in == each * replies {
            return Ok(());
        }
        let what = format!(
            "{replies} replies came in {} bytes, {} of them null; {each} bytes each were expected",
            self.bytes_in,
            self.scanner.counts().nulls
        );
        Err(Failure::WrongReplies { command: workload.command().into(), what })
    }

    fn check_errors(&self, workload: &Workload) -> Result<()> {
        match self.scanner.counts().errors {
            0 => Ok(()),
            _ => Err(Failure::ErrorReply {
                command: workload.command().into(),
                text: self.scanner.first_error().unwrap_or_default(),
            }),
        }
    }
}

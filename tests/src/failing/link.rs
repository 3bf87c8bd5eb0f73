//! A connection to an engine in this process. Its replies pass the gate as on a socket.

use std::io;
use std::sync::Arc;

use bytes::Buf;
use engine::{Engine, Flow, Peer, Session};
use resp::{Output, RequestReader};

use super::clock::FastClock;
use crate::crash::observe::Asks;
use crate::patience::comes_true;
use crate::wire::{self, Frame};

/// A client's connection.
pub struct Link {
    engine: Arc<Engine>,
    session: Option<Session>,
    input: RequestReader,
    output: Output,
    /// Left the server, not yet read.
    received: Vec<u8>,
}

impl Link {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        let now = engine::Clock::now(&FastClock);
        let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).ok();
        Self { engine, session, input: RequestReader::new(), output: Output::new(), received: Vec::new() }
    }

    /// Sends requests.
    pub fn send(&mut self, bytes: &[u8]) {
        self.input.feed(bytes);
        self.serve();
    }

    fn serve(&mut self) {
        let Some(session) = &mut self.session else { return };
        while self.engine.serve(session, &mut self.input, &FastClock, &mut self.output) == Flow::Flush {}
        loop {
            let passable = self.engine.passable(session, self.output.len());
            if passable == 0 {
                break;
            }
            self.received.extend(&self.output.to_vec()[..passable]);
            self.output.advance(passable);
            session.note_sent(passable as u64);
        }
    }

    /// A reply, if one has come.
    ///
    /// # Panics
    /// If what came is no reply.
    pub fn poll(&mut self) -> Option<Frame> {
        self.serve();
        let (frame, length) = wire::decode(&self.received).unwrap_or_else(|error| panic!("{error}"))?;
        self.received.drain(..length);
        Some(frame)
    }

    /// Asks, and waits for the reply.
    ///
    /// # Panics
    /// If there is none after a minute.
    pub fn ask(&mut self, words: &[&str]) -> Frame {
        self.send(&wire::encode(words));
        self.reply().unwrap_or_else(|| panic!("{words:?} has no reply"))
    }

    /// Waits for a reply. `None` after a minute.
    ///
    /// # Panics
    /// If what came is no reply.
    pub fn reply(&mut self) -> Option<Frame> {
        let mut reply = None;
        comes_true(|| {
            reply = self.poll();
            reply.is_some()
        });
        reply
    }

    /// A number or word of INFO persistence.
    ///
    /// # Panics
    /// If it isn't there.
    pub fn info(&mut self, name: &str) -> String {
        let Frame::Bulk(text) = self.ask(&["INFO", "persistence"]) else { panic!("INFO") };
        let text = String::from_utf8_lossy(&text).into_owned();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_else(|| panic!("INFO tells no {name}")).to_owned()
    }
}

impl Asks for Link {
    fn ask_each(&mut self, requests: &[Vec<&str>]) -> io::Result<Vec<Frame>> {
        let mut replies = Vec::new();
        for words in requests {
            self.send(&wire::encode(words));
            replies.push(self.reply().ok_or(io::ErrorKind::TimedOut)?);
        }
        Ok(replies)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.engine.close(session);
        }
    }
}

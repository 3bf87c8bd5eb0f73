//! kvd without a socket: the engine in this process, with a clock that stands where it is put.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use commands::handlers;
use config::Config;
use engine::{Engine, Flow, Host, Moment, Options, Peer, Session};
use resp::{Output, RequestReader};

use crate::server::{Product, Server, Version};
use crate::target::{Link, PATIENCE, Target};

/// When the clock starts: early in 2027.
const START_MS: u64 = 1_800_000_000_000;

/// A process without secrets worth the name.
struct Unguarded;

impl Host for Unguarded {
    fn fill_with_secret(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(0x5a);
        true
    }
}

/// An engine, and the connections that a transcript opened.
pub struct InProcess {
    engine: Engine,
    now: Moment,
    links: Vec<Option<Connection>>,
}

struct Connection {
    /// Gone when the engine has sent the client away; what it said last is still in the output.
    session: Option<Session>,
    input: RequestReader,
    output: Output,
}

impl InProcess {
    /// An empty engine with one worker and a fixed seed.
    ///
    /// # Panics
    /// If the configuration that transcripts expect is refused.
    pub fn new() -> Self {
        let mut config = Config::default();
        let lines = b"enable-debug-command local\nsave \"\"\n";
        config.load(lines, "transcripts", &mut |_| Ok(Vec::new())).expect("a configuration in order");
        let now = Moment::from_unix_millis(START_MS);
        let host = Box::new(Unguarded);
        let options = Options { config, handlers: handlers(), workers: 1, seed: [1; 32], now, host };
        Self { engine: Engine::new(options), now, links: Vec::new() }
    }

    fn serve(&mut self, link: Link, bytes: &[u8]) {
        let Some(Some(connection)) = self.links.get_mut(link.0) else { return };
        connection.input.feed(bytes);
        loop {
            let Connection { session, input, output } = connection;
            let Some(served) = session else { return };
            match self.engine.serve(served, input, &self.now, output) {
                Flow::Flush => {}
                Flow::More | Flow::Wait => return,
                Flow::Close => {
                    return session.take().into_iter().for_each(|session| self.engine.close(session));
                }
            }
        }
    }
}

impl InProcess {
    /// While somebody listens to a client that waits, time passes until its wait is over.
    fn wait_out(&mut self, link: Link) {
        let Some(Some(Connection { session, output, .. })) = self.links.get(link.0) else { return };
        let Some(Some(until)) = session.as_ref().and_then(Session::waits_until) else { return };
        let left = Duration::from_nanos(until.nanos_since(self.now));
        if output.is_empty() && left < PATIENCE {
            self.advance(left);
            self.serve(link, b"");
        }
    }
}

impl Default for InProcess {
    fn default() -> Self {
        Self::new()
    }
}

impl Target for InProcess {
    fn server(&self) -> Server {
        Server { product: Product::Kvd, version: Version(0, 1) }
    }

    fn connect(&mut self) -> io::Result<Link> {
        let peer = Peer { address: format!("127.0.0.1:{}", 40_000 + self.links.len()), ..Peer::in_process() };
        let session = self.engine.open(0, &peer, self.now, Arc::new(())).map_err(io::Error::other)?;
        let (input, output) = (RequestReader::new(), Output::new());
        self.links.push(Some(Connection { session: Some(session), input, output }));
        Ok(Link(self.links.len() - 1))
    }

    fn send(&mut self, link: Link, bytes: &[u8]) -> io::Result<()> {
        // Commands take time; some tests ask for it.
        self.advance(Duration::from_micros(10));
        self.serve(link, bytes);
        Ok(())
    }

    fn receive(&mut self, link: Link, into: &mut Vec<u8>) -> io::Result<usize> {
        // A client that another one killed learns of it now.
        self.serve(link, b"");
        self.wait_out(link);
        let Some(Some(connection)) = self.links.get_mut(link.0) else { return Ok(0) };
        let sent = connection.output.to_vec();
        connection.output.clear();
        into.extend_from_slice(&sent);
        if sent.is_empty() && connection.session.is_some() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(sent.len())
    }

    fn close(&mut self, link: Link) {
        let connection = self.links.get_mut(link.0).and_then(Option::take);
        if let Some(session) = connection.and_then(|connection| connection.session) {
            self.engine.close(session);
        }
    }

    fn advance(&mut self, time: Duration) {
        self.now = Moment::from_unix_nanos(self.now.unix_nanos() + time.as_nanos() as u64);
        while self.engine.tick(0, &self.now).next == self.now {}
        while self.engine.keyspace().garbage().collect(16) {}
    }
}

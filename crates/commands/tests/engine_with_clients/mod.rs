//! An engine without a server: a fixed seed, a clock that is set by hand, and clients that are served in process.

use std::cell::Cell;
use std::sync::Arc;

use config::{Config, Origin};
use engine::{Clock, Engine, Flow, Host, Moment, NoHost, Options, Peer, Refused, Session};
use resp::{Output, RequestReader};

/// Where the clock starts.
const BEGINNING_MS: u64 = 1_800_000_000_000;

/// An engine and its clock.
pub(crate) struct EngineWithClients {
    /// The engine itself.
    pub(crate) engine: Engine,
    /// What its clock shows.
    pub(crate) now_ms: Cell<u64>,
    /// How much passes between one look at the clock and the next.
    pub(crate) step_ms: Cell<u64>,
}

impl EngineWithClients {
    /// An engine with these parameters; the others have their defaults.
    pub(crate) fn new(parameters: &[(&str, &str)]) -> Self {
        Self::within(Box::new(NoHost), parameters)
    }

    /// The same in a process of the test's own making.
    pub(crate) fn within(host: Box<dyn Host>, parameters: &[(&str, &str)]) -> Self {
        let mut config = Config::default();
        let pairs: Vec<(&[u8], &[u8])> =
            parameters.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        config.set(&pairs, Origin::CommandLine).expect("the test's parameters are valid");
        let engine = Engine::new(Options {
            config,
            handlers: kvd_commands::handlers(),
            workers: 1,
            seed: [7; 32],
            now: Moment::from_unix_millis(BEGINNING_MS),
            host,
        });
        Self { engine, now_ms: Cell::new(BEGINNING_MS), step_ms: Cell::new(0) }
    }

    /// A new client from this address.
    pub(crate) fn client(&self, address: &str) -> TestClient<'_> {
        self.admit(address).unwrap_or_else(|refused| panic!("{address} was not let in: {refused}"))
    }

    /// A new client from this address, if it is let in.
    pub(crate) fn admit(&self, address: &str) -> Result<TestClient<'_>, Refused> {
        let peer = Peer { address: address.to_owned(), ..Peer::in_process() };
        let session = self.engine.open(0, &peer, self.now(), Arc::new(()))?;
        Ok(TestClient {
            under_test: self,
            session: Some(session),
            input: RequestReader::new(),
            output: Output::new(),
            is_closed: false,
        })
    }
}

impl Clock for EngineWithClients {
    fn now(&self) -> Moment {
        Moment::from_unix_millis(self.now_ms.replace(self.now_ms.get() + self.step_ms.get()))
    }
}

/// A client of an engine under test.
pub(crate) struct TestClient<'e> {
    under_test: &'e EngineWithClients,
    /// There until it is dropped.
    session: Option<Session>,
    input: RequestReader,
    output: Output,
    is_closed: bool,
}

impl TestClient<'_> {
    /// Sends requests, one a line as one would type them, in one piece, and returns the raw replies.
    pub(crate) fn run(&mut self, requests: &str) -> String {
        let requests = format!("{requests}\n");
        self.send(requests.as_bytes());
        let mut replies = Vec::new();
        let mut flow = Flow::Flush;
        while flow == Flow::Flush {
            flow = self.serve();
            replies.extend(self.receive());
        }
        String::from_utf8_lossy(&replies).into_owned()
    }

    /// Sends bytes, which are not served yet.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.input.feed(bytes);
    }

    /// Is served once.
    pub(crate) fn serve(&mut self) -> Flow {
        let session = self.session.as_mut().expect("the session lives as long as its client");
        let flow = self.under_test.engine.serve(session, &mut self.input, self.under_test, &mut self.output);
        self.is_closed |= flow == Flow::Close;
        flow
    }

    /// Takes the replies that wait.
    pub(crate) fn receive(&mut self) -> Vec<u8> {
        let replies = self.output.to_vec();
        if let Some(session) = &self.session {
            session.note_sent(replies.len() as u64);
        }
        self.output.clear();
        replies
    }

    /// Whether the engine wanted the connection closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }
}

impl Drop for TestClient<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.under_test.engine.close(session);
        }
    }
}

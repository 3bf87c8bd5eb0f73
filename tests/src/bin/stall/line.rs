//! What is measured: an engine in this process, or a server of any kind.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use config::Config;
use engine::{Engine, Moment, NoHost, Options, Peer, Session};
use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::memory::info_number;
use kvd_tests::wire::Frame;
use resp::{Output, RequestReader, write_request};

use crate::clock::{Clock, Took};

/// Anything that can go wrong.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

pub(crate) const START_MS: u64 = 1_800_000_000_000;
const WORKERS: usize = 2;

/// What is measured.
pub(crate) enum Site {
    Engine(Arc<Engine>),
    Server(SocketAddr),
}

impl Site {
    /// An engine whose garbage is freed by a thread, as in the server.
    pub(crate) fn engine() -> Self {
        let now = Moment::from_unix_millis(START_MS);
        let (config, handlers) = (Config::default(), commands::handlers());
        let options =
            Options { config, handlers, workers: WORKERS, seed: [5; 32], now, host: Box::new(NoHost) };
        let engine = Engine::new(options);
        let (wake, woken): (SyncSender<()>, _) = sync_channel(1);
        engine.keyspace().garbage().on_burial(move || {
            // One nudge waiting is enough.
            let _is_first = wake.try_send(()).is_ok();
        });
        let engine = Arc::new(engine);
        let owner = Arc::clone(&engine);
        thread::spawn(move || collect(&owner, &woken));
        Self::Engine(engine)
    }

    /// A client, to be used by the calling thread.
    pub(crate) fn connect(&self, worker: usize) -> Result<Line, Failure> {
        let end = match self {
            Self::Engine(engine) => {
                let now = Moment::from_unix_millis(START_MS);
                let session = engine.open(worker, &Peer::in_process(), now, Arc::new(()))?;
                End::Engine(Box::new(Inside {
                    engine: Arc::clone(engine),
                    session,
                    input: RequestReader::new(),
                    output: Output::new(),
                }))
            }
            Self::Server(address) => End::Server(Client::connect(*address)?),
        };
        Ok(Line { end, wire: Vec::new(), clock: Clock::new(), now_ms: START_MS })
    }
}

/// Frees what is buried.
fn collect(engine: &Engine, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        while engine.keyspace().garbage().collect(16) {}
    }
}

/// A client.
pub(crate) struct Line {
    end: End,
    wire: Vec<u8>,
    clock: Clock,
    /// The time in the engine; a server has its own.
    pub(crate) now_ms: u64,
}

enum End {
    Engine(Box<Inside>),
    Server(Client),
}

struct Inside {
    engine: Arc<Engine>,
    session: Session,
    input: RequestReader,
    output: Output,
}

impl Line {
    /// Runs a command and returns how long it took.
    pub(crate) fn run(&mut self, words: &[&[u8]]) -> Result<Took, Failure> {
        self.wire.clear();
        write_request(&mut self.wire, words);
        let Self { end, wire, clock, now_ms } = self;
        let mut error = None;
        let took = match end {
            End::Engine(inside) => {
                let Inside { engine, session, input, output } = &mut **inside;
                input.feed(wire);
                let now = Moment::from_unix_millis(*now_ms);
                let took = clock.time(|| {
                    engine.serve(session, input, &now, output);
                });
                let reply = output.to_vec();
                output.clear();
                error = reply.starts_with(b"-").then(|| String::from_utf8_lossy(&reply).into_owned());
                took
            }
            End::Server(client) => {
                let mut reply = Ok(Frame::NilArray);
                let took = clock.time(|| reply = client.send(wire).and_then(|()| client.frame()));
                if let Frame::Error(text) = reply? {
                    error = Some(String::from_utf8_lossy(&text).into_owned());
                }
                took
            }
        };
        error.map_or(Ok(took), |error| Err(error.into()))
    }

    /// Runs some requests without waiting for each reply.
    pub(crate) fn run_all(&mut self, requests: &[Vec<Vec<u8>>]) -> Result<(), Failure> {
        let End::Server(client) = &mut self.end else {
            for request in requests {
                self.run(&slices(request))?;
            }
            return Ok(());
        };
        let mut wire = Vec::new();
        for request in requests {
            write_request(&mut wire, &slices(request));
        }
        client.send(&wire)?;
        for _ in requests {
            if let Frame::Error(text) = client.frame()? {
                return Err(String::from_utf8_lossy(&text).into());
            }
        }
        Ok(())
    }

    /// Runs a command of words without spaces.
    pub(crate) fn say(&mut self, command: &str) -> Result<Took, Failure> {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        self.run(&words)
    }

    /// Does the background work of all workers, and returns the longest call.
    pub(crate) fn sweep(&mut self) -> Took {
        let End::Engine(inside) = &self.end else { return Took::default() };
        let now = Moment::from_unix_millis(self.now_ms);
        let mut longest = Took::default();
        for worker in 0..WORKERS {
            let mut has_more = true;
            while has_more {
                let took = self.clock.time(|| has_more = inside.engine.tick(worker, &now).next <= now);
                if took.cpu > longest.cpu {
                    longest = took;
                }
            }
        }
        longest
    }

    /// Whether everything that was given up is freed.
    pub(crate) fn is_clean(&mut self) -> Result<bool, Failure> {
        match &mut self.end {
            End::Engine(inside) => Ok(inside.engine.keyspace().garbage().is_empty()),
            End::Server(client) => Ok(info_number(client, "memory", "lazyfree_pending_objects")? == 0),
        }
    }

    pub(crate) fn is_server(&self) -> bool {
        matches!(self.end, End::Server(_))
    }
}

fn slices(words: &[Vec<u8>]) -> Vec<&[u8]> {
    words.iter().map(Vec::as_slice).collect()
}

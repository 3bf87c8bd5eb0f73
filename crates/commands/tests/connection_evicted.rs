//! Many clients on several threads that together take more than `maxmemory-clients`.

use std::sync::Arc;
use std::thread;

use config::{Config, Origin};
use engine::{Clock, Engine, Flow, Moment, NoHost, Options, Peer, Session};
use fastrand::Rng;
use resp::{Output, RequestReader};

const THREADS: usize = 4;
const CLIENTS_PER_THREAD: usize = 150;

/// How often each client has its name changed, and how long that may be.
const ROUNDS: usize = 30;
const NAME_BYTES_MAX: usize = 10_000;

/// A clock that stands.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Moment {
        Moment::from_unix_millis(1_800_000_000_000)
    }
}

fn engine(clients_bytes_max: &str) -> Engine {
    let mut config = Config::default();
    let limit: (&[u8], &[u8]) = (b"maxmemory-clients", clients_bytes_max.as_bytes());
    config.set(&[limit], Origin::CommandLine).expect("a fine value");
    Engine::new(Options {
        config,
        handlers: kvd_commands::handlers(),
        workers: THREADS,
        seed: [7; 32],
        now: Stopped.now(),
        host: Box::new(NoHost),
    })
}

/// A client that any thread may serve.
struct Client {
    session: Session,
    input: RequestReader,
    output: Output,
}

impl Client {
    fn new(engine: &Engine, worker: usize) -> Self {
        let session = engine.open(worker, &Peer::in_process(), Stopped.now(), Arc::new(()));
        let session = session.expect("one may come");
        Self { session, input: RequestReader::new(), output: Output::new() }
    }

    /// Sends a request. `None`: the client was closed.
    fn run(mut self, engine: &Engine, request: &[u8]) -> Option<Self> {
        self.input.feed(request);
        let flow = engine.serve(&mut self.session, &mut self.input, &Stopped, &mut self.output);
        self.output.clear();
        if flow == Flow::Close {
            engine.close(self.session);
            return None;
        }
        Some(self)
    }
}

/// Gives many clients of one thread names of ever other lengths. Returns those that were not closed.
fn rename(engine: &Engine, worker: usize) -> Vec<Client> {
    let mut random = Rng::with_seed(worker as u64);
    let mut clients: Vec<Client> = (0..CLIENTS_PER_THREAD).map(|_| Client::new(engine, worker)).collect();
    for _ in 0..ROUNDS {
        let renamed = clients.into_iter().filter_map(|client| {
            let name = "x".repeat(random.usize(1..NAME_BYTES_MAX));
            client.run(engine, format!("CLIENT SETNAME {name}\n").as_bytes())
        });
        clients = renamed.collect();
    }
    clients
}

/// The same on several threads at once. Returns how many clients were closed.
fn rename_all(engine: &Engine) -> usize {
    let left: Vec<Client> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|worker| scope.spawn(move || rename(engine, worker))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("it doesn't panic")).collect()
    });
    // Who was closed for another's last request finds that out now.
    let left = left.into_iter().filter_map(|client| client.run(engine, b"PING\n"));
    THREADS * CLIENTS_PER_THREAD - left.map(|client| engine.close(client.session)).count()
}

fn evicted(engine: &Engine) -> u64 {
    engine.stats().sum(|counters| &counters.evicted_clients)
}

#[test]
fn what_a_client_takes_that_is_never_evicted_costs_the_others_nothing() {
    let engine = engine("20mb");
    let spared = Client::new(&engine, 0).run(&engine, b"CLIENT NO-EVICT ON\n").expect("it is never closed");
    let spared = spared.run(&engine, b"*2\r\n$4\r\nECHO\r\n$80000000\r\n").expect("it is never closed");
    let spared = spared.run(&engine, &vec![b'x'; 50_000_000]).expect("it is never closed");
    assert_eq!(rename_all(&engine), 0);
    assert_eq!(evicted(&engine), 0);
    engine.close(spared.session);
    assert_eq!(engine.clients().used_bytes(), 0);
}

#[test]
fn each_client_that_goes_is_counted_once() {
    let engine = engine("1mb");
    let closed = rename_all(&engine);
    assert!((1..THREADS * CLIENTS_PER_THREAD).contains(&closed), "{closed}");
    assert_eq!(evicted(&engine), closed as u64);
    assert_eq!(engine.clients().used_bytes(), 0);
}

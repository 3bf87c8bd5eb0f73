//! What holds of the server as a whole, when it begins and ends beside commands that run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use config::Config;
use engine::{Condition, Engine, Moment, NoHost, Options, Peer, Session};
use resp::{Output, RequestReader};

const START_MS: u64 = 1_800_000_000_000;

/// Attempts at each request, while a condition comes and goes.
const ATTEMPTS: usize = 1_000;

struct Asker<'e> {
    engine: &'e Engine,
    session: Session,
}

impl Asker<'_> {
    fn run(&mut self, request: &str, now: Moment) -> String {
        let (mut input, mut output) = (RequestReader::new(), Output::new());
        input.feed(format!("{request}\r\n").as_bytes());
        self.engine.serve(&mut self.session, &mut input, &now, &mut output);
        String::from_utf8_lossy(&output.to_vec()).into_owned()
    }
}

#[test]
fn no_change_is_let_through_beside_a_key_that_is_due_and_left() {
    let now = Moment::from_unix_millis(START_MS);
    let (config, handlers) = (Config::default(), kvd_commands::handlers());
    let engine =
        Engine::new(Options { config, handlers, workers: 1, seed: [7; 32], now, host: Box::new(NoHost) });
    let mut journal = engine.journal().subscribe();
    let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("one client may come in");
    let mut asker = Asker { engine: &engine, session };
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                engine.set_condition(Condition::LogFailing, true, "no room");
                engine.set_condition(Condition::LogFailing, false, "");
            }
        });
        for (request, reply, effects) in REQUESTS {
            for _ in 0..ATTEMPTS {
                while asker.run("SET key 5 PX 1", now) != "+OK\r\n" {}
                while journal.next_batch().expect("the journal retains what a test does").is_some() {}
                let told = asker.run(request, Moment::from_unix_millis(START_MS + 10));
                if told.starts_with("-MISCONF") {
                    continue;
                }
                assert_eq!(told, reply);
                let batch = journal.next_batch().expect("the journal retains what a test does");
                let batch = batch.expect("something was changed");
                let wire: Vec<u8> = batch.entries().flat_map(|entry| entry.wire.to_vec()).collect();
                assert_eq!(String::from_utf8_lossy(&wire), effects);
            }
        }
        is_over.store(true, Relaxed);
    });
}

/// A request on a key that is due, its reply, and what the journal gets.
const REQUESTS: [(&str, &str, &str); 2] = [
    ("INCR key", ":1\r\n", "*2\r\n$3\r\nDEL\r\n$3\r\nkey\r\n*2\r\n$4\r\nINCR\r\n$3\r\nkey\r\n"),
    (
        "SETRANGE key 0 abc",
        ":3\r\n",
        "*2\r\n$3\r\nDEL\r\n$3\r\nkey\r\n*4\r\n$8\r\nSETRANGE\r\n$3\r\nkey\r\n$1\r\n0\r\n$3\r\nabc\r\n",
    ),
];

//! Any bytes from a client, in pieces, with time going by: no command panics, and the data stays in order.

use std::sync::Arc;

use config::Config;
use engine::{Engine, Flow, Moment, NoHost, Options, Peer};
use resp::{Output, RequestReader};

const START_MS: u64 = 1_800_000_000_000;
/// A small limit of strings, so that SETRANGE and its like don't spend the fuzzer's time on zeros.
const LINES: &[u8] = b"stripes 4\nproto-max-bulk-len 1mb\n";
/// Bytes with this between them arrive one after the other, with time going by.
const PAUSE: u8 = 0xff;
const PAUSE_MS: u64 = 7;

/// Checks one input.
pub fn engine_serve(data: &[u8]) {
    let mut config = Config::default();
    config.load(LINES, "fuzz", &mut |_| Ok(Vec::new())).expect("a configuration in order");
    let mut now = Moment::from_unix_millis(START_MS);
    let (handlers, host) = (commands::handlers(), Box::new(NoHost));
    let engine = Engine::new(Options { config, handlers, workers: 1, seed: [1; 32], now, host });
    let mut session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("there is room");
    let (mut input, mut output) = (RequestReader::new(), Output::new());
    for piece in data.split(|byte| *byte == PAUSE) {
        now = Moment::from_unix_nanos(now.unix_nanos() + PAUSE_MS * 1_000_000);
        input.feed(piece);
        let flow = loop {
            let flow = engine.serve(&mut session, &mut input, &now, &mut output);
            output.clear();
            if flow != Flow::Flush {
                break flow;
            }
        };
        engine.tick(0, &now);
        if flow == Flow::Close {
            break;
        }
    }
    engine.keyspace().check_invariants();
}

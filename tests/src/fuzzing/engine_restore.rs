//! Any bytes as a payload of RESTORE: no command panics, and what came in goes out by DUMP, in every version, and comes in again the same.
//!
//! ```text
//!   byte 0      bits 0 1: the dialect, one of DIALECTS; bit 2: hardly any value is small
//!   bytes 1 …   type and value; version and checksum are put behind them
//! ```
//!
//! All of it without a checksum is a payload, too.

use std::sync::Arc;

use config::Config;
use engine::{Engine, Flow, Moment, NoHost, Options, Peer, Session};
use rdb::{Dialect, dump};
use resp::{Output, RequestReader};

use crate::wire;

const START_MS: u64 = 1_800_000_000_000;
const DIALECTS: [Dialect; 4] =
    [Dialect::Redis(9), Dialect::Redis(11), Dialect::Redis(12), Dialect::Valkey(80)];
/// What `rdb-version` may be.
const VERSIONS: [&[u8]; 5] = [b"10", b"11", b"12", b"80", b"auto"];
const LINES: &str = "stripes 4\nenable-debug-command yes\n";
const LARGE_LINES: &str = "stripes 4\nenable-debug-command yes\nlist-max-listpack-size 2\nset-max-intset-entries 2\n\
    set-max-listpack-entries 2\nhash-max-listpack-entries 2\nzset-max-listpack-entries 2\n";
/// What is done with a value of any type.
const USES: &[&str] = &[
    "OBJECT ENCODING k",
    "MEMORY USAGE k SAMPLES 0",
    "GET k",
    "LRANGE k 0 -1",
    "HGETALL k",
    "HPTTL k FIELDS 1 f",
    "SMEMBERS k",
    "ZRANGE k 0 -1 WITHSCORES",
    "XRANGE k - +",
    "XINFO STREAM k FULL",
    "SORT k ALPHA",
    "COPY k other",
    "APPEND k x",
    "LINSERT k AFTER a b",
    "LPOP k 2",
    "HSET k f v",
    "HDEL k a",
    "SADD k x",
    "SPOP k",
    "ZADD k 1.5 x",
    "ZPOPMIN k",
    "XADD k * f v",
    "XREADGROUP GROUP g c COUNT 2 STREAMS k >",
    "XAUTOCLAIM k g c 0 0",
    "XTRIM k MAXLEN 1",
];

/// Checks one input.
pub fn engine_restore(data: &[u8]) {
    let Some((&first, value)) = data.split_first() else { return };
    let mut play = Play::new(if first & 4 == 0 { LINES } else { LARGE_LINES });
    play.ask(&[b"RESTORE", b"k", b"0", data]);
    let dialect = DIALECTS[usize::from(first & 3)];
    let reply = play.ask(&[b"RESTORE", b"k", b"0", &dump::seal(value, dialect), b"REPLACE"]);
    play.engine.keyspace().check_invariants();
    if reply != b"+OK\r\n" {
        return;
    }
    for version in VERSIONS {
        play.go_round(version);
    }
    for request in USES {
        let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        play.ask(&words);
        play.engine.keyspace().check_invariants();
    }
}

/// An engine and its only client. No time goes by.
struct Play {
    engine: Engine,
    session: Session,
    input: RequestReader,
    now: Moment,
}

impl Play {
    fn new(lines: &str) -> Self {
        let mut config = Config::default();
        config.load(lines.as_bytes(), "fuzz", &mut |_| Ok(Vec::new())).expect("a configuration in order");
        let now = Moment::from_unix_millis(START_MS);
        let (handlers, host) = (commands::handlers(), Box::new(NoHost));
        let engine = Engine::new(Options { config, handlers, workers: 1, seed: [1; 32], now, host });
        let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("there is room");
        Self { engine, session, input: RequestReader::new(), now }
    }

    /// The value goes out in a version and comes in under another name.
    fn go_round(&mut self, version: &[u8]) {
        self.ask(&[b"CONFIG", b"SET", b"rdb-version", version]);
        let reply = self.ask(&[b"DUMP", b"k"]);
        let Ok(Some((wire::Frame::Bulk(payload), _))) = wire::decode(&reply) else {
            let is_refused = reply.starts_with(b"-ERR fields that expire");
            // A hash of which all fields are due is gone.
            assert!(reply == b"$-1\r\n" || is_refused && matches!(version, b"10" | b"11"), "{reply:?}");
            return;
        };
        let reply = self.ask(&[b"RESTORE", b"copy", b"0", &payload, b"REPLACE"]);
        assert_eq!(reply, b"+OK\r\n", "what was dumped is restored");
        let digest = |of: &[u8], play: &mut Self| play.ask(&[b"DEBUG", b"DIGEST-VALUE", of]);
        assert_eq!(digest(b"k", self), digest(b"copy", self), "what was dumped is another value");
    }

    fn ask(&mut self, words: &[&[u8]]) -> Vec<u8> {
        self.input.feed(&wire::encode(words));
        let mut output = Output::new();
        let mut reply = Vec::new();
        loop {
            let flow = self.engine.serve(&mut self.session, &mut self.input, &self.now, &mut output);
            reply.extend(output.to_vec());
            output.clear();
            if flow != Flow::Flush {
                return reply;
            }
        }
    }
}

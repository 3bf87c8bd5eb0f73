//! Several sessions on one engine, taking turns at arbitrary bytes: every reply is whole, every request has its reply, and
//! when all are gone and the data is flushed nothing is left of either.
//!
//! The first byte chooses whether a password is asked for. Then each [`TURN`] and the byte behind it say whose turn it is:
//!
//! ```text
//!   bits 0 1   the session; what it has said of itself before is in PRELUDES
//!   bit  2     it hangs up first and comes back as a new one
//!   bits 3 4 5 time that has gone by, one of STEPS_MS
//! ```

use std::sync::Arc;

use catalog::Flags;
use config::Config;
use engine::{Engine, Flow, LogKind, Moment, NoHost, Options, Peer, Session};
use keyspace::memory;
use resp::{Output, RequestLimits, RequestReader};

use crate::wire::{self, Frame};

const START_MS: u64 = 1_800_000_000_000;
/// The byte that ends a turn, 0xff: in no command, and rare in data.
const TURN: u8 = 0xff;
/// More turns would only take longer.
const TURNS_MAX: usize = 1_000;
const STEPS_MS: [u64; 8] = [0, 0, 0, 1, 20, 1_000, 60_000, 86_400_000];
/// A small limit of strings, so that SETRANGE and its like don't spend the fuzzer's time on zeros.
const LINES: &[u8] = b"stripes 4\nproto-max-bulk-len 1mb\n";
/// How each session begins: without a word, in RESP3, in another database, and in both.
const PRELUDES: [&[u8]; 4] = [
    b"",
    b"AUTH secret\r\nHELLO 3\r\n",
    b"AUTH secret\r\nSELECT 1\r\n",
    b"HELLO 3 AUTH default secret\r\nSELECT 9\r\n",
];
/// What an engine may keep after sessions and data are gone, apart from parameters that were set: room in its tables of clients,
/// error codes and databases.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Checks one input.
pub fn engine_sessions(data: &[u8]) {
    let (&first, rest) = data.split_first().unwrap_or((&0, b""));
    let mut play = Play::new(first & 1 == 1);
    let used_bytes = memory::used_bytes();
    let mut turns = rest.split(|byte| *byte == TURN).take(TURNS_MAX);
    play.say(0, turns.next().unwrap_or_default());
    for turn in turns {
        let Some((&control, bytes)) = turn.split_first() else { continue };
        let party = usize::from(control & 3);
        if control & 4 != 0 {
            play.hang_up(party);
        }
        play.pass(STEPS_MS[usize::from(control >> 3 & 7)]);
        play.say(party, bytes);
    }
    play.leave_nothing();
    let counted_bytes = play.engine.stats().durations_bytes();
    let kept_bytes_max = used_bytes + KEPT_BYTES_MAX + counted_bytes + 4 * data.len();
    assert!(memory::used_bytes() <= kept_bytes_max, "{used_bytes} bytes became {}", memory::used_bytes());
}

struct Play {
    engine: Engine,
    now: Moment,
    parties: [Option<Party>; PRELUDES.len()],
}

/// A session, and the reckoning of what it is owed.
struct Party {
    session: Session,
    input: RequestReader,
    output: Output,
    /// Reads the same requests, to count them.
    reckoning: RequestReader,
    requests: usize,
    replies: usize,
    /// Every request so far has exactly one reply.
    is_one_to_one: bool,
}

impl Play {
    fn new(asks_for_password: bool) -> Self {
        let mut config = Config::default();
        let lines =
            if asks_for_password { [LINES, b"requirepass secret\n"].concat() } else { LINES.to_vec() };
        config.load(&lines, "fuzz", &mut |_| Ok(Vec::new())).expect("a configuration in order");
        let now = Moment::from_unix_millis(START_MS);
        let (handlers, host) = (commands::handlers(), Box::new(NoHost));
        let engine = Engine::new(Options { config, handlers, workers: 1, seed: [1; 32], now, host });
        Self { engine, now, parties: [const { None }; PRELUDES.len()] }
    }

    fn pass(&mut self, ms: u64) {
        self.now = Moment::from_unix_nanos(self.now.unix_nanos() + ms * 1_000_000);
        while self.engine.tick(0, &self.now).next == self.now {}
    }

    fn say(&mut self, index: usize, bytes: &[u8]) {
        let mut party = match self.parties[index].take() {
            Some(party) => party,
            None => match self.engine.open(0, &Peer::in_process(), self.now, Arc::new(())) {
                Ok(session) => Party::new(session, PRELUDES[index]),
                // CONFIG SET maxclients.
                Err(_) => return,
            },
        };
        party.hear(bytes);
        match party.serve(&self.engine, self.now) {
            Flow::Close => self.engine.close(party.session),
            Flow::More | Flow::Flush | Flow::Wait => self.parties[index] = Some(party),
        }
    }

    fn hang_up(&mut self, index: usize) {
        if let Some(party) = self.parties[index].take() {
            self.engine.close(party.session);
        }
    }

    /// Everybody leaves, and a last one who needs no password clears the data.
    fn leave_nothing(&mut self) {
        self.engine.keyspace().check_invariants();
        (0..PRELUDES.len()).for_each(|index| self.hang_up(index));
        assert!(self.engine.clients().is_empty());
        self.engine.unpause();
        for kind in [LogKind::Slow, LogKind::LargeRequest, LogKind::LargeReply] {
            self.engine.command_logs().of(kind).reset();
        }
        let session =
            self.engine.open(0, &Peer::in_process(), self.now, Arc::new(())).expect("there is room for one");
        let mut last = Party::new(session, b"FLUSHALL\r\n");
        self.engine.trust(&mut last.session);
        assert_eq!(last.serve(&self.engine, self.now), Flow::More);
        assert_eq!((last.requests, last.replies), (1, 1));
        self.engine.close(last.session);
        while self.engine.keyspace().garbage().collect(1) {}
        self.engine.keyspace().check_invariants();
        let mut locked = self.engine.keyspace().lock_all();
        for stripe in 0..self.engine.keyspace().stripes() {
            assert!(locked.visit(stripe, |stripe| stripe.tables().all(|(_, table)| table.is_empty())));
        }
    }
}

impl Party {
    fn new(session: Session, prelude: &[u8]) -> Self {
        let mut party = Self {
            session,
            input: RequestReader::new(),
            output: Output::new(),
            reckoning: RequestReader::new(),
            requests: 0,
            replies: 0,
            is_one_to_one: true,
        };
        party.hear(prelude);
        party
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.input.feed(bytes);
        self.reckoning.feed(bytes);
        // What is no request is the engine's to refuse; it closes the session.
        while let Ok(true) = self.reckoning.parse(&RequestLimits::DEFAULT) {}
        for index in 0..self.reckoning.len() {
            let words: Vec<&[u8]> = self.reckoning.request(index).words().collect();
            self.is_one_to_one &= has_one_reply(&words);
            self.requests += 1;
        }
        self.reckoning.release();
    }

    fn serve(&mut self, engine: &Engine, now: Moment) -> Flow {
        loop {
            let flow = engine.serve(&mut self.session, &mut self.input, &now, &mut self.output);
            self.input.check_invariants();
            self.read_replies();
            match flow {
                Flow::Flush => {}
                // Whoever waits has fewer replies than requests, and others may bring them later.
                Flow::Wait => {
                    self.is_one_to_one = false;
                    return Flow::Wait;
                }
                Flow::More => {
                    assert!(!self.is_one_to_one || self.replies == self.requests, "{} replies", self.replies);
                    return Flow::More;
                }
                Flow::Close => {
                    // A last reply says why; what came behind the request that closed has none.
                    assert!(
                        !self.is_one_to_one || self.replies <= self.requests + 1,
                        "{} replies",
                        self.replies
                    );
                    return Flow::Close;
                }
            }
        }
    }

    /// Whatever a call of the engine gives out are whole replies.
    fn read_replies(&mut self) {
        let bytes = self.output.to_vec();
        self.output.clear();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (frame, length) = wire::decode(rest).expect("RESP").expect("a whole reply");
            self.replies += usize::from(!matches!(frame, Frame::Push(_)));
            rest = &rest[length..];
        }
    }
}

/// Whether a request has one reply, at once.
fn has_one_reply(words: &[&[u8]]) -> bool {
    const OTHERWISE: [&str; 6] = ["client|reply", "monitor", "psync", "sync", "replconf", "shutdown"];
    match catalog::resolve(words) {
        Ok(id) => {
            let command = catalog::command(id);
            !command.flags.intersects(Flags::PUBSUB | Flags::BLOCKING) && !OTHERWISE.contains(&command.name)
        }
        Err(_) => true,
    }
}

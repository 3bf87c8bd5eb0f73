//! Commands that clients call by other names (`rename-command`): what they did is told, and read again, by their own.

use std::sync::Arc;

use config::Config;
use engine::{Engine, Moment, NoHost, Options, Peer, Session};
use journal::Reader;
use resp::{Output, RequestReader};

const START_MS: u64 = 1_800_000_000_000;

/// Without an expired key's `DEL`, the `SELECT` of a transaction, or the name of a base's commands.
const RENAMED: [(&str, &str); 6] = [
    ("SET", "put"),
    ("DEL", ""),
    ("SELECT", "use"),
    ("MULTI", "begin"),
    ("FLUSHALL", ""),
    ("FLUSHDB", "FLUSHALL"),
];

/// An engine with commands by these names, a client and whoever reads the journal.
struct Renaming {
    engine: Engine,
    session: Session,
    input: RequestReader,
    now: Moment,
    journal: Reader,
}

impl Renaming {
    fn new(names: &[(&str, &str)]) -> Self {
        let mut handlers = kvd_commands::handlers();
        for (old, new) in names {
            handlers.rename(old.as_bytes(), new.as_bytes()).expect("the command is there, and the name free");
        }
        let now = Moment::from_unix_millis(START_MS);
        let (config, host) = (Config::default(), Box::new(NoHost));
        let engine = Engine::new(Options { config, handlers, workers: 1, seed: [7; 32], now, host });
        let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("one client may come in");
        let journal = engine.journal().subscribe();
        Self { engine, session, input: RequestReader::new(), now, journal }
    }

    fn run(&mut self, requests: &str) -> String {
        self.input.feed(format!("{requests}\n").as_bytes());
        let mut output = Output::new();
        self.engine.serve(&mut self.session, &mut self.input, &self.now, &mut output);
        String::from_utf8_lossy(&output.to_vec()).into_owned()
    }

    /// What the journal got since the last call, each entry as it is on the wire.
    fn entries(&mut self) -> Vec<String> {
        let mut entries = Vec::new();
        while let Some(batch) = self.journal.next_batch().expect("the journal retains what a test does") {
            entries.extend(batch.entries().map(|entry| String::from_utf8_lossy(entry.wire).into_owned()));
        }
        entries
    }

    fn replay(&self, requests: &str) -> Result<(), String> {
        let mut replay = self.engine.begin_replay(self.now);
        let outcome = self.engine.replay(&mut replay, requests.as_bytes(), &self.now);
        assert_eq!(replay.errors(), 0);
        self.engine.end_replay(replay);
        outcome.map_err(|error| error.to_string())
    }
}

fn wire(words: &str) -> String {
    let mut wire = Vec::new();
    resp::write_request(&mut wire, &words.split(' ').map(str::as_bytes).collect::<Vec<_>>());
    String::from_utf8(wire).expect("a test's words are text")
}

#[test]
fn the_journal_has_the_commands_own_names() {
    let mut t = Renaming::new(&RENAMED);
    assert_eq!(t.run("PUT a 1\nput b 1 PX 5\nINCR a"), "+OK\r\n+OK\r\n:2\r\n");
    t.now = Moment::from_unix_millis(START_MS + 10);
    assert_eq!(t.run("GET b"), "$-1\r\n");
    assert_eq!(
        t.run("begin\nput c 1\nuse 3\nput d 1\nEXEC\nFLUSHALL"),
        "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n"
    );
    let expected = [
        wire("set a 1"),
        wire(&format!("SET b 1 PXAT {}", START_MS + 5)),
        wire("INCR a"),
        wire("DEL b"),
        [wire("set c 1"), wire("SELECT 3"), wire("set d 1"), wire("SELECT 0")].concat(),
        wire("flushdb"),
    ];
    let entries = t.entries();
    assert_eq!(entries.len(), expected.len(), "{entries:?}");
    for (entry, expected) in entries.iter().zip(&expected) {
        assert!(entry.eq_ignore_ascii_case(expected), "{entry:?} instead of {expected:?}");
    }
}

#[test]
fn a_log_is_read_whatever_commands_are_called_here_and_there() {
    let others = [("SET", ""), ("SELECT", "set"), ("INCR", "del2")];
    for names in [&RENAMED[..], &[], &others[..]] {
        let mut t = Renaming::new(names);
        let log = [wire("set a 1"), wire("SET b 2"), wire("INCR a"), wire("DEL b")].concat();
        let block = [wire("MULTI"), wire("set c 1"), wire("SELECT 0"), wire("EXEC")].concat();
        assert_eq!(t.replay(&(log + &block)), Ok(()));
        assert_eq!(t.run("GET a\nGET b\nGET c"), "$1\r\n2\r\n$-1\r\n$1\r\n1\r\n", "{names:?}");
    }
}

#[test]
fn a_log_with_names_of_the_configuration_is_read_with_that() {
    let mut t = Renaming::new(&RENAMED);
    assert_eq!(t.replay(&[wire("put a 1"), wire("use 0"), wire("SET b 2")].concat()), Ok(()));
    assert_eq!(t.run("GET a\nGET b"), "$1\r\n1\r\n$1\r\n2\r\n");
    let error = Renaming::new(&[]).replay(&wire("put a 1")).expect_err("nobody knows the name");
    assert!(error.contains("no server has the command 'put a'"), "{error}");
}

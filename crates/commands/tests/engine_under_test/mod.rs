//! An engine in a test: one client, a clock that stands where it is put, the journal and the keyspace events as text.
//!
//! What concerns another database than 0 has its number in front: `@1 del key`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use config::{Config, Origin};
use engine::{Engine, Event, EventSink, Host, Moment, NoHost, Options, Peer, Session};
use journal::Reader;
use keyspace::DbIndex;
use resp::{Output, Protocol, Request, RequestLimits, RequestReader, write_request};

/// When every test begins.
pub(crate) const START_MS: u64 = 1_800_000_000_000;

pub(crate) struct EngineUnderTest {
    engine: Engine,
    session: Session,
    input: RequestReader,
    now: Moment,
    journal: Reader,
    events: Heard,
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl EventSink for Heard {
    fn event(&self, db: DbIndex, event: Event, key: &[u8]) {
        let line = format!("{}{} {}", database(db.0), event.name, String::from_utf8_lossy(key));
        self.0.lock().expect("no test panics while it listens").push(line);
    }
}

impl EngineUnderTest {
    pub(crate) fn new() -> Self {
        Self::with_config("")
    }

    /// With lines as in a configuration file.
    pub(crate) fn with_config(lines: &str) -> Self {
        Self::with_host(lines, Box::new(NoHost))
    }

    /// With lines as in a configuration file, in a process of the test's own.
    pub(crate) fn with_host(lines: &str, host: Box<dyn Host>) -> Self {
        let mut config = Config::default();
        config
            .load(lines.as_bytes(), "test.conf", &mut |_| Ok(Vec::new()))
            .expect("lines of a configuration");
        let now = Moment::from_unix_millis(START_MS);
        let engine = Engine::new(Options {
            config,
            handlers: kvd_commands::handlers(),
            workers: 1,
            seed: [7; 32],
            now,
            host,
        });
        let events = Heard::default();
        engine.tell_events(Box::new(events.clone()));
        let session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("one client may come in");
        let journal = engine.journal().subscribe();
        Self { engine, session, input: RequestReader::new(), now, journal, events }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    pub(crate) fn use_resp3(&mut self) {
        self.session.set_protocol(Protocol::Resp3);
    }

    /// Sets a parameter.
    pub(crate) fn configure(&self, name: &str, value: &str) {
        let pair = (name.as_bytes(), value.as_bytes());
        self.engine.set_parameters(&[pair], Origin::Client).expect("a parameter and its value");
    }

    /// Lets time go by.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.now = Moment::from_unix_nanos(self.now.unix_nanos() + ms * 1_000_000);
    }

    /// Has the engine do what is due in the background.
    pub(crate) fn tick(&self) {
        self.engine.tick(0, &self.now);
    }

    /// Runs a command of words between blanks, where `""` is the empty word; the reply as it is on the wire.
    pub(crate) fn run(&mut self, command: &str) -> String {
        let words: Vec<&[u8]> =
            command.split(' ').map(|word| if word == "\"\"" { &b""[..] } else { word.as_bytes() }).collect();
        self.run_words(&words)
    }

    /// Runs a command; the reply as it is on the wire, with `\u{fffd}` for what is not UTF-8.
    pub(crate) fn run_words(&mut self, words: &[&[u8]]) -> String {
        let mut wire = Vec::new();
        write_request(&mut wire, words);
        self.run_wire(&wire)
    }

    /// Runs requests as they are on the wire, all at once; the replies.
    pub(crate) fn run_wire(&mut self, wire: &[u8]) -> String {
        String::from_utf8_lossy(&self.run_bytes(wire)).into_owned()
    }

    /// The same for replies that are no text.
    pub(crate) fn run_bytes(&mut self, wire: &[u8]) -> Vec<u8> {
        self.input.feed(wire);
        let mut output = Output::new();
        self.engine.serve(&mut self.session, &mut self.input, &self.now, &mut output);
        output.to_vec()
    }

    /// What the journal got since the last call: one line per command, its effects separated by `; `, each in the form that `run`
    /// takes.
    pub(crate) fn effects(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(batch) = self.journal.next_batch().expect("the journal retains what a test does") {
            for entry in batch.entries() {
                let mut reader = RequestReader::new();
                reader.feed(entry.wire);
                while reader.parse(&RequestLimits::DEFAULT).expect("effects are requests") {}
                let effects: Vec<String> =
                    (0..reader.len()).map(|index| line(reader.request(index))).collect();
                lines.push(format!("{}{}", database(entry.db), effects.join("; ")));
            }
        }
        lines
    }

    /// The keyspace events since the last call, each as name and key.
    pub(crate) fn events(&mut self) -> Vec<String> {
        std::mem::take(&mut self.events.0.lock().expect("no test panics while it listens"))
    }

    /// Forgets the effects and events so far.
    pub(crate) fn forget(&mut self) {
        self.effects();
        self.events();
    }
}

fn database(number: u32) -> String {
    if number == 0 { String::new() } else { format!("@{number} ") }
}

fn line(request: Request<'_>) -> String {
    let text = |word: &[u8]| {
        if word.is_empty() { "\"\"".into() } else { String::from_utf8_lossy(word).into_owned() }
    };
    let words: Vec<String> = request.words().map(text).collect();
    words.join(" ")
}

/// Runs each command and compares its reply, what went into the journal, and what events were told.
///
/// A row is: command, reply, effects joined by ` | `, events joined by ` | `.
pub(crate) fn check_table(under_test: &mut EngineUnderTest, rows: &[(&str, &str, &str, &str)]) {
    for (command, reply, effects, events) in rows {
        under_test.forget();
        assert_eq!(under_test.run(command), *reply, "reply of {command}");
        assert_eq!(under_test.effects().join(" | "), *effects, "effects of {command}");
        assert_eq!(under_test.events().join(" | "), *events, "events of {command}");
    }
}

/// One test at a time, where others would disturb: those that go by the memory of the whole process hold this, and so does the one below.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Also the reason why no part of this file is unused in any test.
#[test]
fn replies_effects_and_events_are_told_as_text() {
    let _alone = alone();
    let mut t = EngineUnderTest::new();
    check_table(&mut t, &[("SET a \"\"", "+OK\r\n", "SET a \"\"", "new a | set a")]);
    t.configure("proto-max-bulk-len", "1048576");
    assert_eq!(t.engine().settings().bulk_bytes_max(), 1 << 20);
    t.session().set_protocol(Protocol::Resp2);
    t.use_resp3();
    assert_eq!(t.run_words(&[b"GET", b"no key"]), "_\r\n");
    assert_eq!(t.run_wire(b"PING\r\nPING\r\n"), "+PONG\r\n+PONG\r\n");
    assert_eq!(t.run("SET a b PX 1"), "+OK\r\n");
    t.tick();
    t.forget();
    t.pass(2);
    assert_eq!(t.run("SET a c"), "+OK\r\n");
    assert_eq!(t.effects(), ["DEL a; SET a c"]);
    assert_eq!(t.events(), ["expired a", "new a", "set a"]);
}

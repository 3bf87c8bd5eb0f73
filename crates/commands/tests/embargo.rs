//! With `appendfsync always` nobody is told of a change before the journal has it: what isn't there can't be waited for.

use std::sync::{Arc, Mutex, PoisonError};

use config::Config;
use engine::{Engine, Event, EventSink, Flow, Moment, NoHost, Options, Peer, Session, Wake};
use keyspace::DbIndex;
use resp::{Output, RequestReader};

const START_MS: u64 = 1_800_000_000_000;

/// A client, and how often it was woken.
struct Client {
    session: Session,
    input: RequestReader,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct Bell(Mutex<usize>);

impl Wake for Bell {
    fn wake(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }
}

impl Client {
    fn new(engine: &Engine) -> Self {
        let bell = Arc::new(Bell::default());
        let waker = Arc::clone(&bell);
        let session = engine.open(0, &Peer::in_process(), now(), waker).expect("all may come in");
        Self { session, input: RequestReader::new(), bell }
    }

    fn run(&mut self, engine: &Engine, requests: &str) -> String {
        self.input.feed(requests.replace('|', "\r\n").as_bytes());
        self.input.feed(b"\r\n");
        let mut output = Output::new();
        while engine.serve(&mut self.session, &mut self.input, &now(), &mut output) == Flow::Flush {}
        String::from_utf8_lossy(&output.to_vec()).into_owned()
    }

    fn times_woken(&self) -> usize {
        std::mem::take(&mut *self.bell.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn now() -> Moment {
    Moment::from_unix_millis(START_MS)
}

/// Those who are told: they look at every event, in the middle of the command that causes it, what there is for them.
struct Told {
    engine: Arc<Engine>,
    clients: Mutex<Vec<Client>>,
    early: Mutex<String>,
}

/// The engine tells it of events.
struct Sink(Arc<Mutex<Option<Arc<Told>>>>);

impl EventSink for Sink {
    fn event(&self, _: DbIndex, _: Event, _: &[u8]) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(told) = told else { return };
        for client in &mut *told.clients.lock().unwrap_or_else(PoisonError::into_inner) {
            let early = client.run(&told.engine, "");
            told.early.lock().unwrap_or_else(PoisonError::into_inner).push_str(&early);
        }
    }
}

/// Runs the requests of one client while others listen to events and a channel, track a key and all keys, or monitor. Returns what was told too early,
/// the replies, and what each was told afterwards.
fn run(requests: &str, is_closed: bool) -> (String, String, Vec<String>) {
    let mut config = Config::default();
    config
        .load(b"notify-keyspace-events KEAn\nappendfsync always", "test.conf", &mut |_| Ok(Vec::new()))
        .expect("lines of a configuration");
    let (handlers, host) = (kvd_commands::handlers(), Box::new(NoHost));
    let engine = Engine::new(Options { config, handlers, workers: 1, seed: [7; 32], now: now(), host });
    let engine = Arc::new(engine);
    let looks = Arc::new(Mutex::new(None));
    engine.tell_events(Box::new(Sink(Arc::clone(&looks))));
    let _journal = engine.journal().subscribe();
    engine.promise_log(is_closed);
    let mut clients = Vec::new();
    for request in [
        "PSUBSCRIBE __key*",
        "SUBSCRIBE c",
        "HELLO 3|CLIENT TRACKING ON|MGET a b c",
        "HELLO 3|CLIENT TRACKING ON BCAST",
        "MONITOR",
    ] {
        let mut client = Client::new(&engine);
        client.run(&engine, request);
        client.times_woken();
        clients.push(client);
    }
    let told =
        Arc::new(Told { engine: Arc::clone(&engine), clients: Mutex::new(clients), early: Mutex::default() });
    *looks.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&told));
    let replies = Client::new(&engine).run(&engine, requests);
    *looks.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let mut clients = told.clients.lock().unwrap_or_else(PoisonError::into_inner);
    let late = clients.iter_mut().map(|client| {
        let times_woken = client.times_woken();
        let text = client.run(&engine, "");
        assert!(
            text.is_empty() || times_woken > 0 || !is_closed,
            "it would not have been woken for {text:?}"
        );
        text
    });
    let late = late.collect();
    let early = std::mem::take(&mut *told.early.lock().unwrap_or_else(PoisonError::into_inner));
    (early, replies, late)
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn nobody_is_told_of_part_of_a_transaction() {
    let requests = "MULTI|SET a 1|PUBLISH c one|SET b 2|PUBLISH c two|GET a|SET a 3|EXEC";
    let (early, replies, late) = run(requests, true);
    assert!(early.ends_with(" \"MULTI\"\r\n") && count(&early, "\r\n") == 1, "{early}");
    assert!(replies.ends_with("*6\r\n+OK\r\n:1\r\n+OK\r\n:1\r\n$1\r\n1\r\n+OK\r\n"), "{replies}");
    let [events, channel, reads, all, lines] = &late[..] else { panic!("{late:?}") };
    // Two keys are new, three were set, and both are told in two ways.
    assert_eq!(count(events, "pmessage"), 10, "{events}");
    assert_eq!((count(channel, "one"), count(channel, "two"), count(channel, "message")), (1, 1, 2));
    assert_eq!((count(reads, "invalidate"), count(all, "invalidate")), (2, 1), "{reads} {all}");
    for (line, times) in [("\"SET\" \"a\"", 2), ("\"SET\" \"b\"", 1), ("\"EXEC\"", 1)] {
        assert_eq!(count(lines, line), times, "{lines}");
    }
}

#[test]
fn nobody_is_told_of_part_of_a_command() {
    let (early, _, late) = run("MSET a 1 b 2 c 3|RENAME a d", true);
    // Those of the first are there when the second one runs.
    assert!(!early.contains("rename_"), "{early}");
    assert_eq!(
        count(&early, "__keyspace@0__:c"),
        count(&early, "__keyspace@0__:a"),
        "all or nothing: {early}"
    );
    let events = early + &late[0];
    assert_eq!(count(&events, "__keyspace@0__:"), 9, "{events}");
    assert_eq!(count(&late[0], "rename_"), 4, "{events}");
}

#[test]
fn who_causes_messages_finds_them_behind_the_reply() {
    let mut config = Config::default();
    config
        .load(b"notify-keyspace-events KEA\nappendfsync always", "test.conf", &mut |_| Ok(Vec::new()))
        .expect("lines of a configuration");
    let (handlers, host) = (kvd_commands::handlers(), Box::new(NoHost));
    let engine = Engine::new(Options { config, handlers, workers: 1, seed: [7; 32], now: now(), host });
    let _journal = engine.journal().subscribe();
    engine.promise_log(true);
    let mut client = Client::new(&engine);
    client.run(&engine, "HELLO 3|SUBSCRIBE __keyspace@0__:a");
    let event = ">3\r\n$7\r\nmessage\r\n$16\r\n__keyspace@0__:a\r\n$3\r\nset\r\n";
    let expected = format!("+OK\r\n{event}_\r\n+OK\r\n{event}");
    assert_eq!(client.run(&engine, "SET a 1|GET b|SET a 2"), expected);
    let block = client.run(&engine, "MULTI|SET a 1|SET a 2|EXEC|GET b");
    assert!(block.ends_with(&format!("*2\r\n+OK\r\n+OK\r\n{event}{event}_\r\n")), "{block}");
    assert_eq!(client.times_woken(), 0);
}

#[test]
fn while_no_reply_waits_for_the_log_messages_leave_at_once() {
    let (early, _, late) = run("MULTI|SET a 1|SET b 2|EXEC", false);
    assert!(early.contains("__keyspace@0__:a"), "{early}");
    assert!(late[0].contains("__keyspace@0__:b"), "{late:?}");
}

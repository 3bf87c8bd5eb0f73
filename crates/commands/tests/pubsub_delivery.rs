//! How messages reach a client: when it is woken, how much is written at once, and when too much waits.

mod engine_with_clients;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use engine::{Engine, Flow, OUTPUT_BYTES_HIGH, Peer, Session, Wake};
use engine_with_clients::EngineWithClients;
use resp::{Output, RequestReader};

const PAYLOAD_BYTES: usize = 10_000;

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A session that knows when it is woken.
struct Listener<'e> {
    under_test: &'e EngineWithClients,
    session: Option<Session>,
    bell: Arc<Bell>,
    input: RequestReader,
    output: Output,
}

impl<'e> Listener<'e> {
    fn new(under_test: &'e EngineWithClients) -> Self {
        let bell = Arc::new(Bell::default());
        let waker = Arc::clone(&bell);
        let session = under_test.engine.open(0, &Peer::in_process(), engine::Clock::now(under_test), waker);
        let (input, output) = (RequestReader::new(), Output::new());
        Self { under_test, session: session.ok(), bell, input, output }
    }

    fn engine(&self) -> &'e Engine {
        &self.under_test.engine
    }

    fn serve(&mut self, requests: &str) -> Flow {
        self.input.feed(requests.as_bytes());
        let session = self.session.as_mut().expect("it was let in");
        self.under_test.engine.serve(session, &mut self.input, self.under_test, &mut self.output)
    }

    fn run(&mut self, requests: &str) -> String {
        while self.serve(requests) == Flow::Flush {}
        self.take()
    }

    fn take(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.output.to_vec()).into_owned();
        if let Some(session) = &self.session {
            session.note_sent(self.output.len() as u64);
        }
        self.output.clear();
        text
    }

    fn times_woken(&self) -> usize {
        self.bell.0.swap(0, Relaxed)
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let engine = self.engine();
        self.session.take().into_iter().for_each(|session| engine.close(session));
    }
}

fn message(payload: &str) -> String {
    format!("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n${}\r\n{payload}\r\n", payload.len())
}

#[test]
fn a_client_is_woken_by_the_first_message_only() {
    let engine = EngineWithClients::new(&[]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE c\r\n");
    assert_eq!(publisher.run("PUBLISH c one"), ":1\r\n");
    assert_eq!(publisher.run("PUBLISH c two\r\nPUBLISH c three"), ":1\r\n:1\r\n");
    assert_eq!(listener.times_woken(), 1);
    assert_eq!(listener.run(""), [message("one"), message("two"), message("three")].concat());
    publisher.run("PUBLISH c four");
    assert_eq!(listener.times_woken(), 1);
    assert_eq!(listener.run(""), message("four"));
    publisher.run("PUBLISH other x");
    assert_eq!(listener.times_woken(), 0);
}

#[test]
fn nobody_is_woken_by_its_own_messages() {
    let engine = EngineWithClients::new(&[("notify-keyspace-events", "KEA")]);
    let mut listener = Listener::new(&engine);
    listener.run("HELLO 3\r\nPSUBSCRIBE *\r\n");
    assert!(listener.run("PUBLISH c x\r\nSET k v\r\n").starts_with(":1\r\n>4\r\n"));
    assert_eq!(listener.times_woken(), 0);
}

#[test]
fn many_messages_are_written_piece_by_piece_and_before_the_next_request() {
    const MESSAGES: usize = 100;
    let engine = EngineWithClients::new(&[]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE c\r\n");
    let payload = "x".repeat(PAYLOAD_BYTES);
    for _ in 0..MESSAGES {
        publisher.run(&format!("PUBLISH c {payload}"));
    }
    let mut received = String::new();
    let mut requests = "PING\r\n";
    while listener.serve(requests) == Flow::Flush {
        requests = "";
        let piece = listener.take();
        assert!(piece.len() <= OUTPUT_BYTES_HIGH + message(&payload).len(), "{}", piece.len());
        received.push_str(&piece);
    }
    received.push_str(&listener.take());
    assert_eq!(received, message(&payload).repeat(MESSAGES) + "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
}

#[test]
fn too_many_messages_close_a_client_and_no_more_are_kept_for_it() {
    let engine = EngineWithClients::new(&[("client-output-buffer-limit", "pubsub 100kb 0 0")]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE c\r\n");
    let payload = "x".repeat(PAYLOAD_BYTES);
    let closed =
        |engine: &EngineWithClients| engine.engine.stats().sum(|counters| &counters.output_limit_closed);
    let mut waiting = 0;
    for _ in 0..50 {
        publisher.run(&format!("PUBLISH c {payload}"));
        let client = listener.session.as_ref().expect("it was let in").client();
        waiting = client.message_bytes();
    }
    assert_eq!(closed(&engine), 1, "it is counted once");
    assert!((100 * 1024..120 * 1024).contains(&waiting), "{waiting}");
    assert_eq!(publisher.run("PUBLISH c x"), ":0\r\n", "it is as good as gone");
    assert_eq!(listener.serve(""), Flow::Close);
    assert!(!publisher.is_closed());
    drop(listener);
    assert_eq!(publisher.run("PUBLISH c x"), ":0\r\n");
}

/// It is the connection that knows how long the limit has been exceeded.
#[test]
fn a_connection_is_woken_when_the_soft_limit_is_reached() {
    let engine = EngineWithClients::new(&[("client-output-buffer-limit", "pubsub 0 35kb 10")]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE c\r\n");
    let publish = format!("PUBLISH c {}", "x".repeat(PAYLOAD_BYTES));
    let woken: Vec<usize> = (0..5)
        .map(|_| {
            publisher.run(&publish);
            listener.times_woken()
        })
        .collect();
    assert_eq!(woken, [1, 0, 0, 1, 0]);
    let client = listener.session.as_ref().expect("it was let in").client();
    assert_eq!(engine.engine.output_limit(client).soft, 35 * 1024);
}

#[test]
fn client_list_shows_what_waits() {
    let engine = EngineWithClients::new(&[]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE c\r\n");
    publisher.run("PUBLISH c one\r\nPUBLISH c two");
    let line = publisher.run("CLIENT LIST TYPE pubsub");
    assert!(line.contains(" flags=P ") && line.contains(" sub=1 ") && line.contains(" oll=2 "), "{line}");
    assert!(!line.contains(" omem=0 "), "{line}");
    assert!(publisher.run("INFO clients").contains("\r\npubsub_clients:1\r\n"));
    listener.run("");
    assert!(publisher.run("CLIENT LIST TYPE pubsub").contains(" oll=0 omem=0 "));
}

#[test]
fn what_expires_by_itself_is_told_as_well() {
    let engine = EngineWithClients::new(&[("notify-keyspace-events", "Exn")]);
    let mut publisher = engine.client("127.0.0.1:1");
    let mut listener = Listener::new(&engine);
    listener.run("SUBSCRIBE __keyevent@0__:expired\r\n");
    publisher.run("SET c x PX 10");
    engine.now_ms.set(engine.now_ms.get() + 20);
    engine.engine.tick(0, &engine);
    assert_eq!(listener.times_woken(), 1);
    assert_eq!(listener.run(""), "*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:expired\r\n$1\r\nc\r\n");
}

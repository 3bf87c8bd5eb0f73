//! Commands that wait for a snapshot: which, for how long, and that all of them are woken.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "clients are served by threads of their own")]

mod engine_with_clients;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use config::Config;
use engine::{Engine, Flow, Moment, NoHost, Options, Peer, Wake};
use engine_with_clients::{EngineWithClients, TestClient};
use keyspace::{DbIndex, Encoder, Entry, Hash, Progress, Snapshot, Step, Value};
use resp::{Output, RequestReader};

/// A record: the key, how many elements or bytes the value has, and what is under the field `f0`, each behind a blank; then a line feed. A hash is
/// saved in parts of a thousand fields.
struct Marks;

const FIELDS_PER_PART: usize = 1_000;

impl Encoder for Marks {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        let found = entry.object().and_then(|object| {
            let engine_hash: Option<&Hash> = keyspace::Collection::of(&object);
            engine_hash?.find(b"f0", 0).map(|found| found.value.to_vec())
        });
        let text = match entry.value() {
            Value::Object => found.unwrap_or_default(),
            value => value.to_vec().into_iter().take(3).collect(),
        };
        out.extend_from_slice(entry.key());
        out.extend_from_slice(format!(" {} ", entry.size().len).as_bytes());
        out.extend_from_slice(&text);
        out.push(b'\n');
    }

    fn encode_part(&self, entry: &Entry, progress: &mut Progress, _: usize, out: &mut Vec<u8>) -> bool {
        let parts = progress.take().map_or(1, |parts| *parts.downcast::<usize>().unwrap() + 1);
        let is_last = parts * FIELDS_PER_PART >= entry.size().len;
        if is_last {
            self.encode(entry, out);
        } else {
            *progress = Some(Box::new(parts));
        }
        is_last
    }
}

/// A snapshot, and what it has given.
struct Taken {
    snapshot: Snapshot,
    records: Vec<u8>,
}

impl Taken {
    fn begin(engine: &Engine) -> Self {
        let (snapshot, ()) = engine.keyspace().begin_snapshot(Box::new(Marks), |_| ()).unwrap();
        Self { snapshot, records: Vec::new() }
    }

    /// Takes a step; whether there are more.
    fn step(&mut self, engine: &Engine) -> bool {
        self.snapshot.step(engine.keyspace(), 10_000, &mut self.records) != Step::Complete
    }

    /// The records, all of them taken.
    fn finish(mut self, engine: &Engine) -> Vec<String> {
        while self.step(engine) {}
        let mut lines: Vec<String> =
            String::from_utf8_lossy(&self.records).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

fn make_hash(client: &mut TestClient<'_>, key: &str, fields: usize) {
    for start in (0..fields).step_by(1_000) {
        let pairs: Vec<String> =
            (start..fields.min(start + 1_000)).map(|field| format!("f{field} old")).collect();
        assert!(client.run(&format!("HSET {key} {}", pairs.join(" "))).starts_with(':'));
    }
}

/// An engine with a hash of so many fields under `big`.
fn with_big(parameters: &[(&str, &str)], fields: usize) -> EngineWithClients {
    let under_test = EngineWithClients::new(parameters);
    make_hash(&mut under_test.client("1.2.3.4:1"), "big", fields);
    under_test
}

/// Sends requests, one a line. Whether the first of them has to wait.
fn has_to_wait(client: &mut TestClient<'_>, requests: &str) -> bool {
    client.send(format!("{requests}\n").as_bytes());
    client.serve() == Flow::Wait && client.receive().is_empty()
}

#[test]
fn a_change_of_a_big_collection_waits_until_it_is_saved() {
    const FIELDS: usize = 300_000;
    let under_test = with_big(&[], FIELDS);
    let engine = &under_test.engine;
    let mut taken = Taken::begin(engine);
    let (mut writer, mut other) = (under_test.client("1.2.3.4:5"), under_test.client("1.2.3.4:6"));
    assert_eq!(writer.run("SET a 1\nHSET big f0 new\nSET b 2"), "+OK\r\n", "the chunk ends in front of it");
    assert_eq!(other.run("HGET big f0\nSET b 1\nHSET small f 1\nINCR a"), "$3\r\nold\r\n+OK\r\n:1\r\n:2\r\n");
    assert!(other.run("INFO clients").contains("blocked_clients:1\r\n"));
    let mut steps = 0;
    while writer.serve() == Flow::Wait {
        assert!(taken.step(engine));
        assert_eq!(engine.keyspace().snapshot_bytes(), 0, "nothing is saved on the spot");
        steps += 1;
    }
    assert!((FIELDS / FIELDS_PER_PART..=FIELDS / FIELDS_PER_PART + 10).contains(&steps), "{steps} steps");
    assert_eq!(String::from_utf8(writer.receive()).unwrap(), ":0\r\n+OK\r\n");
    assert_eq!(other.run("HGET big f0\nGET b"), "$3\r\nnew\r\n$1\r\n2\r\n");
    assert_eq!(taken.finish(engine), ["big 300000 old"]);
}

#[test]
fn what_may_change_it_waits_and_nothing_else() {
    let under_test = with_big(&[], 10_000);
    let mut taken = Taken::begin(&under_test.engine);
    for (requests, waits) in [
        ("HSET big f0 new", true),
        ("DEL small big", true),
        ("EXPIRE big 100", true),
        ("RENAME big other", true),
        ("LPUSH big x", true),
        ("SET big x", true),
        ("MULTI", false),
        ("HGETALL big", false),
        ("HSET small f 1", false),
        ("TOUCH big", false),
        // It only reads that key, but a command that writes waits for any of its keys.
        ("COPY big copy", true),
    ] {
        let mut client = under_test.client("1.2.3.4:5");
        assert_eq!(has_to_wait(&mut client, requests), waits, "{requests}");
    }
    let mut client = under_test.client("1.2.3.4:5");
    assert_eq!(client.run("MULTI\nHSET big f0 new"), "+OK\r\n+QUEUED\r\n");
    assert!(has_to_wait(&mut client, "EXEC"));
    let mut reader = under_test.client("1.2.3.4:6");
    assert_eq!(reader.run("MULTI\nHGET big f0\nEXEC"), "+OK\r\n+QUEUED\r\n*1\r\n$3\r\nold\r\n");
    let mut elsewhere = under_test.client("1.2.3.4:7");
    assert_eq!(elsewhere.run("SELECT 1\nHSET big f0 new"), "+OK\r\n:1\r\n", "it is another database's");
    assert_eq!(elsewhere.run("MULTI\nSELECT 0\nDEL big"), "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
    assert!(has_to_wait(&mut elsewhere, "EXEC"));
    assert!(taken.step(&under_test.engine));
    let mut all = under_test.client("1.2.3.4:8");
    assert_eq!(all.run("MULTI\nFLUSHDB\nEXEC"), "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
    (0..3).for_each(|_| assert!(taken.step(&under_test.engine)));
    assert_ne!(client.serve(), Flow::Wait, "there is nothing to wait for any more");
    assert_eq!(taken.finish(&under_test.engine), ["big 10000 old"]);
}

#[test]
fn what_a_push_does_for_another_or_a_log_says_is_done_at_once() {
    let under_test = with_big(&[], 10);
    let mut client = under_test.client("1.2.3.4:5");
    for _ in 0..100 {
        client.run(&format!("RPUSH list {}", "x ".repeat(2_000)));
    }
    assert_eq!(client.run("BLMOVE from list LEFT RIGHT 0"), "");
    let taken = Taken::begin(&under_test.engine);
    let mut other = under_test.client("1.2.3.4:6");
    assert_eq!(other.run("RPUSH from y"), ":1\r\n");
    assert_eq!(client.run(""), "$1\r\ny\r\n");
    let mut replay = under_test.engine.begin_replay(Moment::from_unix_millis(1));
    under_test.engine.replay(&mut replay, b"RPUSH list z\r\n", &under_test).unwrap();
    assert_eq!(other.run("LLEN list"), ":200002\r\n");
    assert_eq!(taken.finish(&under_test.engine), ["big 10 old", "list 200000 "]);
}

#[test]
fn copies_take_no_more_than_the_bound_and_one_batch() {
    const BOUND: usize = 1 << 20;
    const LEN: usize = 10_000;
    let under_test = EngineWithClients::new(&[("snapshot-memory-max", "1mb")]);
    let engine = &under_test.engine;
    let mut writer = under_test.client("1.2.3.4:5");
    let set = |index: usize, value: &str| format!("SET key:{index} {}", value.repeat(LEN / 3));
    for index in 0..1_000 {
        assert_eq!(writer.run(&set(index, "old")), "+OK\r\n");
    }
    /// Copies of values, so that they take what they would.
    struct Whole;
    impl Encoder for Whole {
        fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
            out.extend_from_slice(&entry.value().to_vec());
        }
        fn encode_part(&self, entry: &Entry, _: &mut Progress, _: usize, out: &mut Vec<u8>) -> bool {
            self.encode(entry, out);
            true
        }
    }
    let (mut snapshot, ()) = engine.keyspace().begin_snapshot(Box::new(Whole), |_| ()).unwrap();
    for index in 0..1_000 {
        writer.send(format!("{}\n", set(index, "new")).as_bytes());
    }
    let mut records = Vec::new();
    let (mut most, mut waited, mut replies) = (0, 0, 0);
    loop {
        let flow = writer.serve();
        replies += writer.receive().len() / 5;
        most = most.max(engine.keyspace().snapshot_bytes());
        match flow {
            Flow::Wait => {
                waited += 1;
                assert_ne!(snapshot.step(engine.keyspace(), 10_000, &mut records), Step::Complete);
            }
            Flow::More => break,
            _ => {}
        }
    }
    assert_eq!(replies, 1_000);
    // A batch ends with the request that makes it longer than 128 KiB; buffers grow by doubling.
    assert!(most > BOUND && most <= BOUND + 2 * (128 * 1024 + LEN), "{most} bytes");
    assert!(waited > 20, "{waited} times");
    while snapshot.step(engine.keyspace(), 10_000, &mut records) != Step::Complete {}
    assert_eq!(records.len(), 1_000 * (LEN / 3 * 3));
    assert!(records.chunks(3).all(|chunk| chunk == b"old"));
}

#[test]
fn whoever_waits_is_woken_when_there_is_nothing_to_wait_for() {
    type End = fn(&EngineWithClients, Taken) -> Option<Taken>;
    let ends: [End; 4] = [
        |_, mut taken| {
            taken.snapshot.cancel();
            Some(taken)
        },
        |_, taken| {
            drop(taken);
            None
        },
        |under_test, taken| {
            taken.finish(&under_test.engine);
            None
        },
        |under_test, taken| {
            let mut client = under_test.client("1.2.3.4:9");
            assert_eq!(client.run("CONFIG SET snapshot-memory-max 64mb"), "+OK\r\n");
            Some(taken)
        },
    ];
    for (index, end) in ends.into_iter().enumerate() {
        let under_test = with_big(&[("snapshot-memory-max", "0")], 10_000);
        let mut client = under_test.client("1.2.3.4:5");
        let mut other = under_test.client("1.2.3.4:6");
        assert_eq!(client.run("SET a 1"), "+OK\r\n");
        let taken = Taken::begin(&under_test.engine);
        assert_eq!(client.run("SET a 2"), "+OK\r\n", "no copy was there before");
        assert!(has_to_wait(&mut client, "SET b 2"), "now there is");
        assert!(has_to_wait(&mut other, "HSET big f0 new"));
        let taken = end(&under_test, taken);
        assert_eq!(client.run(""), "+OK\r\n", "{index}");
        assert_eq!(other.run(""), if index == 3 { "" } else { ":0\r\n" }, "{index}");
        drop(taken);
        assert!(other.run("PING").ends_with("+PONG\r\n") && !other.is_closed());
    }
}

/// Wakes a thread that serves a client.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    rings: Condvar,
}

impl Wake for Bell {
    fn wake(&self) {
        *self.rung.lock().unwrap() = true;
        self.rings.notify_one();
    }
}

/// None of the tests takes so long.
const DEADLINE: Duration = Duration::from_secs(60);

impl Bell {
    fn wait(&self) {
        let until = Instant::now() + DEADLINE;
        let mut rung = self.rung.lock().unwrap();
        while !std::mem::take(&mut *rung) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "a client was never woken");
            rung = self.rings.wait_timeout(rung, left).unwrap().0;
        }
    }
}

/// A client that writes to big hashes and to strings, as fast as it may, until it is over.
#[derive(Default)]
struct Writer {
    is_over: AtomicBool,
    served: AtomicUsize,
    /// How often it has been held.
    waited: AtomicUsize,
}

impl Writer {
    /// Waits until it has been served anew.
    fn await_progress(&self) {
        let (before, until) = (self.served.load(Relaxed), Instant::now() + DEADLINE);
        while self.served.load(Relaxed) == before {
            assert!(Instant::now() < until, "a client was forgotten");
            std::thread::yield_now();
        }
    }
}

fn write_on(engine: &Engine, worker: usize, writer: &Writer) {
    let bell = Arc::new(Bell::default());
    let now = Moment::from_unix_millis(1_800_000_000_000);
    let mut session =
        engine.open(worker, &Peer::in_process(), now, Arc::clone(&bell) as Arc<dyn Wake>).unwrap();
    let (mut input, mut output) = (RequestReader::new(), Output::new());
    let mut random = fastrand::Rng::with_seed(worker as u64);
    let value = "x".repeat(3_000);
    while !writer.is_over.load(Relaxed) {
        let (hash, key) = (random.u32(..4), random.u32(..300));
        input.feed(format!("SET key:{key} {value}\nHSET hash:{hash} f0 new{worker}\n").as_bytes());
        while engine.serve(&mut session, &mut input, &now, &mut output) == Flow::Wait {
            writer.waited.fetch_add(1, Relaxed);
            bell.wait();
        }
        output.clear();
        writer.served.fetch_add(1, Relaxed);
    }
    engine.close(session);
}

#[test]
fn nobody_who_waits_is_forgotten() {
    let mut config = Config::default();
    config.set(&[(b"snapshot-memory-max", b"100kb")], config::Origin::CommandLine).unwrap();
    let engine = Engine::new(Options {
        config,
        handlers: kvd_commands::handlers(),
        workers: 3,
        seed: [7; 32],
        now: Moment::from_unix_millis(1_800_000_000_000),
        host: Box::new(NoHost),
    });
    let fill = |engine: &Engine| {
        for hash in 0..4 {
            let key = format!("hash:{hash}").into_bytes();
            let key = engine.keyspace().key(&key);
            let mut locked = engine.keyspace().lock([key.hash()]);
            let table = locked.stripe_mut(key.hash()).table_mut(DbIndex(0));
            let (hash, _) = table.find_or_create::<Hash>(&key, 0, |_| ());
            let mut hash = hash.unwrap();
            let limits = hash_limits();
            for field in 0..3_000 {
                hash.set(
                    format!("f{field}").as_bytes(),
                    b"old",
                    structures::hash::Lifetime::Forever,
                    &limits,
                );
            }
        }
    };
    fill(&engine);
    let mut random = fastrand::Rng::with_seed(7);
    let writers: [Writer; 3] = Default::default();
    let has_waited = || writers.iter().any(|writer| writer.waited.load(Relaxed) > 0);
    let until = Instant::now() + DEADLINE;
    std::thread::scope(|scope| {
        for (worker, writer) in writers.iter().enumerate() {
            let engine = &engine;
            scope.spawn(move || write_on(engine, worker, writer));
        }
        for round in 0.. {
            // Where others keep the processors busy nobody may come while a snapshot is taken, however many are.
            if round >= 150 && (has_waited() || Instant::now() > until) {
                break;
            }
            let mut taken = Taken::begin(&engine);
            let mut steps = if round % 20 == 0 { usize::MAX } else { random.usize(..30) };
            while steps > 0 && taken.step(&engine) {
                steps -= 1;
            }
            if round % 3 == 1 {
                taken.snapshot.cancel();
                while taken.step(&engine) {}
            }
            drop(taken);
            // No other snapshot wakes whoever was forgotten.
            writers.iter().for_each(Writer::await_progress);
        }
        writers.iter().for_each(|writer| writer.is_over.store(true, Relaxed));
    });
    assert!(has_waited(), "somebody waited");
    engine.keyspace().check_invariants();
}

fn hash_limits() -> structures::hash::Limits {
    let hash_key = structures::HashKey::new([7; 16]);
    structures::hash::Limits { fields_max: 8, bytes_max: 64, hash_key }
}

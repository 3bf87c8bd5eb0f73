//! kvd behind a network that splits every request and reply, and one that cuts connections.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use kvd_tests::patience::comes_true;
use kvd_tests::process;
use kvd_tests::proxy::{Faults, Proxy};
use kvd_tests::target::TcpTarget;
use kvd_tests::transcript::{Features, Transcript, run};
use kvd_tests::wire::{self, Frame};

const SEEDS: [u64; 3] = [1, 2, 3];
const CLIENTS: usize = 6;
/// Rounds of a client: each sends up to [`BATCH_MAX`] times the four requests, then reads their replies.
const ROUNDS: usize = 60;
const BATCH_MAX: usize = 8;
/// Numbers below which no client ever counts: each client's counter and text begin at its own multiple of this.
const SHARE: usize = 20_000;
/// Bytes that an APPEND adds.
const RECORD_BYTES: usize = 8;
/// How much more memory may be in use after a seed than after another: buffers that workers keep.
const MEMORY_SLACK: i64 = 1 << 20;
/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn transcripts_hold_byte_by_byte() {
    let program = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let kvd = program.start().unwrap();
    let proxy = Proxy::start(kvd.address, Faults::BYTE_BY_BYTE, 1).unwrap();
    let mut target = TcpTarget::new(program.server, proxy.address());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let mut features = Features::default();
    let mut report = String::new();
    let mut requests = 0;
    for transcript in Transcript::load_all(&folder).unwrap() {
        let outcome = run(&transcript, &mut target, &mut features);
        requests += outcome.requests;
        report.extend(outcome.mismatches.iter().map(|mismatch| format!("\n{mismatch}")));
    }
    assert!(report.is_empty(), "{report}");
    assert!(requests > 0);
}

#[test]
fn cut_connections_lose_nothing_that_was_acknowledged_and_mix_nothing_up() {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}")).start().unwrap();
    let mut admin = Link::open(kvd.address).unwrap();
    let mut used_bytes = Vec::new();
    for seed in SEEDS {
        eprintln!("seed {seed}");
        (0..CLIENTS).for_each(|client| set_up(client, &mut admin));
        let ledgers = play(kvd.address, seed);
        admin.until(&["INFO", "clients"], "connected_clients", |clients| clients == 1);
        ledgers.iter().for_each(|ledger| ledger.check(&mut admin));
        let reconnects: usize = ledgers.iter().map(|ledger| ledger.connections - 1).sum();
        assert!(reconnects > CLIENTS, "the network cut {reconnects} connections only");
        assert_eq!(admin.ask(&["FLUSHALL"]), Frame::Status(b"OK".to_vec()));
        used_bytes.push(admin.field(&["INFO", "memory"], "used_memory"));
    }
    let most = used_bytes[0] + MEMORY_SLACK;
    assert!(used_bytes.iter().all(|bytes| *bytes <= most), "memory grows: {used_bytes:?}");
}

fn set_up(client: usize, admin: &mut Link) {
    let base = client * SHARE;
    assert_eq!(
        admin.ask(&["SET", &format!("counter:{client}"), &base.to_string()]),
        Frame::Status(b"OK".to_vec())
    );
    assert_eq!(
        admin.ask(&["SET", &format!("text:{client}"), &"x".repeat(base)]),
        Frame::Status(b"OK".to_vec())
    );
}

/// All clients at the same time, through a network that cuts their connections.
fn play(kvd: SocketAddr, seed: u64) -> Vec<Ledger> {
    let proxy = Proxy::start(kvd, Faults::cutting(100..=6_000), seed).unwrap();
    let address = proxy.address();
    std::thread::scope(|scope| {
        let start = |client| scope.spawn(move || Ledger::new(client).play(address, seed));
        let clients: Vec<_> = (0..CLIENTS).map(start).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// What a client has asked for and what it was answered.
///
/// A turn is four requests: INCR, APPEND, GETSET and ECHO, all with the client's number and the turn's in them. Turns are numbered from 1,
/// so `sent` is also the number of the last one. Turns whose connection was cut may be done or not, and may be done later than turns of the next
/// connection.
struct Ledger {
    client: usize,
    connections: usize,
    sent: usize,
    counted: usize,
    appended: BTreeSet<usize>,
    has_set: bool,
}

impl Ledger {
    fn new(client: usize) -> Self {
        Self { client, connections: 0, sent: 0, counted: 0, appended: BTreeSet::new(), has_set: false }
    }

    fn play(mut self, address: SocketAddr, seed: u64) -> Self {
        let mut random = Rng::with_seed(seed ^ (self.client as u64) << 32);
        let mut link = None;
        for _ in 0..ROUNDS {
            let mut open = match link.take() {
                Some(open) => open,
                None => {
                    self.connections += 1;
                    // A connection may be cut before it is seen here.
                    let Ok(open) = Link::open(address) else { continue };
                    open
                }
            };
            let turns = self.sent + 1..=self.sent + random.usize(1..=BATCH_MAX);
            self.sent = *turns.end();
            if self.batch(&mut open, turns).is_ok() {
                link = Some(open);
            }
        }
        self
    }

    fn batch(&mut self, link: &mut Link, turns: std::ops::RangeInclusive<usize>) -> io::Result<()> {
        let requests: Vec<u8> = turns.clone().flat_map(|turn| self.requests(turn)).collect();
        link.stream.write_all(&requests)?;
        for turn in turns {
            self.read_counter(&link.read()?);
            self.read_text(turn, &link.read()?);
            self.read_last(turn, &link.read()?);
            let echo = link.read()?;
            assert_eq!(echo, Frame::Bulk(self.tag(turn).into_bytes()), "client {}", self.client);
        }
        Ok(())
    }

    fn tag(&self, turn: usize) -> String {
        format!("{}:{turn:05};", self.client)
    }

    fn requests(&self, turn: usize) -> Vec<u8> {
        let (client, tag) = (self.client, self.tag(turn));
        assert_eq!(tag.len(), RECORD_BYTES);
        [
            wire::encode(&["INCR", &format!("counter:{client}")]),
            wire::encode(&["APPEND", &format!("text:{client}"), &tag]),
            wire::encode(&["GETSET", &format!("last:{client}"), &tag]),
            wire::encode(&["ECHO", &tag]),
        ]
        .concat()
    }

    /// Everything acknowledged is counted, and nothing that was never sent.
    fn read_counter(&mut self, reply: &Frame) {
        let Frame::Integer(count) = *reply else { panic!("INCR of client {}: {reply:?}", self.client) };
        self.counted += 1;
        let base = self.client * SHARE;
        assert!(
            (base + self.counted..=base + self.sent).contains(&(count as usize)),
            "{count} for {}",
            self.client
        );
    }

    fn read_text(&mut self, turn: usize, reply: &Frame) {
        let Frame::Integer(length) = *reply else { panic!("APPEND of client {}: {reply:?}", self.client) };
        self.appended.insert(turn);
        let added = (length as usize).checked_sub(self.client * SHARE).unwrap();
        assert_eq!(added % RECORD_BYTES, 0);
        assert!(
            (self.appended.len()..=self.sent).contains(&(added / RECORD_BYTES)),
            "{added} for {}",
            self.client
        );
    }

    fn read_last(&mut self, turn: usize, reply: &Frame) {
        match reply {
            Frame::NilBulk => assert!(!self.has_set, "what client {} set is gone", self.client),
            Frame::Bulk(tag) => assert_ne!(self.turn_of(tag), turn),
            other => panic!("GETSET of client {}: {other:?}", self.client),
        }
        self.has_set = true;
    }

    /// The turn that a tag names, which must be one of this client's.
    fn turn_of(&self, tag: &[u8]) -> usize {
        let text = String::from_utf8_lossy(tag);
        let turn = text.strip_suffix(';').and_then(|text| text.split_once(':')).map(|(_, turn)| turn.parse());
        let Some(Ok(turn)) = turn else { panic!("client {} got {text}", self.client) };
        assert_eq!(text, self.tag(turn), "client {} got another's", self.client);
        assert!((1..=self.sent).contains(&turn), "client {} never sent {text}", self.client);
        turn
    }

    /// What is there in the end lies between what was acknowledged and what was sent.
    fn check(&self, admin: &mut Link) {
        let client = self.client;
        assert!(self.counted > 0, "client {client} was never answered");
        let count = admin.text(&["GET", &format!("counter:{client}")]);
        let count: usize = String::from_utf8_lossy(&count).parse().unwrap();
        assert!((self.counted..=self.sent).contains(&(count - client * SHARE)), "{count} for {client}");

        let text = admin.text(&["GET", &format!("text:{client}")]);
        let records = text[client * SHARE..].chunks(RECORD_BYTES).map(|record| self.turn_of(record));
        let turns: Vec<usize> = records.collect();
        let once: BTreeSet<usize> = turns.iter().copied().collect();
        assert_eq!(once.len(), turns.len(), "client {client} asked for each once");
        assert!(once.is_superset(&self.appended), "client {client} lost what was acknowledged");

        self.turn_of(&admin.text(&["GET", &format!("last:{client}")]));
    }
}

/// A connection that reads whole replies.
struct Link {
    stream: TcpStream,
    pending: Vec<u8>,
}

impl Link {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, pending: Vec::new() })
    }

    fn read(&mut self) -> io::Result<Frame> {
        let mut chunk = [0; 4096];
        loop {
            if let Some((frame, length)) = wire::decode(&self.pending).unwrap() {
                self.pending.drain(..length);
                return Ok(frame);
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.pending.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    panic!("no reply and no end in {PATIENCE:?}")
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn ask(&mut self, words: &[&str]) -> Frame {
        self.stream.write_all(&wire::encode(words)).unwrap();
        self.read().unwrap()
    }

    fn text(&mut self, words: &[&str]) -> Vec<u8> {
        match self.ask(words) {
            Frame::Bulk(text) => text,
            other => panic!("{words:?}: {other:?}"),
        }
    }

    /// A number in the reply to INFO.
    fn field(&mut self, words: &[&str], name: &str) -> i64 {
        let text = String::from_utf8(self.text(words)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Asks until a field is as wanted.
    fn until(&mut self, words: &[&str], name: &str, wanted: impl Fn(i64) -> bool) {
        let is_so = comes_true(|| wanted(self.field(words, name)));
        assert!(is_so, "{name} stays {}", self.field(words, name));
    }
}

//! What all tests here share: the server, the bystander, and what must hold at the end.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kvd_tests::hostile::bystander::Bystander;
use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::memory::{Memory, info, info_number};
use kvd_tests::patience::{PATIENCE, wait_until};
use kvd_tests::process::{self, Process, Program};
use kvd_tests::wire::Frame;

pub(crate) const MIB: u64 = 1 << 20;

/// What the server may hold more at the end than at the start: buffers that its workers keep, counters of commands.
const KEPT_BYTES_MAX: u64 = 2 * MIB;
const POLL: Duration = Duration::from_millis(20);

/// Long enough for every request of a pipeline to be run, were they run. On a machine that is slower still, less goes wrong.
const SETTLED_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Battle {
    pub(crate) kvd: Process,
    /// A client that asks the server how it is.
    pub(crate) checker: Client,
    bystander: Bystander,
    memory: Memory,
    used_at_start: u64,
    resident_at_start: u64,
}

impl Battle {
    pub(crate) fn begin(arguments: &[&str]) -> Self {
        Self::start(arguments, None)
    }

    /// Only who knows the password is served.
    pub(crate) fn begin_with_password(password: &str) -> Self {
        Self::start(&["--requirepass", password], Some(password))
    }

    fn start(arguments: &[&str], password: Option<&str>) -> Self {
        let kvd = program().start_with(arguments).unwrap();
        let mut checker = Client::connect(kvd.address).unwrap();
        if let Some(password) = password {
            assert_eq!(checker.ask(&["AUTH", password]).unwrap(), status("OK"));
        }
        let bystander = Bystander::start(kvd.address, password).unwrap();
        let memory = Memory::of(kvd.id());
        let used_at_start = info_number(&mut checker, "memory", "used_memory").unwrap();
        let resident_at_start = memory.resident().unwrap();
        Self { kvd, checker, bystander, memory, used_at_start, resident_at_start }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.kvd.address
    }

    pub(crate) fn ask(&mut self, words: &[&str]) -> Frame {
        self.checker.ask(words).unwrap()
    }

    /// Bytes allocated now beyond those at the start.
    pub(crate) fn used_more(&mut self) -> u64 {
        info_number(&mut self.checker, "memory", "used_memory").unwrap().saturating_sub(self.used_at_start)
    }

    /// Bytes resident now beyond those at the start.
    pub(crate) fn resident_more(&self) -> u64 {
        self.memory.resident().unwrap().saturating_sub(self.resident_at_start)
    }

    /// A number of `INFO stats`.
    pub(crate) fn stat(&mut self, name: &str) -> u64 {
        info_number(&mut self.checker, "stats", name).unwrap()
    }

    /// Whether the client of this id is connected.
    pub(crate) fn has_client(&mut self, id: i64) -> bool {
        let Frame::Bulk(lines) = self.ask(&["CLIENT", "LIST", "ID", &id.to_string()]) else {
            panic!("no list of clients")
        };
        !lines.is_empty()
    }

    /// Waits until something has come true. Meanwhile the bystander must be answered.
    pub(crate) fn until(&mut self, what: &str, mut is_true: impl FnMut(&mut Self) -> bool) {
        let is_true_and_all_is_well = || {
            let is_true = is_true(self);
            assert!(!self.bystander.has_failed(), "the bystander gave up while waiting until {what}");
            is_true
        };
        wait_until(is_true_and_all_is_well, what);
    }

    /// Gives the server time to do what it must not do.
    pub(crate) fn settle(&self) {
        std::thread::sleep(SETTLED_AFTER);
    }

    /// The server does not have more than this allocated beyond what it had at the start.
    pub(crate) fn assert_used_below(&mut self, bytes: u64) {
        let used = self.used_more();
        assert!(used < bytes, "{} KiB more are allocated, {} would be fine", used / 1024, bytes / 1024);
    }

    /// The server never took more than this beyond what it had at the start.
    pub(crate) fn assert_peak_below(&self, bytes: u64) {
        let peak = self.memory.peak().unwrap().saturating_sub(self.resident_at_start);
        println!("{} KiB more at the worst", peak / 1024);
        assert!(peak < bytes, "{} KiB more at the worst, {} would be fine", peak / 1024, bytes / 1024);
    }

    /// Every request of the bystander was answered; after it only the checker is left, and memory is what it was.
    pub(crate) fn end(mut self) {
        let latencies = self.bystander.finish().unwrap();
        assert!(latencies.count() > 0);
        assert!(matches!(self.checker.ask(&["FLUSHALL"]).unwrap(), Frame::Status(_)));
        let (used_max, start) = (self.used_at_start + KEPT_BYTES_MAX, Instant::now());
        loop {
            let clients = info(&mut self.checker, "clients", "connected_clients").unwrap();
            let used = info_number(&mut self.checker, "memory", "used_memory").unwrap();
            if clients.as_deref() == Some("1") && used <= used_max {
                break;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "afterwards there are {clients:?} clients, and {used} bytes are used instead of {}",
                self.used_at_start
            );
            std::thread::sleep(POLL);
        }
    }
}

pub(crate) fn status(text: &str) -> Frame {
    Frame::Status(text.as_bytes().to_vec())
}

pub(crate) fn client_id(client: &mut Client) -> i64 {
    match client.ask(&["CLIENT", "ID"]).unwrap() {
        Frame::Integer(id) => id,
        other => panic!("{other:?} is no id"),
    }
}

fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| process::kvd().unwrap_or_else(|missing| panic!("{missing}")))
}

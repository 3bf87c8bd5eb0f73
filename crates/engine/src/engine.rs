//! The engine: everything that all workers share.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use config::{Config, id};
use dict::HashKey;
use fastrand::Rng;
use journal::Journal;
use keyspace::Keyspace;
use pubsub::Registry;
use transaction::Watches;

use crate::client::{Client, Clients};
use crate::clock::Moment;
use crate::command_log::CommandLogs;
use crate::condition::Conditions;
use crate::event::EventSink;
use crate::eviction::Eviction;
use crate::handlers::Handlers;
use crate::host::Host;
use crate::hot_keys::HotKeys;
use crate::latency::LatencyMonitor;
use crate::monitor::Monitors;
use crate::pause::Pauses;
use crate::rates::{Rates, Sampler};
use crate::reply_gate::ReplyGate;
use crate::settings::Settings;
use crate::stats::Stats;
use crate::storage::Storage;
use crate::tick::Sweeps;
use crate::tracking::Trackers;
use crate::users::Gate;
use crate::waiting::Waits;

/// Effects retained for readers of the journal that are behind.
const JOURNAL_BYTES_MAX: usize = 16 << 20;

/// What an engine is made of.
pub struct Options {
    /// The parameters, read from file and command line.
    pub config: Config,
    /// The commands that are built.
    pub handlers: Handlers,
    /// How many workers will serve sessions; they are numbered from 0.
    pub workers: usize,
    /// The source of everything random: the hash's secret, run id, random members. From the system for a server, fixed for a simulation.
    pub seed: [u8; 32],
    /// The present moment.
    pub now: Moment,
    /// The process around.
    pub host: Box<dyn Host>,
}

/// The engine. Shared by all workers; holds no thread, socket or file.
pub struct Engine {
    pub(crate) handlers: Handlers,
    pub(crate) sweeps: Sweeps,
    pub(crate) eviction: Eviction,
    pub(crate) sampler: Sampler,
    pub(crate) waits: Waits,
    pub(crate) watches: Watches,
    pub(crate) trackers: Trackers,
    pub(crate) listeners: Registry<Arc<Client>>,
    pub(crate) monitors: Monitors,
    pub(crate) gate: Gate,
    pub(crate) pauses: Pauses,
    pub(crate) conditions: Conditions,
    pub(crate) reply_gate: Arc<ReplyGate>,
    pub(crate) hot_keys: HotKeys,
    keyspace: Keyspace,
    journal: Arc<Journal>,
    settings: Settings,
    clients: Arc<Clients>,
    stats: Stats,
    latency: LatencyMonitor,
    host: Box<dyn Host>,
    files: Mutex<()>,
    events: OnceLock<Box<dyn EventSink>>,
    started: Moment,
    run_id: String,
    replication_id: Mutex<String>,
    session_seed: u64,
}

impl Engine {
    /// An engine with an empty keyspace.
    pub fn new(options: Options) -> Self {
        let Options { config, handlers, workers, seed, now, host } = options;
        let secret = HashKey::new(seed_part(&seed, 0));
        let mut random = Rng::with_seed(u64::from_le_bytes(seed_part(&seed, 16)));
        let stripes = config.integer(id::STRIPES) as usize;
        let databases = config.integer(id::DATABASES) as u32;
        let keyspace = Keyspace::new(stripes, databases, secret);
        keyspace.limit_snapshot_bytes(config.bytes(id::SNAPSHOT_MEMORY_MAX) as usize);
        let clients = Arc::new(Clients::default());
        let held = Arc::clone(&clients);
        keyspace.on_snapshot_progress(move || held.wake_held());
        Self {
            handlers,
            sweeps: Sweeps::new(workers),
            eviction: Eviction::new(workers, &mut random),
            sampler: Sampler::default(),
            waits: Waits::new(stripes),
            watches: Watches::default(),
            trackers: Trackers::default(),
            listeners: Registry::new(seed_part(&seed, 0)),
            monitors: Monitors::default(),
            gate: Gate::new(&config),
            pauses: Pauses::default(),
            conditions: Conditions::default(),
            reply_gate: Arc::default(),
            hot_keys: HotKeys::new(workers + 1),
            keyspace,
            journal: Arc::new(Journal::new(JOURNAL_BYTES_MAX)),
            settings: Settings::new(config, workers),
            clients,
            stats: Stats::new(workers, now),
            latency: LatencyMonitor::default(),
            host,
            files: Mutex::default(),
            events: OnceLock::new(),
            started: now,
            run_id: identifier(&mut random),
            replication_id: Mutex::new(identifier(&mut random)),
            session_seed: random.u64(..),
        }
    }

    /// The data.
    pub fn keyspace(&self) -> &Keyspace {
        &self.keyspace
    }

    /// The ordered changes.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// The parameters.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The connected clients.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What was counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What took long, as series of samples.
    pub fn latency(&self) -> &LatencyMonitor {
        &self.latency
    }

    /// Commands that took long or were large.
    pub fn command_logs(&self) -> &CommandLogs {
        self.settings.command_logs()
    }

    /// The process around.
    pub fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// Who keeps the data beyond the process.
    pub fn storage(&self) -> &dyn Storage {
        self.host.storage()
    }

    /// The host's files, which nobody else reads or writes while the guard is held (`ACL LOAD`, `ACL SAVE`, `CONFIG REWRITE`).
    ///
    /// What is written is copied while it is held, too: of two clients that write, the later one has the later copy. It is locked before
    /// users and parameters, which others may change meanwhile.
    pub fn lock_files(&self) -> MutexGuard<'_, ()> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.stats.workers()
    }

    /// When the engine was made.
    pub fn started(&self) -> Moment {
        self.started
    }

    /// 40 hexadecimal digits that no other run of any server has.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// 40 hexadecimal digits that name the history of this data to replicas.
    pub fn replication_id(&self) -> String {
        self.replication_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins another history: replicas of the present one won't continue it.
    pub fn change_replication_id(&self, random: &mut Rng) {
        *self.replication_id.lock().unwrap_or_else(PoisonError::into_inner) = identifier(random);
    }

    /// What happens per second.
    pub fn rates(&self) -> Rates {
        self.sampler.rates()
    }

    /// Sets what was counted to zero (`CONFIG RESETSTAT`).
    pub fn reset_stats(&self) {
        self.stats.reset();
        self.sampler.reset();
    }

    /// Which commands are built.
    pub fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// Has every keyspace event told to `sink`. Once.
    ///
    /// # Panics
    /// If there is a sink already.
    pub fn tell_events(&self, sink: Box<dyn EventSink>) {
        assert!(self.events.set(sink).is_ok(), "keyspace events have one sink");
    }

    pub(crate) fn events(&self) -> Option<&dyn EventSink> {
        self.events.get().map(|sink| &**sink)
    }

    pub(crate) fn seed_of(&self, client: u64) -> u64 {
        self.session_seed ^ client.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

fn identifier(random: &mut Rng) -> String {
    const DIGITS: usize = 40;
    (0..DIGITS).map(|_| char::from(b"0123456789abcdef"[random.usize(..16)])).collect()
}

fn seed_part<const N: usize>(seed: &[u8; 32], from: usize) -> [u8; N] {
    seed[from..from + N].try_into().expect("the parts lie within the seed")
}

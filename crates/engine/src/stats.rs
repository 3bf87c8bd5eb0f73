//! What the engine counts. Each worker counts for itself; the sums are made when somebody asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use catalog::CommandId;
use crossbeam_utils::CachePadded;

use crate::clock::Moment;
use crate::latency::{Durations, Histogram};

/// Different error codes that are counted; further ones share one line, as a client can make up codes through scripts.
const ERROR_CODES_MAX: usize = 128;
const OTHER_CODES: &str = "OTHER";

/// A number that one worker raises and anybody reads.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds; to be called by the worker that owns the counter.
    #[inline]
    pub fn add(&self, count: u64) {
        // Not fetch_add: with one writer a load and a store do, without locking the bus.
        self.0.store(self.0.load(Relaxed).wrapping_add(count), Relaxed);
    }

    /// The present value.
    #[inline]
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Relaxed);
    }
}

/// Counters of one worker.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that came.
    pub connections: Counter,
    /// Connections that were turned away.
    pub rejected_connections: Counter,
    /// Commands run.
    pub commands: Counter,
    /// Error replies.
    pub errors: Counter,
    /// Reads that found their key.
    pub hits: Counter,
    /// Reads that didn't.
    pub misses: Counter,
    /// Keys that were removed since their time was up.
    pub expired_keys: Counter,
    /// Keys that were removed since memory was short.
    pub evicted_keys: Counter,
    /// Fields of hashes that were removed since their time was up.
    pub expired_fields: Counter,
    /// Changes to the data.
    pub changes: Counter,
    /// Bytes received.
    pub received_bytes: Counter,
    /// Bytes sent.
    pub sent_bytes: Counter,
    /// Clients closed since more waited in their query buffer than may.
    pub query_limit_closed: Counter,
    /// Clients closed since they left more replies waiting than they may.
    pub output_limit_closed: Counter,
    /// Clients closed since all together took too much memory.
    pub evicted_clients: Counter,
    /// Wrong names and passwords.
    pub denied_logins: Counter,
    /// Commands that their users may not run.
    pub denied_commands: Counter,
    /// Commands with a key that their users may not use so.
    pub denied_keys: Counter,
    /// Commands with a channel that their users may not use.
    pub denied_channels: Counter,
    /// Commands in a database that their users may not use.
    pub denied_databases: Counter,
    /// Time spent removing what was due, in nanoseconds.
    pub sweep_nanos: Counter,
    /// Sweeps that ended with something due left.
    pub sweeps_cut: Counter,
    /// Times that input was read.
    pub reads: Counter,
    /// Times that output was written.
    pub writes: Counter,
}

impl Counters {
    /// Those that `CONFIG RESETSTAT` sets to zero.
    fn resettable(&self) -> [&Counter; 18] {
        [
            &self.connections,
            &self.rejected_connections,
            &self.commands,
            &self.errors,
            &self.hits,
            &self.misses,
            &self.expired_keys,
            &self.expired_fields,
            &self.evicted_keys,
            &self.received_bytes,
            &self.sent_bytes,
            &self.query_limit_closed,
            &self.output_limit_closed,
            &self.evicted_clients,
            &self.sweep_nanos,
            &self.sweeps_cut,
            &self.reads,
            &self.writes,
        ]
    }
}

/// How one command was used.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandUsage {
    /// Calls that were run.
    pub calls: u64,
    /// Time they took together, in nanoseconds.
    pub nanos: u64,
    /// Calls turned away before they ran.
    pub rejected: u64,
    /// Calls that ended with an error.
    pub failed: u64,
}

#[derive(Debug, Default)]
pub(crate) struct CommandCounters {
    pub(crate) calls: Counter,
    pub(crate) nanos: Counter,
    pub(crate) rejected: Counter,
    pub(crate) failed: Counter,
    pub(crate) durations: Durations,
}

#[derive(Debug)]
struct Worker {
    counters: Counters,
    commands: Box<[CommandCounters]>,
}

/// All counters of an engine.
#[derive(Debug)]
pub struct Stats {
    workers: Box<[CachePadded<Worker>]>,
    /// Of what a log has carried out, which nobody is shown.
    replaying: Box<CachePadded<Worker>>,
    errors: Mutex<BTreeMap<String, u64>>,
    memory_startup_bytes: u64,
    memory_peak: Mutex<MemoryPeak>,
}

/// The most memory that was in use, as far as anybody looked.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryPeak {
    /// How much.
    pub bytes: u64,
    /// When that was seen.
    pub at: Moment,
}

impl Stats {
    pub(crate) fn new(workers: usize, now: Moment) -> Self {
        let worker = || Worker {
            counters: Counters::default(),
            commands: (0..catalog::COMMANDS.len()).map(|_| CommandCounters::default()).collect(),
        };
        let stats = Self {
            workers: (0..workers.max(1)).map(|_| CachePadded::new(worker())).collect(),
            replaying: Box::new(CachePadded::new(worker())),
            errors: Mutex::default(),
            memory_startup_bytes: keyspace::memory::used_bytes() as u64,
            memory_peak: Mutex::default(),
        };
        stats.note_memory(now);
        stats
    }

    /// How many workers count.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// The counters of one worker, which alone adds to them.
    ///
    /// The worker behind the last is the one that carries out a log: nobody is shown what it counts.
    #[inline]
    pub fn counters(&self, worker: usize) -> &Counters {
        &self.worker(worker).counters
    }

    #[inline]
    fn worker(&self, worker: usize) -> &Worker {
        self.workers.get(worker).unwrap_or(&*self.replaying)
    }

    #[inline]
    pub(crate) fn command(&self, worker: usize, command: CommandId) -> &CommandCounters {
        &self.worker(worker).commands[command.index()]
    }

    /// The sum of one counter over all workers.
    pub fn sum(&self, counter: impl Fn(&Counters) -> &Counter) -> u64 {
        self.workers.iter().map(|worker| counter(&worker.counters).value()).sum()
    }

    /// How a command was used so far.
    pub fn usage(&self, command: CommandId) -> CommandUsage {
        let mut usage = CommandUsage::default();
        for worker in &self.workers {
            let counters = &worker.commands[command.index()];
            usage.calls += counters.calls.value();
            usage.nanos += counters.nanos.value();
            usage.rejected += counters.rejected.value();
            usage.failed += counters.failed.value();
        }
        usage
    }

    /// How long one command took, by all workers. Empty if it was never called, or `latency-tracking` is off.
    pub fn durations(&self, command: CommandId) -> Histogram {
        let mut histogram = Histogram::default();
        for worker in &self.workers {
            worker.commands[command.index()].durations.add_to(&mut histogram);
        }
        histogram
    }

    /// Bytes that the durations of all commands take: they stay when the commands are forgotten.
    pub fn durations_bytes(&self) -> usize {
        let commands = self.workers.iter().flat_map(|worker| &worker.commands);
        commands.map(|command| command.durations.memory_bytes()).sum()
    }

    /// Counts an error reply by its code, the text's first word.
    pub(crate) fn count_error(&self, text: &[u8]) {
        let code = text.split(|byte| *byte == b' ').next().unwrap_or(text);
        let code = &*String::from_utf8_lossy(code);
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = errors.get_mut(code) {
            *count += 1;
            return;
        }
        let code = if errors.len() < ERROR_CODES_MAX { code } else { OTHER_CODES };
        *errors.entry(code.to_owned()).or_default() += 1;
    }

    /// Error replies by their codes, in the order of the alphabet.
    pub fn errors(&self) -> Vec<(String, u64)> {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.iter().map(|(code, count)| (code.clone(), *count)).collect()
    }

    /// Memory in use when the engine was made.
    pub fn memory_startup_bytes(&self) -> u64 {
        self.memory_startup_bytes
    }

    /// The most memory that was in use so far; looks at what is in use now.
    pub fn memory_peak(&self, now: Moment) -> MemoryPeak {
        self.note_memory(now)
    }

    /// Looks at the memory in use now.
    pub(crate) fn note_memory(&self, now: Moment) -> MemoryPeak {
        let bytes = keyspace::memory::used_bytes() as u64;
        let mut peak = self.memory_peak.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > peak.bytes {
            *peak = MemoryPeak { bytes, at: now };
        }
        *peak
    }

    /// Sets to zero what `CONFIG RESETSTAT` does: all but the changes, which are counted since the last save, what was
    /// refused to users, and the memory's peak. Increments
    /// that other workers make at that moment may survive.
    pub(crate) fn reset(&self) {
        for worker in &self.workers {
            worker.counters.resettable().into_iter().for_each(Counter::reset);
            for command in &worker.commands {
                [&command.calls, &command.nanos, &command.rejected, &command.failed]
                    .into_iter()
                    .for_each(Counter::reset);
                command.durations.reset();
            }
        }
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

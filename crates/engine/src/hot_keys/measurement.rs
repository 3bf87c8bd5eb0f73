//! A measurement: from its start until it is stopped, and what it found.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use fastrand::Rng;
use structures::SpaceSaving;
use structures::space_saving::Heaviest;

use super::picks::{Picks, Turn};
use crate::clock::Moment;
use crate::engine::Engine;
use crate::host::ProcessUsage;

/// Counters of each worker for each metric. No key is off by more than this part of all that was sampled.
const COUNTERS: usize = 512;

/// What keys are compared by.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Commands with the key.
    Calls,
    /// Their time, in nanoseconds.
    Cpu,
    /// Bytes of their requests and replies.
    Net,
}

impl Metric {
    const ALL: [Self; 3] = [Self::Calls, Self::Cpu, Self::Net];
}

/// What is to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotKeysRequest {
    /// By what.
    pub metrics: Vec<Metric>,
    /// Keys shown for each metric.
    pub count: usize,
    /// How long; `None` until it is stopped.
    pub duration: Option<Duration>,
    /// One of so many commands is looked at; at least 1.
    pub sample_ratio: u32,
}

/// What the server did so far.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    pub(crate) command_nanos: u64,
    pub(crate) net_bytes: u64,
    pub(crate) usage: ProcessUsage,
}

/// What a measurement found.
#[derive(Clone, Debug, PartialEq)]
pub struct HotKeysReport {
    /// What was asked for.
    pub request: HotKeysRequest,
    /// Whether it goes on.
    pub is_active: bool,
    /// When it began.
    pub started: Moment,
    /// For how long it went on.
    pub nanos: u64,
    /// Time that all commands took, in nanoseconds.
    pub command_nanos: u64,
    /// Bytes received and sent.
    pub net_bytes: u64,
    /// Processor time outside the kernel.
    pub cpu_user: Duration,
    /// Processor time in the kernel.
    pub cpu_system: Duration,
    /// For each metric asked for.
    pub hottest: Vec<Hottest>,
}

/// The keys that cost the most by one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hottest {
    /// By which.
    pub metric: Metric,
    /// The keys and what they cost, the dearest first.
    pub keys: Vec<(Box<[u8]>, u64)>,
}

/// The measurement under way, or the last one.
#[derive(Debug, Default)]
pub(crate) struct HotKeys {
    /// One of so many commands is looked at; 0: none.
    ratio: AtomicU64,
    workers: Box<[CachePadded<Worker>]>,
    measurement: Mutex<Option<Measurement>>,
}

#[derive(Debug, Default)]
struct Worker {
    turn: Turn,
    sketches: Mutex<Sketches>,
}

/// What one worker saw; empty for metrics that nobody asked for.
#[derive(Debug, Default)]
pub(crate) struct Sketches([Option<SpaceSaving>; Metric::ALL.len()]);

#[derive(Debug)]
struct Measurement {
    request: HotKeysRequest,
    started: Moment,
    before: Totals,
    /// When it ended, and what the server had done by then.
    end: Option<(Moment, Totals)>,
}

impl HotKeys {
    pub(crate) fn new(workers: usize) -> Self {
        let workers = (0..workers.max(1)).map(|_| CachePadded::default()).collect();
        Self { workers, ..Self::default() }
    }

    /// Which commands of the worker's next chunk are looked at.
    #[inline]
    pub(crate) fn picks(&self, worker: usize) -> Picks<'_> {
        Picks::new(&self.workers[worker].turn, self.ratio.load(Relaxed))
    }

    pub(crate) fn sketches(&self, worker: usize) -> MutexGuard<'_, Sketches> {
        self.workers[worker].sketches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a measurement; `false` if one is under way.
    pub(crate) fn start(&self, request: HotKeysRequest, now: Moment, before: Totals, seed: u64) -> bool {
        let mut measurement = self.measurement();
        if measurement.as_ref().is_some_and(Measurement::is_active) {
            return false;
        }
        for (index, worker) in self.workers.iter().enumerate() {
            *self.sketches(index) = Sketches::for_metrics(&request.metrics);
            worker.turn.start(seed.wrapping_add(index as u64));
        }
        self.ratio.store(request.sample_ratio.into(), Relaxed);
        *measurement = Some(Measurement { request, started: now, before, end: None });
        true
    }

    /// Ends the measurement; `false` if there is none under way. What it found stays.
    pub(crate) fn stop(&self, now: Moment, totals: Totals) -> bool {
        let mut measurement = self.measurement();
        let Some(measurement) = measurement.as_mut().filter(|measurement| measurement.is_active()) else {
            return false;
        };
        self.ratio.store(0, Relaxed);
        measurement.end = Some((now, totals));
        true
    }

    /// Whether the measurement under way has lasted as long as it was to. One load if there is none.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.ratio.load(Relaxed) != 0 && self.measurement().as_ref().is_some_and(|it| it.is_over(now))
    }

    /// Forgets what was found; `false` if a measurement is under way.
    pub(crate) fn reset(&self) -> bool {
        let mut measurement = self.measurement();
        if measurement.as_ref().is_some_and(Measurement::is_active) {
            return false;
        }
        *measurement = None;
        (0..self.workers.len()).for_each(|index| *self.sketches(index) = Sketches::default());
        true
    }

    /// What was found so far.
    pub(crate) fn report(&self, now: Moment, totals: Totals) -> Option<HotKeysReport> {
        let measurement = self.measurement();
        let Measurement { request, started, before, end } = measurement.as_ref()?;
        let (until, totals) = end.unwrap_or((now, totals));
        let hottest =
            |metric: &Metric| Hottest { metric: *metric, keys: self.hottest(*metric, request.count) };
        Some(HotKeysReport {
            is_active: end.is_none(),
            started: *started,
            nanos: until.nanos_since(*started),
            command_nanos: totals.command_nanos.saturating_sub(before.command_nanos),
            net_bytes: totals.net_bytes.saturating_sub(before.net_bytes),
            cpu_user: totals.usage.cpu_user.saturating_sub(before.usage.cpu_user),
            cpu_system: totals.usage.cpu_system.saturating_sub(before.usage.cpu_system),
            hottest: request.metrics.iter().map(hottest).collect(),
            request: request.clone(),
        })
    }

    fn hottest(&self, metric: Metric, count: usize) -> Vec<(Box<[u8]>, u64)> {
        let mut heaviest = Heaviest::default();
        for worker in 0..self.workers.len() {
            if let Some(sketch) = &self.sketches(worker).0[metric as usize] {
                heaviest.add(sketch);
            }
        }
        heaviest.into_top(count)
    }

    fn measurement(&self) -> MutexGuard<'_, Option<Measurement>> {
        self.measurement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measurement {
    fn is_active(&self) -> bool {
        self.end.is_none()
    }

    fn is_over(&self, now: Moment) -> bool {
        let duration = self.request.duration.filter(|_| self.is_active());
        duration.is_some_and(|duration| u128::from(now.nanos_since(self.started)) >= duration.as_nanos())
    }
}

impl Sketches {
    fn for_metrics(metrics: &[Metric]) -> Self {
        Self(Metric::ALL.map(|metric| metrics.contains(&metric).then(|| SpaceSaving::new(COUNTERS))))
    }

    /// A command with this key took so long and so many bytes.
    pub(crate) fn add(&mut self, key: &[u8], hash: u64, nanos: u64, net_bytes: u64) {
        for (sketch, weight) in self.0.iter_mut().zip([1, nanos, net_bytes]) {
            if let Some(sketch) = sketch {
                sketch.add(key, hash, weight);
            }
        }
    }
}

impl Engine {
    /// Begins to measure which keys cost the most; `false` if that is under way.
    pub fn start_hot_keys(&self, request: HotKeysRequest, now: Moment, random: &mut Rng) -> bool {
        self.end_hot_keys_in_time(now);
        self.hot_keys.start(request, now, self.totals(), random.u64(..))
    }

    /// Ends the measurement; `false` if there is none under way. What it found stays until it is forgotten.
    pub fn stop_hot_keys(&self, now: Moment) -> bool {
        self.end_hot_keys_in_time(now);
        self.hot_keys.stop(now, self.totals())
    }

    /// Forgets what was found; `false` if a measurement is under way.
    pub fn reset_hot_keys(&self, now: Moment) -> bool {
        self.end_hot_keys_in_time(now);
        self.hot_keys.reset()
    }

    /// What the measurement under way, or the last one, has found.
    pub fn hot_keys_report(&self, now: Moment) -> Option<HotKeysReport> {
        self.end_hot_keys_in_time(now);
        self.hot_keys.report(now, self.totals())
    }

    pub(crate) fn end_hot_keys_in_time(&self, now: Moment) {
        if self.hot_keys.is_over(now) {
            self.hot_keys.stop(now, self.totals());
        }
    }

    fn totals(&self) -> Totals {
        let stats = self.stats();
        let nanos = catalog::COMMANDS.iter().map(|command| stats.usage(command.id).nanos);
        Totals {
            command_nanos: nanos.sum(),
            net_bytes: stats.sum(|counters| &counters.received_bytes)
                + stats.sum(|counters| &counters.sent_bytes),
            usage: self.host().usage(),
        }
    }
}

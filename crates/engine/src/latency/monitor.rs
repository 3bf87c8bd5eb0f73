//! What took longer than `latency-monitor-threshold`: for each kind of event a series of its latest samples.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Moment;

/// Samples kept of a series.
const SAMPLES_MAX: usize = 160;

/// What can take long.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LatencyEvent {
    /// A command.
    Command,
    /// One that should be fast whatever the data.
    FastCommand,
    /// A slice of removing what is due.
    ExpireCycle,
    /// Evicting keys before a command, or in the background.
    EvictionCycle,
}

impl LatencyEvent {
    /// Its name in `LATENCY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::FastCommand => "fast-command",
            Self::ExpireCycle => "expire-cycle",
            Self::EvictionCycle => "eviction-cycle",
        }
    }
}

/// The longest that something took within a second.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct LatencySample {
    /// The second, since the epoch.
    pub at_seconds: u64,
    /// How long.
    pub millis: u64,
}

/// All that is known of one kind of event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencySeries {
    /// The last samples, at most one for each second, the newest at the back; there is one.
    pub samples: VecDeque<LatencySample>,
    /// The longest ever.
    pub millis_max: u64,
    /// All together.
    pub millis_sum: u64,
    /// How often it happened.
    pub count: u64,
}

impl LatencySeries {
    fn add(&mut self, at_seconds: u64, millis: u64) {
        self.millis_max = self.millis_max.max(millis);
        self.millis_sum += millis;
        self.count += 1;
        if let Some(last) = self.samples.back_mut().filter(|last| last.at_seconds == at_seconds) {
            last.millis = last.millis.max(millis);
            return;
        }
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(LatencySample { at_seconds, millis });
    }
}

/// The series of all events that happened.
#[derive(Debug, Default)]
pub struct LatencyMonitor(Mutex<BTreeMap<LatencyEvent, LatencySeries>>);

impl LatencyMonitor {
    pub(crate) fn note(&self, event: LatencyEvent, at: Moment, nanos: u64) {
        self.series().entry(event).or_default().add(at.unix_seconds(), nanos / 1_000_000);
    }

    /// A copy of all series.
    pub fn all(&self) -> Vec<(LatencyEvent, LatencySeries)> {
        self.series().iter().map(|(event, series)| (*event, series.clone())).collect()
    }

    /// A copy of the series of the event of this name.
    pub fn find(&self, name: &[u8]) -> Option<LatencySeries> {
        let series = self.series();
        let found = series.iter().find(|(event, _)| event.name().as_bytes() == name);
        found.map(|(_, series)| series.clone())
    }

    /// Forgets the series of the events that `is_meant` finds. Returns how many there were.
    pub fn reset(&self, is_meant: impl Fn(&str) -> bool) -> usize {
        let mut series = self.series();
        let before = series.len();
        series.retain(|event, _| !is_meant(event.name()));
        before - series.len()
    }

    fn series(&self) -> MutexGuard<'_, BTreeMap<LatencyEvent, LatencySeries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_unix_millis(1_800_000_000_000 + seconds * 1000)
    }

    #[test]
    fn a_second_has_one_sample_its_longest() {
        let monitor = LatencyMonitor::default();
        for (second, millis) in [(0, 5), (0, 9), (0, 7), (3, 2)] {
            monitor.note(LatencyEvent::Command, at(second), millis * 1_000_000);
        }
        let series = monitor.find(b"command").expect("it happened");
        let samples: Vec<(u64, u64)> =
            series.samples.iter().map(|sample| (sample.at_seconds - 1_800_000_000, sample.millis)).collect();
        assert_eq!(samples, [(0, 9), (3, 2)]);
        assert_eq!((series.millis_max, series.millis_sum, series.count), (9, 23, 4));
        assert_eq!(monitor.find(b"COMMAND"), None);
    }

    #[test]
    fn old_samples_are_forgotten_and_the_longest_is_not() {
        let monitor = LatencyMonitor::default();
        (0..500).for_each(|second| {
            monitor.note(LatencyEvent::ExpireCycle, at(second), (1000 - second) * 1_000_000)
        });
        let series = monitor.find(b"expire-cycle").expect("it happened");
        assert_eq!((series.samples.len(), series.millis_max), (SAMPLES_MAX, 1000));
        assert_eq!(series.samples[0].millis, 1000 - 340);
        assert_eq!(monitor.reset(|name| name == "command"), 0);
        assert_eq!(monitor.reset(|_| true), 1);
        assert!(monitor.all().is_empty());
    }
}

//! What happens per second, as an average over the last moments: the `instantaneous_…` of INFO.
//!
//! A sample of the sums is taken ten times a second into a ring; a rate is the difference between the newest and the oldest sample over
//! the time between them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Moment;
use crate::stats::Stats;

/// Time between two samples.
const SAMPLE_EVERY_NANOS: u64 = 100_000_000;

/// Samples kept: the averages are over the last 1.6 seconds.
const SAMPLES_MAX: usize = 17;

/// Averages per second over the last moments.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Commands run.
    pub commands: f64,
    /// Bytes received.
    pub received_bytes: f64,
    /// Bytes sent.
    pub sent_bytes: f64,
}

#[derive(Copy, Clone, Debug)]
struct Sample {
    at: Moment,
    commands: u64,
    received_bytes: u64,
    sent_bytes: u64,
}

/// The last samples, the newest at the back.
#[derive(Debug, Default)]
pub(crate) struct Sampler(Mutex<VecDeque<Sample>>);

impl Sampler {
    /// Takes a sample if it is time for one.
    pub(crate) fn tick(&self, stats: &Stats, now: Moment) {
        let mut samples = self.samples();
        if samples.back().is_some_and(|last| now.nanos_since(last.at) < SAMPLE_EVERY_NANOS) {
            return;
        }
        if samples.len() == SAMPLES_MAX {
            samples.pop_front();
        }
        samples.push_back(Sample {
            at: now,
            commands: stats.sum(|counters| &counters.commands),
            received_bytes: stats.sum(|counters| &counters.received_bytes),
            sent_bytes: stats.sum(|counters| &counters.sent_bytes),
        });
    }

    /// Forgets all samples: the sums start anew.
    pub(crate) fn reset(&self) {
        self.samples().clear();
    }

    /// The averages over the samples kept; zero until there are two.
    pub(crate) fn rates(&self) -> Rates {
        let samples = self.samples();
        let (Some(first), Some(last)) = (samples.front(), samples.back()) else { return Rates::default() };
        let nanos = last.at.nanos_since(first.at);
        if nanos == 0 {
            return Rates::default();
        }
        let per_second = |from: u64, to: u64| to.saturating_sub(from) as f64 * 1e9 / nanos as f64;
        Rates {
            commands: per_second(first.commands, last.commands),
            received_bytes: per_second(first.received_bytes, last.received_bytes),
            sent_bytes: per_second(first.sent_bytes, last.sent_bytes),
        }
    }

    fn samples(&self) -> MutexGuard<'_, VecDeque<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_unix_millis(1_800_000_000_000 + millis)
    }

    #[test]
    fn rates_are_averages_over_the_samples_kept() {
        let (stats, sampler) = (Stats::new(1, at(0)), Sampler::default());
        assert_eq!(sampler.rates(), Rates::default());
        for step in 0..100 {
            sampler.tick(&stats, at(step * 100));
            stats.counters(0).commands.add(if step < 50 { 1000 } else { 5 });
            stats.counters(0).sent_bytes.add(7);
        }
        let rates = sampler.rates();
        assert_eq!((rates.commands, rates.sent_bytes, rates.received_bytes), (50.0, 70.0, 0.0));
        sampler.reset();
        assert_eq!(sampler.rates(), Rates::default());
    }

    #[test]
    fn calls_in_quick_succession_take_one_sample() {
        let (stats, sampler) = (Stats::new(1, at(0)), Sampler::default());
        (0..99).for_each(|millis| sampler.tick(&stats, at(millis)));
        assert_eq!(sampler.samples().len(), 1);
    }
}

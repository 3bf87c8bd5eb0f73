//! Durations of one command, counted by their size.
//!
//! A bucket is a 32nd of the octave it lies in, so that whatever is said of a duration is right to three percent:
//!
//! ```text
//!  nanoseconds   0 1 2 … 63 │ 64-65 66-67 … 126-127 │ 128-131 … 252-255 │ … up to 17 seconds and beyond
//!  bucket        0 1 2 … 63 │    64    65 …      95 │      96 …     127 │ …
//! ```

use std::sync::OnceLock;

use crate::stats::Counter;

/// Each octave has two to the power of this many buckets.
const OCTAVE_BITS: u32 = 5;
const OCTAVE_BUCKETS: usize = 1 << OCTAVE_BITS;

/// The first octave with buckets of more than one nanosecond begins with two to the power of this.
const FIRST_OCTAVE: u32 = OCTAVE_BITS + 1;

/// The last octave; what takes longer is counted in its last bucket.
const LAST_OCTAVE: u32 = 33;

const BUCKETS: usize = (LAST_OCTAVE - FIRST_OCTAVE + 1) as usize * OCTAVE_BUCKETS + 2 * OCTAVE_BUCKETS;

/// Durations of a command on one worker, which alone adds to them. Takes eight kilobytes from the first on: the buckets, and behind them the
/// sum.
#[derive(Debug, Default)]
pub(crate) struct Durations(OnceLock<Box<[Counter]>>);

impl Durations {
    /// Counts so many calls of so many nanoseconds each.
    #[inline]
    pub(crate) fn add(&self, nanos: u64, calls: u64) {
        let counters = self.0.get_or_init(|| (0..=BUCKETS).map(|_| Counter::default()).collect());
        counters[bucket_of(nanos)].add(calls);
        counters[BUCKETS].add(nanos * calls);
    }

    /// Adds what was counted here to a histogram.
    pub(crate) fn add_to(&self, histogram: &mut Histogram) {
        let Some(counters) = self.0.get() else { return };
        histogram.counts.resize(BUCKETS, 0);
        for (sum, counter) in histogram.counts.iter_mut().zip(counters) {
            *sum += counter.value();
        }
        histogram.nanos += counters[BUCKETS].value();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.get().map_or(0, |counters| size_of_val(&**counters))
    }

    pub(crate) fn reset(&self) {
        self.0.get().into_iter().flatten().for_each(Counter::reset);
    }
}

#[inline]
fn bucket_of(nanos: u64) -> usize {
    let nanos = nanos.min((2 << LAST_OCTAVE) - 1);
    let Some(octave) = nanos.checked_ilog2().filter(|octave| *octave >= FIRST_OCTAVE) else {
        return nanos as usize;
    };
    let shift = octave - OCTAVE_BITS;
    // The leading bit is part of the shifted number: it counts as one octave more.
    shift as usize * OCTAVE_BUCKETS + (nanos >> shift) as usize
}

/// The longest duration that a bucket counts, in nanoseconds.
fn bucket_end(bucket: usize) -> u64 {
    if bucket < 2 * OCTAVE_BUCKETS {
        return bucket as u64;
    }
    let shift = bucket / OCTAVE_BUCKETS - 1;
    let leading = (bucket % OCTAVE_BUCKETS + OCTAVE_BUCKETS) as u64;
    ((leading + 1) << shift) - 1
}

/// Durations of calls, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// By bucket; empty if nothing was counted.
    counts: Vec<u64>,
    /// All durations together.
    nanos: u64,
}

/// Calls that took no longer than this.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct HistogramBucket {
    /// In microseconds.
    pub micros: u64,
    /// How many, those of shorter buckets included.
    pub calls: u64,
}

impl Histogram {
    /// How many calls were counted.
    pub fn calls(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long all of them took together, in nanoseconds.
    pub fn nanos(&self) -> u64 {
        self.nanos
    }

    /// How many calls took less than two to the power of `power` nanoseconds.
    pub fn calls_below(&self, power: u32) -> u64 {
        // A power of two is where a bucket begins.
        let counted = self.counts.iter().enumerate();
        counted.take_while(|(bucket, _)| bucket_end(*bucket) >> power == 0).map(|(_, count)| count).sum()
    }

    /// The duration in nanoseconds that so many percent of all calls don't exceed; 0 if there were none.
    pub fn percentile(&self, percent: f64) -> u64 {
        let calls = self.calls();
        let wanted =
            ((percent.clamp(0.0, 100.0) / 100.0 * calls as f64).ceil() as u64).clamp(1, calls.max(1));
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(0, bucket_end)
    }

    /// Calls by powers of two of 1.024 microseconds, without those at which the number doesn't change.
    pub fn powers_of_two(&self) -> Vec<HistogramBucket> {
        const FIRST: u32 = 10;
        let mut buckets = Vec::new();
        let (mut calls, mut told, mut power) = (0, 0, FIRST);
        for (bucket, count) in self.counts.iter().enumerate() {
            calls += count;
            if bucket_end(bucket) + 1 < 1 << power {
                continue;
            }
            if calls > told {
                buckets.push(HistogramBucket { micros: (1 << power) / 1000, calls });
                told = calls;
            }
            power += 1;
        }
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: &[u64]) -> Histogram {
        let counted = Durations::default();
        durations.iter().for_each(|nanos| counted.add(*nanos, 1));
        let mut histogram = Histogram::default();
        counted.add_to(&mut histogram);
        histogram
    }

    #[test]
    fn buckets_follow_each_other_without_gap_and_are_three_percent_wide() {
        let mut begin = 0;
        for bucket in 0..BUCKETS {
            let end = bucket_end(bucket);
            assert_eq!((bucket_of(begin), bucket_of(end)), (bucket, bucket));
            assert!((end - begin) as f64 <= begin as f64 / 32.0, "{begin} to {end}");
            begin = end + 1;
        }
        assert_eq!(begin, 2 << LAST_OCTAVE);
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_the_calls() {
        let hundred: Vec<u64> = (1..=100).map(|index| index * 1000).collect();
        let histogram = of(&hundred);
        for (percent, nanos) in [(0.0, 1000.0), (50.0, 50e3), (99.0, 99e3), (99.9, 100e3), (100.0, 100e3)] {
            let found = histogram.percentile(percent) as f64;
            assert!((found / nanos - 1.0).abs() < 0.033, "{percent}: {found}");
        }
        assert_eq!(of(&[]).percentile(50.0), 0);
        assert_eq!(of(&[7]).percentile(50.0), 7);
    }

    #[test]
    fn powers_of_two_add_up() {
        let histogram = of(&[0, 1023, 1024, 5000, 5000, 1_500_000, u64::MAX]);
        let buckets: Vec<(u64, u64)> =
            histogram.powers_of_two().iter().map(|bucket| (bucket.micros, bucket.calls)).collect();
        assert_eq!(buckets, [(1, 2), (2, 3), (8, 5), (2097, 6), (17_179_869, 7)]);
        assert_eq!(histogram.calls(), 7);
        assert_eq!(
            [0, 1, 10, 11, 13, 21, 63].map(|power| histogram.calls_below(power)),
            [1, 1, 2, 3, 5, 6, 7]
        );
        assert_eq!(of(&[1, 2, 700]).nanos(), 703);
        assert!(of(&[]).powers_of_two().is_empty());
    }
}

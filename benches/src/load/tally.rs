//! What a stretch of load amounted to.

use hdrhistogram::Histogram;

use crate::clock::SECOND_NS;

/// Longest latency that is told apart: ten minutes.
const LATENCY_NS_MAX: u64 = 600 * SECOND_NS;
/// Digits of a latency that are kept: errors stay below 0.1 %.
const LATENCY_DIGITS: u8 = 3;

/// Replies and how long they took.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    /// Replies that arrived.
    pub(crate) replies: u64,
    /// Wall time.
    pub(crate) elapsed_ns: u64,
    /// CPU time of the generator's thread.
    pub(crate) generator_cpu_ns: u64,
    /// Nanoseconds from when a request was sent (closed loop) or due (open loop) until its reply was read.
    pub(crate) latency: Histogram<u64>,
}

impl Tally {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { replies: 0, elapsed_ns: 0, generator_cpu_ns: 0, latency: latency_histogram() }
    }

    /// Count `replies` that arrived `latency_ns` after their requests left.
    pub(crate) fn record(&mut self, latency_ns: u64, replies: u64) {
        self.replies += replies;
        self.latency.saturating_record_n(latency_ns, replies);
    }

    /// Replies per second of wall time.
    pub(crate) fn rate(&self) -> f64 {
        self.replies as f64 * SECOND_NS as f64 / self.elapsed_ns.max(1) as f64
    }

    /// The share of the time during which the generator computed.
    pub(crate) fn generator_busy(&self) -> f64 {
        self.generator_cpu_ns as f64 / self.elapsed_ns.max(1) as f64
    }
}

/// An empty histogram of nanoseconds.
pub(crate) fn latency_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_NS_MAX, LATENCY_DIGITS)
        .expect("constant bounds that the crate accepts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let mut tally = Tally::new();
        (1..=100_000u64).for_each(|microsecond| tally.record(microsecond * 1000, 1));
        for (quantile, expected) in [(0.5, 50e6), (0.99, 99e6), (0.999, 99.9e6)] {
            let found = tally.latency.value_at_quantile(quantile) as f64;
            assert!((found / expected - 1.0).abs() < 0.001, "{quantile}: {found}");
        }
    }

    #[test]
    fn rates_are_per_second() {
        let mut tally = Tally::new();
        tally.record(10, 30);
        tally.elapsed_ns = 2 * SECOND_NS;
        tally.generator_cpu_ns = SECOND_NS;
        assert_eq!((tally.rate(), tally.generator_busy()), (15.0, 0.5));
    }

    #[test]
    fn what_is_off_the_scale_is_kept_at_its_end() {
        let mut tally = Tally::new();
        tally.record(u64::MAX, 1);
        assert!(tally.latency.max() >= LATENCY_NS_MAX);
    }
}

//! When the server rewrites the log by itself.

use crate::log::UnixMillis;

/// Failures in a row from which on the next attempt waits.
const FAILURES_MIN: u32 = 3;
const MINUTE_MILLIS: u64 = 60 * 1000;
const WAIT_MINUTES_MAX: u64 = 60;

/// How long an automatic rewrite waits after others failed: not at all after one or two, then 1, 2, 4 minutes and so on up to an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    failed_at: UnixMillis,
}

impl Backoff {
    /// A rewrite failed.
    pub fn failed(&mut self, now: UnixMillis) {
        self.failures = self.failures.saturating_add(1);
        self.failed_at = now;
    }

    /// A rewrite succeeded.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whether a rewrite may begin.
    pub fn is_over(&self, now: UnixMillis) -> bool {
        now.is_past(self.failed_at, self.wait_millis())
    }

    /// How long the next attempt waits after the last failure.
    pub fn wait_millis(&self) -> u64 {
        let Some(doublings) = self.failures.checked_sub(FAILURES_MIN) else { return 0 };
        let minutes = 1u64.checked_shl(doublings).filter(|minutes| *minutes > 0).unwrap_or(WAIT_MINUTES_MAX);
        minutes.min(WAIT_MINUTES_MAX) * MINUTE_MILLIS
    }
}

/// How much the log must have grown to be rewritten: `auto-aof-rewrite-percentage` and `auto-aof-rewrite-min-size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// By how much of what it was after the last rewrite, in percent; 0 for never.
    pub percentage: u64,
    /// And to how many bytes at least.
    pub bytes_min: u64,
}

impl Growth {
    /// 100 percent, 64 MiB.
    pub const DEFAULT: Self = Self { percentage: 100, bytes_min: 64 * 1024 * 1024 };

    /// Whether a log that has grown from `before` to `now` bytes is to be rewritten.
    pub fn is_reached(self, before: u64, now: u64) -> bool {
        if self.percentage == 0 || now <= self.bytes_min {
            return false;
        }
        // An empty log counts as one byte.
        let before = u128::from(before.max(1));
        u128::from(now) * 100 >= before * (100 + u128::from(self.percentage))
    }
}

impl Default for Growth {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_wait_longer_after_each_failure() {
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            backoff.failed(UnixMillis(0));
            waits.push(backoff.wait_millis() / MINUTE_MILLIS);
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert!(!backoff.is_over(UnixMillis(60 * MINUTE_MILLIS - 1)));
        assert!(backoff.is_over(UnixMillis(60 * MINUTE_MILLIS)));
        backoff.failures = u32::MAX - 1;
        backoff.failed(UnixMillis(7));
        assert_eq!(backoff.wait_millis(), 60 * MINUTE_MILLIS);
        assert!(backoff.is_over(UnixMillis(6)), "a clock that was set back doesn't stop rewrites");
        backoff.succeeded();
        assert!(backoff.is_over(UnixMillis(0)));
    }

    #[test]
    fn a_log_must_grow_by_a_percentage_and_beyond_a_size() {
        let growth = Growth { percentage: 50, bytes_min: 1000 };
        assert!(!growth.is_reached(0, 1000) && growth.is_reached(0, 1001));
        assert!(!growth.is_reached(2000, 2999) && growth.is_reached(2000, 3000));
        assert!(growth.is_reached(u64::MAX / 2, u64::MAX) && !growth.is_reached(u64::MAX, u64::MAX));
        assert!(!Growth { percentage: 0, ..growth }.is_reached(1, u64::MAX));
    }
}

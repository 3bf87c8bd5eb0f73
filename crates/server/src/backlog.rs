//! Replies that wait for a slow client, and when they are too many.

use engine::{Clock, Moment, OutputLimit};

/// With this many bytes waiting a client is not read from until it has taken some, whatever its limits allow.
pub(crate) const BACKLOG_BYTES_MAX: usize = 256 << 20;

/// How one client stands to its limits.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    /// Since when more than the soft limit waits.
    above_soft_since: Option<Moment>,
}

impl Backlog {
    /// Whether the client has to go, now that so many bytes wait: more than the hard limit, or more than the soft limit for as long
    /// as that allows. Limits of 0 are none.
    pub(crate) fn exceeds(&mut self, waiting_bytes: u64, limit: OutputLimit, clock: impl Clock) -> bool {
        if limit.hard > 0 && waiting_bytes > limit.hard {
            return true;
        }
        if limit.soft == 0 || waiting_bytes <= limit.soft {
            self.above_soft_since = None;
            return false;
        }
        let now = clock.now();
        let since = *self.above_soft_since.get_or_insert(now);
        now.nanos_since(since) > limit.soft_seconds.saturating_mul(1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: OutputLimit = OutputLimit { hard: 1000, soft: 100, soft_seconds: 2 };

    fn at(ms: u64) -> Moment {
        Moment::from_unix_millis(1_800_000_000_000 + ms)
    }

    #[test]
    fn the_hard_limit_holds_at_once() {
        let mut backlog = Backlog::default();
        assert!(!backlog.exceeds(1000, LIMIT, at(0)));
        assert!(backlog.exceeds(1001, LIMIT, at(0)));
    }

    #[test]
    fn the_soft_limit_holds_after_its_time_and_anew_after_a_pause() {
        let mut backlog = Backlog::default();
        assert!(!backlog.exceeds(101, LIMIT, at(0)));
        assert!(!backlog.exceeds(101, LIMIT, at(2000)));
        assert!(backlog.exceeds(101, LIMIT, at(2001)));
        assert!(!backlog.exceeds(100, LIMIT, at(2002)));
        assert!(!backlog.exceeds(101, LIMIT, at(5000)));
    }

    #[test]
    fn limits_of_zero_are_none() {
        let none = OutputLimit { hard: 0, soft: 0, soft_seconds: 0 };
        assert!(!Backlog::default().exceeds(u64::MAX, none, at(0)));
    }
}

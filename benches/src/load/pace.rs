//! When the next batch may leave.

use crate::clock::SECOND_NS;

/// The rule by which requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// As soon as the reply to the batch before is there.
    Closed,
    /// So many requests a second, come what may.
    Open {
        /// Over all connections.
        requests_per_second: f64,
    },
}

/// Hands out the times at which batches are due.
#[derive(Debug, Clone)]
pub(crate) struct Pacer {
    schedule: Schedule,
    /// Batches that may still leave.
    left: u64,
}

#[derive(Debug, Clone)]
enum Schedule {
    Closed,
    Open { start_ns: u64, interval_ns: f64, sent: u64 },
}

impl Pacer {
    /// A pacer for batches of `pipeline` requests whose time begins at `start_ns`.
    pub(crate) fn new(pace: Pace, pipeline: u64, start_ns: u64) -> Self {
        let schedule = match pace {
            Pace::Closed => Schedule::Closed,
            Pace::Open { requests_per_second } => {
                let interval_ns = pipeline as f64 * SECOND_NS as f64 / requests_per_second;
                Schedule::Open { start_ns, interval_ns, sent: 0 }
            }
        };
        Self { schedule, left: u64::MAX }
    }

    /// Let only `batches` more leave.
    pub(crate) fn limit(&mut self, batches: u64) {
        self.left = batches;
    }

    /// Whether someone must look at the clock for the next batch, rather than wait for a reply.
    pub(crate) fn watches_the_clock(&self) -> bool {
        self.left > 0 && matches!(self.schedule, Schedule::Open { .. })
    }

    /// The time at which the next batch is or was due; `None` if it isn't yet, or none is left.
    pub(crate) fn next(&mut self, now_ns: u64) -> Option<u64> {
        if self.left == 0 {
            return None;
        }
        let due_ns = match &mut self.schedule {
            Schedule::Closed => now_ns,
            Schedule::Open { start_ns, interval_ns, sent } => {
                let due_ns = *start_ns + (*sent as f64 * *interval_ns) as u64;
                if due_ns > now_ns {
                    return None;
                }
                *sent += 1;
                due_ns
            }
        };
        self.left -= 1;
        Some(due_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_is_due_by_the_clock_and_not_by_replies() {
        let mut pacer = Pacer::new(Pace::Open { requests_per_second: 2e9 }, 20, 1000);
        assert_eq!(pacer.next(999), None);
        assert_eq!(pacer.next(1000), Some(1000));
        assert_eq!(pacer.next(1009), None);
        let late: Vec<u64> = std::iter::from_fn(|| pacer.next(1030)).collect();
        assert_eq!(late, [1010, 1020, 1030], "what was missed is due at its own time");
    }

    #[test]
    fn a_limit_is_kept() {
        let mut pacer = Pacer::new(Pace::Closed, 1, 0);
        pacer.limit(2);
        assert_eq!([pacer.next(5), pacer.next(6), pacer.next(7)], [Some(5), Some(6), None]);
    }
}

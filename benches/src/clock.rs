//! The clocks: nanoseconds of wall time since boot, since 1970, and of CPU time of this thread.

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// One second in the unit of this module.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Monotonic time in nanoseconds. A vDSO call, about 25 ns.
pub(crate) fn now_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Monotonic))
}

/// Time of day in nanoseconds since 1970, for what servers are told in such terms.
pub(crate) fn unix_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Realtime))
}

/// CPU time, user and system, that the calling thread has used so far.
pub(crate) fn thread_cpu_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::ThreadCPUTime))
}

/// Sleep until `deadline_ns` of [`now_ns`]; returns at once when that has passed.
pub(crate) fn sleep_until(deadline_ns: u64) {
    let at = timespec(deadline_ns);
    while clock_nanosleep_absolute(ClockId::Monotonic, &at) == Err(rustix::io::Errno::INTR) {}
}

/// Sleep for `duration_ns`.
pub(crate) fn sleep_ns(duration_ns: u64) {
    sleep_until(now_ns().saturating_add(duration_ns));
}

/// The kernel's form of a number of nanoseconds.
pub(crate) fn timespec(nanoseconds: u64) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(nanoseconds / SECOND_NS).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(nanoseconds % SECOND_NS).expect("a remainder below 10^9"),
    }
}

fn nanoseconds(at: Timespec) -> u64 {
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    let fraction = u64::try_from(at.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(SECOND_NS).saturating_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_survives_the_kernels_form() {
        for t in [0, 1, SECOND_NS - 1, SECOND_NS, 12 * SECOND_NS + 345] {
            assert_eq!(nanoseconds(timespec(t)), t);
        }
    }

    #[test]
    fn sleeping_does_not_end_early() {
        let until = now_ns() + 2_000_000;
        sleep_until(until);
        assert!(now_ns() >= until);
    }
}

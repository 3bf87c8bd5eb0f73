//! The one place that asks the machine for the time.

use std::time::{SystemTime, UNIX_EPOCH};

use engine::{Clock, Moment};

/// The machine's clock. It follows the system time, since expiries are points of that time; should somebody set it back, durations
/// measured across that moment count as zero.
#[derive(Copy, Clone, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Moment {
        #[expect(clippy::disallowed_methods, reason = "this is the server's clock module")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::from_unix_nanos(since_epoch.as_nanos() as u64)
    }
}

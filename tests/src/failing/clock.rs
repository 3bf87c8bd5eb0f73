//! Time that goes by faster.

use std::sync::LazyLock;
use std::time::Instant;

use engine::{Clock, Moment};

/// So much faster.
const SPEED: u64 = 20;
/// Where it begins: early in 2027.
const START_NANOS: u64 = 1_800_000_000_000_000_000;

/// All such clocks tell the same time.
#[derive(Clone, Copy, Debug, Default)]
pub struct FastClock;

impl FastClock {
    /// Milliseconds since the epoch.
    pub(crate) fn now_ms() -> u64 {
        Self.now().unix_nanos() / 1_000_000
    }
}

impl Clock for FastClock {
    fn now(&self) -> Moment {
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        Moment::from_unix_nanos(START_NANOS + BEGAN.elapsed().as_nanos() as u64 * SPEED)
    }
}

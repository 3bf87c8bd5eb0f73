//! Where a database gets its time from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use engine::{Clock, Moment};

/// The machine's clock. It follows the system time, since expiries are points of that time.
#[derive(Copy, Clone, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Moment {
        #[expect(clippy::disallowed_methods, reason = "the one place of this crate that asks for the time")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::from_unix_nanos(since_epoch.as_nanos() as u64)
    }
}

/// When a test clock starts unless told otherwise: early in 2027.
const START_MS: u64 = 1_800_000_000_000;

/// A clock for tests: it stands still until it is moved on. Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use kvd_embed::{Db, Options, TestClock};
///
/// let clock = TestClock::new();
/// let db = Db::open(Options::default().clock(clock.clone()))?;
/// db.call(("SET", "session", "ada", "EX", 60))?;
/// clock.advance(Duration::from_secs(61));
/// assert_eq!(db.query::<Option<String>>(["GET", "session"])?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestClock {
    nanos: Arc<AtomicU64>,
}

impl TestClock {
    /// A clock that stands somewhere early in 2027.
    pub fn new() -> Self {
        Self::at(Moment::from_unix_millis(START_MS))
    }

    /// A clock that stands at this moment.
    pub fn at(moment: Moment) -> Self {
        Self { nanos: Arc::new(AtomicU64::new(moment.unix_nanos())) }
    }

    /// Moves it on. A database sees that at the next call.
    ///
    /// A key is there to the end of its last millisecond, as with Redis: after `EX 60` and sixty seconds to the millisecond it is about to go.
    /// There is no way back: time that does not run backwards is what a database relies on.
    pub fn advance(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let advanced = |now: u64| Some(now.saturating_add(nanos));
        // The closure never declines, so there is no failure to look at.
        let _before = self.nanos.fetch_update(Relaxed, Relaxed, advanced);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_unix_nanos(self.nanos.load(Relaxed))
    }
}

//! Time as the engine gets it: from the caller.

use keyspace::UnixMillis;

/// A point in time: nanoseconds since the Unix epoch. Successive readings of one clock never go back.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    nanos: u64,
}

impl Moment {
    /// Later than any other.
    pub const MAX: Self = Self { nanos: u64::MAX };

    /// The moment `nanos` nanoseconds after the epoch (good until the year 2554).
    #[inline]
    pub const fn from_unix_nanos(nanos: u64) -> Self {
        Self { nanos }
    }

    /// The moment `millis` milliseconds after the epoch.
    #[inline]
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self { nanos: millis * 1_000_000 }
    }

    /// Nanoseconds since the epoch.
    #[inline]
    pub const fn unix_nanos(self) -> u64 {
        self.nanos
    }

    /// Whole milliseconds since the epoch.
    #[inline]
    pub fn unix_millis(self) -> UnixMillis {
        UnixMillis((self.nanos / 1_000_000) as i64)
    }

    /// Whole microseconds since the epoch.
    #[inline]
    pub fn unix_micros(self) -> u64 {
        self.nanos / 1000
    }

    /// Whole seconds since the epoch.
    #[inline]
    pub fn unix_seconds(self) -> u64 {
        self.nanos / 1_000_000_000
    }

    /// Nanoseconds from `earlier` to here; 0 if that lies later.
    #[inline]
    pub fn nanos_since(self, earlier: Self) -> u64 {
        self.nanos.saturating_sub(earlier.nanos)
    }
}

/// Where a caller of the engine gets its time from: the machine's clock in the server, a number in a simulation.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// A clock that stands still: one moment for a whole call.
impl Clock for Moment {
    fn now(&self) -> Moment {
        *self
    }
}

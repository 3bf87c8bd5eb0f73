//! Points in time as the keyspace knows them: given by the caller, never read from a clock.

/// Milliseconds since the Unix epoch, the unit of every expiry.
///
/// Signed, as on the wire: `PEXPIREAT key -5` is legal and lies in the past.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// Whether a key with this expiry is gone at `now`. A key lives through the whole of its last millisecond.
    #[inline]
    pub fn is_due(self, now: Self) -> bool {
        now.0 > self.0
    }

    /// The Unix time in whole seconds, rounded down.
    #[inline]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// Index of a logical database, as `SELECT` takes it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DbIndex(pub u32);

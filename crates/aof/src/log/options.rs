//! How the log is written.

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

/// When what was written is made durable: `appendfsync`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Before anybody is told that it was written.
    Always,
    /// Once a second.
    #[default]
    EverySec,
    /// When the system likes.
    No,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// When what was written is made durable.
    pub policy: Policy,
    /// Whether seconds are noted in the log, so that it can go back to one: `aof-timestamp-enabled`.
    pub timestamps: bool,
    /// Whether a rewrite suspends the policy: `no-appendfsync-on-rewrite`.
    pub no_sync_on_rewrite: bool,
    /// How many bytes of memory are kept of entries that aren't durable yet, so that they can be written again when an fsync fails. While the disk
    /// fails they may be exceeded by one batch.
    pub retained_bytes_max: usize,
}

impl Options {
    /// Once a second, no timestamps, 64 MiB.
    pub const DEFAULT: Self = Self {
        policy: Policy::EverySec,
        timestamps: false,
        no_sync_on_rewrite: false,
        retained_bytes_max: 64 * 1024 * 1024,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl UnixMillis {
    pub(crate) fn second(self) -> u64 {
        self.0 / 1000
    }

    /// Whether so many milliseconds have passed since; a clock that was set back has no say.
    pub(crate) fn is_past(self, since: Self, millis: u64) -> bool {
        self < since || self.0 - since.0 >= millis
    }
}

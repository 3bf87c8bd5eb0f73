//! What the engine asks of whatever keeps the data beyond the process: snapshots and the log.

use crate::clock::Moment;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::waiting::Promise;

/// Who keeps the data. What a storage doesn't define is as if there were no disk.
///
/// Methods return at once. What takes long is done elsewhere, and a [`Promise`] is kept when it is done.
pub trait Storage: Send + Sync {
    /// How it stands.
    fn status(&self, engine: &Engine) -> StorageStatus {
        let mut status = StorageStatus::default();
        status.snapshot.last_at = engine.started().unix_seconds() as i64;
        status.snapshot.changes = engine.stats().sum(|counters| &counters.changes);
        status
    }

    /// Begins to write a snapshot (`SAVE`, `BGSAVE`). `done` is kept when it is written, with `OK` or why not.
    fn save(&self, when: SaveWhen, done: Option<Promise>) -> Result<Begun, CommandError> {
        let _ = (when, done);
        Err(NO_STORAGE)
    }

    /// Gives up the snapshot that is being written, or one that was to be (`BGSAVE CANCEL`).
    fn cancel_save(&self) -> Result<Cancelled, CommandError> {
        Err(NO_STORAGE)
    }

    /// Begins to write the log anew (`BGREWRITEAOF`).
    fn rewrite_log(&self) -> Result<Begun, CommandError> {
        Err(NO_STORAGE)
    }

    /// All data were removed at once (`FLUSHALL`), and snapshots are written without anybody asking: the one that is there, and one that nobody waits
    /// for and that is being written, hold what nobody wants any more.
    fn note_flushed(&self) {}

    /// Has all data read from the disk again (`DEBUG RELOAD`, `DEBUG LOADAOF`).
    fn reload(&self, from: ReloadFrom, done: Promise) -> Result<(), CommandError> {
        let _ = (from, done);
        Err(NO_STORAGE)
    }
}

impl Ctx<'_> {
    /// All databases were emptied: a crash isn't to bring back what a snapshot still holds.
    pub fn note_flushed(&self) {
        if !self.session.is_replaying && self.engine.settings().saves() {
            self.engine.host().storage().note_flushed();
        }
    }
}

impl Engine {
    /// How the storage stands. What the log has yet to write is counted by the journal as it is now: whoever tells the rest may hang in the middle of
    /// a write.
    pub fn storage_status(&self) -> StorageStatus {
        let mut status = self.storage().status(self);
        if status.log.is_on {
            let endangered_bytes = self.journal().end().0.saturating_sub(self.durable().0);
            status.log.buffered_bytes = endangered_bytes.saturating_sub(status.log.unsynced_bytes);
        }
        status
    }
}

const NO_STORAGE: CommandError = CommandError::fixed("ERR there is no disk to keep the data on");

/// When a snapshot is to be begun.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum SaveWhen {
    /// Now, or not at all.
    Now,
    /// Now, or when the log is written anew (`BGSAVE SCHEDULE`).
    Possible,
}

/// Whether something was begun.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It was.
    Started,
    /// It will be when what is under way is done.
    Scheduled,
}

/// What was given up.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// A snapshot that was being written.
    Running,
    /// One that was to be written.
    Scheduled,
}

/// Where data are read from again.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ReloadFrom {
    /// The snapshot file.
    Snapshot {
        /// Written right before.
        saves: bool,
        /// What is in memory goes first.
        flushes: bool,
        /// What is in memory and in the file is taken from the file; otherwise it is an error.
        merges: bool,
    },
    /// The log.
    Log,
}

/// How a storage stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageStatus {
    /// Data are being read.
    pub loading: Option<LoadingStatus>,
    /// Snapshots.
    pub snapshot: SnapshotStatus,
    /// The log.
    pub log: LogStatus,
}

/// How far reading is.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct LoadingStatus {
    /// Since when.
    pub since: Moment,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Bytes read.
    pub loaded_bytes: u64,
}

/// Snapshots.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotStatus {
    /// One is being written, since then.
    pub running_since: Option<Moment>,
    /// Keys written, and keys that there were when it began.
    pub keys: (u64, u64),
    /// Bytes of memory that a snapshot under way takes beyond the data.
    pub extra_bytes: u64,
    /// The most that it has taken.
    pub extra_bytes_peak: u64,
    /// One is to be written as soon as possible.
    pub is_scheduled: bool,
    /// How many were written since the start.
    pub count: u64,
    /// When the last one was begun that was written, in seconds since the epoch; or the start.
    pub last_at: i64,
    /// Whether the last attempt succeeded.
    pub is_last_ok: bool,
    /// How long it took.
    pub last_seconds: Option<u64>,
    /// The most bytes that it took beyond the data.
    pub last_extra_bytes: u64,
    /// Changes to the data since the last one.
    pub changes: u64,
    /// Keys that were read at the start, and those that weren't as their time was over.
    pub loaded_keys: (u64, u64),
}

/// The log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStatus {
    /// Whether there is one.
    pub is_on: bool,
    /// It is being written anew, since then.
    pub rewriting_since: Option<Moment>,
    /// It will be, as soon as possible.
    pub is_rewrite_scheduled: bool,
    /// How often that was done.
    pub rewrites: u64,
    /// How long it took the last time.
    pub last_rewrite_seconds: Option<u64>,
    /// Whether the last attempt succeeded.
    pub is_last_rewrite_ok: bool,
    /// Attempts that failed since the last that didn't.
    pub rewrites_failed: u32,
    /// The most bytes that the last one took beyond the data.
    pub last_extra_bytes: u64,
    /// Whether the last write and fsync succeeded.
    pub is_last_write_ok: bool,
    /// Bytes of all its files.
    pub bytes: u64,
    /// The same after it was written anew last.
    pub base_bytes: u64,
    /// Bytes that wait to be written, or are just being written.
    pub buffered_bytes: u64,
    /// Bytes that were written and are not durable yet.
    pub unsynced_bytes: u64,
    /// How often an fsync took longer than it may.
    pub delayed_fsyncs: u64,
}

impl Default for StorageStatus {
    fn default() -> Self {
        Self {
            loading: None,
            snapshot: SnapshotStatus {
                running_since: None,
                keys: (0, 0),
                extra_bytes: 0,
                extra_bytes_peak: 0,
                is_scheduled: false,
                count: 0,
                last_at: 0,
                is_last_ok: true,
                last_seconds: None,
                last_extra_bytes: 0,
                changes: 0,
                loaded_keys: (0, 0),
            },
            log: LogStatus {
                is_on: false,
                rewriting_since: None,
                is_rewrite_scheduled: false,
                rewrites: 0,
                last_rewrite_seconds: None,
                is_last_rewrite_ok: true,
                rewrites_failed: 0,
                last_extra_bytes: 0,
                is_last_write_ok: true,
                bytes: 0,
                base_bytes: 0,
                buffered_bytes: 0,
                unsynced_bytes: 0,
                delayed_fsyncs: 0,
            },
        }
    }
}

/// A storage that isn't there: for an engine in a test or inside another program.
#[derive(Debug, Default)]
pub struct NoStorage;

impl Storage for NoStorage {}

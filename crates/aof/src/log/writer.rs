//! The writer: what is written, what is durable, and what happens when the disk fails.

use std::sync::Arc;

use disk::DiskError;
use journal::{Batch, Offset};

use super::background::Underway;
use super::options::{Options, Policy, UnixMillis};
use super::output::Output;
use super::retained::Retained;
use super::rewrite::Rewriting;
use crate::directory::Directory;
use crate::error::AofError;

const SECOND_MILLIS: u64 = 1000;
/// A buffer up to this is kept, and up to the second while it is put to use.
const BUFFER_BYTES: usize = 1024 * 1024;
const BUFFER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The writer of a log: a state machine without a thread or a clock. Its calls block as long as the disk does.
///
/// It keeps every entry that it was given until that is durable, within [`Options::retained_bytes_max`], so that it can write it
/// again:
///
/// - A write failed or went in partly: the file is cut back to the last whole entry, and [`retry`](Self::retry) writes again. Nothing is ever
///   written behind a torn entry.
/// - An fsync failed: the kernel may have dropped the pages, and a second fsync that succeeds tells nothing of them. Yet whoever reads the file
///   would still find them, a process that is started anew included. So the file is cut back to what was durable at once;
///   [`retry`](Self::retry) adds a new one to the manifest and writes everything to it that wasn't durable. Only the fsync of the cut, which
///   changes a length and writes none of the lost pages, is asked of the old file again.
/// - More was written than is kept, and then an fsync failed: the log has a gap that can't be filled ([`Failing::lost`]). A new base
///   is needed: [`into_directory`](Self::into_directory), then [`switch_on`](Self::switch_on); or the server stops.
#[derive(Debug)]
pub struct Log {
    pub(crate) directory: Directory,
    options: Options,
    pub(crate) output: Output,
    retained: Retained,
    written: Offset,
    /// Everything before is durable in files that are, or will be, named in the manifest.
    pub(crate) synced: Offset,
    synced_at: UnixMillis,
    /// The fsync of somebody else that isn't known to have ended.
    pub(crate) syncing: Option<Underway>,
    failing: Option<Failing>,
    pub(crate) rewriting: Option<Rewriting>,
    /// Bytes of the log's other files.
    pub(crate) other_bytes: u64,
    /// Bytes of the log when it was opened or rewritten last.
    pub(crate) rewritten_bytes: u64,
    buffer: Vec<u8>,
}

/// The state of a log whose disk fails.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Since when.
    pub since: UnixMillis,
    /// What failed last.
    pub error: Arc<AofError>,
    /// Whether entries are gone that aren't durable, so that retrying is in vain.
    pub lost: bool,
    /// Whether it was an fsync, after which the file isn't trusted.
    is_distrusted: bool,
}

/// Why entries are not written, or not durable.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The disk fails. Entries that were given are kept, and written when `retry` succeeds.
    #[error("{0}")]
    Failing(Arc<AofError>),
    /// The disk fails, and no more entries are taken: those that were just given are left to the caller.
    #[error("no more is kept while the log can't be written: {0}")]
    Full(Arc<AofError>),
    /// The disk failed, and the log has a gap; see [`Failing::lost`].
    #[error("the log needs a new base, since what it was written before can't be written again: {0}")]
    Lost(Arc<AofError>),
}

impl Log {
    /// Goes on with a log that was loaded, or begins one. A log of a single file is moved into the directory, and what an earlier process
    /// left is removed: temporary files and history. `loaded_bytes` is how much was read of the last file that was loaded, and
    /// repaired if need be; `at` is the journal's offset that what was loaded stands for.
    pub fn open(
        mut directory: Directory,
        loaded_bytes: u64,
        options: Options,
        at: Offset,
        now: UnixMillis,
    ) -> Result<Self, AofError> {
        directory.take_over()?;
        let output = match directory.manifest().increments.last() {
            Some(last) => Output::resume(&directory, last, loaded_bytes)?,
            None => Output::add(&mut directory, None)?,
        };
        // Were a crash to find no manifest, the increment would look as if one were lost.
        directory.settle()?;
        directory.remove_temporary()?;
        directory.delete_history()?;
        let mut log = Self::new(directory, output, options, at, now);
        log.measure();
        log.rewritten_bytes = log.size();
        Ok(log)
    }

    pub(crate) fn new(
        directory: Directory,
        output: Output,
        options: Options,
        at: Offset,
        now: UnixMillis,
    ) -> Self {
        Self {
            directory,
            options,
            output,
            retained: Retained::new(options.retained_bytes_max),
            written: at,
            synced: at,
            synced_at: now,
            syncing: None,
            failing: None,
            rewriting: None,
            other_bytes: 0,
            rewritten_bytes: 0,
            buffer: Vec::new(),
        }
    }

    /// Writes entries, with one write. They must follow on what was given before.
    ///
    /// Unless the error is [`LogError::Full`], they are kept whatever happens; none may be given again. A batch is taken as a whole as long as
    /// [`Options::retained_bytes_max`] isn't reached, so that may be exceeded by one.
    pub fn append(&mut self, batch: &Batch, now: UnixMillis) -> Result<(), LogError> {
        // Behind pages that were lost nothing is to be written. What failed is told below.
        let _ = self.end_sync();
        match &self.failing {
            Some(failing) if failing.lost => return Err(LogError::Lost(Arc::clone(&failing.error))),
            Some(failing) if self.retained.is_full() => {
                return Err(LogError::Full(Arc::clone(&failing.error)));
            }
            _ => {}
        }
        let end = self.retained.end().unwrap_or(self.written);
        debug_assert_eq!(batch.start(), end, "a batch follows on the one before");
        self.retained.push(batch);
        if let Some(failing) = &self.failing {
            return Err(failing.to_error());
        }
        self.write(now)
    }

    /// Whether it is time for [`sync`](Self::sync), by the policy.
    pub fn poll_sync(&self, now: UnixMillis) -> bool {
        if self.unsyncable().is_some() || self.synced == self.written || self.syncing.is_some() {
            return false;
        }
        if self.rewriting.is_some() && self.options.no_sync_on_rewrite {
            return false;
        }
        match self.options.policy {
            Policy::Always => true,
            Policy::EverySec => now.is_past(self.synced_at, SECOND_MILLIS),
            Policy::No => false,
        }
    }

    /// Makes durable what is written. It succeeds while only writes fail: what was written before is there.
    pub fn sync(&mut self, now: UnixMillis) -> Result<(), LogError> {
        self.finish_sync()?;
        if !self.settle_to_sync(now)? {
            return Ok(());
        }
        if let Err(error) = self.output.sync() {
            return Err(self.fail_sync(error, now));
        }
        self.note_synced(self.written, now);
        Ok(())
    }

    /// Whether there is anything to make durable, and that may be tried.
    pub(crate) fn settle_to_sync(&mut self, now: UnixMillis) -> Result<bool, LogError> {
        if let Some(failing) = self.unsyncable() {
            return Err(failing.to_error());
        }
        if self.synced == self.written {
            return Ok(false);
        }
        let since = self.failing_since(now);
        if let Err(error) = self.directory.settle() {
            let error = Arc::new(error);
            return Err(self.fail(Failing { since, error, lost: false, is_distrusted: false }));
        }
        Ok(true)
    }

    /// An fsync of everything before that offset succeeded, which began at that time.
    pub(crate) fn note_synced(&mut self, synced: Offset, at: UnixMillis) {
        self.synced = synced;
        self.synced_at = at;
        self.retained.durable(synced);
    }

    /// An fsync failed.
    pub(crate) fn fail_sync(&mut self, error: DiskError, now: UnixMillis) -> LogError {
        // If it can't be cut now, `retry` begins with that; the first error is the one to tell.
        let _ = self.distrust_output();
        let lost = !self.retained.is_whole() || self.is_switching_on();
        let since = self.failing_since(now);
        self.fail(Failing { since, error: Arc::new(error.into()), lost, is_distrusted: true })
    }

    fn failing_since(&self, now: UnixMillis) -> UnixMillis {
        self.failing.as_ref().map_or(now, |failing| failing.since)
    }

    /// Tries to write again what couldn't be written, as the state of a log that fails says.
    pub fn retry(&mut self, now: UnixMillis) -> Result<(), LogError> {
        // As in `append`.
        let _ = self.end_sync();
        let Some(failing) = self.failing.clone() else { return Ok(()) };
        if failing.lost {
            return Err(failing.to_error());
        }
        if failing.is_distrusted {
            if let Err(error) = self.leave_output() {
                return Err(self.fail(Failing { error: Arc::new(error), ..failing }));
            }
            self.failing = Some(Failing { is_distrusted: false, ..failing.clone() });
        }
        if let Err(error) = self.directory.settle() {
            return Err(self.fail(Failing { error: Arc::new(error), is_distrusted: false, ..failing }));
        }
        self.write(now)?;
        self.failing = None;
        Ok(())
    }

    /// The state of a log whose disk fails; `None` if all is well.
    pub fn failing(&self) -> Option<&Failing> {
        self.failing.as_ref()
    }

    /// Everything before was written: a process that is killed now doesn't lose it. It falls when an fsync fails.
    pub fn written(&self) -> Offset {
        self.written
    }

    /// Everything before is durable: a machine that loses power now doesn't lose it. While the log is being switched on, nothing
    /// is, and this is 0.
    pub fn durable(&self) -> Offset {
        if self.is_switching_on() { Offset::default() } else { self.synced }
    }

    /// How the log is written.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Changes how the log is written; `retained_bytes_max` stays.
    pub fn set_options(&mut self, options: Options) {
        self.options = Options { retained_bytes_max: self.options.retained_bytes_max, ..options };
    }

    /// Bytes of all the log's files.
    pub fn size(&self) -> u64 {
        self.other_bytes + self.output.length
    }

    /// Bytes of all the log's files when it was opened or rewritten last.
    pub fn rewritten_size(&self) -> u64 {
        self.rewritten_bytes
    }

    /// The log's directory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Ends the writing without another sync; the files stay. A rewrite that was going on is aborted.
    pub fn into_directory(mut self) -> Directory {
        self.remove_temporary();
        self.directory
    }

    pub(crate) fn is_switching_on(&self) -> bool {
        self.rewriting.as_ref().is_some_and(|rewriting| rewriting.is_switching_on)
    }

    /// Writes what isn't written.
    fn write(&mut self, now: UnixMillis) -> Result<(), LogError> {
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        let mut context = self.output.context;
        for entry in self.retained.unwritten() {
            if bytes.is_empty() && self.options.timestamps {
                context.note(now, &mut bytes);
            }
            context.write(entry, &mut bytes);
        }
        let result = if bytes.is_empty() { Ok(()) } else { self.output.write(&bytes) };
        if is_worth_keeping(&bytes) {
            self.buffer = bytes;
        }
        if let Err(error) = result {
            let since = self.failing_since(now);
            let error = Arc::new(error.into());
            return Err(self.fail(Failing { since, error, lost: false, is_distrusted: false }));
        }
        self.output.context = context;
        self.written = self.retained.end().unwrap_or(self.written);
        self.retained.all_written();
        Ok(())
    }

    /// Leaves a file whose fsync failed for a new one.
    fn leave_output(&mut self) -> Result<(), AofError> {
        self.distrust_output()?;
        let empty = self.output.seq.filter(|_| self.output.durable_length == 0);
        let next = Output::add(&mut self.directory, empty)?;
        self.other_bytes += self.output.length;
        self.output = next;
        Ok(())
    }

    /// Cuts off what may never become durable. What was written there counts as not written.
    fn distrust_output(&mut self) -> Result<(), AofError> {
        self.written = self.synced;
        self.retained.none_written();
        Ok(self.output.cut_to_durable()?)
    }

    fn fail(&mut self, failing: Failing) -> LogError {
        let error = failing.to_error();
        self.failing = Some(failing);
        error
    }

    /// The state of a log that can't be synced before `retry` has succeeded.
    fn unsyncable(&self) -> Option<&Failing> {
        let failing = self.failing.as_ref()?;
        (failing.lost || failing.is_distrusted || !self.directory.is_settled()).then_some(failing)
    }

    /// Adds up the other files' lengths. One that can't be told counts as nothing: it is no reason to stop.
    pub(crate) fn measure(&mut self) {
        let manifest = self.directory.manifest();
        let others = manifest.increments.iter().filter(|file| Some(file.seq) != self.output.seq);
        let mut bytes = 0;
        for file in manifest.base.iter().chain(others) {
            let path = self.directory.location().folder().join(&file.name);
            bytes += self.directory.disk().length(&path).ok().flatten().unwrap_or(0);
        }
        self.other_bytes = bytes;
    }
}

/// Whether a buffer of this capacity isn't too large for what it was filled with last.
fn is_worth_keeping(buffer: &Vec<u8>) -> bool {
    let capacity = buffer.capacity();
    capacity <= BUFFER_BYTES || capacity <= BUFFER_BYTES_MAX && capacity / 4 <= buffer.len()
}

impl Failing {
    /// What whoever gives more entries is told.
    pub fn to_error(&self) -> LogError {
        let error = Arc::clone(&self.error);
        if self.lost { LogError::Lost(error) } else { LogError::Failing(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_buffer_is_kept_while_it_is_put_to_use() {
        let filled = |capacity, length| {
            let mut buffer = Vec::with_capacity(capacity);
            buffer.resize(length, 0);
            is_worth_keeping(&buffer)
        };
        assert!(filled(BUFFER_BYTES, 0) && filled(BUFFER_BYTES_MAX, BUFFER_BYTES_MAX / 4));
        assert!(!filled(BUFFER_BYTES_MAX, BUFFER_BYTES_MAX / 4 - 1) && !filled(BUFFER_BYTES + 1, 100));
        assert!(!filled(BUFFER_BYTES_MAX + 1, BUFFER_BYTES_MAX));
    }
}

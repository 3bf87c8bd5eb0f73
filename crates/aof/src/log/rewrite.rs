//! A new base in the place of the old files.
//!
//! ```text
//!   begin    base 1, incr 1          ─▶ base 1, incr 1, incr 2     what is appended goes to incr 2
//!            the caller writes the base at the offset where incr 2 begins, on another thread
//!   commit   base 1, incr 1, incr 2  ─▶ base 2, incr 2, history: base 1, incr 1  ─▶ base 2, incr 2
//!   abort                               base 1, incr 1, incr 2
//! ```
//!
//! Each arrow is one manifest in the place of another, so a crash at any moment finds the files before or those after, and both
//! are loaded to the same data.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use journal::Offset;

use super::base::{BaseWriter, FinishedBase, Ticket};
use super::options::{Options, UnixMillis};
use super::output::{NAMES_MAX, Output, last_tried};
use super::writer::{Log, LogError};
use crate::directory::Directory;
use crate::error::AofError;
use crate::location::BaseFormat;
use crate::manifest::{Listed, Manifest, SEQ_MAX};

/// A rewrite that is going on.
#[derive(Debug)]
pub(crate) struct Rewriting {
    ticket: Ticket,
    temporary: PathBuf,
    /// Increments from this number on stay.
    first_seq: u64,
    /// Whether the log counts only when this is committed.
    pub(crate) is_switching_on: bool,
}

/// What a rewrite did.
#[derive(Debug)]
pub struct Committed {
    /// Old files, removed.
    pub removed: Vec<PathBuf>,
    /// The old base, if it was to stay: [`Directory::spare_base`].
    pub spared: Option<PathBuf>,
    /// Why some are still there; the next rewrite or start removes them. They also stay while a crash could bring the manifest before
    /// back, from which the same is loaded.
    pub leftover: Option<AofError>,
}

/// Why a rewrite doesn't begin, or fails. The log goes on as before.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// One is going on.
    #[error("a rewrite of the log is already in progress")]
    InProgress,
    /// None is going on, or another one.
    #[error("this rewrite of the log isn't in progress")]
    NotInProgress,
    /// The log stands elsewhere than where the base will be taken.
    #[error("the base is of offset {}, and the log stands at {}", asked.0, written.0)]
    OtherOffset {
        /// Where the base will be taken.
        asked: Offset,
        /// Where the log stands.
        written: Offset,
    },
    /// The base would not fit on the disk.
    #[error("a rewrite needs {needed} bytes of disk, {free} are free")]
    NoSpace {
        /// What was asked for.
        needed: u64,
        /// What there is.
        free: u64,
    },
    /// The log's disk fails.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The disk refused.
    #[error(transparent)]
    Aof(#[from] AofError),
}

impl Log {
    /// Begins a rewrite: what is appended from now on goes to a new increment, which the manifest names. The caller writes a base that
    /// holds exactly what was appended before the journal's offset `at`, where the log must stand. `needed_bytes` is about as long as that
    /// will be: a disk that would be full is left as it is, since the log needs it.
    pub fn begin_rewrite(
        &mut self,
        at: Offset,
        format: BaseFormat,
        needed_bytes: u64,
        now: UnixMillis,
    ) -> Result<BaseWriter, RewriteError> {
        if self.rewriting.is_some() {
            return Err(RewriteError::InProgress);
        }
        if self.written() != at {
            return Err(RewriteError::OtherOffset { asked: at, written: self.written() });
        }
        if let Some(failing) = self.failing() {
            return Err(failing.to_error().into());
        }
        check_space(&self.directory, needed_bytes)?;
        // What follows counts only if everything before it is there.
        self.sync(now)?;
        let ticket = Ticket::default();
        let (temporary, writer) = create_base(&self.directory, format, &ticket)?;
        let next = match Output::add(&mut self.directory, None) {
            Ok(next) => next,
            Err(error) => {
                // The next start removes it otherwise.
                let _ = self.directory.disk().remove(&temporary);
                return Err(error.into());
            }
        };
        self.other_bytes += self.output.length;
        self.output = next;
        let first_seq = self.output.seq.unwrap_or(0);
        self.rewriting = Some(Rewriting { ticket, temporary, first_seq, is_switching_on: false });
        Ok(writer)
    }

    /// Switches the log on while the server runs, at the journal's offset `at`, at which the caller takes the base. Until that is committed
    /// the entries go to a temporary file, the manifest and the files of an earlier log stay as they are, and nothing counts as durable.
    /// An earlier log of a single file stays for good. Whether there is room is not asked: without a base there is no log, and how long it will be
    /// nobody knows.
    /// If it fails later, [`into_directory`](Self::into_directory) removes what was begun.
    pub fn switch_on(
        mut directory: Directory,
        at: Offset,
        format: BaseFormat,
        options: Options,
        now: UnixMillis,
    ) -> Result<(Self, BaseWriter), (Box<Directory>, RewriteError)> {
        let ticket = Ticket::default();
        let begun = begin_switching_on(&mut directory, format, &ticket);
        let (temporary, writer, output) = match begun {
            Ok(begun) => begun,
            Err(error) => return Err((Box::new(directory), error)),
        };
        let mut log = Self::new(directory, output, options, at, now);
        log.rewriting = Some(Rewriting { ticket, temporary, first_seq: u64::MAX, is_switching_on: true });
        Ok((log, writer))
    }

    /// Puts the new base in the place of the old one and of the increments before it, and removes these. If it fails, the rewrite counts
    /// as aborted; a log that was to be switched on is to be given up by [`into_directory`](Self::into_directory). The base of another
    /// rewrite is refused, and the one that is going on goes on.
    pub fn commit_rewrite(&mut self, base: FinishedBase) -> Result<Committed, RewriteError> {
        let rewriting = self.rewriting.take_if(|rewriting| rewriting.ticket.is(&base.ticket));
        let rewriting = rewriting.ok_or(RewriteError::NotInProgress)?;
        let result = match self.failing() {
            Some(failing) if failing.lost => Err(failing.to_error().into()),
            _ => self.replace_base(&base, &rewriting).map_err(RewriteError::from),
        };
        let (unsettled, spared) = match result {
            Ok(replaced) => replaced,
            Err(error) => {
                if rewriting.is_switching_on {
                    self.rewriting = Some(rewriting);
                } else {
                    // If it is still there, the next start removes it.
                    let _ = self.directory.disk().remove(&rewriting.temporary);
                }
                return Err(error);
            }
        };
        self.measure();
        self.rewritten_bytes = self.size();
        Ok(match unsettled.map_or_else(|| self.directory.delete_history(), Err) {
            Ok(removed) => Committed { removed, spared, leftover: None },
            Err(error) => Committed { removed: Vec::new(), spared, leftover: Some(error) },
        })
    }

    /// Ends a rewrite without a new base. The log goes on, with one increment more.
    pub fn abort_rewrite(&mut self) -> Result<(), RewriteError> {
        if self.is_switching_on() || self.rewriting.is_none() {
            return Err(RewriteError::NotInProgress);
        }
        self.remove_temporary();
        Ok(())
    }

    /// Whether a rewrite is going on.
    pub fn is_rewriting(&self) -> bool {
        self.rewriting.is_some()
    }

    /// Removes what a rewrite that won't be committed has begun. What can't be removed is removed at the next start.
    pub(crate) fn remove_temporary(&mut self) {
        let Some(rewriting) = self.rewriting.take() else { return };
        let disk = self.directory.disk();
        let _ = disk.remove(&rewriting.temporary);
        if rewriting.is_switching_on {
            let _ = disk.remove(&self.directory.location().temporary_increment());
        }
    }
}

impl Log {
    /// Names the new base and, if the log is being switched on, its increment; then has the manifest say so. Gives an error if that was
    /// done, and a crash may bring the manifest before back. Then a log that is being switched on would be gone: that is a failure. Gives the
    /// old base, too, if it stays.
    fn replace_base(
        &mut self,
        base: &FinishedBase,
        rewriting: &Rewriting,
    ) -> Result<(Option<AofError>, Option<PathBuf>), AofError> {
        let location = self.directory.location().clone();
        let old_seq = self.directory.manifest().base.as_ref().map_or(0, |base| base.seq);
        let (seq, name) = self.free_name(old_seq, |seq| location.base_name(seq, base.format))?;
        let mut renamed = vec![(base.path.clone(), location.folder().join(&name))];
        let mut manifest = self.directory.manifest().clone();
        let (stay, old) = manifest.increments.into_iter().partition(|file| file.seq >= rewriting.first_seq);
        manifest.increments = stay;
        let old_base = manifest.base.replace(Listed::new(name, seq));
        let (spared, replaced) = match self.directory.spares_base() {
            true => (old_base, None),
            false => (None, old_base),
        };
        let spared = spared.map(|base| location.folder().join(base.name));
        manifest.history.extend(replaced.into_iter().chain(old));
        let mut output_seq = self.output.seq;
        if rewriting.is_switching_on {
            let after = self.directory.manifest().last_increment();
            let (seq, name) = self.free_name(after, |seq| location.increment_name(seq))?;
            renamed.push((location.temporary_increment(), location.folder().join(&name)));
            manifest.increments.push(Listed::new(name, seq));
            output_seq = Some(seq);
        }
        let unsettled = self.rename_and_put(&renamed, manifest)?;
        match unsettled {
            Some(error) if rewriting.is_switching_on => return Err(error),
            _ => self.output.seq = output_seq,
        }
        self.directory.base_replaced();
        Ok((unsettled, spared))
    }

    /// The names must be durable before a manifest holds them. If the manifest stays the old one, they go again. Gives an error if it is
    /// the new one, and isn't settled.
    fn rename_and_put(
        &mut self,
        renamed: &[(PathBuf, PathBuf)],
        manifest: Manifest,
    ) -> Result<Option<AofError>, AofError> {
        let disk = Arc::clone(self.directory.disk());
        let rename = || {
            for (from, to) in renamed {
                disk.rename(from, to)?;
            }
            disk.sync_dir(self.directory.location().folder())
        };
        let result = rename().map_err(AofError::from);
        let result = result.and_then(|()| self.directory.put(manifest.clone()));
        let Err(error) = result else { return Ok(None) };
        if *self.directory.manifest() == manifest {
            return Ok(Some(error));
        }
        for (from, to) in renamed {
            // What stays is a stranger, or a temporary file, to the next start.
            let _ = disk.remove(to).or_else(|_| disk.remove(from));
        }
        Err(error)
    }

    fn free_name(&self, after: u64, name: impl Fn(u64) -> OsString) -> Result<(u64, OsString), AofError> {
        let folder = self.directory.location().folder();
        let listed = self.directory.manifest().names();
        for seq in (after + 1..=SEQ_MAX).take(NAMES_MAX) {
            let is_listed = listed.contains(name(seq).as_os_str());
            if !is_listed && self.directory.disk().length(&folder.join(name(seq)))?.is_none() {
                return Ok((seq, name(seq)));
            }
        }
        Err(AofError::NoName { path: folder.join(name(last_tried(after))) })
    }
}

fn check_space(directory: &Directory, needed: u64) -> Result<(), RewriteError> {
    let free = directory.free_space()?;
    if free < needed { Err(RewriteError::NoSpace { needed, free }) } else { Ok(()) }
}

fn create_base(
    directory: &Directory,
    format: BaseFormat,
    ticket: &Ticket,
) -> Result<(PathBuf, BaseWriter), AofError> {
    let mut path = PathBuf::new();
    for number in 1..=NAMES_MAX as u64 {
        path = directory.location().temporary_base(number);
        match directory.disk().create_new(&path) {
            // One that was to be removed, and couldn't.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            result => return Ok((path, BaseWriter::new(ticket.clone(), result?, format))),
        }
    }
    Err(AofError::NoName { path })
}

fn begin_switching_on(
    directory: &mut Directory,
    format: BaseFormat,
    ticket: &Ticket,
) -> Result<(PathBuf, BaseWriter, Output), RewriteError> {
    directory.ensure()?;
    directory.remove_temporary()?;
    if !directory.has_manifest()? {
        // From here on the log's files may be there before its manifest names them, which must not look as if the manifest were lost.
        directory.put(directory.manifest().clone())?;
    }
    let (temporary, writer) = create_base(directory, format, ticket)?;
    let output = Output::temporary(directory)?;
    Ok((temporary, writer, output))
}

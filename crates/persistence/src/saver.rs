//! The thread that writes snapshots: the snapshot file, the bases of the log.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::id;
use disk::{Disk, FileReader, FileWriter};
use engine::{Condition, Engine, HoldReason, Moment, PauseKind, Promise, Shutdown};

use crate::error::SaveError;
use crate::form::{Form, Header};
use crate::logger::{Desk, Rewrite};
use crate::options::{SnapshotOptions, directory, snapshot_path};
use crate::orders::{Exit, Order, Work};
use crate::rules::{self, Since};
use crate::snapshot::{self, Begun, Watcher};
use crate::store::Store;

/// How often the saver looks whether something is due.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Writes snapshots, loads data, and stops the server in good order.
pub struct Saver {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<Store>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) desk: Arc<Desk>,
    /// Tells files of this process from others'.
    process_id: u32,
    /// Libraries of functions that were loaded: kept, though nobody here runs them.
    pub(crate) functions: Vec<Vec<u8>>,
    /// The snapshot file holds what kvd can't keep: it is not overwritten, but put aside.
    pub(crate) spares_file: bool,
    /// Why the last snapshot failed, and when.
    failed_at: Option<Moment>,
    /// Who asked for stops in whose place others came.
    asked_before: Vec<Promise>,
    pub(crate) rewrites: crate::rewrites::Rewrites,
}

impl Saver {
    /// A saver of this engine's data.
    pub fn new(
        engine: Arc<Engine>,
        store: Arc<Store>,
        disk: Arc<dyn Disk>,
        desk: Arc<Desk>,
        process_id: u32,
    ) -> Self {
        Self {
            engine,
            store,
            disk,
            desk,
            process_id,
            functions: Vec::new(),
            spares_file: false,
            failed_at: None,
            asked_before: Vec::new(),
            rewrites: crate::rewrites::Rewrites::default(),
        }
    }

    /// Loads the data, then works until the server is to stop. `on_loaded` is called in between.
    ///
    /// [`Condition::Loading`] is to hold when this is called, and does no more when the data are there.
    pub fn run(mut self, on_loaded: impl FnOnce()) -> Exit {
        if let Err(error) = self.start() {
            // Who stops the server doesn't wait for data that nobody will ask for.
            let is_stopping = self.store.settle_stop();
            return if is_stopping { Exit::Stopped } else { Exit::NotLoaded(error.to_string()) };
        }
        on_loaded();
        loop {
            match self.store.next_order(LOOK_EVERY) {
                Some(Order::ShutDown(how, failed)) => {
                    if self.shut_down(how, failed) {
                        return Exit::Stopped;
                    }
                }
                Some(order) => self.perform(order),
                None => self.look_around(),
            }
        }
    }

    fn perform(&mut self, order: Order) {
        match order {
            Order::Save(done) => self.save(done),
            // The log says how it ended.
            Order::SaveFlushed => drop(self.write_snapshot_file(Work::FlushedSnapshot)),
            Order::Rewrite => self.rewrite(Rewrite::Again),
            Order::SwitchLog => self.switch_log_on(),
            Order::Reload(from, done) => self.reload(from, done),
            Order::ShutDown(..) => unreachable!("the loop of `run` takes it"),
        }
    }

    /// Does what nobody has to ask for.
    fn look_around(&mut self) {
        let settings = self.engine.settings();
        let points = settings.read(|config| config.save_points().to_vec());
        let stops_writes = settings.needs_snapshots();
        let changes = self.store.count_changes(&self.engine);
        let now = self.store.now();
        let (last_at, is_scheduled) = self.store.change(|status| {
            let snapshot = &mut status.snapshot;
            (snapshot.last_at, std::mem::take(&mut snapshot.is_scheduled))
        });
        let since = Since {
            changes,
            seconds: now.unix_seconds().saturating_sub(last_at.unsigned_abs()),
            failed_seconds: self.failed_at.map(|at| now.nanos_since(at) / 1_000_000_000),
            stops_writes,
        };
        if is_scheduled || rules::is_due(&points, since) {
            if !is_scheduled {
                tracing::info!("{changes} changes in {} seconds: saving", since.seconds);
            }
            return self.save(None);
        }
        self.look_at_log(now);
    }

    /// Writes the snapshot file, in place of the one that is there.
    pub(crate) fn save(&mut self, done: Option<Promise>) {
        let work = if done.is_some() { Work::AskedSnapshot } else { Work::Snapshot };
        let outcome = self.write_snapshot_file(work);
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if let Some(done) = done {
            done.keep(|reply| match &failed {
                None => reply.ok(),
                Some(reason) => {
                    reply.error_bytes(format!("ERR the snapshot was not written: {reason}").as_bytes())
                }
            });
        }
    }

    /// The same, with its outcome.
    pub(crate) fn write_snapshot_file(&mut self, work: Work) -> Result<(), SaveError> {
        self.store.begin_work(work);
        let begun_at = self.store.now();
        let is_told = work != Work::FlushedSnapshot;
        if is_told {
            self.store.change(|status| status.snapshot.running_since = Some(begun_at));
        }
        let outcome = self.try_to_save(begun_at);
        self.store.end_work();
        let now = self.store.now();
        let seconds = now.nanos_since(begun_at) / 1_000_000_000;
        // Who asked and waited is told himself.
        let is_failing = match &outcome {
            Ok(_) => false,
            Err(SaveError::Cancelled) => self.failed_at.is_some(),
            Err(_) => self.failed_at.is_some() || work == Work::Snapshot,
        };
        self.failed_at = match &outcome {
            Err(error) if is_failing && !matches!(error, SaveError::Cancelled) => Some(now),
            _ => self.failed_at.filter(|_| is_failing),
        };
        self.store.change(|status| {
            let snapshot = &mut status.snapshot;
            snapshot.running_since = snapshot.running_since.filter(|_| !is_told);
            snapshot.keys = (0, 0);
            snapshot.extra_bytes = 0;
            match &outcome {
                Ok(extra_bytes) => {
                    snapshot.last_at = begun_at.unix_seconds() as i64;
                    snapshot.is_last_ok = true;
                    snapshot.count += 1;
                    snapshot.last_seconds = Some(seconds);
                    snapshot.last_extra_bytes = *extra_bytes;
                }
                Err(_) if work != Work::Snapshot => {}
                Err(SaveError::Cancelled) => {}
                Err(_) => {
                    snapshot.is_last_ok = false;
                    snapshot.last_seconds = Some(seconds);
                }
            }
        });
        // Before anybody hears of the end.
        if is_failing != self.engine.is_in_condition(Condition::SaveFailing) {
            self.engine.set_condition(Condition::SaveFailing, is_failing, "");
        }
        match &outcome {
            Ok(extra_bytes) => {
                tracing::info!("the snapshot is written; it took {extra_bytes} bytes of memory")
            }
            Err(SaveError::Cancelled) => tracing::warn!("the snapshot was cancelled"),
            Err(error) => tracing::error!("the snapshot could not be written: {error}"),
        }
        outcome.map(|_| ())
    }

    fn try_to_save(&mut self, now: Moment) -> Result<u64, SaveError> {
        let (options, path, dir) = self
            .engine
            .settings()
            .read(|config| (SnapshotOptions::of(config), snapshot_path(config), directory(config)));
        let (begun, ()) = snapshot::begin(&self.engine, options, now, || ())?;
        let changes = begun.changes;
        let temporary = dir.join(format!("temp-{}.rdb", self.process_id));
        let outcome = self.write_and_rename(begun, &temporary, &path, &dir);
        if outcome.is_err() {
            // What is left of it is written over by the next one.
            let _removed = self.disk.remove(&temporary);
        } else {
            self.store.note_saved(changes);
        }
        outcome
    }

    fn write_and_rename(
        &mut self,
        begun: Begun,
        temporary: &Path,
        path: &Path,
        dir: &Path,
    ) -> Result<u64, SaveError> {
        let file = match FileWriter::create(&*self.disk, temporary) {
            Ok(file) => file,
            Err(error) => {
                begun.cancel(&self.engine);
                return Err(error.into());
            }
        };
        let (keys, form) = (begun.keys(), begun.form());
        let header = Header { is_base: false, functions: &self.functions };
        let mut watcher = Watch::new(&self.store, &self.engine, keys, Watched::Snapshot);
        let (file, extra_bytes) = begun.write(&self.engine, file, &header, &mut watcher)?;
        let bytes = file.finish()?;
        if self.spares_file {
            self.put_aside(path, dir)?;
        }
        self.disk.rename(temporary, path)?;
        self.disk.sync_dir(dir)?;
        if let Form::Rdb(options) = form {
            tracing::info!("{keys} keys in {bytes} bytes, {}: {}", options.dialect, path.display());
        }
        Ok(extra_bytes)
    }

    /// Gives the file that is there another name besides its own, since it holds what the new one can't: at no time is there none.
    fn put_aside(&mut self, path: &Path, dir: &Path) -> Result<(), SaveError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".before-{}", self.store.now().unix_seconds()));
        let name = Path::new(&name);
        match self.disk.link(path, name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error.into()),
            // Not every file system knows of second names.
            Err(_) => copy(&*self.disk, path, name)?,
        }
        // Its own name is taken away from it only when it has the other one for good.
        self.disk.sync_dir(dir)?;
        tracing::warn!(
            "the snapshot file that was loaded holds data of modules, which kvd can't keep; it is {} now",
            name.display()
        );
        self.spares_file = false;
        Ok(())
    }

    /// Stops the server, in good order. Returns whether it is to stop now.
    fn shut_down(&mut self, how: Shutdown, failed: Option<Promise>) -> bool {
        let saves = how
            .save
            .unwrap_or_else(|| self.engine.settings().read(|config| !config.save_points().is_empty()));
        self.asked_before.extend(failed);
        // What is changed from now on would not be in the snapshot. Who only reads is served, and may call the stop off.
        self.engine.hold(HoldReason::Standstill, PauseKind::Writes);
        let mut outcome = match saves && self.store.is_stopping() {
            true => {
                tracing::info!("saving the last snapshot before the end");
                self.write_snapshot_file(Work::LastSnapshot).map_err(|error| error.to_string())
            }
            false => Ok(()),
        };
        if outcome.is_ok() || how.force {
            let flushed = self.desk.flush();
            outcome =
                outcome.and(flushed.map_err(|reason| format!("the log could not be written: {reason}")));
        }
        if (outcome.is_ok() || how.force) && self.store.settle_stop() {
            if let Err(reason) = outcome {
                tracing::error!("stopping although {reason}");
            }
            self.asked_before.drain(..).for_each(Promise::abandon);
            self.desk.stop();
            return true;
        }
        self.store.end_work();
        let is_called_off = !self.store.is_stopping();
        if !is_called_off && self.store.has_stop_ahead() {
            // Somebody asked again, perhaps not to save: that is what counts.
            return false;
        }
        match outcome {
            Err(reason) if !is_called_off => tracing::warn!("the server does not stop: {reason}"),
            _ => tracing::warn!("the server does not stop: that was called off"),
        }
        self.store.end_stop();
        self.engine.let_go(HoldReason::Standstill);
        for failed in self.asked_before.drain(..) {
            failed.keep(|reply| reply.error_bytes(b"ERR Errors trying to SHUTDOWN. Check logs."));
        }
        false
    }
}

/// Copies a file, durably but for its name.
fn copy(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), SaveError> {
    let mut copy = FileWriter::create(disk, to)?;
    let copied = FileReader::open(disk, from)
        .map_err(SaveError::from)
        .and_then(|mut file| Ok(io::copy(&mut file, &mut copy)?))
        .and_then(|_| Ok(copy.finish()?));
    if copied.is_err() {
        // A part of it would only look like what was put aside.
        let _removed = disk.remove(to);
    }
    copied.map(|_| ())
}

/// What is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watched {
    Snapshot,
    Base,
}

/// Shows how far a snapshot is, and sees whether it is to be given up.
pub(crate) struct Watch<'a> {
    store: &'a Store,
    engine: &'a Engine,
    total: u64,
    watched: Watched,
    /// Keys whose delay was waited for.
    delayed: u64,
    steps: u64,
    /// When it last rested.
    rested_at: Moment,
    /// Commands that clients had run by then.
    commands: u64,
}

/// The status is brought up to date after so many steps.
const STEPS_PER_STATUS: u64 = 16;

/// While clients have commands run, a snapshot works for so long at once, in nanoseconds: if it has their processor, they wait no longer.
const WORK_NANOS: u64 = 60_000;
/// And then rests for so long.
const REST: Duration = Duration::from_micros(100);

impl<'a> Watch<'a> {
    pub(crate) fn new(store: &'a Store, engine: &'a Engine, total: u64, watched: Watched) -> Self {
        let (rested_at, commands) = (store.now(), 0);
        Self { store, engine, total, watched, delayed: 0, steps: 0, rested_at, commands }
    }

    /// Leaves the processor to clients for a while, if they have anything to do.
    fn rest(&mut self) {
        let now = self.store.now();
        if now.nanos_since(self.rested_at) < WORK_NANOS {
            return;
        }
        let commands = self.engine.stats().sum(|counters| &counters.commands);
        if commands != std::mem::replace(&mut self.commands, commands) {
            self.store.bell.wait(REST);
        }
        self.rested_at = self.store.now();
    }

    /// `rdb-key-save-delay`: microseconds of waiting for each key, for tests.
    fn delay(&mut self, keys: u64) {
        let micros = self.engine.settings().read(|config| config.integer(id::RDB_KEY_SAVE_DELAY));
        let new = keys.saturating_sub(self.delayed);
        self.delayed = keys;
        if let Ok(micros) = u64::try_from(micros)
            && micros > 0
            && new > 0
        {
            self.store.bell.wait(Duration::from_micros(micros.saturating_mul(new)));
        }
    }
}

impl Watcher for Watch<'_> {
    fn goes_on(&mut self, keys: u64, extra_bytes: u64) -> bool {
        self.steps += 1;
        self.rest();
        if self.steps.is_multiple_of(STEPS_PER_STATUS) {
            self.delay(keys);
            let (total, watched) = (self.total, self.watched);
            self.store.change(|status| {
                let snapshot = &mut status.snapshot;
                snapshot.keys = (keys, total);
                if watched == Watched::Snapshot {
                    snapshot.extra_bytes = extra_bytes;
                    snapshot.extra_bytes_peak = snapshot.extra_bytes_peak.max(extra_bytes);
                }
            });
        }
        !self.store.is_cancelled()
    }
}

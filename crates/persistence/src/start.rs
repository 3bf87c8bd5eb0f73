//! Loading: at the start, and when somebody wants to see that it works.

use std::sync::Arc;

use aof::{BaseFormat, Directory, Ending, FileKind, Found, Step};
use config::id;
use disk::FileReader;
use engine::{Condition, HoldReason, LoadingStatus, Moment, PauseKind, Promise, ReloadFrom};

use crate::error::LoadError;
use crate::load::{LoadOptions, Summary, load_snapshot};
use crate::logger::Rewrite;
use crate::options::{location, snapshot_path};
use crate::orders::Work;
use crate::replay::replay_file;
use crate::saver::Saver;

/// How often progress is noted, in bytes.
const PROGRESS_BYTES: u64 = 1 << 20;
/// How often it is told in the log, in nanoseconds.
const TELL_NANOS: u64 = 2_000_000_000;

/// Shows how far loading is.
struct Progress<'a> {
    saver: &'a Saver,
    /// Bytes of the files before.
    before: u64,
    noted: u64,
    told_at: Moment,
}

impl Progress<'_> {
    /// So many bytes of the file were read. Returns whether to go on: at the start not if the server is to stop, since nobody will ask for the data.
    fn note(&mut self, bytes: u64) -> bool {
        let done = self.before + bytes;
        if done < self.noted + PROGRESS_BYTES {
            return true;
        }
        self.noted = done;
        let now = self.saver.store.now();
        let total = self.saver.store.change(|status| {
            status.loading.as_mut().map_or(0, |loading| {
                loading.loaded_bytes = done;
                loading.total_bytes
            })
        });
        if now.nanos_since(self.told_at) >= TELL_NANOS {
            self.told_at = now;
            let percent = done as f64 * 100.0 / total.max(1) as f64;
            tracing::info!("loading: {percent:.0} % of {} MiB", total >> 20);
        }
        !self.saver.engine.is_in_condition(Condition::Loading) || !self.saver.store.is_stopping()
    }
}

impl Saver {
    /// Loads what there is, and goes on with the log if there is to be one.
    pub(crate) fn start(&mut self) -> Result<(), LoadError> {
        if self.wants_log() {
            self.start_with_log()?;
        } else {
            self.load_snapshot_file(None)?;
        }
        // What was loaded is no change.
        let changes = self.engine.stats().sum(|counters| &counters.changes);
        self.store.note_saved(changes);
        self.engine.set_condition(Condition::Loading, false, "");
        self.store.change(|status| status.loading = None);
        Ok(())
    }

    fn start_with_log(&mut self) -> Result<(), LoadError> {
        let location = self.engine.settings().read(location);
        let folder = location.folder().to_owned();
        let (mut directory, opening) = Directory::open_to_write(Arc::clone(&self.disk), location)?;
        match opening.found {
            Found::ManifestLost => {
                return Err(LoadError::Refused(format!(
                    "{} holds files of a log and no manifest that says in which order they are to be loaded. Bring the manifest back from a \
                     backup, or move the directory away to start without it",
                    folder.display()
                )));
            }
            Found::Nothing if self.load_snapshot_file(None)? => {
                tracing::info!("there is no log yet: it begins with what was loaded from the snapshot file");
                drop(directory);
                self.rewrite(Rewrite::SwitchOn);
                return match self.desk.is_on() || !self.wants_log() {
                    true => Ok(()),
                    false => Err(LoadError::Refused("the log could not be begun; see above".to_owned())),
                };
            }
            Found::Upgraded => tracing::info!("the log was a single file; it is in {} now", folder.display()),
            Found::Nothing | Found::Log => {}
        }
        let (loaded_bytes, has_modules) = self.load_log(&opening.plan)?;
        if has_modules {
            directory.spare_base();
        }
        self.desk.open(directory, loaded_bytes)
    }

    /// Reads the snapshot file, if it is there. Returns whether it is.
    fn load_snapshot_file(&mut self, merges: Option<bool>) -> Result<bool, LoadError> {
        let (path, checksum) =
            self.engine.settings().read(|config| (snapshot_path(config), config.boolean(id::RDBCHECKSUM)));
        let Some(bytes) = self.disk.length(&path)? else { return Ok(false) };
        let options = LoadOptions { keeps_due: false, merges: merges.unwrap_or(false), checksum };
        let began = self.begin_loading(bytes);
        let summary = self.load_rdb(&path, options, 0)?;
        self.tell(&summary, began, &path.display().to_string());
        self.store.change(|status| status.snapshot.loaded_keys = (summary.keys, summary.expired));
        self.spares_file |= !summary.modules.is_empty();
        self.keep(summary);
        Ok(true)
    }

    fn begin_loading(&self, total_bytes: u64) -> Moment {
        let since = self.store.now();
        self.store
            .change(|status| status.loading = Some(LoadingStatus { since, total_bytes, loaded_bytes: 0 }));
        since
    }

    fn load_rdb(
        &self,
        path: &std::path::Path,
        options: LoadOptions,
        before: u64,
    ) -> Result<Summary, LoadError> {
        let file = FileReader::open(&*self.disk, path)?;
        let now = self.store.now();
        let mut progress = Progress { saver: self, before, noted: before, told_at: now };
        let bytes = file.length()?;
        let loaded =
            load_snapshot(&self.engine, file, bytes, options, now, &mut |bytes| progress.note(bytes));
        loaded.map_err(|reason| LoadError::Snapshot { path: path.to_owned(), reason })
    }

    fn tell(&self, summary: &Summary, began: Moment, from: &str) {
        let seconds = self.store.now().nanos_since(began) as f64 / 1e9;
        tracing::info!(
            "loaded {} keys from {from} in {seconds:.3} seconds; {} more had expired",
            summary.keys,
            summary.expired
        );
        if summary.empty > 0 {
            tracing::warn!("{} keys held collections without elements and were left out", summary.empty);
        }
        for (module, values) in &summary.modules {
            tracing::warn!("left out {values} values of the module type '{module}', which kvd doesn't know");
        }
        if !summary.functions.is_empty() {
            tracing::warn!(
                "{} libraries of functions are kept for later servers; kvd can't run them",
                summary.functions.len()
            );
        }
    }

    fn keep(&mut self, summary: Summary) {
        if !summary.functions.is_empty() {
            self.functions = summary.functions;
        }
    }

    /// Loads the files of a log. Returns how many bytes the last increment holds, and whether values of modules were left out.
    fn load_log(&mut self, plan: &[Step]) -> Result<(u64, bool), LoadError> {
        let began = self.begin_loading(plan.iter().map(|step| step.bytes).sum());
        let (mut before, mut last, mut all) = (0, 0, Summary::default());
        for step in plan {
            last = self.load_step(step, before, &mut all)?;
            before += step.bytes;
        }
        let ends_with_base = plan.last().is_none_or(|step| step.kind == FileKind::Base);
        if !plan.is_empty() {
            self.tell(&all, began, "the log's base, and carried out the rest,");
        }
        self.store.change(|status| status.snapshot.loaded_keys = (all.keys, all.expired));
        let has_modules = !all.modules.is_empty();
        self.keep(all);
        Ok((if ends_with_base { 0 } else { last }, has_modules))
    }

    /// Loads a file of the log. Returns how many bytes of it hold anything.
    fn load_step(&self, step: &Step, before: u64, all: &mut Summary) -> Result<u64, LoadError> {
        if step.bytes == 0 {
            return Ok(0);
        }
        let mut front = [0; BaseFormat::MAGIC_BYTES];
        let count = self.disk.open_read(&step.path)?.read_at(0, &mut front)?;
        let mut offset = 0;
        if BaseFormat::of(front.get(..count).unwrap_or_default()) == BaseFormat::Rdb {
            let checksum = self.engine.settings().read(|config| config.boolean(id::RDBCHECKSUM));
            let options = LoadOptions { keeps_due: true, merges: false, checksum };
            let summary = self.load_rdb(&step.path, options, before)?;
            offset = summary.end;
            all.add(summary);
        }
        let mut progress = Progress { saver: self, before, noted: before, told_at: self.store.now() };
        let (ending, failed) =
            replay_file(&self.engine, &*self.disk, &step.path, offset, &self.store.clock, &mut |bytes| {
                progress.note(bytes)
            })?;
        if failed > 0 {
            tracing::warn!("{failed} commands of {} had an error as their reply", step.path.display());
        }
        step.check(ending)?;
        if let Ending::Truncated(tail) = ending {
            self.repair(step, tail)?;
        }
        Ok(ending.good())
    }

    /// The last file ends in the middle of something: cuts it, if the configuration says so.
    fn repair(&self, step: &Step, tail: aof::Tail) -> Result<(), LoadError> {
        if !self.engine.settings().read(|config| config.boolean(id::AOF_LOAD_TRUNCATED)) {
            return Err(LoadError::Refused(format!(
                "{} ends in the middle of a command (its last whole one ends at byte {} of {}). Mend it with 'kvd-check aof --fix', or \
                 set aof-load-truncated to yes to have kvd cut it at the start",
                step.path.display(),
                tail.good,
                tail.length
            )));
        }
        let repair = aof::repair(&*self.disk, &step.path, tail.good)?;
        let kept =
            repair.kept.map_or_else(String::new, |kept| format!("; they are kept in {}", kept.display()));
        tracing::warn!(
            "short read while loading {}: its writer stopped in the middle of a command. The last {} bytes were cut off{kept}",
            step.path.display(),
            repair.bytes
        );
        Ok(())
    }

    /// `DEBUG RELOAD`, `DEBUG LOADAOF`.
    pub(crate) fn reload(&mut self, from: ReloadFrom, done: Promise) {
        self.engine.hold(HoldReason::Standstill, PauseKind::All);
        let outcome = self.try_to_reload(from);
        self.store.change(|status| status.loading = None);
        self.engine.let_go(HoldReason::Standstill);
        if let Err(reason) = &outcome {
            tracing::error!("the data could not be read again: {reason}");
        }
        done.keep(|reply| match &outcome {
            Ok(()) => reply.ok(),
            Err(reason) => {
                reply.error_bytes(format!("ERR Error trying to load the data again: {reason}").as_bytes())
            }
        });
    }

    fn try_to_reload(&mut self, from: ReloadFrom) -> Result<(), String> {
        match from {
            ReloadFrom::Snapshot { saves, flushes, merges } => {
                if saves {
                    self.write_snapshot_file(Work::AskedSnapshot).map_err(|error| error.to_string())?;
                }
                let path = self.engine.settings().read(snapshot_path);
                if self.disk.length(&path).map_err(|error| error.to_string())?.is_none() {
                    return Err(format!("there is no {}", path.display()));
                }
                if flushes {
                    self.forget_all()?;
                }
                self.load_snapshot_file(Some(merges)).map_err(|error| error.to_string())?;
                if self.desk.is_on() {
                    // What is in memory isn't what the log says.
                    self.rewrite(Rewrite::Again);
                }
            }
            ReloadFrom::Log => self.reload_log()?,
        }
        Ok(())
    }

    /// `DEBUG LOADAOF`. The log is where it was begun, wherever another one would be begun now.
    fn reload_log(&mut self) -> Result<(), String> {
        let location = self.desk.location().ok_or("there is no log (appendonly)")?;
        self.desk.flush()?;
        let folder = location.folder().to_owned();
        let opened = Directory::open(Arc::clone(&self.disk), location);
        let (_, opening) = opened.map_err(|error| error.to_string())?;
        if opening.found != Found::Log {
            return Err(format!("there is {} in {}", opening.found, folder.display()));
        }
        self.forget_all()?;
        self.load_log(&opening.plan).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Empties the keyspace, and tells whoever watches keys, but not the log.
    fn forget_all(&self) -> Result<(), String> {
        let mut replay = self.engine.begin_replay(self.store.now());
        let mut request = Vec::new();
        resp::write_request(&mut request, &[b"FLUSHALL"]);
        let outcome = self.engine.replay(&mut replay, &request, &*self.store.clock);
        self.engine.end_replay(replay);
        outcome.map_err(|error| error.to_string())
    }
}

impl Summary {
    fn add(&mut self, other: Self) {
        self.keys += other.keys;
        self.expired += other.expired;
        self.empty += other.empty;
        self.functions.extend(other.functions);
        for (module, values) in other.modules {
            *self.modules.entry(module).or_default() += values;
        }
    }
}

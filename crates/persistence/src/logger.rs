//! The thread that writes the log.
//!
//! ```text
//!  journal ─ batches ─▶ append ─▶ fsync, by the policy ─▶ the engine's reply gate, WAITAOF
//!  saver ─ requests ─▶ rewrite: snapshot's instant ─ everything before it is written ─▶ a new increment; the saver writes the base
//! ```

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aof::{BaseWriter, Directory, FinishedBase, Location, Log, LogError, Policy};
use config::{Config, id};
use disk::Disk;
use engine::{Condition, Engine, HoldReason, Moment, Shutdown};
use journal::{Batch, Journal, Reader};

use crate::bell::Bell;
use crate::error::LoadError;
use crate::gather::Gather;
use crate::options::{SnapshotOptions, location, log_options, millis};
use crate::snapshot::{self, Begun};
use crate::store::Store;
use crate::syncer::Syncs;

/// How long the log rests after a write, unless somebody waits for it: a few large writes are cheaper than many small ones.
const REST: Duration = Duration::from_millis(5);
/// How long it sleeps at most.
const SLEEP: Duration = Duration::from_millis(100);
/// How often a write that failed is tried again, in nanoseconds.
const RETRY_NANOS: u64 = 1_000_000_000;
/// Batches written at once.
const BATCHES_MAX: usize = 64;
/// An fsync that takes longer than this has others wait.
const SLOW_SYNC_NANOS: u64 = 2_000_000_000;

/// Why a base is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rewrite {
    /// The log has grown, or somebody asked.
    Again,
    /// There is no log yet.
    SwitchOn,
    /// The log has a gap.
    Replace,
}

type Answer<T> = SyncSender<T>;
type BeginAnswer = Result<(Begun, Result<BaseWriter, String>), String>;

enum Request {
    Open(Box<Directory>, u64, Answer<Result<(), LoadError>>),
    Begin(Rewrite, SnapshotOptions, Moment, Answer<BeginAnswer>),
    Commit(FinishedBase, Answer<Result<(), String>>),
    Abort(Answer<()>),
    Locate(Answer<Option<Location>>),
    Flush(Answer<Result<(), String>>),
    Stop,
}

/// Where requests for the log are left.
#[derive(Default)]
pub struct Desk {
    queue: Mutex<Queue>,
    bell: Bell,
    syncs: Syncs,
    is_on: AtomicBool,
    is_lost: AtomicBool,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Request>,
    /// Nobody answers any more.
    is_closed: bool,
}

const GONE: &str = "the log's thread is gone";

impl Desk {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a request, unless nobody would ever take it.
    fn leave(&self, request: Request) {
        let mut queue = self.queue();
        if !queue.is_closed {
            queue.requests.push_back(request);
        }
        drop(queue);
        self.bell.ring();
    }

    pub(crate) fn syncs(&self) -> &Syncs {
        &self.syncs
    }

    /// Has the log's thread look what there is to do.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }

    /// `None` if nobody answers.
    fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Option<T> {
        let (answer, answered) = sync_channel(1);
        self.leave(request(answer));
        answered.recv().ok()
    }

    /// Has everybody who asks, or has asked, hear that there is no answer.
    fn close(&self) {
        let mut queue = self.queue();
        queue.is_closed = true;
        queue.requests.clear();
        self.syncs.close();
    }

    /// Whether there is a log.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(SeqCst)
    }

    /// Whether the log needs a new base.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(SeqCst)
    }

    /// Goes on with a log that was loaded, or begins one without a base.
    pub(crate) fn open(&self, directory: Directory, loaded_bytes: u64) -> Result<(), LoadError> {
        let directory = Box::new(directory);
        let answer = self.ask(|answer| Request::Open(directory, loaded_bytes, answer));
        answer.unwrap_or_else(|| Err(LoadError::Refused(GONE.to_owned())))
    }

    pub(crate) fn begin_rewrite(&self, kind: Rewrite, options: SnapshotOptions, now: Moment) -> BeginAnswer {
        self.ask(|answer| Request::Begin(kind, options, now, answer)).unwrap_or_else(|| Err(GONE.to_owned()))
    }

    pub(crate) fn commit_rewrite(&self, base: FinishedBase) -> Result<(), String> {
        self.ask(|answer| Request::Commit(base, answer)).unwrap_or_else(|| Err(GONE.to_owned()))
    }

    pub(crate) fn abort_rewrite(&self) {
        self.ask(Request::Abort);
    }

    /// Where the log lies; `None` if there is none.
    pub(crate) fn location(&self) -> Option<Location> {
        self.ask(Request::Locate).flatten()
    }

    /// Makes everything durable that is in the journal.
    pub(crate) fn flush(&self) -> Result<(), String> {
        self.ask(Request::Flush).unwrap_or_else(|| Err(GONE.to_owned()))
    }

    /// Ends the log's thread when it has answered what was asked before.
    pub fn stop(&self) {
        self.leave(Request::Stop);
    }
}

/// Writes the log.
pub struct Logger {
    engine: Arc<Engine>,
    store: Arc<Store>,
    disk: Arc<dyn Disk>,
    desk: Arc<Desk>,
    logging: Option<Logging>,
    /// The log had a gap, and its new base isn't in place yet: nothing may change meanwhile.
    is_replacing: bool,
    /// Where that log lies, while nothing is written to it as its new base could not be.
    kept: Option<Directory>,
    /// The log has no base yet.
    is_switching_on: bool,
    /// The base that was loaded holds what the next one can't, and is still the present one.
    spares_base: bool,
}

struct Logging {
    log: Log,
    reader: Reader,
    /// Read from the journal, and not taken by a log that fails.
    left: VecDeque<Batch>,
    retried_at: Moment,
    gather: Gather,
    /// When the last fsync ended.
    synced_at: Moment,
    /// When the one began that another thread waits for.
    syncing_since: Option<Moment>,
}

impl Logger {
    /// A writer of this engine's journal. There is no log until the saver asks for one.
    pub fn new(engine: Arc<Engine>, store: Arc<Store>, disk: Arc<dyn Disk>, desk: Arc<Desk>) -> Self {
        let rung = Arc::clone(&desk);
        engine.journal().on_append(move || rung.bell.ring());
        let rung = Arc::clone(&desk);
        store.on_switch(move || rung.bell.ring());
        Self {
            engine,
            store,
            disk,
            desk,
            logging: None,
            is_replacing: false,
            kept: None,
            is_switching_on: false,
            spares_base: false,
        }
    }

    /// Works until the saver says that it is over.
    pub fn run(mut self) {
        let mut attended = Attended {
            desk: Arc::clone(&self.desk),
            engine: Arc::clone(&self.engine),
            store: Arc::clone(&self.store),
            has_ended: false,
        };
        loop {
            loop {
                let request = self.desk.queue().requests.pop_front();
                match request {
                    Some(Request::Stop) => {
                        attended.has_ended = true;
                        return;
                    }
                    Some(request) => self.answer(request),
                    None => break,
                }
            }
            let sleep = self.write();
            if let Some(sleep) = sleep {
                self.desk.bell.wait(sleep);
            }
        }
    }

    /// Writes and syncs what there is. Returns how long there is nothing to do.
    fn write(&mut self) -> Option<Duration> {
        let now = self.store.now();
        let read = |config: &Config| (log_options(config), config.boolean(id::APPENDONLY));
        let (options, is_wanted) = self.engine.settings().read(read);
        if !is_wanted {
            self.switch_off();
            self.engine.refuse_promises();
        }
        let Some(logging) = &mut self.logging else { return Some(SLEEP) };
        if logging.log.options() != options {
            logging.log.set_options(options);
        }
        self.gather();
        let Some(logging) = &mut self.logging else { return Some(SLEEP) };
        let wrote = logging.append_all(now);
        let synced = match wrote {
            Ok(_) if options.policy == Policy::Always => {
                logging.sync_if_due(now, &self.store, self.engine.journal())
            }
            Ok(_) => logging.sync_in_background(now, &self.store, &self.desk),
            Err(_) => Ok(()),
        };
        let outcome = wrote.as_ref().map(|_| ()).map_err(Clone::clone).and(synced);
        self.note(outcome);
        let Some(logging) = &self.logging else { return Some(SLEEP) };
        if logging.log.failing().is_some() {
            return Some(Duration::from_millis(RETRY_NANOS / 1_000_000 / 4));
        }
        match (wrote, options.policy) {
            // Whoever waits for the disk waits no longer than he must.
            (_, Policy::Always) => logging.reader.doze().then_some(SLEEP),
            (Ok(true), _) => Some(REST),
            _ => logging.reader.doze().then_some(SLEEP),
        }
    }

    /// With `appendfsync always`, and a disk whose fsync takes its time: waits until those have come again who were told of the last one.
    fn gather(&mut self) {
        let Some(logging) = &mut self.logging else { return };
        if logging.log.options().policy != Policy::Always || logging.log.failing().is_some() {
            return;
        }
        let written = logging.log.written().0;
        let waiting = || self.engine.journal().end().0.saturating_sub(written);
        if logging.gather.patience_nanos(waiting()) == 0 {
            return;
        }
        let begun = self.store.now();
        while self.store.now().nanos_since(begun) < logging.gather.patience_nanos(waiting()) {
            if self.desk.bell.pause(Duration::from_nanos(logging.gather.look_nanos())) {
                return;
            }
        }
    }

    /// Tells everybody how the log stands.
    fn note(&mut self, outcome: Result<(), LogError>) {
        let Some(logging) = &self.logging else { return };
        let is_failing = self.engine.is_in_condition(Condition::LogFailing);
        match &outcome {
            Ok(()) if is_failing && !self.is_replacing => {
                tracing::warn!("the log is written again");
                self.engine.set_condition(Condition::LogFailing, false, "");
            }
            Err(error) if !is_failing => {
                tracing::error!("the log can't be written: {error}");
                self.engine.set_condition(Condition::LogFailing, true, &reason(error));
            }
            _ => {}
        }
        let is_lost = logging.log.failing().is_some_and(|failing| failing.lost);
        self.desk.is_lost.store(is_lost, SeqCst);
        let (log, end) = (&logging.log, self.engine.journal().end());
        self.engine.note_durable(log.durable());
        self.engine.note_logged(logging.reader.at());
        let (base_bytes, is_replacing) = (log.rewritten_size(), self.is_replacing);
        self.store.change(|status| {
            // What is written behind a gap is not the log yet.
            status.log.is_last_write_ok = outcome.is_ok() && !is_replacing;
            status.log.bytes = log.size();
            status.log.base_bytes = base_bytes;
            status.log.buffered_bytes = end.0.saturating_sub(log.written().0);
            status.log.unsynced_bytes = log.written().0.saturating_sub(log.durable().0);
        });
    }

    fn answer(&mut self, request: Request) {
        // Whoever asked and went away wants no answer.
        let _taken = match request {
            Request::Open(directory, loaded_bytes, answer) => {
                answer.send(self.open(*directory, loaded_bytes)).is_ok()
            }
            Request::Begin(kind, options, now, answer) => answer.send(self.begin(kind, options, now)).is_ok(),
            Request::Commit(base, answer) => answer.send(self.commit(base)).is_ok(),
            Request::Abort(answer) => {
                self.abort();
                answer.send(()).is_ok()
            }
            Request::Locate(answer) => {
                let log = self.logging.as_ref().map(|logging| logging.log.directory().location().clone());
                answer.send(log).is_ok()
            }
            Request::Flush(answer) => answer.send(self.flush()).is_ok(),
            Request::Stop => unreachable!("the loop of `run` takes it"),
        };
    }

    fn open(&mut self, directory: Directory, loaded_bytes: u64) -> Result<(), LoadError> {
        let now = self.store.now();
        self.spares_base = directory.spares_base();
        let reader = self.engine.journal().subscribe_keeping();
        let options = self.engine.settings().read(log_options);
        let log = Log::open(directory, loaded_bytes, options, reader.at(), millis(now))?;
        self.begin_logging(log, reader);
        Ok(())
    }

    fn begin_logging(&mut self, log: Log, reader: Reader) {
        if let Some(error) = log.directory().unlocked() {
            tracing::warn!("no other server may use the log's directory, and nothing keeps it away: {error}");
        }
        self.engine.note_durable(log.durable());
        self.engine.note_logged(reader.at());
        self.engine.set_logging(true);
        self.desk.is_on.store(true, SeqCst);
        self.store.change(|status| status.log.is_on = true);
        self.logging = Some(Logging {
            log,
            reader,
            left: VecDeque::new(),
            retried_at: Moment::default(),
            gather: Gather::default(),
            synced_at: Moment::default(),
            syncing_since: None,
        });
        self.set_gate();
    }

    /// Says whether replies may wait for the log. While one is being switched on that nobody was promised before, there is nothing to wait for:
    /// its base may take minutes.
    fn set_gate(&self) {
        if self.logging.is_some() {
            self.engine.promise_log(self.is_replacing || !self.is_switching_on);
        }
    }

    fn begin(&mut self, kind: Rewrite, options: SnapshotOptions, now: Moment) -> BeginAnswer {
        // Whoever asks for a rewrite of a log with a gap wants it whole, too.
        let kind = if self.is_replacing { Rewrite::Replace } else { kind };
        match (kind, self.logging.take()) {
            (Rewrite::Again, Some(logging)) => self.begin_again(logging, options, now),
            (Rewrite::Again, None) => Err("there is no log (appendonly)".to_owned()),
            (_, Some(Logging { log, reader, .. })) => {
                self.is_replacing = true;
                drop(reader);
                self.begin_new(log.into_directory(), options, now)
            }
            (_, None) => {
                let directory = match self.kept.take() {
                    Some(directory) => directory,
                    None => self.open_anew()?,
                };
                self.begin_new(directory, options, now)
            }
        }
    }

    /// The directory of a log that is to be begun.
    fn open_anew(&self) -> Result<Directory, String> {
        let location = self.engine.settings().read(location);
        let opened = Directory::open_to_write(Arc::clone(&self.disk), location);
        let (mut directory, _) = opened.map_err(|error| error.to_string())?;
        if self.spares_base {
            directory.spare_base();
        }
        Ok(directory)
    }

    fn begin_again(&mut self, logging: Logging, options: SnapshotOptions, now: Moment) -> BeginAnswer {
        let logging = self.logging.insert(logging);
        let Logging { reader, left, .. } = logging;
        let begun = snapshot::begin(&self.engine, options, now, || {
            // Nobody appends now: the base holds exactly what the journal ends with here.
            while let Ok(Some(batch)) = reader.next_batch() {
                left.push_back(batch);
            }
            reader.at()
        });
        let (begun, at) = begun.map_err(|error| error.to_string())?;
        let needed = logging.log.size().min(keyspace::memory::used_bytes() as u64);
        let written = logging.append_all_left(now).map_err(|error| error.to_string());
        let writer = written.and_then(|()| {
            let writer = logging.log.begin_rewrite(at, options.format, needed, millis(now));
            writer.map_err(|error| error.to_string())
        });
        Ok((begun, writer))
    }

    fn begin_new(&mut self, directory: Directory, options: SnapshotOptions, now: Moment) -> BeginAnswer {
        let log_options = self.engine.settings().read(log_options);
        let journal = self.engine.journal();
        let begun = snapshot::begin(&self.engine, options, now, || journal.subscribe_keeping());
        let (begun, reader) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                self.kept = self.is_replacing.then_some(directory);
                return Err(error.to_string());
            }
        };
        warn_of_little_space(&directory);
        let switched = Log::switch_on(directory, reader.at(), options.format, log_options, millis(now));
        let writer = match switched {
            Ok((log, writer)) => {
                self.is_switching_on = true;
                self.begin_logging(log, reader);
                Ok(writer)
            }
            Err((directory, error)) => {
                self.kept = Some(*directory);
                self.end_logging();
                Err(error.to_string())
            }
        };
        Ok((begun, writer))
    }

    fn commit(&mut self, base: FinishedBase) -> Result<(), String> {
        let Some(logging) = &mut self.logging else { return Err("the log was ended meanwhile".to_owned()) };
        match logging.log.commit_rewrite(base) {
            Ok(committed) => {
                self.note_base();
                if let Some(spared) = committed.spared {
                    self.spares_base = false;
                    tracing::warn!(
                        "the log's base before holds values of modules, which kvd can't keep: {} stays there, and is part of the log no more",
                        spared.display()
                    );
                }
                if let Some(error) = committed.leftover {
                    tracing::warn!("old files of the log are still there: {error}");
                }
                Ok(())
            }
            Err(error) => {
                if logging.log.is_rewriting() {
                    self.abort();
                } else if self.is_switching_on {
                    // The base is in its place; what failed came after that.
                    self.note_base();
                }
                Err(error.to_string())
            }
        }
    }

    /// The log has the base that it was begun with.
    fn note_base(&mut self) {
        self.is_replacing = false;
        self.is_switching_on = false;
        self.set_gate();
    }

    fn abort(&mut self) {
        let Some(logging) = &mut self.logging else { return };
        if logging.log.abort_rewrite().is_err() {
            // One that was being switched on is none without its base.
            self.end_logging();
        }
    }

    /// Ends the log without another write. If one with a gap was to be replaced, everything stays as long as that isn't done: nothing may
    /// change, and no reply leaves that isn't kept.
    fn end_logging(&mut self) {
        self.is_switching_on = false;
        if let Some(Logging { log, .. }) = self.logging.take() {
            self.kept = Some(log.into_directory());
        }
        if self.is_replacing {
            self.desk.is_lost.store(true, SeqCst);
            self.store.change(|status| status.log.is_last_write_ok = false);
            return;
        }
        self.kept = None;
        self.desk.is_on.store(false, SeqCst);
        self.engine.set_logging(false);
        self.engine.promise_log(false);
        self.engine.set_condition(Condition::LogFailing, false, "");
        self.engine.let_go(HoldReason::LogBehind);
        self.store.change(|status| {
            status.log.is_on = false;
            status.log.is_last_write_ok = true;
        });
    }

    /// Ends the log, if there is one. It waits for nobody: this is how an administrator gets rid of a disk that fails.
    fn switch_off(&mut self) {
        if self.logging.is_none() && !self.is_replacing {
            return;
        }
        if let Err(reason) = self.flush() {
            tracing::error!("the log was ended, and its last writes may be missing: {reason}");
        }
        self.is_replacing = false;
        self.end_logging();
        self.store.cancel_base();
    }

    fn flush(&mut self) -> Result<(), String> {
        let now = self.store.now();
        if let Some(logging) = &mut self.logging {
            let appended = logging.append_everything(now);
            let outcome = appended.and_then(|()| logging.log.sync(millis(now)));
            self.note(outcome.clone());
            outcome.map_err(|error| error.to_string())?;
        }
        match self.is_replacing {
            true => Err("it has a gap, and no new base could be written yet".to_owned()),
            false => Ok(()),
        }
    }
}

/// What has to be done when the log's thread is gone, however it ended.
struct Attended {
    desk: Arc<Desk>,
    engine: Arc<Engine>,
    store: Arc<Store>,
    /// It was told to.
    has_ended: bool,
}

impl Drop for Attended {
    fn drop(&mut self) {
        self.desk.close();
        if self.has_ended {
            return;
        }
        // Nothing is logged any more: nothing may be acknowledged, and the server is no use.
        self.engine.set_condition(Condition::LogFailing, true, GONE);
        self.store.shut_down(Shutdown { now: true, force: true, save: None }, None);
    }
}

impl Logging {
    /// Takes what the journal has, up to a bound, and writes it. Returns whether there was anything.
    fn append_all(&mut self, now: Moment) -> Result<bool, LogError> {
        self.retry_if_due(now)?;
        while self.left.len() < BATCHES_MAX {
            match self.reader.next_batch() {
                Ok(Some(batch)) => self.left.push_back(batch),
                Ok(None) => break,
                Err(lagged) => unreachable!("the journal keeps what the log has not read: {lagged}"),
            }
        }
        let is_any = !self.left.is_empty();
        self.append_all_left(now).map(|()| is_any)
    }

    fn append_everything(&mut self, now: Moment) -> Result<(), LogError> {
        while self.append_all(now)? {}
        Ok(())
    }

    /// Writes what was taken.
    fn append_all_left(&mut self, now: Moment) -> Result<(), LogError> {
        let mut outcome = self.log.failing().map_or(Ok(()), |failing| Err(failing.to_error()));
        while let Some(batch) = self.left.front() {
            outcome = self.log.append(batch, millis(now));
            if matches!(outcome, Err(LogError::Full(_) | LogError::Lost(_))) {
                break;
            }
            self.left.pop_front();
        }
        outcome
    }

    fn retry_if_due(&mut self, now: Moment) -> Result<(), LogError> {
        if self.log.failing().is_none_or(|failing| failing.lost)
            || now.nanos_since(self.retried_at) < RETRY_NANOS
        {
            return Ok(());
        }
        self.retried_at = now;
        self.log.retry(millis(now))
    }

    fn sync_if_due(&mut self, now: Moment, store: &Store, journal: &Journal) -> Result<(), LogError> {
        // The policy may have been another.
        self.end_sync(store)?;
        if !self.log.poll_sync(millis(now)) {
            return Ok(());
        }
        let begun = store.now();
        let group = self.log.written().0.saturating_sub(self.log.durable().0);
        let outcome = self.log.sync(millis(begun));
        let ended = store.now();
        let nanos = ended.nanos_since(begun);
        let since = ended.nanos_since(std::mem::replace(&mut self.synced_at, ended));
        self.gather.note(nanos, group, journal.end().0.saturating_sub(self.log.written().0), since);
        note_sync(store, nanos);
        outcome
    }

    /// Has another thread wait for the disk: what comes meanwhile is written, where a process that is killed doesn't lose it.
    fn sync_in_background(&mut self, now: Moment, store: &Store, desk: &Desk) -> Result<(), LogError> {
        self.end_sync(store)?;
        if !self.log.poll_sync(millis(now)) {
            return Ok(());
        }
        let Some(syncing) = self.log.begin_sync(millis(now))? else { return Ok(()) };
        self.syncing_since = Some(now);
        match desk.syncs.give(syncing) {
            None => Ok(()),
            Some(syncing) => {
                syncing.run();
                self.end_sync(store)
            }
        }
    }

    /// Takes notice of how the fsync ended that another thread waits for, if it has.
    fn end_sync(&mut self, store: &Store) -> Result<(), LogError> {
        let ended = self.log.end_sync();
        if let Some(since) = self.syncing_since.take_if(|_| !self.log.is_syncing()) {
            note_sync(store, store.now().nanos_since(since));
        }
        ended.map(|_| ())
    }
}

fn note_sync(store: &Store, nanos: u64) {
    if nanos > SLOW_SYNC_NANOS {
        store.change(|status| status.log.delayed_fsyncs += 1);
    }
}

/// A base is mostly shorter than the memory that its data take, by far if they compress well. So this is no reason not to try.
fn warn_of_little_space(directory: &Directory) {
    let used = keyspace::memory::used_bytes() as u64;
    if let Ok(free) = directory.free_space()
        && free < used
    {
        tracing::warn!(
            "{} has {free} bytes free; the log's base may need up to {used}, as much as the data take in memory",
            directory.location().folder().display()
        );
    }
}

/// The system's words for what failed.
fn reason(error: &LogError) -> String {
    let (LogError::Failing(error) | LogError::Full(error) | LogError::Lost(error)) = error;
    match &**error {
        aof::AofError::Disk(error) => {
            let text = error.source.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    }
}

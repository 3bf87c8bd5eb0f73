//! Reading a snapshot file into the keyspace.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use engine::{AccessPolicy, Engine, Moment};
use keyspace::{DbIndex, Keyspace, UnixMillis};
use rdb::{Item, Meta, ReadOptions, Reader};
use records::{Limits, Loaded, read_value};

use crate::batch::{Batch, Origin, Twice};
use crate::options::limits;

/// Why reading ended if nobody wanted more.
pub(crate) const STOPPED: &str = "the server was stopped";

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoadOptions {
    /// Keys whose time is up are read, too: the log says itself when they go.
    pub(crate) keeps_due: bool,
    /// A key that is there already takes the file's value; otherwise the file is refused.
    pub(crate) merges: bool,
    /// Whether the file's checksum is compared.
    pub(crate) checksum: bool,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Keys.
    pub(crate) keys: u64,
    /// Keys that were left out since their time was up.
    pub(crate) expired: u64,
    /// Keys that were left out since they held collections without elements.
    pub(crate) empty: u64,
    /// Libraries of functions.
    pub(crate) functions: Vec<Vec<u8>>,
    /// What modules wrote, which nobody here understands: how many values, by the module's name.
    pub(crate) modules: BTreeMap<String, u64>,
    /// Where the file's data end.
    pub(crate) end: u64,
}

/// Batches on their way from the thread that reads to the one that stores.
const BATCHES_UNDER_WAY: usize = 8;
/// A key takes at least so many bytes of a file: more are not believed to come.
const KEY_BYTES_MIN: u64 = 8;

/// Reads a file of so many bytes into the keyspace. `progress` is told how many bytes were read, and says whether to go on.
///
/// If there are several workers, which have nothing to do yet, a second thread stores what the first reads.
///
/// # Errors
/// The text says what is wrong and where. Keys before that place are there.
pub(crate) fn load_snapshot(
    engine: &Engine,
    file: impl Read,
    bytes: u64,
    options: LoadOptions,
    now: Moment,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<Summary, String> {
    std::thread::scope(|scope| {
        let mut store = Store::Here;
        let mut storing = None;
        if engine.workers() > 1 {
            let (full, come) = sync_channel(BATCHES_UNDER_WAY);
            let (empty, back) = sync_channel(BATCHES_UNDER_WAY + 1);
            let work = move || store_all(engine.keyspace(), &come, &empty, options.merges);
            // Without a second thread it takes longer.
            storing = Builder::new().name("kvd-load".to_owned()).spawn_scoped(scope, work).ok();
            if storing.is_some() {
                store = Store::Elsewhere { full, back };
            }
        }
        let loader = Loader {
            engine,
            options,
            limits: limits(engine),
            policy: engine.settings().access_policy(),
            now,
            bytes,
            batch: Batch::default(),
            store,
            summary: Summary::default(),
        };
        let read = loader.read(file, progress);
        // The other thread ends when nothing more can come.
        let stored = storing.map_or(Ok(0), |storing| storing.join().unwrap_or(Err(None)));
        match stored {
            Ok(keys) => read.map(|summary| Summary { keys: summary.keys + keys, ..summary }),
            Err(Some(twice)) => Err(there_twice(&twice)),
            Err(None) => Err("the thread that stores what is read ended with a panic".to_owned()),
        }
    })
}

fn there_twice(Twice { key, offset }: &Twice) -> String {
    format!("the key '{}' is there twice, or was there before, at byte {offset}", key.escape_ascii())
}

/// Stores batches as they come. Returns how many keys that were.
fn store_all(
    keyspace: &Keyspace,
    come: &Receiver<Batch>,
    empty: &SyncSender<Batch>,
    merges: bool,
) -> Result<u64, Option<Twice>> {
    let mut keys = 0;
    while let Ok(mut batch) = come.recv() {
        keys += batch.store(keyspace, merges).map_err(Some)?;
        // If nobody wants its room again it goes.
        let _kept = empty.try_send(batch);
    }
    Ok(keys)
}

/// Who stores what is read.
enum Store {
    Here,
    Elsewhere { full: SyncSender<Batch>, back: Receiver<Batch> },
}

/// What values become entries with.
struct Loader<'a> {
    engine: &'a Engine,
    options: LoadOptions,
    limits: Limits,
    policy: AccessPolicy,
    now: Moment,
    /// The file's length.
    bytes: u64,
    batch: Batch,
    store: Store,
    summary: Summary,
}

impl Loader<'_> {
    fn read(mut self, file: impl Read, progress: &mut dyn FnMut(u64) -> bool) -> Result<Summary, String> {
        let read_options = ReadOptions { checksum: self.options.checksum, ..ReadOptions::default() };
        let mut reader = Reader::new(file, read_options).map_err(|error| error.to_string())?;
        let mut key = Vec::new();
        loop {
            let at = reader.offset();
            if !progress(at) {
                return Err(STOPPED.to_owned());
            }
            match reader.next_item().map_err(|error| error.to_string())? {
                None => break,
                Some(Item::SelectDb(index)) => {
                    self.hand_over()?;
                    self.batch.db = self.database(index).map_err(|error| format!("{error}, at byte {at}"))?;
                }
                Some(Item::ResizeDb { keys, .. }) => self.make_room(keys),
                Some(Item::Function(source)) => self.summary.functions.push(source.to_vec()),
                Some(Item::ModuleAux(module)) => self.note_module(module.id().name()),
                Some(Item::Entry(entry)) => {
                    key.clear();
                    key.extend_from_slice(entry.key());
                    let meta = entry.meta();
                    let value = entry.value().map_err(|error| in_value(&error, &key))?;
                    let value = read_value(value, &self.limits, self.bytes.saturating_sub(at))
                        .map_err(|error| format!("{}, at byte {at}", in_value(&error, &key)))?;
                    self.add(at, &key, meta, value)?;
                }
                Some(_) => {}
            }
        }
        self.hand_over()?;
        self.summary.end = reader.offset();
        Ok(self.summary)
    }

    fn database(&self, index: u64) -> Result<DbIndex, String> {
        let count = self.engine.keyspace().databases();
        let index = u32::try_from(index).ok().filter(|index| *index < count);
        index.map(DbIndex).ok_or_else(|| {
            format!("it holds more than {count} databases: set the parameter 'databases' to as many as its writer had")
        })
    }

    /// So many keys are said to follow.
    fn make_room(&self, keys: u64) {
        let keyspace = self.engine.keyspace();
        let keys = usize::try_from(keys.min(self.bytes / KEY_BYTES_MIN)).unwrap_or(0);
        let per_stripe = keys / keyspace.stripes();
        for stripe in 0..keyspace.stripes() {
            let db = self.batch.db;
            keyspace.roam().visit(stripe, |stripe| stripe.table_mut(db).reserve(per_stripe));
        }
    }

    fn note_module(&mut self, name: String) {
        *self.summary.modules.entry(name).or_default() += 1;
    }

    fn add(&mut self, at: u64, key: &[u8], meta: Meta, value: Loaded<'_>) -> Result<(), String> {
        let value = match value {
            Loaded::Value(value) => value,
            Loaded::Empty => {
                self.summary.empty += 1;
                return Ok(());
            }
            Loaded::Module(name) => {
                self.note_module(name);
                return Ok(());
            }
        };
        let expiry = meta.expires_at_ms.map(UnixMillis);
        if !self.options.keeps_due && expiry.is_some_and(|at| at.is_due(self.now.unix_millis())) {
            self.summary.expired += 1;
            return Ok(());
        }
        let clock = self.clock(meta);
        self.batch.push(self.engine.keyspace(), Origin { key, offset: at }, value, expiry, clock);
        if self.batch.is_full() { self.hand_over() } else { Ok(()) }
    }

    fn clock(&self, meta: Meta) -> u32 {
        match (meta.idle_seconds, meta.frequency) {
            (_, Some(frequency)) => self.policy.used_often(frequency, self.now),
            (idle, None) => self.policy.idle_for(idle.unwrap_or(0), self.now),
        }
    }

    /// Has what was read stored.
    fn hand_over(&mut self) -> Result<(), String> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let db = self.batch.db;
        match &self.store {
            Store::Here => {
                let stored = self.batch.store(self.engine.keyspace(), self.options.merges);
                self.summary.keys += stored.map_err(|twice| there_twice(&twice))?;
            }
            Store::Elsewhere { full, back } => {
                let next = back.try_recv().unwrap_or_default();
                // It ended since a key was there twice, which it says itself.
                let stopped = "what was read could not be stored".to_owned();
                full.send(std::mem::replace(&mut self.batch, next)).map_err(|_| stopped)?;
                self.batch.db = db;
            }
        }
        Ok(())
    }
}

fn in_value(error: &dyn std::fmt::Display, key: &[u8]) -> String {
    format!("{error}, in the value of '{}'", key.escape_ascii())
}

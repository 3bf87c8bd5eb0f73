//! Reading a snapshot file into the keyspace.

use std::collections::BTreeMap;
use std::io::Read;

use engine::{AccessPolicy, Engine, Moment};
use keyspace::{DbIndex, Expiry, NewValue, UnixMillis};
use rdb::{Item, Meta, ReadOptions, Reader};
use records::{Limits, Loaded, read_value};

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

/// What values become entries with.
struct Loader<'a> {
    engine: &'a Engine,
    options: LoadOptions,
    limits: Limits,
    policy: AccessPolicy,
    now: Moment,
    summary: Summary,
}

/// Reads a file into the keyspace. `progress` is told how many bytes were read, and says whether to go on.
///
/// # Errors
/// The text says what is wrong and where. Keys before that place are there.
pub(crate) fn load_snapshot(
    engine: &Engine,
    file: impl Read,
    options: LoadOptions,
    now: Moment,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<Summary, String> {
    let read_options = ReadOptions { checksum: options.checksum, ..ReadOptions::default() };
    let mut reader = Reader::new(file, read_options).map_err(|error| error.to_string())?;
    let policy = engine.settings().access_policy();
    let mut loader =
        Loader { engine, options, limits: limits(engine), policy, now, summary: Summary::default() };
    let mut db = DbIndex(0);
    loop {
        let at = reader.offset();
        if !progress(at) {
            return Err(STOPPED.to_owned());
        }
        match reader.next_item().map_err(|error| error.to_string())? {
            None => break,
            Some(Item::SelectDb(index)) => {
                db = loader.database(index).map_err(|error| format!("{error}, at byte {at}"))?
            }
            Some(Item::Function(source)) => loader.summary.functions.push(source.to_vec()),
            Some(Item::ModuleAux(module)) => loader.note_module(module.id().name()),
            Some(Item::Entry(entry)) => {
                let (key, meta) = (entry.key().to_vec(), entry.meta());
                let at_key = |error: &dyn std::fmt::Display| {
                    format!("{error}, in the value of '{}'", key.escape_ascii())
                };
                let value = entry.value().map_err(|error| at_key(&error))?;
                let here = |error| format!("{error}, at byte {at}");
                let value = read_value(value, &loader.limits).map_err(|error| here(at_key(&error)))?;
                loader.add(db, &key, meta, value).map_err(here)?;
            }
            Some(_) => {}
        }
    }
    loader.summary.end = reader.offset();
    Ok(loader.summary)
}

impl Loader<'_> {
    fn database(&self, index: u64) -> Result<DbIndex, String> {
        let count = self.engine.keyspace().databases();
        let index = u32::try_from(index).ok().filter(|index| *index < count);
        index.map(DbIndex).ok_or_else(|| {
            format!("it holds more than {count} databases: set the parameter 'databases' to as many as its writer had")
        })
    }

    fn note_module(&mut self, name: String) {
        *self.summary.modules.entry(name).or_default() += 1;
    }

    fn add(&mut self, db: DbIndex, key: &[u8], meta: Meta, value: Loaded<'_>) -> Result<(), String> {
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
        self.store(db, key, value, expiry, self.clock(meta))
    }

    fn clock(&self, meta: Meta) -> u32 {
        match (meta.idle_seconds, meta.frequency) {
            (_, Some(frequency)) => self.policy.used_often(frequency, self.now),
            (idle, None) => self.policy.idle_for(idle.unwrap_or(0), self.now),
        }
    }

    fn store(
        &mut self,
        db: DbIndex,
        key: &[u8],
        value: NewValue<'_>,
        expiry: Option<UnixMillis>,
        clock: u32,
    ) -> Result<(), String> {
        let keyspace = self.engine.keyspace();
        let name = keyspace.key(key);
        let mut locked = keyspace.lock([name.hash()]);
        let table = locked.stripe_mut(name.hash()).table_mut(db);
        if !self.options.merges && table.find(&name).is_some() {
            return Err(format!("the key '{}' is there twice, or was there before", key.escape_ascii()));
        }
        let stored = table.set(&name, value, expiry.map_or(Expiry::None, Expiry::At), clock);
        if let Some(replaced) = stored.replaced {
            keyspace.garbage().bury_replaced(replaced);
        }
        self.summary.keys += 1;
        Ok(())
    }
}

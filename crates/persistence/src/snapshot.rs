//! Taking a snapshot and writing it.

use std::io::Write;
use std::sync::Arc;

use engine::{AccessPolicy, Engine, Moment};
use keyspace::{Locked, Snapshot, Step};

use crate::encoding::{Encoding, Shared};
use crate::error::SaveError;
use crate::form::{Form, Header, Output, Sizes};
use crate::options::SnapshotOptions;

/// How many bytes of records are made with a stripe locked: some ten microseconds of work.
const STEP_BYTES: usize = 8 * 1024;

/// A snapshot that was begun: the data of one instant.
pub(crate) struct Begun {
    snapshot: Snapshot,
    encoding: Arc<Encoding>,
    form: Form,
    at: Moment,
    sizes: Sizes,
    /// Changes to the data since the start.
    pub(crate) changes: u64,
}

/// Looks at a snapshot while it is being written.
pub(crate) trait Watcher {
    /// Some records were written. `false`: it is to be given up. May take its time.
    fn goes_on(&mut self, keys: u64, extra_bytes: u64) -> bool;
}

/// Begins a snapshot. `at_instant` is called while everything is locked.
pub(crate) fn begin<R>(
    engine: &Engine,
    options: SnapshotOptions,
    at: Moment,
    at_instant: impl FnOnce() -> R,
) -> Result<(Begun, R), SaveError> {
    let encoding = Arc::new(Encoding::default());
    let policy = told_policy(engine);
    let shared = Box::new(Shared(Arc::clone(&encoding)));
    let mut sizes = Sizes::new();
    let (mut snapshot, (form, changes, result)) = engine.keyspace().begin_snapshot(shared, |locked| {
        let has_field_ttl = measure(locked, engine.keyspace().stripes(), &mut sizes);
        let form = Form::of(options, has_field_ttl);
        // A change that comes right behind the instant isn't in the file, and must not count as if it were.
        let changes = engine.stats().sum(|counters| &counters.changes);
        (encoding.choose(form, policy, at).map(|()| form), changes, at_instant())
    })?;
    match form {
        Ok(form) => Ok((Begun { snapshot, encoding, form, at, sizes, changes }, result)),
        Err(error) => {
            finish(&mut snapshot, engine);
            Err(error.into())
        }
    }
}

/// What the access clock means, if files are to tell of it: where keys are evicted by it.
fn told_policy(engine: &Engine) -> Option<AccessPolicy> {
    let name = engine.settings().read(|config| config.choice(config::id::MAXMEMORY_POLICY));
    (name.ends_with("lru") || name.ends_with("lfu")).then(|| engine.settings().access_policy())
}

/// Counts the keys of each database. Returns whether there are fields that expire.
fn measure(locked: &mut Locked<'_>, stripes: usize, sizes: &mut Sizes) -> bool {
    let mut has_field_ttl = false;
    for stripe in 0..stripes {
        locked.visit(stripe, |stripe| {
            for (db, table) in stripe.tables().filter(|(_, table)| !table.is_empty()) {
                let (keys, expiring) = sizes.entry(db).or_default();
                *keys += table.len() as u64;
                *expiring += table.expiring() as u64;
                has_field_ttl |= table.subexpiring() > 0;
            }
        });
    }
    has_field_ttl
}

/// Walks a snapshot that nobody wants any more to its end.
fn finish(snapshot: &mut Snapshot, engine: &Engine) {
    snapshot.cancel();
    let mut unwanted = Vec::new();
    while snapshot.step(engine.keyspace(), usize::MAX, &mut unwanted) != Step::Complete {
        unwanted.clear();
    }
}

impl Begun {
    /// How many keys there were.
    pub(crate) fn keys(&self) -> u64 {
        self.sizes.values().map(|(keys, _)| keys).sum()
    }

    /// How it is written.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Gives it up.
    pub(crate) fn cancel(mut self, engine: &Engine) {
        finish(&mut self.snapshot, engine);
    }

    /// Writes all of it. Returns what it was written to, and the most memory that it took beyond the data.
    pub(crate) fn write<W: Write>(
        mut self,
        engine: &Engine,
        out: W,
        header: &Header<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<(W, u64), SaveError> {
        let written = self.write_records(engine, out, header, watcher);
        if written.is_err() {
            finish(&mut self.snapshot, engine);
        }
        written
    }

    fn write_records<W: Write>(
        &mut self,
        engine: &Engine,
        out: W,
        header: &Header<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<(W, u64), SaveError> {
        let sizes = std::mem::take(&mut self.sizes);
        let mut output = Output::begin(self.form, out, header, self.at, sizes)?;
        let mut extra_peak = 0;
        let mut records = Vec::new();
        loop {
            match self.snapshot.step(engine.keyspace(), STEP_BYTES, &mut records) {
                Step::Records(db) if !records.is_empty() => {
                    output.records(db, &records)?;
                    records.clear();
                }
                Step::Records(_) | Step::Nothing => {}
                Step::Complete => break,
            }
            let extra = self.snapshot.pending_bytes() as u64;
            extra_peak = extra.max(extra_peak);
            if !watcher.goes_on(self.encoding.keys(), extra) {
                return Err(SaveError::Cancelled);
            }
        }
        match self.encoding.failure() {
            Some(error) => Err(error.into()),
            None => Ok((output.finish()?, extra_peak)),
        }
    }
}

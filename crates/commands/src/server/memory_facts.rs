//! What is known about the server's memory: the figures behind INFO and MEMORY.

use std::collections::BTreeMap;

use engine::{Ctx, Engine, MemoryPeak, Moment};
use keyspace::{DbIndex, Stripe};

/// Bytes, by what they are used for.
pub(super) struct MemoryFacts {
    /// Allocated and not freed.
    pub(super) used: u64,
    /// The process's memory that is not swapped out.
    pub(super) resident: u64,
    /// What the allocator holds of the system's memory, in use or kept for later.
    pub(super) committed: u64,
    /// The most that was ever in use.
    pub(super) peak: MemoryPeak,
    /// Used before the first client came.
    pub(super) startup: u64,
    /// Buffers of clients.
    pub(super) clients: u64,
    /// What the log has yet to write.
    pub(super) log: u64,
    /// Hash tables and expiry indexes, without the entries.
    pub(super) tables: u64,
    /// Number of keys in all databases.
    pub(super) keys: u64,
    /// By database, without those that are empty.
    pub(super) databases: BTreeMap<u32, TablesBytes>,
}

/// What only a walk over all stripes tells.
#[derive(Debug, Default)]
pub(super) struct Tables {
    bytes: u64,
    keys: u64,
    databases: BTreeMap<u32, TablesBytes>,
}

/// What the tables of one database take.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct TablesBytes {
    /// To find keys.
    pub(super) keys_bytes: u64,
    /// To find what is due.
    pub(super) expiry_bytes: u64,
}

impl MemoryFacts {
    /// Visits every stripe and looks at every client.
    pub(super) fn gather(cx: &mut Ctx<'_>) -> Self {
        let mut tables = Tables::default();
        for stripe in 0..cx.view.stripes() {
            cx.view.visit(stripe, |stripe| tables.add(stripe));
        }
        Self::of(cx.engine, cx.now, tables)
    }

    /// The same for somebody who has walked over the stripes.
    pub(super) fn of(engine: &Engine, now: Moment, tables: Tables) -> Self {
        Self {
            peak: engine.stats().memory_peak(now),
            used: keyspace::memory::used_bytes() as u64,
            resident: engine.host().usage().resident_bytes,
            committed: engine.host().allocator_bytes(),
            startup: engine.stats().memory_startup_bytes(),
            clients: engine.clients().used_bytes(),
            log: engine.storage_status().log.buffered_bytes,
            tables: tables.bytes,
            keys: tables.keys,
            databases: tables.databases,
        }
    }

    /// What isn't data.
    pub(super) fn overhead(&self) -> u64 {
        self.startup + self.clients + self.log + self.tables
    }

    /// What is.
    pub(super) fn dataset(&self) -> u64 {
        self.used.saturating_sub(self.overhead())
    }

    /// The data's share, in percent, of what was allocated since the start.
    pub(super) fn dataset_percent(&self) -> f64 {
        percent(self.dataset(), self.used.saturating_sub(self.startup))
    }

    /// What is in use, in percent of the most that ever was.
    pub(super) fn peak_percent(&self) -> f64 {
        percent(self.used, self.peak.bytes)
    }

    /// Resident bytes for each byte in use.
    pub(super) fn fragmentation(&self) -> f64 {
        percent(self.resident, self.used) / 100.0
    }

    /// Bytes that the allocator holds for each byte in use.
    pub(super) fn allocator_fragmentation(&self) -> f64 {
        percent(self.committed, self.used) / 100.0
    }

    /// Resident bytes for each that the allocator holds.
    pub(super) fn allocator_resident_ratio(&self) -> f64 {
        percent(self.resident, self.committed) / 100.0
    }

    /// Resident bytes beyond those in use; negative when memory is swapped out.
    pub(super) fn fragmentation_bytes(&self) -> i64 {
        self.resident as i64 - self.used as i64
    }
}

impl Tables {
    /// Counts what is in a stripe. To be told each once.
    pub(super) fn add(&mut self, stripe: &Stripe) {
        for (DbIndex(index), table) in stripe.tables() {
            self.bytes += table.overhead_bytes() as u64;
            if !table.is_empty() {
                let database = self.databases.entry(index).or_default();
                let expiry_bytes = table.expiry_bytes() as u64;
                database.expiry_bytes += expiry_bytes;
                database.keys_bytes += table.overhead_bytes() as u64 - expiry_bytes;
            }
            self.keys += table.len() as u64;
        }
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

//! What is known about the server's memory: the figures behind INFO and MEMORY.

use engine::{Ctx, MemoryPeak};

/// Bytes, by what they are used for.
pub(super) struct MemoryFacts {
    /// Allocated and not freed.
    pub(super) used: u64,
    /// The process's memory that is not swapped out.
    pub(super) resident: u64,
    /// The most that was ever in use.
    pub(super) peak: MemoryPeak,
    /// Used before the first client came.
    pub(super) startup: u64,
    /// Buffers of clients.
    pub(super) clients: u64,
    /// Hash tables and expiry indexes, without the entries.
    pub(super) tables: u64,
    /// Number of keys in all databases.
    pub(super) keys: u64,
}

impl MemoryFacts {
    /// Visits every stripe and looks at every client.
    pub(super) fn gather(cx: &mut Ctx<'_>) -> Self {
        let (mut tables, mut keys) = (0, 0);
        for stripe in 0..cx.view.stripes() {
            cx.view.visit(stripe, |stripe| {
                for (_, table) in stripe.tables() {
                    tables += table.overhead_bytes() as u64;
                    keys += table.len() as u64;
                }
            });
        }
        Self {
            peak: cx.engine.stats().memory_peak(cx.now),
            used: keyspace::memory::used_bytes() as u64,
            resident: cx.engine.host().usage().resident_bytes,
            startup: cx.engine.stats().memory_startup_bytes(),
            clients: cx.engine.clients().buffer_bytes(),
            tables,
            keys,
        }
    }

    /// What isn't data.
    pub(super) fn overhead(&self) -> u64 {
        self.startup + self.clients + self.tables
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

    /// Resident bytes beyond those in use; negative when memory is swapped out.
    pub(super) fn fragmentation_bytes(&self) -> i64 {
        self.resident as i64 - self.used as i64
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

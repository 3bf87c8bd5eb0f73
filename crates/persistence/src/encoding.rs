//! Entries as records, in a dialect that is chosen at the snapshot's instant.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use engine::{AccessPolicy, Moment};
use keyspace::{Encoder, Entry, Progress};
use rdb::{Meta, WriteError, WriteOptions};
use records::{Records, Usage};

/// The encoder of one snapshot, and how many keys it has encoded.
#[derive(Default)]
pub(crate) struct Encoding {
    records: OnceLock<Records>,
    keys: AtomicU64,
}

/// What the snapshot is given of it.
pub(crate) struct Shared(pub(crate) Arc<Encoding>);

impl Encoding {
    /// Chooses how to write, once, before the first entry. `policy` says what the access clock means, if files tell of it.
    pub(crate) fn choose(
        &self,
        options: WriteOptions,
        policy: Option<AccessPolicy>,
        now: Moment,
    ) -> Result<(), WriteError> {
        let usage: Usage = Box::new(move |entry| usage(entry, policy, now));
        let records = Records::new(options, usage)?;
        // Of two choices the first stands.
        let _first = self.records.set(records);
        Ok(())
    }

    pub(crate) fn keys(&self) -> u64 {
        self.keys.load(Relaxed)
    }

    /// Why records are missing, if any are.
    pub(crate) fn failure(&self) -> Option<WriteError> {
        self.records.get()?.failure()
    }
}

fn usage(entry: &Entry, policy: Option<AccessPolicy>, now: Moment) -> Meta {
    let Some(policy) = policy else { return Meta::default() };
    Meta {
        expires_at_ms: None,
        idle_seconds: policy.idle_seconds(entry.clock(), now),
        frequency: policy.frequency(entry.clock(), now),
    }
}

impl Encoder for Shared {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        if let Some(records) = self.0.records.get() {
            records.encode(entry, out);
            self.0.keys.fetch_add(1, Relaxed);
        }
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(records) = self.0.records.get() else { return true };
        let is_complete = records.encode_part(entry, progress, bytes_max, out);
        self.0.keys.fetch_add(u64::from(is_complete), Relaxed);
        is_complete
    }
}

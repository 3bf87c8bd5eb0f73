//! Entries as records or requests, in a form that is chosen at the snapshot's instant.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use engine::{AccessPolicy, Moment};
use keyspace::{Encoder, Entry, Progress};
use rdb::{Meta, WriteError};
use records::{Commands, RecordError, Records, Usage};

use crate::form::Form;

/// The encoder of one snapshot, and how many keys it has encoded.
#[derive(Default)]
pub(crate) struct Encoding {
    chosen: OnceLock<Chosen>,
    keys: AtomicU64,
}

enum Chosen {
    Records(Records),
    Commands(Commands),
}

/// What the snapshot is given of it.
pub(crate) struct Shared(pub(crate) Arc<Encoding>);

impl Encoding {
    /// Chooses how to write, once, before the first entry. `policy` says what the access clock means, if files tell of it.
    pub(crate) fn choose(
        &self,
        form: Form,
        policy: Option<AccessPolicy>,
        now: Moment,
    ) -> Result<(), WriteError> {
        let usage: Usage = Box::new(move |entry| usage(entry, policy, now));
        let chosen = match form {
            Form::Rdb(options) => Chosen::Records(Records::new(options, usage)?),
            Form::Commands => Chosen::Commands(Commands),
        };
        // Of two choices the first stands.
        let _first = self.chosen.set(chosen);
        Ok(())
    }

    pub(crate) fn keys(&self) -> u64 {
        self.keys.load(Relaxed)
    }

    /// Why records are missing, if any are.
    pub(crate) fn failure(&self) -> Option<RecordError> {
        match self.chosen.get()? {
            Chosen::Records(records) => records.failure(),
            Chosen::Commands(_) => None,
        }
    }

    fn encoder(&self) -> Option<&dyn Encoder> {
        Some(match self.chosen.get()? {
            Chosen::Records(records) => records,
            Chosen::Commands(commands) => commands,
        })
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
        if let Some(encoder) = self.0.encoder() {
            encoder.encode(entry, out);
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
        let Some(encoder) = self.0.encoder() else { return true };
        let is_complete = encoder.encode_part(entry, progress, bytes_max, out);
        self.0.keys.fetch_add(u64::from(is_complete), Relaxed);
        is_complete
    }
}

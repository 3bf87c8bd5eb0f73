//! What is known about the databases: the figures behind INFO's section Keyspace and the metrics of databases.

use std::collections::BTreeMap;

use engine::Moment;
use keyspace::{DbIndex, Stripe};

/// The keys of one database.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DatabaseFacts {
    /// Number of keys.
    pub(super) keys: u64,
    /// Those with an expiry.
    pub(super) expiring: u64,
    /// Hashes with fields that expire.
    pub(super) subexpiring: u64,
    /// The sum of all expiries, in Unix milliseconds.
    expiry_sum: i128,
}

impl DatabaseFacts {
    /// How long keys with an expiry have left on the average, in milliseconds; 0 if there are none.
    pub(super) fn average_ttl_ms(&self, now: Moment) -> u64 {
        let average = self.expiry_sum.checked_div(i128::from(self.expiring)).unwrap_or(0);
        u64::try_from(average - i128::from(now.unix_millis().0)).unwrap_or(0)
    }
}

/// All databases.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyspaceFacts {
    /// By number, without those that were never written to.
    pub(super) databases: BTreeMap<u32, DatabaseFacts>,
}

impl KeyspaceFacts {
    /// Counts what is in a stripe. To be told each once.
    pub(super) fn add(&mut self, stripe: &Stripe) {
        for (DbIndex(index), table) in stripe.tables() {
            let database = self.databases.entry(index).or_default();
            database.keys += table.len() as u64;
            database.expiring += table.expiring() as u64;
            database.subexpiring += table.subexpiring() as u64;
            database.expiry_sum += table.expiry_sum();
        }
    }
}

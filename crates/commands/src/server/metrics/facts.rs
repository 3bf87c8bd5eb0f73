//! What the metrics are made from, gathered once for all of them.

use std::sync::Arc;

use engine::{Client, Counter, Counters, Engine, Moment, ProcessUsage, StorageStatus};

use crate::server::keyspace_facts::KeyspaceFacts;
use crate::server::memory_facts::{MemoryFacts, Tables};

pub(super) struct Facts<'a> {
    pub(super) engine: &'a Engine,
    pub(super) now: Moment,
    pub(super) clients: Vec<Arc<Client>>,
    pub(super) keyspace: KeyspaceFacts,
    pub(super) memory: MemoryFacts,
    pub(super) process: ProcessUsage,
    pub(super) storage: StorageStatus,
}

impl<'a> Facts<'a> {
    /// Looks at every client, and visits every stripe, each locked for its visit only.
    pub(super) fn gather(engine: &'a Engine, now: Moment) -> Self {
        let (mut keyspace, mut tables) = (KeyspaceFacts::default(), Tables::default());
        let mut stripes = engine.keyspace().roam();
        for stripe in 0..engine.keyspace().stripes() {
            stripes.visit(stripe, |stripe| {
                keyspace.add(stripe);
                tables.add(stripe);
            });
        }
        Self {
            engine,
            now,
            clients: engine.clients().all(),
            keyspace,
            memory: MemoryFacts::of(engine, now, tables),
            process: engine.host().usage(),
            storage: engine.storage_status(),
        }
    }

    /// A counter's sum over all workers.
    pub(super) fn sum(&self, counter: impl Fn(&Counters) -> &Counter) -> u64 {
        self.engine.stats().sum(counter)
    }

    /// The greatest of a number that clients have; 0 without clients.
    pub(super) fn most(&self, of_client: impl Fn(&Client) -> u64) -> u64 {
        self.clients.iter().map(|client| of_client(client)).max().unwrap_or(0)
    }
}

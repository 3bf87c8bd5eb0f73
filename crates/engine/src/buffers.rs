//! What clients take, and what happens when that is too much: `client-query-buffer-limit` of one, `maxmemory-clients` of all.

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use resp::{Output, RequestReader};

use crate::client::Client;
use crate::engine::Engine;
use crate::session::Session;

/// The most bytes that may wait in the query buffer of a client that has yet to log in, whatever `client-query-buffer-limit` says.
const UNAUTHENTICATED_QUERY_BYTES_MAX: usize = 1 << 20;

impl Engine {
    /// Notes what a connection's buffers hold; to be called whenever they may have grown. A client whose query buffer holds more than it may is
    /// closed, and so are the largest clients when all together take more than they may.
    pub fn note_buffers(&self, session: &Session, input: &RequestReader, output: &Output) {
        session.note_input(input);
        let client = session.client();
        client.note_replies(output.len() as u64, output.capacity() as u64);
        if client.is_killed() {
            return;
        }
        let queued = client.queued_bytes.load(Relaxed) as usize;
        if input.buffered() + queued > self.query_bytes_max(session) {
            self.stats().counters(session.worker()).query_limit_closed.add(1);
            self.host().log(&format!(
                "closing {}: {} bytes wait in its query buffer and its transaction (client-query-buffer-limit)",
                client.peer.address,
                input.buffered() + queued
            ));
            client.kill();
        }
        if self.clients().account(client) {
            self.evict_clients(session.worker());
        }
    }

    fn query_bytes_max(&self, session: &Session) -> usize {
        let max = self.settings().query_bytes_max();
        if self.must_log_in(session) { max.min(UNAUTHENTICATED_QUERY_BYTES_MAX) } else { max }
    }

    /// Closes the largest clients until the others together take what they may. Those that are never evicted don't count.
    fn evict_clients(&self, worker: usize) {
        let max = self.settings().clients_bytes_max();
        if max == 0 || self.clients().evictable_bytes() <= max {
            return;
        }
        let _alone = self.clients().lock_eviction();
        let mut clients = self.clients().all();
        clients.retain(|client| !client.is_no_evict.load(Relaxed));
        // Their own threads go on meanwhile: each is asked once, or they would have no order.
        let mut clients: Vec<(u64, Arc<Client>)> =
            clients.into_iter().map(|client| (client.memory_bytes(), client)).collect();
        clients.sort_unstable_by_key(|(bytes, _)| Reverse(*bytes));
        let mut total: u64 = clients.iter().map(|(bytes, _)| bytes).sum();
        for (bytes, client) in clients {
            if total <= max {
                break;
            }
            total -= bytes;
            self.evict(&client, bytes, worker);
        }
    }

    fn evict(&self, client: &Client, bytes: u64, worker: usize) {
        if !client.kill_once() {
            return;
        }
        self.host().log(&format!(
            "closing {}: its {bytes} bytes are the most of all clients, which take too much together (maxmemory-clients)",
            client.peer.address
        ));
        self.stats().counters(worker).evicted_clients.add(1);
    }
}

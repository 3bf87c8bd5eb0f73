//! What happens to keys, for a program that wants to hear of it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};

use engine::{EventClass, EventSink};
use keyspace::DbIndex;
use parking_lot::RwLock;

/// Something that happened to a key: what `notify-keyspace-events` would publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The database that the key is in.
    pub db: u32,
    /// Its class.
    pub class: EventClass,
    /// Its name: `set`, `del`, `expired`…
    pub name: &'static str,
    /// The key.
    pub key: Vec<u8>,
}

/// Events, in the order in which they happened to each key. Made by [`Db::events`](crate::Db::events).
///
/// As an iterator it waits for the next event, and ends when the database is closed.
#[derive(Debug)]
pub struct Events {
    queue: Receiver<Event>,
    missed: Arc<AtomicU64>,
}

impl Events {
    /// The next event, if there is one.
    pub fn try_next(&mut self) -> Option<Event> {
        self.queue.try_recv().ok()
    }

    /// How many events found the queue full since the last time this was asked. They are lost: a command never waits for who listens.
    pub fn take_missed(&mut self) -> u64 {
        self.missed.swap(0, Relaxed)
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.queue.recv().ok()
    }
}

struct Listener {
    queue: SyncSender<Event>,
    /// Gone when the listener is: a queue that is full would not tell.
    missed: Weak<AtomicU64>,
}

/// Everybody who listens.
#[derive(Default)]
pub(crate) struct Listeners {
    all: RwLock<Vec<Listener>>,
}

impl Listeners {
    /// Adds a listener with room for `capacity` events; forgets those that are gone.
    pub(crate) fn add(&self, capacity: usize) -> Events {
        let (sender, queue) = sync_channel(capacity.max(1));
        let missed = Arc::new(AtomicU64::new(0));
        let mut all = self.all.write();
        all.retain(|listener| listener.missed.strong_count() > 0);
        all.push(Listener { queue: sender, missed: Arc::downgrade(&missed) });
        Events { queue, missed }
    }
}

/// The engine's end. Called under the lock of the key's stripe.
pub(crate) struct Sink(pub(crate) Arc<Listeners>);

impl EventSink for Sink {
    fn event(&self, db: DbIndex, event: engine::Event, key: &[u8]) {
        for listener in &*self.0.all.read() {
            let Some(missed) = listener.missed.upgrade() else { continue };
            let event = Event { db: db.0, class: event.class, name: event.name, key: key.to_vec() };
            if let Err(TrySendError::Full(_)) = listener.queue.try_send(event) {
                missed.fetch_add(1, Relaxed);
            }
        }
    }
}

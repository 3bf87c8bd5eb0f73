//! One client's transaction.
//!
//! ```text
//!            begin                    finish: the queue, or Spoilt
//!   idle ───────────▶ open ──────────────────────────────────────────▶ idle
//!    ▲ │                │  └── queue_mut: another command
//!    └─┘ watch          └───── spoil: one that can't be queued
//! ```

use std::sync::Arc;

use crate::fault::Fault;
use crate::watches::{WATCH_BYTES, Watched, Watcher, Watches};

/// The state of one client: what it has queued, in a queue of type `Q`, and what it watches.
#[derive(Debug)]
pub struct Transaction<Q> {
    open: Option<Open<Q>>,
    watching: Option<Watching>,
}

#[derive(Debug)]
struct Open<Q> {
    queue: Q,
    is_spoilt: bool,
}

#[derive(Debug)]
struct Watching {
    watcher: Arc<Watcher>,
    /// Each once.
    keys: Vec<Watched>,
    /// Bytes that they take, here and with the [`Watches`].
    bytes: usize,
}

impl<Q> Default for Transaction<Q> {
    fn default() -> Self {
        Self { open: None, watching: None }
    }
}

impl<Q> Transaction<Q> {
    /// Whether commands are to be queued.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Opens a transaction with an empty queue (`MULTI`).
    ///
    /// # Errors
    /// [`Fault::Nested`] if there is one already, which goes on.
    pub fn begin(&mut self, queue: Q) -> Result<(), Fault> {
        if self.is_open() {
            return Err(Fault::Nested);
        }
        self.open = Some(Open { queue, is_spoilt: false });
        Ok(())
    }

    /// The commands queued so far; `None` outside a transaction.
    pub fn queue(&self) -> Option<&Q> {
        self.open.as_ref().map(|open| &open.queue)
    }

    /// The queue, for a command to be added; `None` outside a transaction.
    #[inline]
    pub fn queue_mut(&mut self) -> Option<&mut Q> {
        self.open.as_mut().map(|open| &mut open.queue)
    }

    /// A command couldn't be queued: the transaction will not be carried out. Without effect outside one.
    pub fn spoil(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_spoilt = true;
        }
    }

    /// Ends the transaction without carrying it out (`DISCARD`, or the client has gone), and the watch with it. Returns the queue.
    ///
    /// # Errors
    /// [`Fault::NotOpen`]: then nothing changes.
    pub fn discard(&mut self, watches: &Watches) -> Result<Q, Fault> {
        let open = self.open.take().ok_or(Fault::NotOpen)?;
        self.end_watch(watches);
        Ok(open.queue)
    }

    /// Ends the transaction in order to carry it out (`EXEC`). Whoever gets the queue locks what its commands and the
    /// [watched keys](Self::watched) need, and then asks [`end_watch`](Self::end_watch) whether they may be carried out.
    ///
    /// # Errors
    /// [`Fault::NotOpen`]: nothing changes. [`Fault::Spoilt`]: the transaction is over; the watch is still to be ended.
    pub fn finish(&mut self) -> Result<Q, Fault> {
        let open = self.open.take().ok_or(Fault::NotOpen)?;
        if open.is_spoilt { Err(Fault::Spoilt) } else { Ok(open.queue) }
    }

    /// Watches a key of a database from now on (`WATCH`). Once for each key, however often it is asked for. One that `is_over`, though it may still be there,
    /// counts as absent: see [`Watches::touch_over`].
    ///
    /// # Errors
    /// [`Fault::WatchInside`] a transaction, which goes on.
    pub fn watch(&mut self, watches: &Watches, db: u32, key: &[u8], is_over: bool) -> Result<(), Fault> {
        if self.is_open() {
            return Err(Fault::WatchInside);
        }
        let watching = self.watching.get_or_insert_with(|| Watching {
            watcher: watches.new_watcher(),
            keys: Vec::new(),
            bytes: 0,
        });
        if watches.add(db, key, &watching.watcher, is_over) {
            watching.keys.push(Watched { db, key: key.into() });
            watching.bytes += WATCH_BYTES + 2 * key.len();
        }
        Ok(())
    }

    /// The keys that are watched, in the order in which they were named.
    pub fn watched(&self) -> &[Watched] {
        self.watching.as_ref().map_or(&[], |watching| &watching.keys)
    }

    /// Bytes that the watch takes, with its share of `Watches`: nearly, as if nobody else watched these keys. O(1).
    pub fn watched_bytes(&self) -> usize {
        self.watching.as_ref().map_or(0, |watching| watching.bytes)
    }

    /// Whether one of the watched keys was touched.
    pub fn is_touched(&self) -> bool {
        self.watching.as_ref().is_some_and(|watching| watching.watcher.is_touched())
    }

    /// Ends the watch (`UNWATCH`, and the last step of `EXEC`). Returns whether one of the keys was touched. O(log keys) for each key.
    pub fn end_watch(&mut self, watches: &Watches) -> bool {
        let Some(Watching { watcher, keys, .. }) = self.watching.take() else { return false };
        for watched in &keys {
            watches.remove(watched, &watcher);
        }
        watcher.is_touched()
    }
}

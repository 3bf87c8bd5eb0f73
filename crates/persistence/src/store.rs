//! What everybody shares with the threads that keep the data: orders for them, and how they stand.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use engine::{
    Begun, Cancelled, Clock, CommandError, Engine, Moment, Promise, ReloadFrom, SaveWhen, Shutdown, Storage,
    StorageStatus,
};

use crate::bell::Bell;
use crate::orders::{Order, Work};

/// A clock that all threads may ask.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// The storage of an engine: takes orders, and tells how things stand. The work is done by a [`Saver`](crate::Saver) and a
/// [`Logger`](crate::Logger).
pub struct Store {
    shared: Mutex<Shared>,
    pub(crate) bell: Bell,
    /// What is being written is to be given up. Set for one piece of work, and with the lock held: the next one knows nothing of it.
    is_cancelled: AtomicBool,
    pub(crate) clock: SharedClock,
    /// Has the log's thread look at the configuration.
    log_bell: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

#[derive(Default)]
struct Shared {
    orders: VecDeque<Order>,
    status: StorageStatus,
    is_stopping: bool,
    /// The stop has gone too far to be called off.
    is_stop_settled: bool,
    /// What is being written, or is about to be.
    at_work: Option<Work>,
    /// Changes that the last snapshot holds.
    saved_changes: u64,
    /// All changes, as the saver saw them last.
    changes: u64,
}

const SAVE_RUNNING: CommandError = CommandError::fixed("ERR Background save already in progress");
const REWRITE_RUNNING: CommandError =
    CommandError::fixed("ERR Background append only file rewriting already in progress");
const LOG_BUSY: CommandError = CommandError::fixed(
    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever \
     possible.",
);
const NO_LOG: CommandError =
    CommandError::fixed("ERR there is no append-only file to be written anew: appendonly is off");
const NO_SAVE: CommandError =
    CommandError::fixed("ERR Background saving is currently not in progress or scheduled");

impl Store {
    /// A storage that nobody works for yet.
    pub fn new(clock: SharedClock) -> Self {
        let mut shared = Shared::default();
        shared.status.snapshot.last_at = clock.now().unix_seconds() as i64;
        Self {
            shared: Mutex::new(shared),
            bell: Bell::default(),
            is_cancelled: AtomicBool::new(false),
            clock,
            log_bell: OnceLock::new(),
        }
    }

    /// Asks for an orderly stop, as `SHUTDOWN` or a signal does. The promise is kept if the stop fails.
    pub fn shut_down(&self, how: Shutdown, failed: Option<Promise>) {
        let mut shared = self.lock();
        shared.is_stopping = true;
        shared.orders.push_front(Order::ShutDown(how, failed));
        // What is being written isn't waited for; the stop writes its own. Said before the order can be taken: it is not the stop that is
        // given up.
        self.is_cancelled.store(true, Relaxed);
        drop(shared);
        self.bell.ring();
    }

    /// Calls off a stop that has not yet gone too far. Returns whether there was one.
    pub fn abort_shutdown(&self) -> bool {
        let mut shared = self.lock();
        if shared.is_stop_settled || !std::mem::take(&mut shared.is_stopping) {
            return false;
        }
        self.cancel(&shared, |work| work == Work::LastSnapshot);
        true
    }

    /// `appendonly` was set, or is about to be: a log is begun or ended as the configuration says when this thread has let go of it. What a
    /// `CONFIG SET` asked for that was refused as a whole has no effect.
    pub fn switch_log(&self) {
        self.order(Order::SwitchLog);
        if let Some(ring) = self.log_bell.get() {
            ring();
        }
    }

    /// There is no log any more: a base for it that is being written is given up.
    pub(crate) fn cancel_base(&self) {
        self.cancel(&self.lock(), |work| work == Work::Base);
    }

    /// Has what is being written given up, if it is this. Returns whether it is.
    fn cancel(&self, shared: &Shared, is_meant: impl Fn(Work) -> bool) -> bool {
        let is_there = shared.at_work.is_some_and(is_meant);
        if is_there {
            self.is_cancelled.store(true, Relaxed);
            self.bell.ring();
        }
        is_there
    }

    /// The saver begins to write. It gives up at once if the server is to stop first, which waits for nothing else.
    pub(crate) fn begin_work(&self, work: Work) {
        let mut shared = self.lock();
        // What an order asks for has begun when the order was taken: it may have been cancelled since.
        if shared.at_work != Some(work) {
            shared.at_work = Some(work);
            self.is_cancelled.store(shared.is_stopping && shared.has_stop_ahead(), Relaxed);
        }
    }

    /// What was begun is over.
    pub(crate) fn end_work(&self) {
        self.lock().at_work = None;
    }

    /// Whether what is being written is to be given up.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Relaxed)
    }

    /// Has the log's thread told when it may have to end the log.
    pub(crate) fn on_switch(&self, ring: impl Fn() + Send + Sync + 'static) {
        let _is_first = self.log_bell.set(Box::new(ring));
    }

    pub(crate) fn order(&self, order: Order) {
        self.lock().orders.push_back(order);
        self.bell.ring();
    }

    /// The next order, after a wait of at most so long.
    pub(crate) fn next_order(&self, at_most: Duration) -> Option<Order> {
        if let Some(order) = self.take_order() {
            return Some(order);
        }
        self.bell.wait(at_most);
        self.take_order()
    }

    fn take_order(&self) -> Option<Order> {
        let mut shared = self.lock();
        let order = shared.orders.pop_front()?;
        shared.at_work = order.work();
        // Whatever comes behind is meant for this one or a later one.
        self.is_cancelled.store(false, Relaxed);
        Some(order)
    }

    /// Whether a stop is under way: asked for, and neither failed nor called off.
    pub fn is_stopping(&self) -> bool {
        self.lock().is_stopping
    }

    /// Whether somebody has asked for a stop that nobody has begun with.
    pub(crate) fn has_stop_ahead(&self) -> bool {
        self.lock().has_stop_ahead()
    }

    /// The stop is not called off any more, if it wasn't before. Returns whether it goes on.
    pub(crate) fn settle_stop(&self) -> bool {
        let mut shared = self.lock();
        shared.is_stop_settled = shared.is_stopping;
        shared.is_stopping
    }

    pub(crate) fn end_stop(&self) {
        self.lock().is_stopping = false;
    }

    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut StorageStatus) -> R) -> R {
        change(&mut self.lock().status)
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Counts the changes since the last snapshot.
    pub(crate) fn count_changes(&self, engine: &Engine) -> u64 {
        let changes = engine.stats().sum(|counters| &counters.changes);
        let mut shared = self.lock();
        shared.changes = changes;
        changes.saturating_sub(shared.saved_changes)
    }

    /// A snapshot holds so many of all changes.
    pub(crate) fn note_saved(&self, changes: u64) {
        self.lock().saved_changes = changes;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn has_stop_ahead(&self) -> bool {
        self.orders.iter().any(|order| matches!(order, Order::ShutDown(..)))
    }

    /// Takes a snapshot out of the queue that nobody has begun with.
    fn take_queued_save(&mut self) -> Option<Option<Promise>> {
        let index = self.orders.iter().position(|order| matches!(order, Order::Save(_)))?;
        match self.orders.remove(index)? {
            Order::Save(done) => Some(done),
            _ => None,
        }
    }
}

impl Storage for Store {
    fn status(&self, engine: &Engine) -> StorageStatus {
        let changes = self.count_changes(engine);
        let mut status = self.lock().status.clone();
        status.snapshot.changes = changes;
        status
    }

    fn save(&self, when: SaveWhen, done: Option<Promise>) -> Result<Begun, CommandError> {
        let now = self.now();
        let mut shared = self.lock();
        if shared.status.snapshot.running_since.is_some() {
            return Err(SAVE_RUNNING);
        }
        if shared.status.log.rewriting_since.is_some() && done.is_none() {
            if when == SaveWhen::Now {
                return Err(LOG_BUSY);
            }
            shared.status.snapshot.is_scheduled = true;
            return Ok(Begun::Scheduled);
        }
        shared.status.snapshot.running_since = Some(now);
        shared.orders.push_back(Order::Save(done));
        drop(shared);
        self.bell.ring();
        Ok(Begun::Started)
    }

    fn cancel_save(&self) -> Result<Cancelled, CommandError> {
        let mut shared = self.lock();
        let is_running = shared.status.snapshot.running_since.is_some();
        if is_running && self.cancel(&shared, |work| !matches!(work, Work::Base | Work::FlushedSnapshot)) {
            return Ok(Cancelled::Running);
        }
        if let Some(done) = shared.take_queued_save() {
            shared.status.snapshot.running_since = None;
            drop(shared);
            if let Some(done) = done {
                done.keep(|reply| reply.error_bytes(b"ERR the snapshot was not written: it was cancelled"));
            }
            return Ok(Cancelled::Running);
        }
        if std::mem::take(&mut shared.status.snapshot.is_scheduled) {
            return Ok(Cancelled::Scheduled);
        }
        Err(NO_SAVE)
    }

    fn rewrite_log(&self) -> Result<Begun, CommandError> {
        let now = self.now();
        let mut shared = self.lock();
        if shared.status.log.rewriting_since.is_some() || shared.status.log.is_rewrite_scheduled {
            return Err(REWRITE_RUNNING);
        }
        if !shared.status.log.is_on {
            return Err(NO_LOG);
        }
        if shared.status.snapshot.running_since.is_some() {
            shared.status.log.is_rewrite_scheduled = true;
            return Ok(Begun::Scheduled);
        }
        shared.status.log.rewriting_since = Some(now);
        shared.orders.push_back(Order::Rewrite);
        drop(shared);
        self.bell.ring();
        Ok(Begun::Started)
    }

    fn note_flushed(&self) {
        let mut shared = self.lock();
        self.cancel(&shared, |work| work == Work::Snapshot);
        // One that nobody has begun with will not hold the data either.
        let is_ordered = |order: &Order| matches!(order, Order::Save(_) | Order::SaveFlushed);
        if !shared.orders.iter().any(is_ordered) {
            shared.orders.push_back(Order::SaveFlushed);
        }
        drop(shared);
        self.bell.ring();
    }

    fn reload(&self, from: ReloadFrom, done: Promise) -> Result<(), CommandError> {
        self.order(Order::Reload(from, done));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: Shutdown = Shutdown { now: true, force: false, save: Some(true) };

    struct StillClock;

    impl Clock for StillClock {
        fn now(&self) -> Moment {
            Moment::default()
        }
    }

    fn store() -> Store {
        Store::new(Arc::new(StillClock))
    }

    #[test]
    fn a_stop_is_called_off_until_it_is_settled() {
        let store = store();
        assert!(!store.abort_shutdown());
        store.shut_down(STOP, None);
        assert!(store.take_order().is_some() && store.abort_shutdown() && !store.settle_stop());
        store.shut_down(STOP, None);
        assert!(store.take_order().is_some() && store.settle_stop());
        assert!(!store.abort_shutdown(), "the server ends");
        assert!(store.is_stopping());
    }

    #[test]
    fn a_stop_does_not_wait_for_what_was_about_to_begin() {
        let store = store();
        // Taken from the queue, and not yet begun with.
        store.order(Order::Rewrite);
        assert!(store.take_order().is_some());
        store.shut_down(STOP, None);
        store.begin_work(Work::Base);
        assert!(store.is_cancelled());
        store.end_work();
        // Begun by the saver itself.
        store.begin_work(Work::Snapshot);
        assert!(store.is_cancelled());
        store.end_work();
        assert!(store.take_order().is_some());
        store.begin_work(Work::LastSnapshot);
        assert!(!store.is_cancelled());
        // Somebody asks again.
        store.shut_down(STOP, None);
        assert!(store.is_cancelled());
    }

    #[test]
    fn a_stop_that_is_called_off_cancels_nothing_that_comes_later() {
        let store = store();
        store.order(Order::Save(None));
        store.shut_down(STOP, None);
        assert!(store.take_order().is_some());
        assert!(store.abort_shutdown());
        store.end_work();
        assert!(matches!(store.take_order(), Some(Order::Save(None))));
        store.begin_work(Work::Snapshot);
        assert!(!store.is_cancelled());
    }
}

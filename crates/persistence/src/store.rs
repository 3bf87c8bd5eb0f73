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
use crate::orders::Order;

/// A clock that all threads may ask.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// The storage of an engine: takes orders, and tells how things stand. The work is done by a [`Saver`](crate::Saver) and a
/// [`Logger`](crate::Logger).
pub struct Store {
    shared: Mutex<Shared>,
    pub(crate) bell: Bell,
    /// Whatever is being written is to be given up.
    pub(crate) is_cancelled: AtomicBool,
    pub(crate) clock: SharedClock,
    /// Has the log's thread look at the configuration.
    log_bell: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

#[derive(Default)]
struct Shared {
    orders: VecDeque<Order>,
    status: StorageStatus,
    is_stopping: bool,
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
        let is_stopping = shared.is_stopping;
        shared.is_stopping = false;
        self.is_cancelled.fetch_or(is_stopping, Relaxed);
        is_stopping
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
        let shared = self.lock();
        self.is_cancelled.fetch_or(shared.status.log.rewriting_since.is_some(), Relaxed);
        drop(shared);
        self.bell.ring();
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
        self.lock().orders.pop_front()
    }

    /// Whether a stop is under way: asked for, and neither failed nor called off.
    pub fn is_stopping(&self) -> bool {
        self.lock().is_stopping
    }

    /// Whether somebody has asked for a stop that nobody has begun with.
    pub(crate) fn has_stop_ahead(&self) -> bool {
        self.lock().orders.iter().any(|order| matches!(order, Order::ShutDown(..)))
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
        self.is_cancelled.store(false, Relaxed);
        shared.orders.push_back(Order::Save(done));
        drop(shared);
        self.bell.ring();
        Ok(Begun::Started)
    }

    fn cancel_save(&self) -> Result<Cancelled, CommandError> {
        let mut shared = self.lock();
        if shared.status.snapshot.running_since.is_some() {
            self.is_cancelled.store(true, Relaxed);
            self.bell.ring();
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

    fn reload(&self, from: ReloadFrom, done: Promise) -> Result<(), CommandError> {
        self.order(Order::Reload(from, done));
        Ok(())
    }
}

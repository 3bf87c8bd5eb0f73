//! Work that nobody calls for: removing keys that are due, freeing large values.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::core::Core;

/// Large values freed by one call.
const FREED_PER_TICK: usize = 16;

/// One slice of the work. Returns how long the next can wait; not at all if something is left.
pub(crate) fn tick(core: &Core) -> Duration {
    let mut wait = Duration::MAX;
    for lane in 0..core.lanes.count() {
        let _worker = core.lanes.lock(lane);
        let next = core.engine.tick(lane, &*core.clock).next;
        wait = wait.min(Duration::from_nanos(next.nanos_since(core.clock.now())));
    }
    let more = core.engine.keyspace().garbage().collect(FREED_PER_TICK);
    if more { Duration::ZERO } else { wait }
}

/// The thread that does it. Stops, and is waited for, when this is dropped.
pub(crate) struct Housekeeper {
    stops: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    pub(crate) fn start(core: &Arc<Core>) -> io::Result<Self> {
        // One wake that waits is enough: the thread works until nothing is left.
        let (wake, woken) = sync_channel(1);
        let stops = Arc::new(AtomicBool::new(false));
        let (its_core, its_stop) = (Arc::clone(core), Arc::clone(&stops));
        let thread = std::thread::Builder::new()
            .name("kvd-embed".to_owned())
            .spawn(move || keep(&its_core, &its_stop, &woken))?;
        let waker = wake.clone();
        core.engine.keyspace().garbage().on_burial(move || nudge(&waker));
        Ok(Self { stops, wake, thread: Some(thread) })
    }
}

fn keep(core: &Core, stops: &AtomicBool, woken: &Receiver<()>) {
    while !stops.load(Relaxed) {
        let wait = tick(core);
        if wait.is_zero() {
            std::thread::yield_now();
            continue;
        }
        match woken.recv_timeout(wait) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Fails if a wake waits already, or nobody does: either is fine.
fn nudge(wake: &SyncSender<()>) {
    let _outcome = wake.try_send(());
}

impl Drop for Housekeeper {
    fn drop(&mut self) {
        self.stops.store(true, Relaxed);
        nudge(&self.wake);
        if let Some(thread) = self.thread.take() {
            // A panic in there was shown when it happened; there is nobody to hand it on to.
            let _outcome = thread.join();
        }
    }
}

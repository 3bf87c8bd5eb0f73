//! The service thread that frees what is too big to be freed by a worker.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use engine::Engine;

/// Starts the thread. It ends with the process.
pub(crate) fn start(engine: &Arc<Engine>) -> std::io::Result<()> {
    let (wake, woken) = sync_channel::<()>(1);
    engine.keyspace().garbage().on_burial(move || nudge(&wake));
    let engine = Arc::clone(engine);
    std::thread::Builder::new().name("kvd-free".to_owned()).spawn(move || collect(&engine, &woken))?;
    Ok(())
}

/// One nudge waiting is enough: the thread collects until nothing is left.
fn nudge(wake: &SyncSender<()>) {
    match wake.try_send(()) {
        Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
    }
}

fn collect(engine: &Engine, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        while engine.keyspace().garbage().collect(16) {}
    }
}

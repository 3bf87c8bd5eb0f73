//! Sending idle clients away (`timeout`).

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use engine::{Clock, Engine};

use crate::clock::SystemClock;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts the watch, as a task of the calling worker's runtime.
pub(crate) fn start(engine: &Arc<Engine>) {
    let engine = Arc::clone(engine);
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let seconds = engine.settings().timeout_seconds();
            if seconds > 0 {
                send_away(&engine, u64::from(seconds) * 1000);
            }
        }
    });
}

fn send_away(engine: &Engine, idle_ms_max: u64) {
    let now = SystemClock.now().unix_millis().0 as u64;
    for client in engine.clients().all() {
        if now.saturating_sub(client.active_ms.load(Relaxed)) > idle_ms_max {
            tracing::debug!(peer = %client.peer.address, "closing an idle client");
            client.kill();
        }
    }
}

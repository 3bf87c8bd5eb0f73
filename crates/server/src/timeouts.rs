//! Clients that are idle: their buffers are given back, and after a time they are sent away (`timeout`).

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use engine::{Clock, Engine};

use crate::clock::SystemClock;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After this time an idle client's buffers are given back, in milliseconds.
const TRIM_AFTER_MS: u64 = 2000;

/// Starts the watch, as a task of the calling worker's runtime.
pub(crate) fn start(engine: &Arc<Engine>) {
    let engine = Arc::clone(engine);
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            look(&engine);
        }
    });
}

fn look(engine: &Engine) {
    let now = SystemClock.now().unix_millis().0 as u64;
    let timeout_ms = match engine.settings().timeout_seconds() {
        0 => u64::MAX,
        seconds => u64::from(seconds) * 1000,
    };
    for client in engine.clients().all() {
        let idle_ms = now.saturating_sub(client.active_ms.load(Relaxed));
        let waits_for_others =
            client.is_blocked.load(Relaxed) || client.is_listening() || client.is_monitor.load(Relaxed);
        if idle_ms > timeout_ms && !waits_for_others {
            tracing::debug!(peer = %client.peer.address, "closing an idle client");
            client.kill();
        } else if idle_ms > TRIM_AFTER_MS && client.buffer_bytes() > 0 {
            client.trim();
        }
    }
}

//! SIGTERM and SIGINT stop the server in good order; a second one stops it at once. SIGHUP is ignored.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::stop::Stop;

/// Starts to listen for signals, as a task of the calling worker's runtime.
pub(crate) fn start(stop: Stop) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::task::spawn_local(async move {
        let mut asked = false;
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
                _ = hang_up.recv() => continue,
            };
            if asked {
                tracing::warn!("received {name} again: stopping at once");
                std::process::exit(1);
            }
            asked = true;
            tracing::info!("received {name}: stopping");
            stop.request();
        }
    });
    Ok(())
}

//! SIGTERM and SIGINT stop the server in good order, as `shutdown-on-sigterm` and `shutdown-on-sigint` say; a second one stops it at once. SIGHUP is
//! ignored.

use std::io;
use std::sync::Arc;

use config::{ParameterId, id};
use engine::{Engine, Shutdown};
use persistence::Store;
use tokio::signal::unix::{SignalKind, signal};

/// Starts to listen for signals, as a task of the calling worker's runtime.
pub(crate) fn start(engine: &Arc<Engine>, store: Arc<Store>) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let engine = Arc::clone(engine);
    tokio::task::spawn_local(async move {
        let mut asked = false;
        loop {
            let (name, parameter) = tokio::select! {
                _ = terminate.recv() => ("SIGTERM", id::SHUTDOWN_ON_SIGTERM),
                _ = interrupt.recv() => ("SIGINT", id::SHUTDOWN_ON_SIGINT),
                _ = hang_up.recv() => continue,
            };
            // A stop that failed or was called off is over: this is another attempt.
            if asked && store.is_stopping() {
                tracing::warn!("received {name} again: stopping at once");
                std::process::exit(1);
            }
            asked = true;
            // The supervisor hears of it when it is sure: a stop that is refused can't be taken back there.
            tracing::info!("received {name}: stopping");
            store.shut_down(how(&engine, parameter), None);
        }
    });
    Ok(())
}

/// How a signal stops the server.
fn how(engine: &Engine, parameter: ParameterId) -> Shutdown {
    let words = engine.settings().read(|config| config.words(parameter).to_vec());
    let has = |word: &str| words.iter().any(|given| given.eq_ignore_ascii_case(word.as_bytes()));
    Shutdown {
        now: has("now"),
        force: has("force"),
        save: if has("save") {
            Some(true)
        } else if has("nosave") {
            Some(false)
        } else {
            None
        },
    }
}

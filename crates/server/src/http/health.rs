//! Whether the server serves.

use std::sync::Arc;
use std::time::Duration;

use engine::{Clock, Condition, Engine, PauseKind};
use tokio::time::{Instant, sleep};

use crate::clock::SystemClock;
use crate::pulse::Pulse;
use crate::stop::Stop;

/// How long a worker may take to come round. Less than the second after which Kubernetes gives a probe up unless told otherwise, so that it hears
/// the reason.
const ROUND_MAX: Duration = Duration::from_millis(900);

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What the answers are found by.
pub(super) struct Health {
    pub(super) engine: Arc<Engine>,
    pub(super) pulse: Pulse,
    pub(super) stop: Stop,
}

impl Health {
    /// Whether it works: the event loop of each worker comes round. The error says why not.
    pub(super) async fn is_alive(&self) -> Result<(), String> {
        if self.stop.is_requested() {
            return Err("kvd is stopping".to_owned());
        }
        let before = self.pulse.beats();
        let late = Instant::now() + ROUND_MAX;
        loop {
            let now = self.pulse.beats();
            let Some(worker) = before.iter().zip(&now).position(|(before, now)| before == now) else {
                return Ok(());
            };
            if Instant::now() >= late {
                let millis = ROUND_MAX.as_millis();
                return Err(format!(
                    "worker {worker} has not come round for {millis} ms: a command takes long"
                ));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Whether commands of clients are run. The error says why not.
    pub(super) async fn is_ready(&self) -> Result<(), String> {
        if self.engine.is_in_condition(Condition::Loading) {
            return Err("the data are being loaded".to_owned());
        }
        let now = SystemClock.now();
        if let Some(pause) = self.engine.paused(now).filter(|pause| pause.kind == PauseKind::All) {
            let millis = pause.until.nanos_since(now) / 1_000_000;
            return Err(format!("all clients are paused for {millis} ms more (CLIENT PAUSE)"));
        }
        self.is_alive().await
    }
}

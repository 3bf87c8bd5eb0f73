//! The request to stop, from wherever it comes to whoever must hear it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::supervisor::Supervisor;

/// A switch that is turned once. Every clone sees it.
#[derive(Clone)]
pub(crate) struct Stop {
    sender: Arc<watch::Sender<bool>>,
    receiver: watch::Receiver<bool>,
    supervisor: Supervisor,
}

impl Stop {
    pub(crate) fn new(supervisor: Supervisor) -> Self {
        let (sender, receiver) = watch::channel(false);
        Self { sender: Arc::new(sender), receiver, supervisor }
    }

    /// Who wants to know how the server is; it hears of the request to stop from here.
    pub(crate) fn supervisor(&self) -> Supervisor {
        self.supervisor
    }

    /// Asks everybody to stop.
    pub(crate) fn request(&self) {
        let was_asked = self.sender.send_replace(true);
        if !was_asked {
            self.supervisor.stopping();
        }
    }

    /// Whether somebody has asked.
    #[cfg(feature = "http")]
    pub(crate) fn is_requested(&self) -> bool {
        *self.receiver.borrow()
    }

    /// Returns when somebody has asked.
    pub(crate) async fn wait(&mut self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _stopped = self.receiver.wait_for(|stopped| *stopped).await;
    }
}

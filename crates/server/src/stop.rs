//! The request to stop, from wherever it comes to whoever must hear it.

use std::sync::Arc;

use tokio::sync::watch;

/// A switch that is turned once. Every clone sees it.
#[derive(Clone)]
pub(crate) struct Stop {
    sender: Arc<watch::Sender<bool>>,
    receiver: watch::Receiver<bool>,
}

impl Stop {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = watch::channel(false);
        Self { sender: Arc::new(sender), receiver }
    }

    /// Asks everybody to stop.
    pub(crate) fn request(&self) {
        self.sender.send_replace(true);
    }

    /// Returns when somebody has asked.
    pub(crate) async fn wait(&mut self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _stopped = self.receiver.wait_for(|stopped| *stopped).await;
    }
}

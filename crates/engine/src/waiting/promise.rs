//! A command whose outcome comes from outside: from the disk, or from another server.

use std::sync::Arc;

use keyspace::Key;
use resp::{Output, Reply};

use crate::clock::Moment;
use crate::ctx::Ctx;
use crate::error::CommandError;
use crate::waiting::serve::Serving;
use crate::waiting::waiter::{AwaitedKind, State, Told, Waiter, Waiting};

/// The reply of a command that waits for something outside the engine. Whoever holds it gives the reply, from any thread. If it is dropped, the
/// client is told that there will be none.
pub struct Promise {
    waiter: Option<Arc<Waiter>>,
}

/// What the client is told when its time is up.
pub type TimeoutReply = Box<dyn Fn(&mut Reply<'_>) + Send>;

struct Promised(TimeoutReply);

impl Waiting for Promised {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::Outcome
    }

    fn serve(&mut self, _: &mut Serving<'_, '_>, _: &Key<'_>) -> Result<bool, CommandError> {
        // It waits at no key.
        Ok(false)
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        (self.0)(reply);
    }
}

impl Ctx<'_> {
    /// Ends the present command without a reply: it waits until the promise is kept, or until that moment, if there is one. `None` where nothing
    /// may wait, in a transaction: then `timeout_reply` was given.
    pub fn promise(&mut self, until: Option<Moment>, timeout_reply: TimeoutReply) -> Option<Promise> {
        self.wait(&[], until, Box::new(Promised(timeout_reply)));
        let waiter = self.session.wait.as_ref().map(|wait| Arc::clone(&wait.waiter))?;
        Some(Promise { waiter: Some(waiter) })
    }
}

impl Ctx<'_> {
    /// The present command waits no more: whoever was to take its promise refused.
    pub fn forget_promise(&mut self) {
        self.engine.forget_wait(self.session);
    }
}

impl Promise {
    /// Whether nobody waits for it any more.
    pub fn is_over(&self) -> bool {
        self.waiter.as_ref().is_none_or(|waiter| !matches!(*waiter.state(), State::Waiting(_)))
    }

    /// Gives the reply.
    pub fn keep(mut self, reply: impl FnOnce(&mut Reply<'_>)) {
        self.reply(reply);
    }

    /// Gives no reply: the connection is about to end.
    pub fn abandon(mut self) {
        self.waiter = None;
    }

    /// Gives no reply, and ends the connection.
    pub fn hang_up(self) {
        if let Some(waiter) = &self.waiter {
            waiter.client.kill();
        }
        self.abandon();
    }

    fn reply(&mut self, reply: impl FnOnce(&mut Reply<'_>)) {
        let Some(waiter) = self.waiter.take() else { return };
        let mut state = waiter.state();
        if let State::Waiting(_) = &*state {
            let mut output = Output::new();
            reply(&mut Reply::new(&mut output, waiter.protocol));
            waiter.reply(&mut state, output.to_vec(), Told::Outcome);
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.reply(|reply| reply.error_bytes(b"ERR the server gave up what this command waited for"));
    }
}

//! A client's session: what the engine remembers of one connection between two batches.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use acl::User;
use fastrand::Rng;
use journal::Offset;
use keyspace::DbIndex;
use pubsub::Subscriptions;
use resp::{Protocol, RequestReader};
use transaction::Transaction;

use crate::admission::{Peer, Refused};
use crate::block::Block;
use crate::client::{Client, ReplyMode, Wake};
use crate::clock::Moment;
use crate::engine::Engine;
use crate::gate_queue::GateQueue;
use crate::mailbox::Embargo;
use crate::plan::Plan;
use crate::tracking::SessionTracking;
use crate::users::Login;
use crate::waiting::Wait;

/// One client's state. Owned by its connection, never shared; what others may know of it is in its [`Client`].
pub struct Session {
    pub(crate) client: Arc<Client>,
    pub(crate) worker: usize,
    pub(crate) plan: Plan,
    pub(crate) closing: bool,
    /// Its last command waits.
    pub(crate) wait: Option<Wait>,
    /// Its next command is held back until then, by a pause or by a snapshot.
    pub(crate) held_until: Option<Moment>,
    pub(crate) transaction: Transaction<Block>,
    /// What `EXEC` has just carried out, to be counted.
    pub(crate) ran: Option<Block>,
    pub(crate) spare_block: Block,
    /// While a transaction is carried out: what keeps back all that it tells others.
    pub(crate) embargo: Option<Arc<Embargo>>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) tracking: SessionTracking,
    /// Bytes that the prefixes take of which its client is told.
    pub(crate) prefix_bytes: usize,
    /// Whether there are any subscriptions.
    pub(crate) is_listening: bool,
    pub(crate) is_monitoring: bool,
    /// Either of them: not everything may be run.
    pub(crate) is_bound: bool,
    pub(crate) login: Login,
    /// It carries out what a log says.
    pub(crate) is_replaying: bool,
    /// Error replies so far.
    pub(crate) errors: u64,
    /// The end of the journal after its last change.
    pub(crate) written: Offset,
    /// The end of the journal when it was last shown data.
    pub(crate) depends_on: Offset,
    /// What of its output waits until it is durable.
    pub(crate) at_gate: GateQueue,
    /// The offset under which it stands among those who wait at the gate; it may have been woken since.
    pub(crate) waits_for: Option<Offset>,
    protocol: Protocol,
    db: DbIndex,
    reply_mode: ReplyMode,
    random: Rng,
}

impl Engine {
    /// Opens a session for a client that came to this worker.
    pub fn open(
        &self,
        worker: usize,
        peer: &Peer,
        now: Moment,
        wake: Arc<dyn Wake>,
    ) -> Result<Session, Refused> {
        self.stats().counters(worker).connections.add(1);
        let client = self
            .admit(peer, worker, now, wake)
            .inspect_err(|_| self.stats().counters(worker).rejected_connections.add(1))?;
        Ok(self.session_of(client, worker))
    }

    /// The session of a client.
    pub(crate) fn session_of(&self, client: Arc<Client>, worker: usize) -> Session {
        let random = Rng::with_seed(self.seed_of(client.id));
        Session {
            client,
            worker,
            plan: Plan::default(),
            closing: false,
            wait: None,
            held_until: None,
            transaction: Transaction::default(),
            ran: None,
            spare_block: Block::default(),
            embargo: None,
            subscriptions: Subscriptions::default(),
            tracking: SessionTracking::default(),
            prefix_bytes: 0,
            is_listening: false,
            is_monitoring: false,
            is_bound: false,
            login: self.guest(),
            is_replaying: false,
            written: Offset::default(),
            depends_on: Offset::default(),
            at_gate: GateQueue::default(),
            waits_for: None,
            protocol: Protocol::Resp2,
            db: DbIndex(0),
            reply_mode: ReplyMode::On,
            random,
            errors: 0,
        }
    }

    /// Ends a session: the client is gone.
    pub fn close(&self, mut session: Session) {
        self.forget_wait(&mut session);
        self.leave_gate(&mut session);
        self.leave_transaction(&mut session);
        self.end_subscriptions(&mut session);
        self.end_monitoring(&mut session);
        self.untrack(&mut session);
        self.clients().remove(session.client.id);
    }
}

impl Session {
    /// What others see of it.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Until when its last command waits for somebody else's change, or its next is held back, if so: then serving the session has no effect before that moment, unless
    /// it is woken. `Some(None)`: without end.
    pub fn waits_until(&self) -> Option<Option<Moment>> {
        let held_until = self.held_until.map(|until| (until != Moment::MAX).then_some(until));
        held_until.or_else(|| self.wait.as_ref().map(|wait| wait.until))
    }

    /// Whether its wait has ended, so that serving it has an effect.
    pub fn is_wait_over(&self, now: Moment) -> bool {
        self.is_hold_over(now) && self.wait.as_ref().is_none_or(|wait| wait.is_over(now))
    }

    /// Whether the client wants the reply that is ready now (`CLIENT REPLY`).
    pub(crate) fn takes_reply(&mut self) -> bool {
        if self.reply_mode == ReplyMode::SkipThis {
            self.reply_mode = ReplyMode::On;
            return false;
        }
        self.reply_mode != ReplyMode::Off
    }

    /// Shows others, and the client itself in its own `CLIENT LIST`, what waits in its query buffer.
    #[inline]
    pub(crate) fn note_input(&self, input: &RequestReader) {
        self.client.query_bytes.store(input.buffered() as u64, Relaxed);
        self.client.query_capacity.store(input.capacity() as u64, Relaxed);
    }

    /// Gives back room that nothing needs while the client is idle.
    pub fn trim(&mut self) {
        if self.plan.is_done() {
            self.plan.trim(0);
        }
        self.spare_block = Block::default();
        self.note_held();
    }

    /// Bytes came from the client.
    #[inline]
    pub fn note_received(&self, bytes: u64) {
        let total = &self.client.received_bytes;
        total.store(total.load(Relaxed) + bytes, Relaxed);
    }

    /// The client is there: it sends, or takes what is sent to it.
    #[inline]
    pub fn note_active(&self, now: Moment) {
        self.client.active_ms.store(now.unix_millis().0 as u64, Relaxed);
    }

    /// Bytes of replies left for the client.
    #[inline]
    pub fn note_sent(&self, bytes: u64) {
        let total = &self.client.sent_bytes;
        total.store(total.load(Relaxed) + bytes, Relaxed);
        let waiting = &self.client.reply_bytes;
        waiting.store(waiting.load(Relaxed).saturating_sub(bytes), Relaxed);
    }

    /// The worker that serves it.
    pub fn worker(&self) -> usize {
        self.worker
    }

    /// The selected database.
    #[inline]
    pub fn db(&self) -> DbIndex {
        self.db
    }

    /// Selects a database; it must exist.
    pub fn select(&mut self, db: DbIndex) {
        self.db = db;
        self.client.db.store(db.0, Relaxed);
    }

    /// The protocol of its replies.
    #[inline]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Changes the protocol, from the present reply on.
    pub fn set_protocol(&mut self, protocol: Protocol) {
        self.protocol = protocol;
        self.client.protocol.store(if protocol == Protocol::Resp3 { 3 } else { 2 }, Relaxed);
    }

    /// Who it is.
    #[inline]
    pub fn user(&self) -> &User {
        &self.login.user
    }

    /// Whether it belongs to the program around the engine; see [`Engine::trust`].
    pub fn is_trusted(&self) -> bool {
        self.login.is_trusted()
    }

    /// Which replies the client wants.
    #[inline]
    pub fn reply_mode(&self) -> ReplyMode {
        self.reply_mode
    }

    /// Changes which replies the client wants.
    pub fn set_reply_mode(&mut self, mode: ReplyMode) {
        self.reply_mode = mode;
    }

    /// Closes the connection after the present reply.
    pub fn close_after_reply(&mut self) {
        self.closing = true;
    }

    /// The session's own random numbers, from the engine's seed.
    pub fn random(&mut self) -> &mut Rng {
        &mut self.random
    }

    /// Whether its reads leave the access clock of keys alone.
    #[inline]
    pub fn is_no_touch(&self) -> bool {
        self.client.is_no_touch.load(Relaxed)
    }

    /// The end of the journal after its last change.
    pub fn written(&self) -> Offset {
        self.written
    }

    /// Back to the state of a new connection (`RESET`), but for what the client said of itself: its library and what it can do.
    pub fn reset(&mut self, engine: &Engine) {
        self.select(DbIndex(0));
        self.set_protocol(Protocol::Resp2);
        engine.log_out(self);
        if self.reply_mode != ReplyMode::SkipThis {
            self.reply_mode = ReplyMode::On;
        }
        self.set_text(|client| &client.name, b"");
        self.client.is_no_touch.store(false, Relaxed);
        self.client.is_no_evict.store(false, Relaxed);
    }
}

//! The gate that replies pass: what depends on a change leaves when the change is as safe as the configuration promises.
//!
//! ```text
//!  serve ─▶ output, with the journal's end ─▶ at the gate ─▶ socket
//!                                                ▲
//!  journal ─▶ log ─ fsync ─▶ `note_durable` ─────┘ wakes all that wait for it: one fsync releases many
//! ```
//!
//! Replies to reads wait, too: nobody is shown what could still be lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Offset;

use crate::client::Client;
use crate::engine::Engine;
use crate::session::Session;
use crate::waiting::Promise;

/// The gate.
#[derive(Default)]
pub(crate) struct ReplyGate {
    /// Whether replies wait at all: `appendfsync always`.
    is_closed: AtomicBool,
    is_logging: AtomicBool,
    /// Everything before is durable in the log.
    durable: AtomicU64,
    waiting: Mutex<AtGate>,
}

#[derive(Default)]
struct AtGate {
    /// By their number.
    clients: BTreeMap<u64, (Offset, Arc<Client>)>,
    /// `WAITAOF`.
    promises: Vec<(Option<Offset>, Promise)>,
}

impl ReplyGate {
    fn waiting(&self) -> MutexGuard<'_, AtGate> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lets_pass(&self, offset: Offset) -> bool {
        !self.is_closed.load(SeqCst) || self.durable.load(SeqCst) >= offset.0
    }
}

impl Engine {
    /// Whether replies wait until what they depend on is durable (`appendfsync always`). When they no longer do, those that wait leave.
    pub fn close_gate(&self, is_closed: bool) {
        self.reply_gate.is_closed.store(is_closed, SeqCst);
        if !is_closed {
            self.release(|_| true);
        }
    }

    /// Everything in the journal before this offset is durable. It may fall, when a log is begun anew.
    pub fn note_durable(&self, offset: Offset) {
        self.reply_gate.durable.store(offset.0, SeqCst);
        self.release(|wanted| wanted <= offset);
    }

    /// Up to where the journal is durable.
    pub fn durable(&self) -> Offset {
        Offset(self.reply_gate.durable.load(SeqCst))
    }

    /// The offset that what has just been served depends on; `None` if it may leave at once.
    #[inline]
    pub fn gate_offset(&self) -> Option<Offset> {
        if !self.reply_gate.is_closed.load(SeqCst) {
            return None;
        }
        let end = self.journal().end();
        (!self.reply_gate.lets_pass(end)).then_some(end)
    }

    /// Whether what depends on this offset may leave. If not, the session's connection is woken when it may.
    pub fn may_leave(&self, session: &Session, offset: Offset) -> bool {
        if self.reply_gate.lets_pass(offset) {
            return true;
        }
        let mut waiting = self.reply_gate.waiting();
        // Under the lock: whoever opens the gate now looks for it afterwards.
        if self.reply_gate.lets_pass(offset) {
            return true;
        }
        let client = session.client();
        waiting.clients.insert(client.id, (offset, Arc::clone(client)));
        false
    }

    /// Whether there is a log.
    pub fn is_logging(&self) -> bool {
        self.reply_gate.is_logging.load(SeqCst)
    }

    /// Says whether there is a log.
    pub fn set_logging(&self, is_logging: bool) {
        self.reply_gate.is_logging.store(is_logging, SeqCst);
    }

    /// Tells at any later time whether everything before this offset is durable.
    pub fn durability_of(&self, offset: Offset) -> impl Fn() -> bool + Send + use<> {
        let gate = Arc::clone(&self.reply_gate);
        move || gate.is_logging.load(SeqCst) && gate.durable.load(SeqCst) >= offset.0
    }

    /// Keeps a promise when everything before this offset is durable. `None`: that won't be, and it is kept by its time only.
    pub fn promise_durable(&self, offset: Option<Offset>, promise: Promise) {
        self.reply_gate.waiting().promises.push((offset, promise));
        self.release(|wanted| wanted <= self.durable());
    }

    fn release(&self, is_released: impl Fn(Offset) -> bool) {
        let mut waiting = self.reply_gate.waiting();
        let clients: Vec<_> = waiting.clients.extract_if(.., |_, (wanted, _)| is_released(*wanted)).collect();
        let durable = self.durable();
        let promises: Vec<_> = waiting
            .promises
            .extract_if(.., |(wanted, promise)| promise.is_over() || wanted.is_some_and(|wanted| wanted <= durable))
            .collect();
        drop(waiting);
        for (_, (_, client)) in clients {
            client.wake();
        }
        for (_, promise) in promises {
            promise.keep(|reply| {
                reply.array(2);
                reply.integer(1);
                reply.integer(0);
            });
        }
    }
}

//! What a client is told without having asked: messages that anybody leaves for it, from any thread.
//!
//! ```text
//! PUBLISH ─┐
//! SET ─ event ─┼─▶ post ─▶ mailbox ─▶ deliver, by the session before its next request and after each reply ─▶ Output
//!          ┘         └─ wakes the connection if the mailbox was empty
//! ```
//!
//! A message is made once and shared by all who get it. What waits in a mailbox counts against `client-output-buffer-limit` together
//! with the replies that the client has not taken: whoever posts too much for a client that doesn't read closes it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use config::OutputLimit;
use resp::{Output, Protocol};
use smallvec::SmallVec;

use crate::client::{Client, ReplyMode};
use crate::engine::Engine;
use crate::monitor::ShownCommand;
use crate::publication::Publication;
use crate::serve::OUTPUT_BYTES_HIGH;
use crate::session::Session;

/// What somebody is told. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Message {
    /// What was published to a channel.
    Publication(Publication),
    /// A command that was run, for whoever monitors.
    Shown(ShownCommand),
}

impl Message {
    /// Bytes that it takes while it waits, as if nobody shared it.
    fn bytes(&self) -> u64 {
        let text = match self {
            Self::Publication(publication) => publication.len(),
            Self::Shown(command) => command.len(),
        };
        (size_of::<Self>() + text) as u64
    }

    fn write(&self, output: &mut Output, protocol: Protocol) {
        match self {
            Self::Publication(publication) => publication.write(output, protocol),
            Self::Shown(command) => command.write(output),
        }
    }
}

/// Room that an empty mailbox keeps, in messages.
const ROOM_KEPT: usize = 64;

/// The messages that wait for one client.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    messages: Mutex<VecDeque<Message>>,
    has_mail: AtomicBool,
    /// Changed while `messages` is locked, as is the next.
    bytes: AtomicU64,
    len: AtomicU64,
}

impl Mailbox {
    /// Whether something waits. One load.
    #[inline]
    pub(crate) fn has_mail(&self) -> bool {
        self.has_mail.load(Relaxed)
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Messages that wait.
    pub(crate) fn len(&self) -> u64 {
        self.len.load(Relaxed)
    }

    /// Adds a message. Returns how many bytes waited before.
    fn put(&self, message: Message) -> u64 {
        let mut messages = self.lock();
        let before = self.bytes.load(Relaxed);
        self.bytes.store(before + message.bytes(), Relaxed);
        messages.push_back(message);
        self.len.store(messages.len() as u64, Relaxed);
        self.has_mail.store(true, Relaxed);
        before
    }

    fn take(&self) -> Option<Message> {
        let mut messages = self.lock();
        let message = messages.pop_front()?;
        self.bytes.store(self.bytes.load(Relaxed) - message.bytes(), Relaxed);
        self.len.store(messages.len() as u64, Relaxed);
        if messages.is_empty() {
            self.has_mail.store(false, Relaxed);
            messages.shrink_to(ROOM_KEPT);
        }
        Some(message)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who posts, and whom that is going to wake.
///
/// Waking takes longer than posting. So it is done at the end, when this is dropped, behind whatever locks are held meanwhile.
pub(crate) struct Postman {
    worker: usize,
    /// The client on whose behalf it is done, if any: it looks into its mailbox after its reply, unwoken.
    sender: Option<u64>,
    /// The client whose changes are told of: the sender, but while a waiting command is carried out the one that waits.
    author: Option<u64>,
    to_wake: SmallVec<[Arc<Client>; 4]>,
}

impl Postman {
    pub(crate) fn new(worker: usize, sender: Option<u64>) -> Self {
        Self { worker, sender, author: sender, to_wake: SmallVec::new() }
    }

    /// The worker that posts them.
    pub(crate) fn worker(&self) -> usize {
        self.worker
    }

    /// The client whose changes are told of.
    pub(crate) fn author(&self) -> Option<u64> {
        self.author
    }

    /// Tells of another client's changes from here on.
    pub(crate) fn write_for(&mut self, author: u64) {
        self.author = Some(author);
    }

    /// Tells of the sender's own changes again.
    pub(crate) fn write_for_sender(&mut self) {
        self.author = self.sender;
    }

    /// Leaves a message for a client. One for whom more waits than `limit` allows is closed. Returns whether the client is there.
    pub(crate) fn post(
        &mut self,
        engine: &Engine,
        client: &Arc<Client>,
        message: Message,
        limit: OutputLimit,
    ) -> bool {
        if client.is_killed() {
            return false;
        }
        let added = message.bytes();
        let before = client.mailbox.put(message);
        let replies = client.reply_bytes.load(Relaxed);
        let waiting = replies + before + added;
        if limit.hard > 0 && waiting > limit.hard {
            self.close(engine, client, waiting);
            return true;
        }
        // Its connection has an eye on how long the soft limit is exceeded.
        let reaches_soft = limit.soft > 0 && waiting > limit.soft && waiting - added <= limit.soft;
        if (before == 0 || reaches_soft) && Some(client.id) != self.sender {
            self.to_wake.push(Arc::clone(client));
        }
        true
    }

    #[cold]
    fn close(&self, engine: &Engine, client: &Client, waiting: u64) {
        if client.kill_once() {
            engine.stats().counters(self.worker).output_limit_closed.add(1);
            engine.host().log(&format!(
                "closing {}: {waiting} bytes wait for it (client-output-buffer-limit)",
                client.peer.address
            ));
        }
    }
}

impl Drop for Postman {
    fn drop(&mut self) {
        for client in &self.to_wake {
            client.wake();
        }
    }
}

impl Engine {
    /// Writes the messages that wait, until there are none or the client has enough to take. Whether none is left.
    pub(crate) fn deliver(&self, session: &mut Session, output: &mut Output) -> bool {
        let is_all = session.deliver(output);
        // Not before: what was left meanwhile is among them.
        self.note_dependence(session);
        is_all
    }
}

impl Session {
    /// Whether somebody left a message: then serving the session has an effect.
    #[inline]
    pub fn has_mail(&self) -> bool {
        self.client().mailbox.has_mail()
    }

    fn deliver(&self, output: &mut Output) -> bool {
        while let Some(message) = self.client().mailbox.take() {
            // Lines of MONITOR are replies: who wants none doesn't get them.
            if matches!(message, Message::Shown(_)) && self.reply_mode() == ReplyMode::Off {
                continue;
            }
            message.write(output, self.protocol());
            if output.len() > OUTPUT_BYTES_HIGH {
                return !self.has_mail();
            }
        }
        true
    }
}

//! What a client is told without having asked: messages that anybody leaves for it, from any thread.
//!
//! ```text
//! PUBLISH ─┐
//! SET ─ event ─┼─▶ post ─▶ mailbox ─▶ deliver, by the session before its next request and after each reply ─▶ Output
//!          ┘         └─ wakes the connection if the mailbox was empty
//! ```
//!
//! With `appendfsync always` nobody is told of what could still be lost. Whoever delivers waits for the journal as it is then; so a message is kept back in
//! its mailbox, under an embargo, until what it tells of has entered the journal. Others behind it keep their places.
//!
//! A message is made once and shared by all who get it. What waits in a mailbox counts against `client-output-buffer-limit` together
//! with the replies that the client has not taken: whoever posts too much for a client that doesn't read closes it.

use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
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

/// Keeps messages back until the journal has what they tell of: the effects of one command, or of a transaction.
#[derive(Default)]
pub(crate) struct Embargo {
    is_over: AtomicBool,
    /// Those in whose mailboxes there is something under it, some more than once.
    receivers: Mutex<Vec<Arc<Client>>>,
}

impl Embargo {
    fn receivers(&self) -> MutexGuard<'_, Vec<Arc<Client>>> {
        self.receivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message in a mailbox.
struct Letter {
    message: Message,
    embargo: Option<Arc<Embargo>>,
}

impl Letter {
    fn may_be_taken(&self) -> bool {
        self.embargo.as_ref().is_none_or(|embargo| embargo.is_over.load(Acquire))
    }

    fn is_under(&self, embargo: &Arc<Embargo>) -> bool {
        self.embargo.as_ref().is_some_and(|other| Arc::ptr_eq(other, embargo))
    }
}

/// How a mailbox was before a message was put into it.
struct Before {
    bytes: u64,
    /// Whether its last message was under the same embargo.
    shares_embargo: bool,
}

/// Room that an empty mailbox keeps, in messages.
const ROOM_KEPT: usize = 64;

/// The messages that wait for one client.
#[derive(Default)]
pub(crate) struct Mailbox {
    letters: Mutex<VecDeque<Letter>>,
    /// Whether the first letter may be taken. Changed while `letters` is locked, as are the next two.
    has_mail: AtomicBool,
    bytes: AtomicU64,
    len: AtomicU64,
}

impl Mailbox {
    /// Whether something waits that may be taken. One load.
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

    fn put(&self, letter: Letter) -> Before {
        let mut letters = self.lock();
        let bytes = self.bytes.load(Relaxed);
        let embargo = letter.embargo.as_ref();
        let shares_embargo =
            embargo.is_some_and(|embargo| letters.back().is_some_and(|last| last.is_under(embargo)));
        self.bytes.store(bytes + letter.message.bytes(), Relaxed);
        letters.push_back(letter);
        self.len.store(letters.len() as u64, Relaxed);
        self.note_mail(&letters);
        Before { bytes, shares_embargo }
    }

    fn take(&self) -> Option<Message> {
        let mut letters = self.lock();
        if !letters.front().is_some_and(Letter::may_be_taken) {
            self.has_mail.store(false, Relaxed);
            return None;
        }
        let Letter { message, .. } = letters.pop_front()?;
        self.bytes.store(self.bytes.load(Relaxed) - message.bytes(), Relaxed);
        self.len.store(letters.len() as u64, Relaxed);
        self.note_mail(&letters);
        if letters.is_empty() {
            letters.shrink_to(ROOM_KEPT);
        }
        Some(message)
    }

    /// An embargo on something in it is over.
    fn note_embargo_over(&self) {
        let letters = self.lock();
        self.note_mail(&letters);
    }

    fn note_mail(&self, letters: &VecDeque<Letter>) {
        self.has_mail.store(letters.front().is_some_and(Letter::may_be_taken), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// What is posted is kept back until this is over.
    embargo: Option<Arc<Embargo>>,
    to_wake: SmallVec<[Arc<Client>; 4]>,
}

impl Postman {
    pub(crate) fn new(worker: usize, sender: Option<u64>) -> Self {
        Self { worker, sender, author: sender, embargo: None, to_wake: SmallVec::new() }
    }

    /// The same for one whose messages are kept back as another's are.
    pub(crate) fn under(mut self, embargo: Option<Arc<Embargo>>) -> Self {
        self.embargo = embargo;
        self
    }

    /// Keeps back what is posted from here on, until [`Postman::end_embargo`].
    pub(crate) fn begin_embargo(&mut self) -> Arc<Embargo> {
        Arc::clone(self.embargo.get_or_insert_default())
    }

    /// What was kept back may be taken: the journal has what it tells of. Receivers are woken when the postman is dropped.
    #[inline]
    pub(crate) fn end_embargo(&mut self) {
        if let Some(embargo) = self.embargo.take() {
            self.release(&embargo);
        }
    }

    #[cold]
    fn release(&mut self, embargo: &Embargo) {
        embargo.is_over.store(true, Release);
        let receivers = std::mem::take(&mut *embargo.receivers());
        for client in receivers {
            client.mailbox.note_embargo_over();
            if Some(client.id) != self.sender {
                self.to_wake.push(client);
            }
        }
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
        let before = client.mailbox.put(Letter { message, embargo: self.embargo.clone() });
        let replies = client.reply_bytes.load(Relaxed);
        let waiting = replies + before.bytes + added;
        if limit.hard > 0 && waiting > limit.hard {
            self.close(engine, client, waiting);
            return true;
        }
        if let Some(embargo) = &self.embargo {
            if !before.shares_embargo {
                embargo.receivers().push(Arc::clone(client));
            }
            return true;
        }
        // Its connection has an eye on how long the soft limit is exceeded.
        let reaches_soft = limit.soft > 0 && waiting > limit.soft && waiting - added <= limit.soft;
        if (before.bytes == 0 || reaches_soft) && Some(client.id) != self.sender {
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

//! All connected clients, as the others see them.

use std::collections::BTreeMap;
use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use catalog::{Command, CommandId};

use crate::admission::{Peer, Refused};
use crate::clock::Moment;
use crate::mailbox::Mailbox;
use crate::session::Session;
use crate::tracking::TrackingState;
use crate::waiting::Waiter;

/// Wakes the connection of a client from any thread.
pub trait Wake: Send + Sync {
    /// The session has something to see to: its connection should call [`crate::Engine::serve`] soon.
    fn wake(&self);
}

/// For sessions that are served by hand.
impl Wake for () {
    fn wake(&self) {}
}

/// Which replies a client wants (`CLIENT REPLY`).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// All.
    #[default]
    On,
    /// None.
    Off,
    /// All but that of the next command.
    SkipNext,
    /// Not that of the present command, then all.
    SkipThis,
}

/// What is known of a connected client. Its own session writes, before and after each batch; anybody reads.
pub struct Client {
    /// Its number: unique, ascending.
    pub id: u64,
    /// Its other end.
    pub peer: Peer,
    /// When it came.
    pub since: Moment,
    /// The worker that serves it.
    pub worker: usize,
    /// Set by `CLIENT SETNAME`, `HELLO … SETNAME`.
    pub name: Text,
    /// Set by `CLIENT SETINFO LIB-NAME`.
    pub library_name: Text,
    /// Set by `CLIENT SETINFO LIB-VER`.
    pub library_version: Text,
    /// The user it is authenticated as.
    pub user: Text,
    /// When it last sent something or took a part of a long reply, in milliseconds since the epoch.
    pub active_ms: AtomicU64,
    /// The database it has selected.
    pub db: AtomicU32,
    /// 2 or 3.
    pub protocol: AtomicU8,
    /// Commands run for it, without the one that is running.
    pub commands: AtomicU64,
    /// Bytes received from it.
    pub received_bytes: AtomicU64,
    /// Bytes sent to it.
    pub sent_bytes: AtomicU64,
    /// Bytes received and not yet run.
    pub query_bytes: AtomicU64,
    /// Capacity of its query buffer.
    pub query_capacity: AtomicU64,
    /// Bytes of replies not yet sent.
    pub reply_bytes: AtomicU64,
    /// The most bytes of replies that ever waited.
    pub reply_bytes_peak: AtomicU64,
    /// Capacity of its reply buffer, and the size of the values that it sends from where they are.
    pub reply_capacity: AtomicU64,
    /// `CLIENT NO-TOUCH`.
    pub is_no_touch: AtomicBool,
    /// `CLIENT NO-EVICT`.
    pub is_no_evict: AtomicBool,
    /// It is shown every command (`MONITOR`).
    pub is_monitor: AtomicBool,
    /// It waits for somebody else's change.
    pub is_blocked: AtomicBool,
    /// Its next command is held back, by a pause or by a snapshot.
    pub(crate) is_held: AtomicBool,
    /// `CLIENT CAPA redirect`: it understands being sent to another node.
    pub can_redirect: AtomicBool,
    /// Commands queued in its transaction; -1 outside of one.
    pub queued: AtomicI64,
    /// Bytes of them, with what is kept of each besides its words.
    pub queued_bytes: AtomicU64,
    /// Bytes of what it has the server keep from one command to the next: its queue, the keys it watches or waits at, what it listens to, the prefixes it is told of, and
    /// what it told about itself.
    pub held_bytes: AtomicU64,
    /// Keys it watches.
    pub watched: AtomicU64,
    pub(crate) mailbox: Mailbox,
    pub(crate) tracking: TrackingState,
    /// The client that is told of changed keys in its place; 0 for itself, -1 if it doesn't track.
    pub redirect: AtomicI64,
    /// How many subscriptions of each kind it has.
    pub(crate) subscriptions: [AtomicU32; 3],
    /// Index of the last command it sent, plus one; 0 for none.
    last_command: AtomicU32,
    /// The command it last waited with.
    waiter: Mutex<Weak<Waiter>>,
    /// It belongs to the program around the engine, whatever users there are.
    pub(crate) is_trusted: AtomicBool,
    killed: AtomicBool,
    should_trim: AtomicBool,
    /// What it used when that was last added up for all clients.
    accounted_bytes: AtomicU64,
    /// The same of [`Self::evictable_bytes`].
    accounted_evictable_bytes: AtomicU64,
    wake: Arc<dyn Wake>,
}

/// What every client takes.
const OWN_BYTES: u64 = (size_of::<Session>() + size_of::<Client>()) as u64;

impl Client {
    /// Closes the client's connection as soon as its thread comes to it.
    pub fn kill(&self) {
        self.killed.store(true, Relaxed);
        self.wake.wake();
    }

    /// The same. Returns whether nobody had done so before.
    pub(crate) fn kill_once(&self) -> bool {
        let is_first = !self.killed.swap(true, Relaxed);
        self.wake.wake();
        is_first
    }

    /// Whether it is to be closed.
    #[inline]
    pub fn is_killed(&self) -> bool {
        self.killed.load(Relaxed)
    }

    /// Whether it belongs to the program around the engine, so that no user's rules hold for it.
    pub(crate) fn is_trusted(&self) -> bool {
        self.is_trusted.load(Relaxed)
    }

    /// Has its connection look after it.
    pub(crate) fn wake(&self) {
        self.wake.wake();
    }

    /// The command it waits with, or last waited with.
    pub(crate) fn waiter(&self) -> Option<Arc<Waiter>> {
        self.waiter.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    pub(crate) fn set_waiter(&self, waiter: &Arc<Waiter>) {
        *self.waiter.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(waiter);
    }

    /// Has the connection give back what its buffers don't hold, when its thread comes to it.
    pub fn trim(&self) {
        self.should_trim.store(true, Relaxed);
        self.wake.wake();
    }

    /// Whether somebody wants its buffers trimmed; asked once.
    #[inline]
    pub fn take_trim(&self) -> bool {
        self.should_trim.load(Relaxed) && self.should_trim.swap(false, Relaxed)
    }

    /// Capacity of its buffers, and the size of the values that it sends from where they are: what may be given back while it is idle.
    pub fn buffer_bytes(&self) -> u64 {
        self.query_capacity.load(Relaxed) + self.reply_capacity.load(Relaxed)
    }

    /// That, what it has the server keep, and the messages that wait for it.
    #[inline]
    pub fn used_bytes(&self) -> u64 {
        self.buffer_bytes() + self.held_bytes.load(Relaxed) + self.mailbox.bytes()
    }

    /// All memory that it takes.
    pub fn memory_bytes(&self) -> u64 {
        OWN_BYTES + self.used_bytes()
    }

    /// What closing it to make room for others would give back: nothing if that is never done.
    #[inline]
    fn evictable_bytes(&self, used_bytes: u64) -> u64 {
        if self.is_no_evict.load(Relaxed) { 0 } else { OWN_BYTES + used_bytes }
    }

    /// The last command it sent, which may be running; `None` before the first and when that was no command.
    pub fn last_command(&self) -> Option<&'static Command> {
        let index = self.last_command.load(Relaxed).checked_sub(1)?;
        catalog::COMMANDS.get(index as usize)
    }

    /// Bytes of what it told about itself.
    pub(crate) fn text_bytes(&self) -> usize {
        let texts = [&self.name, &self.library_name, &self.library_version, &self.user];
        texts.into_iter().map(|text| text.len.load(Relaxed)).sum()
    }

    #[inline]
    pub(crate) fn note_command(&self, command: Option<CommandId>) {
        self.last_command.store(command.map_or(0, |command| command.index() as u32 + 1), Relaxed);
    }

    #[inline]
    pub(crate) fn count_commands(&self, count: usize) {
        // Not fetch_add: its own session alone writes.
        self.commands.store(self.commands.load(Relaxed) + count as u64, Relaxed);
    }

    /// Replies wait for it.
    #[inline]
    pub(crate) fn note_replies(&self, bytes: u64, capacity: u64) {
        self.reply_bytes.store(bytes, Relaxed);
        self.reply_capacity.store(capacity, Relaxed);
        if bytes > self.reply_bytes_peak.load(Relaxed) {
            self.reply_bytes_peak.store(bytes, Relaxed);
        }
    }
}

/// A text that others may read.
#[derive(Debug, Default)]
pub struct Text {
    bytes: Mutex<Box<[u8]>>,
    /// Changed while `bytes` are locked.
    len: AtomicUsize,
}

impl Text {
    /// Replaces it. Its session does, which [notes](Session::note_held) how long it is.
    fn set(&self, text: &[u8]) {
        let mut bytes = self.lock();
        *bytes = text.into();
        self.len.store(text.len(), Relaxed);
    }

    /// A copy of it.
    pub fn to_vec(&self) -> Vec<u8> {
        self.lock().to_vec()
    }

    /// A copy of no more than its first bytes.
    pub(crate) fn first(&self, count: usize) -> Vec<u8> {
        let bytes = self.lock();
        bytes.get(..count).unwrap_or(&bytes).to_vec()
    }

    /// Whether it is this one.
    pub fn equals(&self, text: &[u8]) -> bool {
        **self.lock() == *text
    }

    fn lock(&self) -> MutexGuard<'_, Box<[u8]>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Changes one of the texts that others see of its client.
    pub fn set_text(&self, which: impl FnOnce(&Client) -> &Text, text: &[u8]) {
        which(&self.client).set(text);
        self.note_held();
    }

    /// Notes how much the server keeps for its client; to be called whenever that has changed. O(1).
    pub(crate) fn note_held(&self) {
        let block = self.transaction.queue().unwrap_or(&self.spare_block);
        let bytes = block.capacity()
            + self.transaction.watched_bytes()
            + self.subscriptions.bytes()
            + self.wait.as_ref().map_or(0, |wait| wait.bytes)
            + self.prefix_bytes
            + self.client.text_bytes();
        self.client.held_bytes.store(bytes as u64, Relaxed);
    }
}

/// The register of connected clients.
#[derive(Default)]
pub struct Clients {
    connected: Mutex<BTreeMap<u64, Arc<Client>>>,
    last_id: AtomicU64,
    /// Sum of their `accounted_bytes`.
    used_bytes: AtomicU64,
    /// Sum of their `accounted_evictable_bytes`.
    evictable_bytes: AtomicU64,
    /// Locked by whoever closes some to make room: two at once would each close as many as are needed.
    eviction: Mutex<()>,
}

impl Client {
    /// A client that the register doesn't know.
    pub(crate) fn new(id: u64, peer: &Peer, worker: usize, now: Moment, wake: Arc<dyn Wake>) -> Self {
        Self {
            id,
            peer: peer.clone(),
            since: now,
            worker,
            name: Text::default(),
            library_name: Text::default(),
            library_version: Text::default(),
            user: Text::default(),
            active_ms: AtomicU64::new(now.unix_millis().0 as u64),
            db: AtomicU32::new(0),
            protocol: AtomicU8::new(2),
            commands: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
            query_bytes: AtomicU64::new(0),
            query_capacity: AtomicU64::new(0),
            reply_bytes: AtomicU64::new(0),
            reply_bytes_peak: AtomicU64::new(0),
            reply_capacity: AtomicU64::new(0),
            is_no_touch: AtomicBool::new(false),
            is_no_evict: AtomicBool::new(false),
            is_monitor: AtomicBool::new(false),
            is_blocked: AtomicBool::new(false),
            is_held: AtomicBool::new(false),
            can_redirect: AtomicBool::new(false),
            queued: AtomicI64::new(-1),
            queued_bytes: AtomicU64::new(0),
            held_bytes: AtomicU64::new(0),
            watched: AtomicU64::new(0),
            mailbox: Mailbox::default(),
            tracking: TrackingState::default(),
            redirect: AtomicI64::new(-1),
            subscriptions: Default::default(),
            last_command: AtomicU32::new(0),
            waiter: Mutex::default(),
            is_trusted: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            should_trim: AtomicBool::new(false),
            accounted_bytes: AtomicU64::new(0),
            accounted_evictable_bytes: AtomicU64::new(0),
            wake,
        }
    }
}

impl Clients {
    /// Adds a client, unless `clients_max` are there already.
    pub(crate) fn register(
        &self,
        peer: &Peer,
        worker: usize,
        now: Moment,
        wake: Arc<dyn Wake>,
        clients_max: usize,
    ) -> Result<Arc<Client>, Refused> {
        // Counted and added under one lock: workers that accept at the same moment can't exceed the limit together.
        let mut connected = self.connected();
        if connected.len() >= clients_max {
            return Err(Refused::TooManyClients);
        }
        let id = self.last_id.fetch_add(1, Relaxed) + 1;
        let client = Arc::new(Client::new(id, peer, worker, now, wake));
        client.user.set(b"default");
        connected.insert(client.id, Arc::clone(&client));
        Ok(client)
    }

    pub(crate) fn remove(&self, id: u64) {
        if let Some(client) = self.connected().remove(&id) {
            self.used_bytes.fetch_sub(client.accounted_bytes.load(Relaxed), Relaxed);
            self.evictable_bytes.fetch_sub(client.accounted_evictable_bytes.load(Relaxed), Relaxed);
        }
    }

    /// Bytes that all clients [use](Client::used_bytes).
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes.load(Relaxed)
    }

    /// [All bytes](Client::memory_bytes) of those that may be closed to make room.
    pub(crate) fn evictable_bytes(&self) -> u64 {
        self.evictable_bytes.load(Relaxed)
    }

    /// The right to close clients to make room: one thread has it at a time.
    pub(crate) fn lock_eviction(&self) -> MutexGuard<'_, ()> {
        self.eviction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds up anew what a client uses; to be called by its own session. Whether that is more than before.
    #[inline]
    pub(crate) fn account(&self, client: &Client) -> bool {
        let used = client.used_bytes();
        let evictable = client.evictable_bytes(used);
        let uses_more = account(used, &client.accounted_bytes, &self.used_bytes);
        account(evictable, &client.accounted_evictable_bytes, &self.evictable_bytes) || uses_more
    }

    /// How many are connected, those included that are about to be closed.
    pub fn len(&self) -> usize {
        self.connected().len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The client of this number, unless it is about to be closed.
    pub fn find(&self, id: u64) -> Option<Arc<Client>> {
        self.connected().get(&id).filter(|client| !client.is_killed()).cloned()
    }

    /// All of them in the order of their numbers, without those that are about to be closed: whoever killed a client doesn't see it
    /// again, although its own thread has yet to come to it.
    pub fn all(&self) -> Vec<Arc<Client>> {
        self.connected().values().filter(|client| !client.is_killed()).cloned().collect()
    }

    /// Wakes those whose next command is held back.
    pub(crate) fn wake_held(&self) {
        for client in self.all() {
            if client.is_held.swap(false, Relaxed) {
                client.wake();
            }
        }
    }

    fn connected(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Client>>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces what is accounted of one client, and changes the sum over all. Whether it has grown.
#[inline]
fn account(now: u64, accounted: &AtomicU64, sum: &AtomicU64) -> bool {
    let before = accounted.load(Relaxed);
    if now == before {
        return false;
    }
    accounted.store(now, Relaxed);
    // Wraps around zero and back when it shrinks.
    sum.fetch_add(now.wrapping_sub(before), Relaxed);
    now > before
}

//! Client-side caching: who has read which key, and is told when it changes (`CLIENT TRACKING`).
//!
//! ```text
//!  GET k ─▶ remembered: k ▸ this client          (by default; with BCAST nothing is remembered, prefixes are compared)
//!  SET k ─▶ record ─▶ forgotten, and posted: invalidate [k] ─▶ mailbox of the client, or of the one that it redirects to
//! ```
//!
//! Keys are remembered by name, whatever their database, as in the peers. A read is remembered and a change posted while the key's stripe is
//! locked: whoever is told of a change and reads again reads what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use catalog::Flags;
use fastrand::Rng;

use crate::client::Client;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::mailbox::{Message, Postman};
use crate::publication::Publication;
use crate::session::Session;

/// Parts of the table that threads rarely meet in.
const PARTS: usize = 64;

/// Which reads are remembered.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum TrackingMode {
    /// All.
    #[default]
    Default,
    /// Those after `CLIENT CACHING YES`.
    OptIn,
    /// All but those after `CLIENT CACHING NO`.
    OptOut,
    /// None: the client is told of all changes of keys with its prefixes.
    Broadcast,
}

/// What a client wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Which reads are remembered.
    pub mode: TrackingMode,
    /// It isn't told of its own changes.
    pub is_noloop: bool,
    /// The client that is told instead.
    pub redirect: Option<u64>,
    /// Of a broadcast: the prefixes, none of which begins with another unless it was named later. One that is empty stands for all keys.
    pub prefixes: BTreeSet<Box<[u8]>>,
}

/// One client that tracks, as others see it.
pub(crate) struct Tracker {
    client: Arc<Client>,
    pub(crate) wanted: Tracking,
    /// The one that it redirected to has gone.
    is_broken: AtomicBool,
}

/// A session's own part of it.
#[derive(Default)]
pub(crate) struct SessionTracking {
    pub(crate) tracker: Option<Arc<Tracker>>,
    /// What `CLIENT CACHING` said of the next command, or of the whole transaction that it opens.
    caching: Option<bool>,
}

/// Letters of a client's state in `CLIENT LIST`.
const IS_TRACKING: u8 = 1;
const IS_BROADCAST: u8 = 2;
const IS_BROKEN: u8 = 4;

/// Part of [`Client`] that others read.
#[derive(Debug, Default)]
pub(crate) struct TrackingState(AtomicU8);

/// Everything that is tracked.
pub(crate) struct Trackers {
    parts: Box<[Mutex<Part>]>,
    /// Keys in all parts, and pairs of a key and a client.
    keys: AtomicUsize,
    items: AtomicUsize,
    clients: RwLock<BTreeMap<u64, Arc<Tracker>>>,
    len: AtomicUsize,
    broadcasts: AtomicUsize,
}

/// Part of the table.
#[derive(Default)]
struct Part {
    /// By key: the clients that have read it.
    readers: BTreeMap<Box<[u8]>, BTreeSet<u64>>,
    /// Pairs of a key and a client.
    items: usize,
}

impl Default for Trackers {
    fn default() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            keys: AtomicUsize::new(0),
            items: AtomicUsize::new(0),
            clients: RwLock::default(),
            len: AtomicUsize::new(0),
            broadcasts: AtomicUsize::new(0),
        }
    }
}

/// Keys that were changed and that broadcasts tell of: those of a chunk of commands go together.
#[derive(Debug, Default)]
pub(crate) struct Broadcast(BTreeSet<Box<[u8]>>);

impl Broadcast {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Trackers {
    /// Whether somebody tracks anything, or did, so that a change must be looked up. One load.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Relaxed) == 0
    }

    fn clients(&self) -> RwLockReadGuard<'_, BTreeMap<u64, Arc<Tracker>>> {
        self.clients.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn clients_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<u64, Arc<Tracker>>> {
        self.clients.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(&self, key: &[u8]) -> MutexGuard<'_, Part> {
        // Which part is of no consequence for anything but speed.
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        lock(&self.parts[hash as usize % PARTS])
    }

    fn put(&self, tracker: Arc<Tracker>) {
        let is_broadcast = tracker.wanted.mode == TrackingMode::Broadcast;
        let mut clients = self.clients_mut();
        let before = clients.insert(tracker.client.id, tracker);
        self.len.store(clients.len(), Relaxed);
        let was_broadcast = before.as_ref().map(|before| before.wanted.mode == TrackingMode::Broadcast);
        match (was_broadcast.unwrap_or(false), is_broadcast) {
            (false, true) => drop(self.broadcasts.fetch_add(1, Relaxed)),
            (true, false) => drop(self.broadcasts.fetch_sub(1, Relaxed)),
            _ => {}
        }
    }

    /// Takes out a client, and with the last one all keys, which are returned.
    fn remove(&self, client: u64) -> Vec<Part> {
        let mut clients = self.clients_mut();
        let Some(before) = clients.remove(&client) else { return Vec::new() };
        self.len.store(clients.len(), Relaxed);
        if before.wanted.mode == TrackingMode::Broadcast {
            self.broadcasts.fetch_sub(1, Relaxed);
        }
        // Nobody can begin to track before the lock is given back: no read of somebody else is among those that are forgotten.
        if clients.is_empty() { self.take_all() } else { Vec::new() }
    }

    /// Takes out all keys. What they are in is freed by the caller, behind whatever it has locked.
    fn take_all(&self) -> Vec<Part> {
        let parts = self.parts.iter().map(|part| {
            let taken = std::mem::take(&mut *lock(part));
            self.keys.fetch_sub(taken.readers.len(), Relaxed);
            self.items.fetch_sub(taken.items, Relaxed);
            taken
        });
        parts.collect()
    }

    fn remember(&self, key: &[u8], client: u64) {
        let mut part = self.part(key);
        let is_new = match part.readers.get_mut(key) {
            Some(clients) => clients.insert(client),
            None => {
                part.readers.insert(key.into(), BTreeSet::from([client]));
                self.keys.fetch_add(1, Relaxed);
                true
            }
        };
        part.items += usize::from(is_new);
        self.items.fetch_add(usize::from(is_new), Relaxed);
    }

    /// Those who have read a key, who are forgotten.
    fn take(&self, key: &[u8]) -> BTreeSet<u64> {
        let mut part = self.part(key);
        let taken = part.readers.remove(key).unwrap_or_default();
        self.note_taken(&mut part, &taken);
        taken
    }

    /// Takes any key out with those who have read it.
    fn take_any(&self, random: &mut Rng) -> Option<(Box<[u8]>, BTreeSet<u64>)> {
        let start = random.usize(..PARTS);
        let from = random.u64(..).to_le_bytes();
        for offset in 0..PARTS {
            let mut part = lock(&self.parts[(start + offset) % PARTS]);
            let mut behind = part.readers.range::<[u8], _>((Bound::Included(&from[..]), Bound::Unbounded));
            let key = behind.next().or_else(|| part.readers.first_key_value()).map(|(key, _)| key.clone());
            if let Some((key, clients)) = key.and_then(|key| part.readers.remove_entry(&key)) {
                self.note_taken(&mut part, &clients);
                return Some((key, clients));
            }
        }
        None
    }

    /// A key was taken out of a part with those who have read it, if anybody has.
    fn note_taken(&self, part: &mut Part, readers: &BTreeSet<u64>) {
        if !readers.is_empty() {
            part.items -= readers.len();
            self.keys.fetch_sub(1, Relaxed);
            self.items.fetch_sub(readers.len(), Relaxed);
        }
    }
}

impl Engine {
    /// How many clients track.
    pub fn tracking_clients(&self) -> usize {
        self.trackers.len.load(Relaxed)
    }

    /// How many keys are remembered for clients that track.
    pub fn tracked_keys(&self) -> usize {
        self.trackers.keys.load(Relaxed)
    }

    /// The same, each key counted once for each client that has read it.
    pub fn tracked_items(&self) -> usize {
        self.trackers.items.load(Relaxed)
    }

    /// How many prefixes clients are told of.
    pub fn tracked_prefixes(&self) -> usize {
        let clients = self.trackers.clients();
        let prefixes: BTreeSet<_> = clients.values().flat_map(|tracker| &tracker.wanted.prefixes).collect();
        prefixes.len()
    }

    /// Has a session's client told of changes from now on, as it wants, in place of what it wanted before.
    pub fn track(&self, session: &mut Session, wanted: Tracking) {
        let is_broadcast = if wanted.mode == TrackingMode::Broadcast { IS_BROADCAST } else { 0 };
        session.client.tracking.0.store(IS_TRACKING | is_broadcast, Relaxed);
        session.client.redirect.store(wanted.redirect.map_or(0, |client| client as i64), Relaxed);
        let tracker = Arc::new(Tracker {
            client: Arc::clone(&session.client),
            wanted,
            is_broken: AtomicBool::new(false),
        });
        self.trackers.put(Arc::clone(&tracker));
        session.tracking = SessionTracking { tracker: Some(tracker), caching: None };
    }

    /// Ends that.
    pub fn untrack(&self, session: &mut Session) {
        if session.tracking.tracker.is_some() {
            session.tracking = SessionTracking::default();
            session.client.tracking.0.store(0, Relaxed);
            session.client.redirect.store(-1, Relaxed);
            drop(self.trackers.remove(session.client.id));
        }
    }

    /// The client that a tracking client redirects to.
    pub fn redirect_of(&self, client: u64) -> Option<u64> {
        self.trackers.clients().get(&client)?.wanted.redirect
    }

    /// A key was changed: tells who has read it, and notes it for broadcasts.
    #[cold]
    pub(crate) fn invalidate(&self, key: &[u8], postman: &mut Postman, broadcast: &mut Broadcast) {
        let readers = self.trackers.take(key);
        if !readers.is_empty() {
            let author = postman.sender();
            self.tell_changed(&readers, key, author, postman);
        }
        if self.trackers.broadcasts.load(Relaxed) > 0 {
            broadcast.0.insert(key.into());
        }
    }

    /// Tells those who have read a key that it was changed, by this client if by any.
    fn tell_changed(&self, readers: &BTreeSet<u64>, key: &[u8], author: Option<u64>, postman: &mut Postman) {
        let clients = self.trackers.clients();
        let told = readers.iter().filter_map(|id| clients.get(id));
        let mut message = None;
        for tracker in told.filter(|tracker| tracker.wanted.mode != TrackingMode::Broadcast) {
            if !tracker.is_own_change(author) {
                let message = message.get_or_insert_with(|| Invalidation::of(&[key]));
                self.tell(tracker, message, postman);
            }
        }
    }

    /// Tells broadcasts of the keys that were changed.
    #[cold]
    pub(crate) fn tell_broadcasts(&self, broadcast: &mut Broadcast, postman: &mut Postman) {
        let keys = std::mem::take(&mut broadcast.0);
        let author = postman.sender();
        for tracker in self.trackers.clients().values() {
            if tracker.wanted.mode != TrackingMode::Broadcast || tracker.is_own_change(author) {
                continue;
            }
            for prefix in &tracker.wanted.prefixes {
                let of_prefix: Vec<&[u8]> =
                    keys.iter().map(|key| &**key).filter(|key| key.starts_with(prefix)).collect();
                if !of_prefix.is_empty() {
                    self.tell(tracker, &Invalidation::of(&of_prefix), postman);
                }
            }
        }
    }

    /// Everything was changed at once: all who track are told so, and nothing is remembered any more.
    pub(crate) fn invalidate_all(&self, postman: &mut Postman) {
        if self.trackers.is_empty() {
            return;
        }
        let forgotten = self.trackers.take_all();
        let message = Invalidation::of_everything();
        for tracker in self.trackers.clients().values() {
            self.tell(tracker, &message, postman);
        }
        drop(forgotten);
    }

    fn tell(&self, tracker: &Tracker, message: &Invalidation, postman: &mut Postman) {
        let Some(redirect) = tracker.wanted.redirect else {
            // Nothing but a push can be told from a reply.
            if tracker.client.protocol.load(Relaxed) == 3 {
                let limit = self.output_limit(&tracker.client);
                postman.post(self, &tracker.client, Message::Publication(message.push.clone()), limit);
            }
            return;
        };
        match self.clients().find(redirect) {
            Some(client) if client.protocol.load(Relaxed) == 3 => {
                postman.post(
                    self,
                    &client,
                    Message::Publication(message.push.clone()),
                    self.output_limit(&client),
                );
            }
            Some(client) if client.is_listening() => {
                let limit = self.output_limit(&client);
                postman.post(self, &client, Message::Publication(message.published.clone()), limit);
            }
            Some(_) => {}
            None => {
                tracker.is_broken.store(true, Relaxed);
                tracker.client.tracking.0.fetch_or(IS_BROKEN, Relaxed);
                if tracker.client.protocol.load(Relaxed) == 3 {
                    let limit = self.output_limit(&tracker.client);
                    let broken = Message::Publication(Publication::redirection_broken(redirect));
                    postman.post(self, &tracker.client, broken, limit);
                }
            }
        }
    }

    /// Forgets keys until no more are remembered than may be; whoever has read them is told as if they had changed.
    fn limit_tracked_keys(&self, postman: &mut Postman, random: &mut Rng) {
        let max = self.settings().tracked_keys_max();
        while max > 0 && self.tracked_keys() > max {
            let Some((key, readers)) = self.trackers.take_any(random) else { return };
            // Nobody has changed it: not even whose read had it forgotten knows.
            self.tell_changed(&readers, &key, None, postman);
        }
    }
}

impl Tracker {
    /// Whether it isn't told of a change since it has made it.
    fn is_own_change(&self, author: Option<u64>) -> bool {
        self.wanted.is_noloop && author == Some(self.client.id)
    }
}

/// That keys were changed, in both forms in which it is told.
struct Invalidation {
    push: Publication,
    published: Publication,
}

impl Invalidation {
    fn of(keys: &[&[u8]]) -> Self {
        Self {
            push: Publication::invalidation(Some(keys)),
            published: Publication::invalidation_published(Some(keys)),
        }
    }

    fn of_everything() -> Self {
        Self { push: Publication::invalidation(None), published: Publication::invalidation_published(None) }
    }
}

impl Session {
    /// What its client wants to be told of, if it tracks.
    pub fn tracking(&self) -> Option<&Tracking> {
        self.tracking.tracker.as_deref().map(|tracker| &tracker.wanted)
    }

    /// Whether the client that it redirects to was found to be gone.
    pub fn is_redirect_broken(&self) -> bool {
        self.tracking.tracker.as_ref().is_some_and(|tracker| tracker.is_broken.load(Relaxed))
    }

    /// What `CLIENT CACHING` said of the next command.
    pub fn caching(&self) -> Option<bool> {
        self.tracking.caching
    }

    /// Says whether what the next command reads is remembered.
    pub fn set_caching(&mut self, caching: bool) {
        self.tracking.caching = Some(caching);
    }

    fn remembers_reads(&self) -> bool {
        let Some(tracking) = self.tracking() else { return false };
        match tracking.mode {
            TrackingMode::Default => true,
            TrackingMode::OptIn => self.tracking.caching == Some(true),
            TrackingMode::OptOut => self.tracking.caching != Some(false),
            TrackingMode::Broadcast => false,
        }
    }
}

impl Client {
    /// Whether it tracks the keys that it reads, or some by their prefixes.
    pub fn is_tracking(&self) -> bool {
        self.tracking.0.load(Relaxed) & IS_TRACKING != 0
    }

    /// Whether it is told of all keys with its prefixes.
    pub fn is_broadcast(&self) -> bool {
        self.tracking.0.load(Relaxed) & IS_BROADCAST != 0
    }

    /// Whether the client that it redirects to was found to be gone.
    pub fn is_redirect_broken(&self) -> bool {
        self.tracking.0.load(Relaxed) & IS_BROKEN != 0
    }
}

impl Ctx<'_> {
    /// Remembers the keys of a command that has run, which its client's cache may hold now; their stripes are still locked. There are none for a
    /// command that was turned away: who may not read a key isn't told of its changes either.
    #[cold]
    pub(crate) fn note_reads(&mut self, keys: &[crate::plan::PlannedKey]) {
        let is_read = self.command.flags.contains(Flags::READONLY) && !keys.is_empty();
        if is_read && self.session.remembers_reads() {
            let request = self.args.request();
            for key in keys {
                self.engine.trackers.remember(request.word(key.word as usize), self.session.client.id);
            }
            let mut postman = self.session.postman();
            self.engine.limit_tracked_keys(&mut postman, self.session.random());
        }
        // `CLIENT CACHING` holds for the next command that is no CLIENT, or for a whole transaction.
        let is_client = self.command.container == Some(catalog::id::CLIENT);
        if !self.is_in_block && !is_client && !self.session.transaction.is_open() {
            self.session.tracking.caching = None;
        }
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

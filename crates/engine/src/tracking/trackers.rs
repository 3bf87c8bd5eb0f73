//! The clients that track, and what they want to be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use catalog::Flags;

use super::prefixes::Prefixes;
use super::table::{Part, Table};
use crate::client::Client;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::session::Session;

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
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Which reads are remembered.
    pub mode: TrackingMode,
    /// It isn't told of its own changes.
    pub is_noloop: bool,
    /// The client that is told instead.
    pub redirect: Option<u64>,
}

/// One client that tracks, as others see it.
pub(crate) struct Tracker {
    pub(super) client: Arc<Client>,
    pub(crate) wanted: Tracking,
    /// The one that it redirected to has gone.
    pub(super) is_broken: AtomicBool,
}

/// A session's own part of it.
#[derive(Default)]
pub(crate) struct SessionTracking {
    pub(crate) tracker: Option<Arc<Tracker>>,
    /// Of a broadcast: those that it named.
    prefixes: BTreeSet<Arc<[u8]>>,
    /// What `CLIENT CACHING` said of the next command, or of the whole transaction that it opens.
    caching: Option<bool>,
}

/// Letters of a client's state in `CLIENT LIST`.
const IS_TRACKING: u8 = 1;
const IS_BROADCAST: u8 = 2;
pub(super) const IS_BROKEN: u8 = 4;

/// Part of [`Client`] that others read.
#[derive(Debug, Default)]
pub(crate) struct TrackingState(pub(super) AtomicU8);

/// Everything that is tracked.
#[derive(Default)]
pub(crate) struct Trackers {
    pub(super) table: Table,
    register: RwLock<Register>,
    len: AtomicUsize,
    pub(super) broadcasts: AtomicUsize,
}

/// Who tracks.
#[derive(Default)]
pub(super) struct Register {
    pub(super) clients: BTreeMap<u64, Arc<Tracker>>,
    /// Of those that broadcasts go to.
    pub(super) prefixes: Prefixes,
}

/// What a prefix takes besides its bytes, as measured with many of them.
const PREFIX_BYTES: usize = 32;

/// Prefixes that are added or removed while the register is locked.
const PREFIXES_PER_LOCK: usize = 64;

/// Keys that were changed and that broadcasts tell of, each with the client that changed it, if it was but one: those of a chunk of commands go together.
#[derive(Debug, Default)]
pub(crate) struct Broadcast(pub(super) BTreeMap<Box<[u8]>, Option<u64>>);

impl Broadcast {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A key was changed, by this client if by any.
    pub(super) fn note(&mut self, key: &[u8], author: Option<u64>) {
        match self.0.get_mut(key) {
            // Each of two is to hear of what the other did.
            Some(before) if *before != author => *before = None,
            Some(_) => {}
            None => drop(self.0.insert(key.into(), author)),
        }
    }
}

impl Trackers {
    /// Whether somebody tracks anything, or did, so that a change must be looked up. One load.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Relaxed) == 0
    }

    pub(super) fn register(&self) -> RwLockReadGuard<'_, Register> {
        self.register.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn register_mut(&self) -> RwLockWriteGuard<'_, Register> {
        self.register.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, tracker: Arc<Tracker>) {
        let is_broadcast = tracker.wanted.mode == TrackingMode::Broadcast;
        let clients = &mut self.register_mut().clients;
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
        let clients = &mut self.register_mut().clients;
        let Some(before) = clients.remove(&client) else { return Vec::new() };
        self.len.store(clients.len(), Relaxed);
        if before.wanted.mode == TrackingMode::Broadcast {
            self.broadcasts.fetch_sub(1, Relaxed);
        }
        // Nobody can begin to track before the lock is given back: no read of somebody else is among those that are forgotten.
        if clients.is_empty() { self.table.take_all() } else { Vec::new() }
    }
}

impl Engine {
    /// How many clients track.
    pub fn tracking_clients(&self) -> usize {
        self.trackers.len.load(Relaxed)
    }

    /// How many keys are remembered for clients that track.
    pub fn tracked_keys(&self) -> usize {
        self.trackers.table.keys()
    }

    /// The same, each key counted once for each client that has read it.
    pub fn tracked_items(&self) -> usize {
        self.trackers.table.items()
    }

    /// How many prefixes clients are told of.
    pub fn tracked_prefixes(&self) -> usize {
        self.trackers.register().prefixes.len()
    }

    /// Has a session's client told of changes from now on, as it wants, in place of what it wanted before; of a broadcast: of keys with these
    /// prefixes, besides those that it named before. One that is empty stands for all keys.
    pub fn track(&self, session: &mut Session, wanted: Tracking, prefixes: &[Arc<[u8]>]) {
        let id = session.client.id;
        let is_broadcast = if wanted.mode == TrackingMode::Broadcast { IS_BROADCAST } else { 0 };
        session.client.tracking.0.store(IS_TRACKING | is_broadcast, Relaxed);
        session.client.redirect.store(wanted.redirect.map_or(0, |client| client as i64), Relaxed);
        let tracker = Arc::new(Tracker {
            client: Arc::clone(&session.client),
            wanted,
            is_broken: AtomicBool::new(false),
        });
        self.trackers.put(Arc::clone(&tracker));
        for some in prefixes.chunks(PREFIXES_PER_LOCK) {
            let register = &mut *self.trackers.register_mut();
            some.iter().for_each(|prefix| register.prefixes.add(prefix, id));
        }
        for prefix in prefixes {
            if session.tracking.prefixes.insert(Arc::clone(prefix)) {
                session.prefix_bytes += PREFIX_BYTES + prefix.len();
            }
        }
        session.tracking.tracker = Some(tracker);
        session.tracking.caching = None;
        session.note_held();
    }

    /// Ends that.
    pub fn untrack(&self, session: &mut Session) {
        let ended = std::mem::take(&mut session.tracking);
        if ended.tracker.is_some() {
            let id = session.client.id;
            session.client.tracking.0.store(0, Relaxed);
            session.client.redirect.store(-1, Relaxed);
            let prefixes: Vec<Arc<[u8]>> = ended.prefixes.into_iter().collect();
            for some in prefixes.chunks(PREFIXES_PER_LOCK) {
                let register = &mut *self.trackers.register_mut();
                some.iter().for_each(|prefix| register.prefixes.remove(prefix, id));
            }
            self.free_tracked(self.trackers.remove(id));
            session.prefix_bytes = 0;
            session.note_held();
        }
    }

    /// A client that waited is going to get what a key holds, whose stripe is locked.
    pub(crate) fn remember_waited(&self, client: u64, key: &[u8]) {
        self.trackers.table.remember(key, client);
    }

    /// The client that a tracking client redirects to.
    pub fn redirect_of(&self, client: u64) -> Option<u64> {
        self.trackers.register().clients.get(&client)?.wanted.redirect
    }
}

impl Tracker {
    /// Whether it isn't told of a change since it has made it.
    pub(super) fn is_own_change(&self, author: Option<u64>) -> bool {
        self.wanted.is_noloop && author == Some(self.client.id)
    }
}

impl Session {
    /// What its client wants to be told of, if it tracks.
    pub fn tracking(&self) -> Option<&Tracking> {
        self.tracking.tracker.as_deref().map(|tracker| &tracker.wanted)
    }

    /// Of a broadcast: the prefixes of the keys that its client is told of. None begins with another, but for an empty one that was named last.
    pub fn tracked_prefixes(&self) -> &BTreeSet<Arc<[u8]>> {
        &self.tracking.prefixes
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

    pub(crate) fn remembers_reads(&self) -> bool {
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
                self.engine.trackers.table.remember(request.word(key.word as usize), self.session.client.id);
            }
            let mut postman = self.session.postman();
            self.engine.make_room_for_reads(keys.len(), &mut postman, self.session.random());
        }
        // `CLIENT CACHING` holds for the next command that is no CLIENT, or for a whole transaction.
        let is_client = self.command.container == Some(catalog::id::CLIENT);
        if !self.is_in_block && !is_client && !self.session.transaction.is_open() {
            self.session.tracking.caching = None;
        }
    }
}

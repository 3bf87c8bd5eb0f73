//! All stripes, and the protocol by which they are locked.
//!
//! A worker with a command in hand locks the stripes of the command's keys, in ascending order, runs the command, and unlocks.
//! Ascending order is what excludes deadlock, so there is no way here to lock one more stripe while some are held:
//!
//! - [`Keyspace::lock`]: the stripes of given hashes, each once;
//! - [`Keyspace::lock_all`]: every stripe, for what concerns a whole database (`FLUSHALL`, `KEYS`, `SWAPDB`);
//! - [`Keyspace::roam`]: none; the holder visits stripes one after the other, each locked for its visit only (`SCAN`).

use std::cell::{Cell, UnsafeCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crossbeam_utils::CachePadded;
use dict::HashKey;
use smallvec::SmallVec;

use crate::garbage::Garbage;
use crate::key::Key;
use crate::ledger::Ledger;
use crate::lock::StripeLock;
use crate::stripe::Stripe;
use crate::table::Table;
use crate::time::{DbIndex, UnixMillis};

/// Upper bound of stripes; a stripe is named by the upper 16 bits of a hash.
pub const STRIPES_MAX: usize = 1 << 16;

/// The data of one server: databases cut into stripes.
pub struct Keyspace {
    stripes: Box<[CachePadded<Slot>]>,
    shift: u32,
    databases: u32,
    secret: HashKey,
    garbage: Arc<Garbage>,
    ledger: Arc<Ledger>,
}

/// Laid out so that the first cache line holds all that finding a key of database 0 needs: the lock, its holder, when something is due,
/// and the table's own fields.
#[repr(C)]
struct Slot {
    lock: StripeLock,
    /// The ticket of the [`Locked`] that holds the lock, [`NOBODY`] while it is free. Written by the lock's holder only.
    holder: AtomicU64,
    stripe: UnsafeCell<Stripe>,
}

const NOBODY: u64 = 0;

impl Slot {
    #[inline]
    fn lock(&self, ticket: u64) {
        self.lock.lock();
        self.holder.store(ticket, Relaxed);
    }

    /// # Safety
    /// The calling thread must hold the lock.
    #[inline]
    unsafe fn unlock(&self) {
        self.holder.store(NOBODY, Relaxed);
        // SAFETY: the caller's.
        unsafe { self.lock.unlock() }
    }

    /// Whether it is held under this ticket. Another thread's store can't be mistaken for it: no two tickets are equal.
    #[inline]
    fn is_held_by(&self, ticket: u64) -> bool {
        self.holder.load(Relaxed) == ticket
    }
}

/// A number that no other [`Locked`] of this process has: the thread's own number above, a count below.
fn fresh_ticket() -> u64 {
    static THREADS: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NEXT: Cell<u64> = const { Cell::new(0) };
    }
    NEXT.with(|next| {
        let mut ticket = next.get();
        // At first, and after 2^40 tickets, a range of its own.
        if ticket & ((1 << 40) - 1) == 0 {
            ticket = THREADS.fetch_add(1, Relaxed) << 40 | 1;
        }
        next.set(ticket + 1);
        ticket
    })
}

// SAFETY: the stripe in the cell is reached only through `Locked`, which holds the slot's lock meanwhile.
unsafe impl Sync for Slot {}

impl Keyspace {
    /// A keyspace of `stripes` stripes (a power of two, 1 to 65536) and `databases` databases, whose hashes are keyed
    /// by `secret`.
    ///
    /// # Panics
    /// If `stripes` is not such a power of two or `databases` is 0.
    pub fn new(stripes: usize, databases: u32, secret: HashKey) -> Self {
        assert!(
            stripes.is_power_of_two() && stripes <= STRIPES_MAX,
            "stripes are a power of two up to {STRIPES_MAX}"
        );
        assert!(databases > 0, "there is at least one database");
        let slot = || Slot {
            lock: StripeLock::new(),
            holder: AtomicU64::new(NOBODY),
            stripe: UnsafeCell::new(Stripe::new(secret)),
        };
        Self {
            stripes: (0..stripes).map(|_| CachePadded::new(slot())).collect(),
            shift: 64 - stripes.trailing_zeros(),
            databases,
            secret,
            garbage: Arc::default(),
            ledger: Arc::new(Ledger::new()),
        }
    }

    /// The key for `bytes` in this keyspace.
    #[inline]
    pub fn key<'a>(&self, bytes: &'a [u8]) -> Key<'a> {
        Key::new(bytes, &self.secret)
    }

    /// The secret under which keys are hashed; for the hash tables of collections, too.
    pub fn secret(&self) -> HashKey {
        self.secret
    }

    /// Number of databases.
    pub fn databases(&self) -> u32 {
        self.databases
    }

    /// Number of stripes.
    pub fn stripes(&self) -> usize {
        self.stripes.len()
    }

    /// Where values too big to be freed on the spot go.
    pub fn garbage(&self) -> &Garbage {
        &self.garbage
    }

    pub(crate) fn shared_garbage(&self) -> &Arc<Garbage> {
        &self.garbage
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Whether a snapshot is being taken. One load. Whoever holds a stripe that was locked at the snapshot's instant, or after it, sees it.
    #[inline]
    pub fn is_snapshot_under_way(&self) -> bool {
        self.ledger.is_under_way()
    }

    /// Bytes of memory that a snapshot under way takes beyond the data: copies of what was changed before the walk came to it, and what was discarded
    /// and is kept for it; without whole tables that were flushed. One load.
    pub fn snapshot_bytes(&self) -> usize {
        self.ledger.copied_bytes()
    }

    /// About how many bytes of memory whole tables take that were flushed and are kept for a snapshot. One load.
    pub fn flushed_snapshot_bytes(&self) -> usize {
        self.ledger.flushed_bytes()
    }

    /// Of how many [such bytes](Keyspace::snapshot_bytes) more are too many. Without end unless it is set.
    pub fn limit_snapshot_bytes(&self, bytes_max: usize) {
        self.ledger.limit(bytes_max);
    }

    /// Whether they are too many, so that whoever is about to change data should wait. Who is told so learns from
    /// [the hook](Keyspace::on_snapshot_progress) when no more than half of what may be is left.
    pub fn snapshot_lacks_room(&self) -> bool {
        self.ledger.lacks_room()
    }

    /// Has `hook` called whenever one who waits for a snapshot should look again: an [awaited](Locked::awaits_snapshot) entry was saved, there is
    /// [room](Keyspace::snapshot_lacks_room), or there is no snapshot any more. It is called without any lock held, by the thread that takes the
    /// snapshot, and takes the place of an earlier one.
    ///
    /// Who waits has to be seen by the hook before he asks for the last time: then none is forgotten.
    pub fn on_snapshot_progress(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.ledger.call(Arc::new(hook));
    }

    /// The stripe of a hash.
    #[inline]
    pub fn stripe_of(&self, hash: u64) -> usize {
        // A shift by 64, for a single stripe, would overflow.
        hash.checked_shr(self.shift).unwrap_or(0) as usize
    }

    /// Locks the stripes of these hashes in ascending order, each once. Waits for their present holders.
    #[inline]
    pub fn lock(&self, hashes: impl IntoIterator<Item = u64>) -> Locked<'_> {
        let mut held: SmallVec<[u16; STRIPES_INLINE]> =
            hashes.into_iter().map(|hash| self.stripe_of(hash) as u16).collect();
        if held.len() > 1 {
            for index in &held {
                // Taking a lock waits for its cache line, one lock after the other; asked for beforehand the lines come together.
                dict::fetch(&raw const *self.stripes[usize::from(*index)]);
            }
            held.sort_unstable();
            held.dedup();
        }
        let ticket = fresh_ticket();
        for index in &held {
            self.stripes[usize::from(*index)].lock(ticket);
        }
        Locked { keyspace: self, ticket, held: Held::Some(held) }
    }

    /// Locks every stripe.
    pub fn lock_all(&self) -> Locked<'_> {
        let ticket = fresh_ticket();
        for slot in &self.stripes {
            slot.lock(ticket);
        }
        Locked { keyspace: self, ticket, held: Held::All }
    }

    /// Panics if an invariant is broken: one of a table's, or that every key lies in the stripe of its hash. O(n).
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        let mut locked = self.lock_all();
        for index in 0..self.stripes() {
            locked.visit(index, |stripe| {
                for (db, table) in stripe.tables() {
                    assert!(db.0 < self.databases, "a table belongs to a database");
                    table.check_invariants();
                    let is_home = |bytes: &[u8]| self.stripe_of(self.key(bytes).hash()) == index;
                    assert!(table.iter().all(|entry| is_home(entry.key())), "a key lies in its stripe");
                }
            });
        }
    }

    /// Locks nothing yet: stripes are visited one by one.
    pub fn roam(&self) -> Locked<'_> {
        Locked { keyspace: self, ticket: fresh_ticket(), held: Held::Some(SmallVec::new()) }
    }
}

/// Stripes held by this thread; unlocked when dropped.
///
/// Invariant: the stripes in `held` are those whose slots have `ticket` as their holder, and their locks are held by this thread.
pub struct Locked<'k> {
    keyspace: &'k Keyspace,
    ticket: u64,
    held: Held,
}

/// As many stripes as the longest chunk of a pipeline needs fit without an allocation.
const STRIPES_INLINE: usize = 64;

enum Held {
    Some(SmallVec<[u16; STRIPES_INLINE]>),
    All,
}

impl<'k> Locked<'k> {
    /// The keyspace whose stripes these are.
    #[inline]
    pub fn keyspace(&self) -> &'k Keyspace {
        self.keyspace
    }

    /// Whether the stripe of `hash` is held.
    #[inline]
    pub fn holds(&self, hash: u64) -> bool {
        self.slot(hash).is_held_by(self.ticket)
    }

    #[inline]
    fn slot(&self, hash: u64) -> &'k Slot {
        &self.keyspace.stripes[self.keyspace.stripe_of(hash)]
    }

    /// The stripe in which a key with this hash lives.
    ///
    /// # Panics
    /// If it was not locked: a command touched a key that its description in the catalog does not announce.
    #[inline]
    pub fn stripe(&self, hash: u64) -> &Stripe {
        let slot = self.slot(hash);
        assert!(slot.is_held_by(self.ticket), "a command touches only keys that it announced");
        // SAFETY: the stripe's lock is held by this thread (invariant of `Locked`), and `&self` excludes `stripe_mut`.
        unsafe { &*slot.stripe.get() }
    }

    /// The same for changing it.
    ///
    /// # Panics
    /// As [`Locked::stripe`].
    #[inline]
    pub fn stripe_mut(&mut self, hash: u64) -> &mut Stripe {
        let slot = self.slot(hash);
        assert!(slot.is_held_by(self.ticket), "a command touches only keys that it announced");
        // SAFETY: the stripe's lock is held by this thread (invariant of `Locked`), and `&mut self` excludes every other
        // reference obtained through this `Locked`.
        unsafe { &mut *slot.stripe.get() }
    }

    /// Whether a key, whose stripe is held, has a value that a snapshot has still to save and that is too big for it to be saved on the spot; big
    /// strings never are, as they are shared. If so, it is saved next, and a change of it should wait:
    /// [`Keyspace::on_snapshot_progress`] tells for what.
    ///
    /// # Panics
    /// As [`Locked::stripe`].
    pub fn awaits_snapshot(&mut self, db: DbIndex, key: &Key<'_>) -> bool {
        self.stripe(key.hash()).table(db).is_some_and(|table| table.awaits_snapshot(key))
    }

    /// Visits the stripe of this index, locking it for the visit if nothing is held.
    ///
    /// # Panics
    /// If other stripes are held but not this one: locking out of order could deadlock.
    pub fn visit<R>(&mut self, stripe: usize, visit: impl FnOnce(&mut Stripe) -> R) -> R {
        let _visit = self.hold_for_visit(stripe);
        // SAFETY: the lock is held, by `self` or by `_visit`; `&mut self` excludes every other reference.
        visit(unsafe { &mut *self.keyspace.stripes[stripe].stripe.get() })
    }

    fn hold_for_visit(&self, stripe: usize) -> Option<Locked<'k>> {
        if self.keyspace.stripes[stripe].is_held_by(self.ticket) {
            return None;
        }
        assert!(
            matches!(&self.held, Held::Some(held) if held.is_empty()),
            "stripes are locked in ascending order at once"
        );
        let ticket = fresh_ticket();
        self.keyspace.stripes[stripe].lock(ticket);
        Some(Locked {
            keyspace: self.keyspace,
            ticket,
            held: Held::Some(SmallVec::from_slice(&[stripe as u16])),
        })
    }

    /// Asks the processor for the buckets of these hashes, then for their entries: by the time the first command runs, its
    /// memory is on its way. Hashes of stripes not held are passed over.
    #[inline]
    pub fn prefetch(&self, db: DbIndex, hashes: impl Iterator<Item = u64> + Clone) {
        for hash in hashes.clone() {
            if let Some(table) = self.held_table(db, hash) {
                table.prefetch_bucket(hash);
            }
        }
        let mut chained: SmallVec<[u64; STRIPES_INLINE]> = SmallVec::new();
        for hash in hashes {
            if self.held_table(db, hash).is_some_and(|table| table.prefetch_entry(hash)) {
                chained.push(hash);
            }
        }
        for hash in chained {
            if let Some(table) = self.held_table(db, hash) {
                table.prefetch_overflow(hash);
            }
        }
    }

    #[inline]
    fn held_table(&self, db: DbIndex, hash: u64) -> Option<&Table> {
        let slot = self.slot(hash);
        if !slot.is_held_by(self.ticket) {
            return None;
        }
        // SAFETY: as in `stripe`.
        unsafe { &*slot.stripe.get() }.table(db)
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: by the invariant this thread holds each of these locks; after this nobody can reach the stripes through `self`.
        let unlock = |slot: &Slot| unsafe { slot.unlock() };
        match &self.held {
            Held::Some(held) => {
                held.iter().for_each(|index| unlock(&self.keyspace.stripes[usize::from(*index)]))
            }
            Held::All => self.keyspace.stripes.iter().for_each(|slot| unlock(slot)),
        }
    }
}

impl Stripe {
    /// Takes out up to `keys_max` keys that are due at `now`, showing `each` with its database before it goes. Returns whether more are due. What a
    /// snapshot waits for doesn't count.
    pub fn expire(
        &mut self,
        now: UnixMillis,
        keys_max: usize,
        garbage: &Garbage,
        mut each: impl FnMut(DbIndex, &crate::Entry),
    ) -> bool {
        let mut left = keys_max;
        for db in (0..self.databases()).map(DbIndex) {
            while self.table(db).is_some_and(|table| table.has_due_key(now)) {
                if left == 0 {
                    return true;
                }
                let Some(discarded) = self.table_mut(db).discard_due(now, |entry| each(db, entry)) else {
                    break;
                };
                garbage.bury_discarded(discarded);
                left -= 1;
            }
        }
        false
    }
}

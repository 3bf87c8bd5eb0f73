//! What a snapshot takes of memory, and whether one is under way: what others may ask, or want to be told, without having the snapshot.

use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::snapshot::Busy;

/// One for each keyspace.
pub(crate) struct Ledger {
    phase: Mutex<Phase>,
    is_under_way: AtomicBool,
    /// Bytes of copies, and of values that nobody else has any more.
    copied: AtomicUsize,
    /// Bytes of whole tables that are no longer part of the keyspace. Apart from the others: no change of data adds to them, and who waited
    /// until they are written would wait for the whole of the snapshot.
    flushed: AtomicUsize,
    /// More copies than this are too many.
    copied_max: AtomicUsize,
    /// Somebody was told that there are too many.
    is_room_awaited: AtomicBool,
    hook: Mutex<Option<Hook>>,
}

type Hook = Arc<dyn Fn() + Send + Sync>;

enum Phase {
    Idle,
    UnderWay,
    /// A snapshot was dropped before its end. Entries of this stripe and of those behind it are owed to it, and have to be settled before the next.
    Abandoned(usize),
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            phase: Mutex::new(Phase::Idle),
            is_under_way: AtomicBool::new(false),
            copied: AtomicUsize::new(0),
            flushed: AtomicUsize::new(0),
            copied_max: AtomicUsize::new(usize::MAX),
            is_room_awaited: AtomicBool::new(false),
            hook: Mutex::default(),
        }
    }

    #[inline]
    pub(crate) fn is_under_way(&self) -> bool {
        self.is_under_way.load(Relaxed)
    }

    pub(crate) fn copied_bytes(&self) -> usize {
        self.copied.load(Relaxed)
    }

    pub(crate) fn flushed_bytes(&self) -> usize {
        self.flushed.load(Relaxed)
    }

    /// Of everything.
    pub(crate) fn bytes(&self) -> usize {
        self.copied_bytes() + self.flushed_bytes()
    }

    pub(crate) fn limit(&self, bytes_max: usize) {
        self.copied_max.store(bytes_max, Relaxed);
    }

    pub(crate) fn call(&self, hook: Hook) {
        *self.hook() = Some(hook);
    }

    /// Whether there are too many copies. If so, the hook is called once there are no longer.
    ///
    /// The swap decides which comes first, this or a look of [`Ledger::tell`]: either that look sees that somebody waits, or what it saw is seen here.
    pub(crate) fn lacks_room(&self) -> bool {
        let is_full = || self.is_under_way() && self.copied.load(Relaxed) > self.copied_max.load(Relaxed);
        is_full() && {
            self.is_room_awaited.swap(true, AcqRel);
            is_full()
        }
    }

    /// Calls the hook if something was completed that was awaited, or if there is room again for which somebody waits. No lock is held.
    pub(crate) fn tell(&self, is_completed: bool) {
        let has_room = self.copied.load(Relaxed) <= self.copied_max.load(Relaxed) / 2;
        if has_room && self.is_room_awaited.swap(false, AcqRel) || is_completed {
            self.tell_all();
        }
    }

    /// Calls the hook. No lock is held.
    pub(crate) fn tell_all(&self) {
        self.is_room_awaited.swap(false, AcqRel);
        let hook = self.hook().clone();
        if let Some(hook) = hook {
            hook();
        }
    }

    /// A snapshot is to begin. From which stripe on something has to be settled before, if so.
    pub(crate) fn begin(&self) -> Result<Option<usize>, Busy> {
        let mut phase = self.phase();
        let before = match *phase {
            Phase::Idle => None,
            Phase::UnderWay => return Err(Busy),
            Phase::Abandoned(stripe) => Some(stripe),
        };
        *phase = Phase::UnderWay;
        Ok(before)
    }

    /// It has begun: everything is locked.
    pub(crate) fn note_begun(&self) {
        self.is_under_way.store(true, Relaxed);
    }

    /// It is complete.
    pub(crate) fn end(&self) {
        self.leave(Phase::Idle);
    }

    /// It was dropped with these stripes still before it.
    pub(crate) fn abandon(&self, stripe: usize) {
        self.leave(Phase::Abandoned(stripe));
    }

    fn leave(&self, phase: Phase) {
        // First: as soon as the phase is another one, the next snapshot may begin.
        self.is_under_way.store(false, Relaxed);
        *self.phase() = phase;
        self.tell_all();
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hook(&self) -> MutexGuard<'_, Option<Hook>> {
        self.hook.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn account(&self, account: Account) -> &AtomicUsize {
        match account {
            Account::Copied => &self.copied,
            Account::Flushed => &self.flushed,
        }
    }
}

/// Where bytes are counted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Copies, and values that nobody else has any more.
    Copied,
    /// Tables that are no longer part of the keyspace.
    Flushed,
}

/// Bytes that a snapshot takes, counted from when this is made until it is dropped with what takes them.
pub(crate) struct Claim {
    ledger: Arc<Ledger>,
    account: Account,
    bytes: usize,
}

impl Claim {
    pub(crate) fn new(ledger: &Arc<Ledger>, account: Account, bytes: usize) -> Self {
        ledger.account(account).fetch_add(bytes, Relaxed);
        Self { ledger: Arc::clone(ledger), account, bytes }
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }

    /// It takes another number of bytes now.
    pub(crate) fn set(&mut self, bytes: usize) {
        let counter = self.ledger.account(self.account);
        if bytes >= self.bytes {
            counter.fetch_add(bytes - self.bytes, Relaxed);
        } else {
            counter.fetch_sub(self.bytes - bytes, Relaxed);
        }
        self.bytes = bytes;
    }

    /// So many bytes of it were taken out, and are counted elsewhere.
    pub(crate) fn lower(&mut self, bytes: usize) {
        self.set(self.bytes.saturating_sub(bytes));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_counted_for_as_long_as_they_are_there() {
        let ledger = Arc::new(Ledger::new());
        let mut one = Claim::new(&ledger, Account::Copied, 10);
        let other = Claim::new(&ledger, Account::Flushed, 5);
        assert_eq!((ledger.copied_bytes(), ledger.bytes()), (10, 15));
        one.set(3);
        assert_eq!((ledger.copied_bytes(), ledger.bytes()), (3, 8));
        one.lower(5);
        drop(other);
        assert_eq!(ledger.bytes(), 0);
        one.set(7);
        drop(one);
        assert_eq!(ledger.bytes(), 0);
    }

    #[test]
    fn who_waits_for_room_is_told_when_half_of_it_is_free() {
        let ledger = Arc::new(Ledger::new());
        let told = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&told);
        ledger.call(Arc::new(move || {
            count.fetch_add(1, Relaxed);
        }));
        ledger.limit(10);
        assert_eq!(ledger.begin(), Ok(None));
        ledger.note_begun();
        let mut claim = Claim::new(&ledger, Account::Copied, 10);
        assert!(!ledger.lacks_room());
        claim.set(11);
        assert!(ledger.lacks_room() && ledger.lacks_room());
        let told_after = |claim: &mut Claim, bytes: usize| {
            claim.set(bytes);
            ledger.tell(false);
            told.load(Relaxed)
        };
        assert_eq!(told_after(&mut claim, 6), 0);
        assert_eq!(told_after(&mut claim, 5), 1);
        assert_eq!(told_after(&mut claim, 4), 1, "nobody waits any more");
        ledger.tell(true);
        assert_eq!(told.load(Relaxed), 2);
        claim.set(20);
        ledger.abandon(3);
        assert!(!ledger.lacks_room(), "there is no snapshot");
        assert_eq!(told.load(Relaxed), 3);
        assert_eq!(ledger.begin(), Ok(Some(3)));
        assert_eq!(ledger.begin(), Err(Busy));
    }
}

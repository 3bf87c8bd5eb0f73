//! Who watches which key.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Parts that threads rarely meet in.
const PARTS: usize = 64;

/// A key that is watched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    /// Its database.
    pub db: u32,
    /// The key.
    pub key: Box<[u8]>,
}

/// What a watched key takes besides its bytes, which are kept twice; as measured with many of them: most of it is the map of its watchers, which has room for more
/// than one.
pub(crate) const WATCH_BYTES: usize = 384;

/// One client's watch, from its first `WATCH` to its end.
#[derive(Debug)]
pub(crate) struct Watcher {
    number: u64,
    is_touched: AtomicBool,
}

impl Watcher {
    pub(crate) fn is_touched(&self) -> bool {
        self.is_touched.load(Ordering::Acquire)
    }
}

/// The watched keys of all clients.
#[derive(Debug)]
pub struct Watches {
    parts: Box<[Mutex<Part>]>,
    /// Pairs of a key and a client.
    count: AtomicUsize,
    last_number: AtomicU64,
}

/// By key, then by database and watcher.
type Part = BTreeMap<Box<[u8]>, BTreeMap<(u32, u64), Watch>>;

/// One client's watch of one key.
#[derive(Debug)]
struct Watch {
    watcher: Arc<Watcher>,
    /// The key was over when the watch began. It never has to be taken back: whatever makes the key anew touches it.
    was_over: bool,
}

impl Watch {
    fn touch(&self) {
        self.watcher.is_touched.store(true, Ordering::Release);
    }
}

impl Default for Watches {
    fn default() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            count: AtomicUsize::new(0),
            last_number: AtomicU64::new(0),
        }
    }
}

impl Watches {
    /// Whether nobody watches anything. One load.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// How many keys are watched, each counted once for each client.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// A key was changed, by anybody: whoever watches it is told. One load while nobody watches anything.
    #[inline]
    pub fn touch(&self, db: u32, key: &[u8]) {
        if !self.is_empty() {
            self.touch_watched(db, key, |_| true);
        }
    }

    /// The time of a key is over, and it is gone, or as good as gone: those are told who don't know. Nothing changes for who began to watch it when it was
    /// over already. One load while nobody watches anything.
    #[inline]
    pub fn touch_over(&self, db: u32, key: &[u8]) {
        if !self.is_empty() {
            self.touch_watched(db, key, |watch| !watch.was_over);
        }
    }

    /// Everything in a database was changed at once: touches those of its watched keys that `is_concerned` (for `FLUSHDB`, those that are there). O(watched
    /// keys).
    pub fn touch_database(&self, db: u32, mut is_concerned: impl FnMut(&[u8]) -> bool) {
        if self.is_empty() {
            return;
        }
        for part in &self.parts {
            for (key, watchers) in &*lock(part) {
                let mut of_database = watchers.range((db, 0)..=(db, u64::MAX)).peekable();
                if of_database.peek().is_some() && is_concerned(key) {
                    of_database.for_each(|(_, watch)| watch.touch());
                }
            }
        }
    }

    /// The watched keys, in no order, each once.
    pub fn keys(&self) -> Vec<Watched> {
        let mut keys = Vec::new();
        for part in &self.parts {
            for (key, watchers) in &*lock(part) {
                let mut databases: Vec<u32> = watchers.keys().map(|(db, _)| *db).collect();
                databases.dedup();
                keys.extend(databases.into_iter().map(|db| Watched { db, key: key.clone() }));
            }
        }
        keys
    }

    #[cold]
    fn touch_watched(&self, db: u32, key: &[u8], is_concerned: impl Fn(&Watch) -> bool) {
        if let Some(watchers) = self.part(key).get(key) {
            let of_database = watchers.range((db, 0)..=(db, u64::MAX)).map(|(_, watch)| watch);
            of_database.filter(|watch| is_concerned(watch)).for_each(Watch::touch);
        }
    }

    pub(crate) fn new_watcher(&self) -> Arc<Watcher> {
        let number = self.last_number.fetch_add(1, Ordering::Relaxed);
        Arc::new(Watcher { number, is_touched: AtomicBool::new(false) })
    }

    /// Returns whether it is new; the watch of a key that is watched already goes on as it began.
    pub(crate) fn add(&self, db: u32, key: &[u8], watcher: &Arc<Watcher>, was_over: bool) -> bool {
        let mut part = self.part(key);
        let place = (db, watcher.number);
        let watch = || Watch { watcher: Arc::clone(watcher), was_over };
        let is_new = match part.get_mut(key) {
            Some(watchers) if watchers.contains_key(&place) => false,
            Some(watchers) => watchers.insert(place, watch()).is_none(),
            None => part.insert(key.into(), BTreeMap::from([(place, watch())])).is_none(),
        };
        self.count.fetch_add(usize::from(is_new), Ordering::Relaxed);
        is_new
    }

    pub(crate) fn remove(&self, watched: &Watched, watcher: &Watcher) {
        let mut part = self.part(&watched.key);
        let Some(watchers) = part.get_mut(&watched.key) else { return };
        if watchers.remove(&(watched.db, watcher.number)).is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        if watchers.is_empty() {
            part.remove(&watched.key);
        }
    }

    fn part(&self, key: &[u8]) -> MutexGuard<'_, Part> {
        // Which part is of no consequence for anything but speed: FNV-1a, see http://www.isthe.com/chongo/tech/comp/fnv/.
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        lock(&self.parts[hash as usize % PARTS])
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

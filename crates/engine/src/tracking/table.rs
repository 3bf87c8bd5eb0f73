//! Who has read which key.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

/// Parts of the table that threads rarely meet in.
const PARTS: usize = 64;

/// The keys that are remembered.
pub(super) struct Table {
    parts: Box<[Mutex<Part>]>,
    /// Keys in all parts, and pairs of a key and a client.
    keys: AtomicUsize,
    items: AtomicUsize,
    /// Locked, before any part, by who takes keys out of a table that is too large: two who did that at once would take more than are too many.
    shrinking: Mutex<()>,
}

/// Part of the table.
#[derive(Default)]
pub(super) struct Part {
    /// By key: the clients that have read it.
    readers: BTreeMap<Box<[u8]>, BTreeSet<u64>>,
    /// Pairs of a key and a client.
    items: usize,
}

/// A key that was taken out, with those who have read it.
pub(super) struct Taken {
    pub(super) key: Box<[u8]>,
    pub(super) readers: BTreeSet<u64>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            keys: AtomicUsize::new(0),
            items: AtomicUsize::new(0),
            shrinking: Mutex::default(),
        }
    }
}

impl Part {
    /// How many keys it has.
    pub(super) fn len(&self) -> usize {
        self.readers.len()
    }
}

impl Table {
    /// How many keys are remembered.
    pub(super) fn keys(&self) -> usize {
        self.keys.load(Relaxed)
    }

    /// The same, each key counted once for each client that has read it.
    pub(super) fn items(&self) -> usize {
        self.items.load(Relaxed)
    }

    pub(super) fn remember(&self, key: &[u8], client: u64) {
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
    pub(super) fn take(&self, key: &[u8]) -> BTreeSet<u64> {
        let mut part = self.part(key);
        let taken = part.readers.remove(key).unwrap_or_default();
        self.note_taken(&mut part, &taken);
        taken
    }

    /// Takes keys out, whichever, while there are more than `left`: so many of them and of their readers, but for the readers of the last key.
    pub(super) fn take_beyond(
        &self,
        left: usize,
        keys_max: usize,
        readers_max: usize,
        random: &mut Rng,
    ) -> Vec<Taken> {
        let _shrinking = self.shrinking.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, mut readers) = (Vec::new(), 0);
        while taken.len() < keys_max && readers < readers_max && self.keys() > left {
            let Some(one) = self.take_any(random) else { break };
            readers += one.readers.len();
            taken.push(one);
        }
        taken
    }

    /// Takes any key out with those who have read it.
    fn take_any(&self, random: &mut Rng) -> Option<Taken> {
        let start = random.usize(..PARTS);
        let from = random.u64(..).to_le_bytes();
        for offset in 0..PARTS {
            let mut part = lock(&self.parts[(start + offset) % PARTS]);
            let mut behind = part.readers.range::<[u8], _>((Bound::Included(&from[..]), Bound::Unbounded));
            let key = behind.next().or_else(|| part.readers.first_key_value()).map(|(key, _)| key.clone());
            if let Some((key, readers)) = key.and_then(|key| part.readers.remove_entry(&key)) {
                self.note_taken(&mut part, &readers);
                return Some(Taken { key, readers });
            }
        }
        None
    }

    /// Takes all keys out, at a cost that doesn't grow with them. To free them takes long: that is the caller's.
    pub(super) fn take_all(&self) -> Vec<Part> {
        let parts = self.parts.iter().map(|part| {
            let taken = std::mem::take(&mut *lock(part));
            self.keys.fetch_sub(taken.len(), Relaxed);
            self.items.fetch_sub(taken.items, Relaxed);
            taken
        });
        parts.collect()
    }

    fn part(&self, key: &[u8]) -> MutexGuard<'_, Part> {
        // Which part is of no consequence for anything but speed.
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        lock(&self.parts[hash as usize % PARTS])
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

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_taken_than_are_too_many() {
        const LEFT: usize = 10;
        let table = Table::default();
        for _ in 0..20 {
            (0..1000_u32).for_each(|key| table.remember(&key.to_le_bytes(), 7));
            std::thread::scope(|scope| {
                for seed in 0..4 {
                    let table = &table;
                    scope.spawn(move || {
                        let mut random = Rng::with_seed(seed);
                        while !table.take_beyond(LEFT, 3, 100, &mut random).is_empty() {}
                    });
                }
            });
            assert_eq!((table.keys(), table.items()), (LEFT, LEFT));
        }
    }
}

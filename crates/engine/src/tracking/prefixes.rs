//! The prefixes of keys whose changes are broadcast, and to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

/// By prefix: the clients that named it.
#[derive(Default)]
pub(super) struct Prefixes(BTreeMap<Arc<[u8]>, BTreeSet<u64>>);

impl Prefixes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, prefix: &Arc<[u8]>, client: u64) {
        self.0.entry(Arc::clone(prefix)).or_default().insert(client);
    }

    pub(super) fn remove(&mut self, prefix: &[u8], client: u64) {
        if let Some(clients) = self.0.get_mut(prefix) {
            clients.remove(&client);
            if clients.is_empty() {
                self.0.remove(prefix);
            }
        }
    }

    /// Finds the prefixes that a key begins with, the longest first.
    ///
    /// Each step looks for the last prefix, in their order, up to the part of the key that is still in question. If the key doesn't begin with
    /// it, all of the key's beginnings that are longer than what the two share would come behind it: there are none. So a step is made for a prefix
    /// that is found, or for a place where the key leaves the others; it doesn't matter how many those are.
    pub(super) fn for_each_of<'p>(&'p self, key: &[u8], mut found: impl FnMut(&'p [u8], &'p BTreeSet<u64>)) {
        let mut end = Included(key);
        while let Some((prefix, clients)) = self.0.range::<[u8], _>((Unbounded, end)).next_back() {
            let shared = prefix.iter().zip(key).take_while(|(one, other)| one == other).count();
            end = if shared == prefix.len() {
                found(prefix, clients);
                Excluded(&key[..shared])
            } else {
                Included(&key[..shared])
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn word(random: &mut Rng, len_max: usize) -> Vec<u8> {
        (0..random.usize(..=len_max)).map(|_| random.u8(b'a'..=b'c')).collect()
    }

    #[test]
    fn all_beginnings_of_a_key_are_found_and_nothing_else() {
        let mut random = Rng::with_seed(1);
        for _ in 0..2000 {
            let mut prefixes = Prefixes::default();
            let named: BTreeSet<Vec<u8>> = (0..random.usize(..30)).map(|_| word(&mut random, 5)).collect();
            named.iter().for_each(|prefix| prefixes.add(&Arc::from(&prefix[..]), 7));
            let key = word(&mut random, 7);
            let mut found = Vec::new();
            prefixes.for_each_of(&key, |prefix, clients| {
                assert_eq!(clients, &BTreeSet::from([7]));
                found.push(prefix.to_vec());
            });
            let expected = named.iter().rev().filter(|prefix| key.starts_with(prefix));
            assert_eq!(found, expected.cloned().collect::<Vec<_>>(), "{named:?} {key:?}");
        }
    }

    #[test]
    fn a_prefix_goes_with_the_last_client_that_named_it() {
        let mut prefixes = Prefixes::default();
        let prefix: Arc<[u8]> = Arc::from(&b"user:"[..]);
        prefixes.add(&prefix, 1);
        prefixes.add(&prefix, 2);
        prefixes.remove(&prefix, 1);
        prefixes.remove(&prefix, 1);
        assert_eq!(prefixes.len(), 1);
        prefixes.remove(&prefix, 2);
        assert_eq!(prefixes.len(), 0);
    }
}

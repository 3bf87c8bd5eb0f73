//! Operations on a hash table beside the same on a `BTreeMap`, with a scan under way.
//!
//! The first byte chooses how many bits of a key its hash has; then come operations of three bytes: what, and the key.

use dict::{Dict, Entry, RefMut};
use std::collections::BTreeMap;

/// A chain of equal hashes is searched one by one; more operations would only take longer.
const OPERATIONS_MAX: usize = 4096;

type Pair = Box<(u16, u8)>;

/// Checks one input.
pub fn dict_ops(data: &[u8]) {
    let Some((&bits, data)) = data.split_first() else { return };
    let hash = |key: u16| {
        let kept = u64::from(key) & ((1 << (bits % 17)) - 1);
        kept.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(u32::from(bits / 17))
    };
    let rehash = |pair: &Pair| hash(pair.0);
    let mut dict: Dict<Pair> = Dict::new();
    let mut model: BTreeMap<u16, u8> = BTreeMap::new();
    let mut owed: BTreeMap<u16, bool> = BTreeMap::new();
    let mut cursor = 0;
    for operation in data.chunks_exact(3).take(OPERATIONS_MAX) {
        let (what, key) = (operation[0], u16::from_le_bytes([operation[1], operation[2]]));
        match what % 8 {
            0..=2 => match dict.find_or_slot(hash(key), |pair| pair.0 == key) {
                Entry::Occupied(mut pair) => {
                    assert_eq!(model.insert(key, what), Some(pair.1));
                    drop(std::mem::replace(&mut *pair, Box::new((key, what))));
                }
                Entry::Vacant(slot) => {
                    assert_eq!(model.insert(key, what), None);
                    slot.insert(Box::new((key, what)), rehash);
                }
            },
            3 => {
                let removed = dict.remove(hash(key), |pair| pair.0 == key);
                assert_eq!(removed.map(|pair| pair.1), model.remove(&key));
                owed.remove(&key);
            }
            4 => {
                let found = dict.find_mut(hash(key), |pair| pair.0 == key);
                assert_eq!(found.map(|pair| RefMut::remove(pair).1), model.remove(&key));
                owed.remove(&key);
            }
            5 => {
                for _ in 0..key % 32 {
                    let Some(pair) = dict.pop() else { break };
                    assert_eq!(model.remove(&pair.0), Some(pair.1));
                    owed.remove(&pair.0);
                }
            }
            6 => {
                let sample = dict.sample(u64::from(key));
                assert_eq!(sample.is_none(), model.is_empty());
                assert!(sample.is_none_or(|pair| model.get(&pair.0) == Some(&pair.1)));
            }
            _ => {
                if cursor == 0 {
                    owed = model.keys().map(|&key| (key, false)).collect();
                }
                cursor = dict.scan(cursor, |pair| {
                    owed.entry(pair.0).and_modify(|shown| *shown = true);
                });
                let passed = |key| cursor == 0 || Dict::<Pair>::is_visited(cursor, hash(key));
                assert!(owed.iter().all(|(&key, &shown)| shown || !passed(key)));
            }
        }
        assert_eq!(dict.len(), model.len());
        dict.check_invariants(rehash);
    }
    assert!(dict.iter().all(|pair| model.remove(&pair.0) == Some(pair.1)) && model.is_empty());
}

//! Operations on a hash beside the same on a `BTreeMap`, with time going by.
//!
//! Operations of four bytes: what, a field, a value, a time.
use std::collections::BTreeMap;
use structures::hash::{Lifetime, Limits};
use structures::{Element, Hash, HashKey};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 1024;

/// Hashes of more fields than these are large.
const FIELDS_MAX: usize = 16;

/// Checks one input.
pub fn hash_ops(data: &[u8]) {
    let limits = Limits { fields_max: FIELDS_MAX, bytes_max: 64, hash_key: HashKey::new([3; 16]) };
    let mut hash: Hash<Vec<u8>> = Hash::default();
    let mut model: BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)> = BTreeMap::new();
    let mut now_ms = 1;
    for operation in data.chunks_exact(4).take(OPERATIONS_MAX) {
        let [what, name, value, time] = [operation[0], operation[1], operation[2], operation[3]];
        let (field, at_ms) = (text(name), now_ms + i64::from(time));
        match what % 8 {
            0..=2 => {
                let lifetime =
                    [Lifetime::Forever, Lifetime::Keep, Lifetime::Until(at_ms)][usize::from(what % 8)];
                let old = model.get(&field);
                let expiry_ms = match lifetime {
                    Lifetime::Forever => None,
                    Lifetime::Keep => old.and_then(|(_, expiry_ms)| *expiry_ms),
                    Lifetime::Until(at_ms) => Some(at_ms),
                };
                assert_eq!(hash.set(&field, &text(value), lifetime, &limits), old.is_none());
                model.insert(field, (text(value), expiry_ms));
            }
            3 => assert_eq!(hash.remove(&field), model.remove(&field).is_some()),
            4 => {
                let expiry_ms = Some(at_ms).filter(|_| value % 2 == 0);
                let old = model.get_mut(&field);
                assert_eq!(hash.set_expiry(&field, expiry_ms, &limits), old.is_some());
                old.into_iter().for_each(|(_, old_ms)| *old_ms = expiry_ms);
            }
            5 => now_ms += i64::from(time % 32),
            6 => {
                let mut expired = Vec::new();
                hash.expire(now_ms, usize::from(value % 8), |field| expired.push(field.to_vec()));
                for field in expired {
                    let (_, expiry_ms) = model.remove(&field).expect("it was there");
                    assert!(expiry_ms.is_some_and(|at_ms| at_ms < now_ms));
                }
            }
            _ => hash = hash.clone(),
        }
        check(&hash, &model, now_ms);
    }
}

fn check(hash: &Hash<Vec<u8>>, model: &BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>, now_ms: i64) {
    hash.check_invariants();
    assert_eq!(hash.len(), model.len());
    assert_eq!(hash.next_expiry_ms(), model.values().filter_map(|(_, expiry_ms)| *expiry_ms).min());
    let mut live = 0;
    for (field, (value, expiry_ms)) in model {
        let found = hash.find(field, now_ms);
        let is_due = expiry_ms.is_some_and(|at_ms| at_ms < now_ms);
        assert_eq!(found.is_none(), is_due);
        assert!(
            found.is_none_or(|found| found.value == Element::Bytes(value) && found.expiry_ms == *expiry_ms)
        );
        live += usize::from(!is_due);
    }
    assert_eq!(hash.live_len(now_ms), live);
    assert_eq!(hash.is_all_due(now_ms), live == 0 && !hash.is_empty());
    let mut shown = 0;
    let mut cursor = hash.scan(0, 1, now_ms, |_, _| shown += 1);
    while cursor != 0 {
        cursor = hash.scan(cursor, 1, now_ms, |_, _| shown += 1);
    }
    assert_eq!(shown, live, "nothing changes meanwhile: each is shown once");
}

/// Integers, texts, and some that no packed hash takes.
fn text(number: u8) -> Vec<u8> {
    match number % 32 {
        0 => vec![b'l'; 65 + usize::from(number)],
        1..=9 => number.to_string().into_bytes(),
        _ => format!("text {number}").into_bytes(),
    }
}

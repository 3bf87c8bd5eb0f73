//! Operations on a set of integers beside the same on a `BTreeSet`.
//!
//! Operations of four bytes: what, how far to shift, and two for the integer.
use std::collections::BTreeSet;

use listpack::Intset;

/// Each operation is followed by a full comparison.
const OPERATIONS_MAX: usize = 500;

/// Checks one input.
pub fn intset_ops(data: &[u8]) {
    let mut set = Intset::new();
    let mut model = BTreeSet::new();
    for operation in data.chunks_exact(4).take(OPERATIONS_MAX) {
        let number = i64::from(i16::from_le_bytes([operation[2], operation[3]]));
        let value = number << (operation[1] % 48);
        match operation[0] % 4 {
            0 | 1 => assert_eq!(set.insert(value), Ok(model.insert(value))),
            2 => assert_eq!(set.remove(value), model.remove(&value)),
            _ => {
                let index = usize::from(operation[1]) % (model.len() + 1);
                let expected = model.iter().nth(index).copied();
                assert_eq!(set.remove_at(index), expected);
                expected.map(|value| model.remove(&value));
            }
        }
        set.check_invariants();
        assert!(set.view().iter().eq(model.iter().copied()));
        assert_eq!(set.view().contains(value), model.contains(&value));
    }
}

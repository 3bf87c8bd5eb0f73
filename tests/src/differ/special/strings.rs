//! Strings: keys that hold numbers for those that count, offsets that don't fill the memory.

use super::Draw;
use crate::differ::pools::{Pools, Word};

/// Longer strings are made by APPEND alone.
const OFFSET_MAX: i64 = 3_000;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("incr", "key", number_key),
    ("decr", "key", number_key),
    ("incrby", "key", number_key),
    ("decrby", "key", number_key),
    ("incrbyfloat", "key", number_key),
    ("setrange", "offset", |pools| pools.offset(OFFSET_MAX)),
    ("lcs", "min-match-len", Pools::small),
];

fn number_key(pools: &mut Pools) -> Word {
    if pools.percent(90) { pools.number_key() } else { pools.key(catalog::Group::String) }
}

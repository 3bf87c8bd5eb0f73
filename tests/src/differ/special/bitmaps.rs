//! Bitmaps: types and offsets of bit fields, bits that are 0 or 1.

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

const OFFSET_MAX: i64 = 24_000;
const OPERATIONS_MAX: usize = 6;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("setbit", "value", bit),
    ("bitpos", "bit", bit),
    ("bitfield_ro", "encoding", encoding),
    ("bitfield_ro", "offset", offset),
];

pub(super) const REQUESTS: &[(&str, Make)] = &[("bitfield", bitfield)];

fn bit(pools: &mut Pools) -> Word {
    if pools.percent(97) { pools.pick(&["0", "1"]).as_bytes().to_vec() } else { pools.integer() }
}

fn encoding(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..40) {
        0 => pools
            .pick(&["i0", "u0", "i65", "u64", "i-1", "x8", "8", "i", "", "u8x", "I8", "U8", "i08", "i+8"])
            .as_bytes()
            .to_vec(),
        1..8 => pools.pick(&["u63", "i64", "u1", "i1", "u62", "i63"]).as_bytes().to_vec(),
        8..20 => pools.pick(&["u8", "i8", "u16", "i16", "u32", "i32"]).as_bytes().to_vec(),
        _ => format!("{}{}", pools.pick(&["i", "u"]), pools.rng.u32(1..=63)).into_bytes(),
    }
}

fn offset(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..20) {
        0 => pools.pick(&["#-1", "#", "##1", "#x", "# 1", "#9223372036854775807", "#01"]).as_bytes().to_vec(),
        1..8 => format!("#{}", pools.rng.u32(0..100)).into_bytes(),
        _ => pools.offset(OFFSET_MAX),
    }
}

/// `OVERFLOW` may stand alone and holds for what follows, which the tree of BITFIELD doesn't say.
fn bitfield(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![b"BITFIELD".to_vec(), pools.key(catalog::Group::Bitmap)];
    for _ in 0..pools.rng.usize(0..=OPERATIONS_MAX) {
        let operation = *pools.pick(&["GET", "GET", "SET", "SET", "INCRBY", "INCRBY", "INCRBY", "OVERFLOW"]);
        words.push(pools.spelt(operation));
        if operation == "OVERFLOW" {
            let policy = *pools.pick(&["WRAP", "SAT", "FAIL", "FAIL", "SAT"]);
            words.push(pools.spelt(policy));
            continue;
        }
        words.extend([encoding(pools), offset(pools)]);
        if operation != "GET" {
            words.push(pools.integer());
        }
    }
    words
}

//! HyperLogLogs: enough elements to leave the sparse encoding, registers to merge, strings that only claim to be one.

use catalog::Group;

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

/// Elements that there are: many more than a sparse string can hold.
const ELEMENTS: u32 = 20_000;
const HEADER: &[u8; 16] = b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80";
const DENSE_BYTES: usize = 12_288;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] =
    &[("pfadd", "element", element), ("pfdebug", "subcommand", debug_subcommand)];

pub(super) const REQUESTS: &[(&str, Make)] = &[("pfadd", pfadd)];

fn element(pools: &mut Pools) -> Word {
    if pools.percent(80) { format!("e{}", pools.rng.u32(0..ELEMENTS)).into_bytes() } else { pools.text() }
}

/// The whole registers are long; they are asked for less often.
fn debug_subcommand(pools: &mut Pools) -> Word {
    let name = *pools.pick(&["DECODE", "DECODE", "ENCODING", "ENCODING", "TODENSE", "GETREG", "NOSUCH"]);
    pools.spelt(name)
}

/// Elements by the handful, or by the hundred; now and then the string itself is spoilt, so that the others meet one.
fn pfadd(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let key = pools.key(Group::Hyperloglog);
    let count = match pools.rng.u32(0..100) {
        0..70 => pools.rng.usize(0..8),
        70..84 => pools.rng.usize(8..60),
        84..88 => pools.rng.usize(200..700),
        _ => return spoil(pools, key),
    };
    let mut words = vec![pools.spelt("PFADD"), key];
    words.extend((0..count).map(|_| element(pools)));
    words
}

fn spoil(pools: &mut Pools, key: Word) -> Vec<Word> {
    match pools.rng.u32(0..12) {
        0..3 => {
            let at = pools.rng.u32(0..40).to_string().into_bytes();
            let bytes = (0..pools.rng.usize(1..4)).map(|_| pools.rng.u8(..)).collect();
            vec![b"SETRANGE".to_vec(), key, at, bytes]
        }
        3 => vec![b"APPEND".to_vec(), key, opcodes(pools, 1)],
        4..8 => {
            let count = pools.rng.usize(0..200);
            vec![b"SET".to_vec(), key, [&HEADER[..], &opcodes(pools, count)].concat()]
        }
        8 | 9 => vec![b"SET".to_vec(), key, dense(pools)],
        _ => vec![b"DEL".to_vec(), key],
    }
}

/// Runs as they come, and a last one up to the end in most cases: a string that can be read, but not one that elements leave behind.
fn opcodes(pools: &mut Pools, count: usize) -> Vec<u8> {
    let (mut bytes, mut left) = (Vec::new(), 1_i32 << 14);
    for _ in 0..count {
        let low = pools.rng.i32(0..64);
        match pools.rng.u32(0..8) {
            0 => (bytes.push(low as u8), left -= low + 1),
            1 => (bytes.extend([0x40, low as u8]), left -= low + 1),
            _ => (bytes.push(0x80 | low as u8 | pools.rng.u8(0..2) << 6), left -= (low & 3) + 1),
        };
    }
    let last = left - 1 + i32::from(pools.percent(10));
    if last >= 0 && pools.percent(95) {
        bytes.extend([0x40 | (last >> 8) as u8 & 0x3f, last as u8]);
    }
    bytes
}

/// Dense registers of any values.
fn dense(pools: &mut Pools) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    if let Some(encoding) = bytes.get_mut(4) {
        *encoding = 0;
    }
    let length = if pools.percent(80) { DENSE_BYTES } else { pools.rng.usize(0..DENSE_BYTES + 20) };
    let mask = *pools.pick(&[0x00, 0x11, 0x21, 0x55, 0xff]);
    bytes.extend((0..length).map(|_| pools.rng.u8(..) & mask));
    bytes
}

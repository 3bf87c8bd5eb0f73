//! Lists: indexes that are there, and now and then so much that a list becomes large.

use catalog::Group;

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("lindex", "index", Pools::small),
    ("lset", "index", Pools::small),
    ("lpos", "rank", Pools::small),
    ("lpos", "num-matches", Pools::small),
    ("lpos", "len", Pools::small),
    ("sort", "key", |pools| pools.key(Group::List)),
    ("sort_ro", "key", |pools| pools.key(Group::List)),
];

pub(super) const REQUESTS: &[(&str, Make)] =
    &[("lpush", |pools, _| push("LPUSH", pools)), ("rpush", |pools, _| push("RPUSH", pools)), ("lrem", lrem)];

/// Elements of one request that makes a list large by their number.
const MANY: usize = 150;

fn push(command: &str, pools: &mut Pools) -> Vec<Word> {
    let mut words = vec![command.as_bytes().to_vec(), pools.key(Group::List)];
    match pools.rng.u32(0..100) {
        0..4 => {
            let text = vec![b'm'; pools.rng.usize(20..90)];
            words.extend((0..pools.rng.usize(10..MANY)).map(|_| text.clone()));
        }
        4..6 => words.push(vec![b'L'; pools.rng.usize(3_900..9_000)]),
        _ => words.extend((0..pools.rng.usize(1..6)).map(|_| pools.text())),
    }
    words
}

/// Few different elements, so that there is something to remove.
fn lrem(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let element = if pools.percent(30) { b"1".to_vec() } else { pools.text() };
    vec![b"LREM".to_vec(), pools.key(Group::List), pools.small(), element]
}

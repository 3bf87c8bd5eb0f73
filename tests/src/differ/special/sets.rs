//! Sets: members that meet, now and then enough of them for each form, and SPOP where chance has no say.

use catalog::Group;

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

const MEMBERS_MAX: usize = 8;

/// Some beyond what small sets hold.
const MANY_MEMBERS: std::ops::Range<usize> = 100..600;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("srem", "member", member),
    ("sismember", "member", member),
    ("smismember", "member", member),
    ("smove", "member", member),
    ("sintercard", "limit", Pools::small),
];

pub(super) const REQUESTS: &[(&str, Make)] = &[("sadd", sadd), ("spop", spop), ("sscan", sscan)];

/// A member that other sets have too, or any.
fn member(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..100) {
        0..50 => pools.rng.i64(-5..=20).to_string().into_bytes(),
        50..53 => pools.rng.i64(-70_000..=70_000).to_string().into_bytes(),
        53..56 => pools.integer(),
        56..58 => vec![b'm'; pools.rng.usize(62..68)],
        _ => pools.text(),
    }
}

fn sadd(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![b"SADD".to_vec(), pools.key(Group::Set)];
    if pools.percent(3) {
        let first = pools.rng.i64(-100..=100);
        let prefix = *pools.pick(&["", "", "m"]);
        let count = pools.rng.usize(MANY_MEMBERS) as i64;
        words.extend((first..first + count).map(|number| format!("{prefix}{number}").into_bytes()));
        return words;
    }
    let is_integers = pools.percent(40);
    for _ in 0..pools.rng.usize(1..=MEMBERS_MAX) {
        let member = if is_integers { pools.integer() } else { member(pools) };
        words.push(member);
    }
    words
}

/// Takes none or all.
fn spop(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let count = *pools.pick(&["0", "-1", "x", "", "65536", "9223372036854775807", "9223372036854775808"]);
    vec![b"SPOP".to_vec(), pools.key(Group::Set), count.as_bytes().to_vec()]
}

/// Cursor 0 with a huge COUNT, or a cursor that is none.
fn sscan(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let cursor = if pools.percent(96) { b"0".to_vec() } else { b"x".to_vec() };
    let mut words = vec![b"SSCAN".to_vec(), pools.key(Group::Set), cursor];
    words.extend([pools.spelt("COUNT"), b"1000000".to_vec()]);
    if pools.percent(40) {
        words.extend([pools.spelt("MATCH"), pools.pattern()]);
    }
    words
}

//! Hashes: fields that meet again, numbers in some of them, whole walks.

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("hincrby", "field", number_field),
    ("hincrbyfloat", "field", number_field),
    ("hrandfield", "count", count),
];

pub(super) const REQUESTS: &[(&str, Make)] =
    &[("hset", set), ("hmset", set), ("hscan", scan), ("hgetall", all), ("hdel", delete)];

/// A page with all the fields, because cursors are each server's own.
const WHOLE_COUNT: &str = "60000";

/// A round fills a hash seldom beyond what is packed.
const FIELDS_AT_ONCE_MAX: u32 = 700;

/// Fields whose names begin with `n` mostly hold numbers.
pub(super) fn field(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..20) {
        0 => pools.value(),
        1..=4 => number_field(pools),
        _ => format!("f{}", pools.rng.u32(0..12)).into_bytes(),
    }
}

fn number_field(pools: &mut Pools) -> Word {
    if pools.percent(5) { field(pools) } else { format!("n{}", pools.rng.u32(0..5)).into_bytes() }
}

/// Servers draw as often as they are asked to, with repetitions.
fn count(pools: &mut Pools) -> Word {
    if pools.percent(5) {
        return pools.pick(&["", "x", "1.5", " 1", "9223372036854775808"]).as_bytes().to_vec();
    }
    let counts =
        ["0", "1", "2", "5", "1000", "-1", "-2", "-40", "9223372036854775807", "-9223372036854775808"];
    pools.pick(&counts).as_bytes().to_vec()
}

/// Fields with numbers where they belong; now and then many, or ones that a packed hash does not take.
fn set(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let name = *pools.pick(&["HSET", "HMSET", "HSET"]);
    let mut words = vec![pools.spelt(name), pools.key(catalog::Group::Hash)];
    if pools.percent(1) {
        let (from, count) = (pools.rng.u32(0..1_000), pools.rng.u32(1..FIELDS_AT_ONCE_MAX));
        (from..from + count)
            .for_each(|number| words.extend([format!("m{number}").into_bytes(), b"1".to_vec()]));
        return words;
    }
    for _ in 0..pools.rng.usize(1..5) {
        let field = field(pools);
        let value = match field.first() {
            Some(b'n') if pools.percent(80) => pools.small(),
            Some(b'n') => pools.float(),
            _ if pools.percent(3) => vec![b'v'; pools.rng.usize(62..67)],
            _ => pools.value(),
        };
        words.extend([field, value]);
    }
    if pools.percent(3) {
        words.pop();
    }
    words
}

/// Cursor 0 with a huge COUNT, or a cursor that is none.
fn scan(pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    let is_known = |option: &str| tokens.get("hscan").is_some_and(|known| known.contains(option));
    let cursor = if pools.percent(96) { b"0".to_vec() } else { pools.no_integer() };
    let mut words = vec![pools.spelt("HSCAN"), pools.key(catalog::Group::Hash), cursor];
    let mut options = ["COUNT", "MATCH", "NOVALUES"];
    pools.rng.shuffle(&mut options);
    for option in options {
        let value = match option {
            "COUNT" if pools.percent(97) => WHOLE_COUNT.as_bytes().to_vec(),
            "COUNT" => pools.pick(&["0", "-1", "x", "", "9223372036854775808"]).as_bytes().to_vec(),
            _ if pools.percent(60) || !is_known(option) => continue,
            "MATCH" => pools.pattern(),
            _ => {
                words.push(pools.spelt(option));
                continue;
            }
        };
        words.extend([pools.spelt(option), value]);
    }
    words
}

fn all(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let name = *pools.pick(&["HGETALL", "HKEYS", "HVALS", "HLEN"]);
    vec![pools.spelt(name), pools.key(catalog::Group::Hash)]
}

fn delete(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("HDEL"), pools.key(catalog::Group::Hash)];
    (0..pools.rng.usize(1..5)).for_each(|_| words.push(field(pools)));
    words
}

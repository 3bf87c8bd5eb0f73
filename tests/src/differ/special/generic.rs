//! Keys of any type: databases, cursors, names of types.

use catalog::Group;

use super::payloads::PAYLOADS;
use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("copy", "destination-db", database),
    ("move", "db", database),
    ("select", "index", database),
    ("swapdb", "index1", database),
    ("swapdb", "index2", database),
    ("scan", "type", type_name),
];

pub(super) const REQUESTS: &[(&str, Make)] = &[("restore", restore), ("scan", scan)];

/// A page with all the keys, because cursors are each server's own.
const WHOLE_COUNT: &str = "1000000";

fn database(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..40) {
        0 => pools.pick(&["15", "16", "-1", "99999"]).as_bytes().to_vec(),
        1 => pools.integer(),
        _ => pools.pick(&["0", "0", "0", "1", "2"]).as_bytes().to_vec(),
    }
}

pub(super) fn type_name(pools: &mut Pools) -> Word {
    let name = *pools.pick(&["string", "string", "list", "set", "zset", "hash", "stream", "STRING"]);
    name.as_bytes().to_vec()
}

/// Cursor 0 with a huge COUNT, or a cursor that is none.
fn scan(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let cursor = if pools.percent(96) { b"0".to_vec() } else { pools.no_integer() };
    let mut words = vec![b"SCAN".to_vec(), cursor];
    let mut options = ["COUNT", "MATCH", "TYPE"];
    pools.rng.shuffle(&mut options);
    for option in options {
        let value = match option {
            "COUNT" if pools.percent(97) => WHOLE_COUNT.as_bytes().to_vec(),
            "COUNT" => pools.pick(&["0", "-1", "x", "", "9223372036854775808"]).as_bytes().to_vec(),
            _ if pools.percent(60) => continue,
            "MATCH" => pools.pattern(),
            _ => type_name(pools),
        };
        words.extend([pools.spelt(option), value]);
    }
    words
}

/// A payload of the type that the key's name tells; with options that make sense together, or not.
fn restore(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let key = pools.key(Group::Generic);
    let kind = *key.first().filter(|byte| PAYLOADS.iter().any(|(kind, _)| kind == *byte)).unwrap_or(&b's');
    let fitting: Vec<&[u8]> =
        PAYLOADS.iter().filter(|(of, _)| *of == kind).map(|(_, payload)| *payload).collect();
    let mut payload = pools.pick(&fitting).to_vec();
    if pools.percent(10) {
        let at = pools.rng.usize(0..payload.len());
        payload[at] ^= 1 << pools.rng.u32(0..8);
    }
    let is_absolute = pools.percent(30);
    let life = match pools.percent(60) {
        true => b"0".to_vec(),
        false if is_absolute => pools.unix_time(1),
        false => pools.relative_time(1),
    };
    let mut words = vec![pools.spelt("RESTORE"), key, life, payload];
    if is_absolute {
        words.push(pools.spelt("ABSTTL"));
    }
    if pools.percent(70) {
        words.push(pools.spelt("REPLACE"));
    }
    for (option, values) in [("IDLETIME", ["0", "7", "-1", "x"]), ("FREQ", ["0", "255", "256", "x"])] {
        if pools.percent(12) {
            words.extend([pools.spelt(option), pools.pick(&values).as_bytes().to_vec()]);
        }
    }
    words
}

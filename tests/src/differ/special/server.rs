//! The server: parameters that may be changed, questions about other commands, what DEBUG offers.

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::{Syntax, Tokens};

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[("config|get", "parameter", parameter_pattern)];

pub(super) const REQUESTS: &[(&str, Make)] = &[
    ("config|set", config_set),
    ("command|docs", |pools, tokens| about_commands("DOCS", pools, tokens)),
    ("command|info", |pools, tokens| about_commands("INFO", pools, tokens)),
    ("command|getkeys", |pools, tokens| keys_of("GETKEYS", pools, tokens)),
    ("command|getkeysandflags", |pools, tokens| keys_of("GETKEYSANDFLAGS", pools, tokens)),
    ("debug", debug),
    ("info", info),
];

/// Parameters that both servers have and that CONFIG SET may change, each with values; the first is what a round
/// starts with.
pub(crate) const PARAMETERS: &[(&str, &[&str])] = &[
    // One value each: what becomes of values that are there when such a limit changes is up to each server.
    ("hash-max-listpack-entries", &["128"]),
    ("hash-max-listpack-value", &["64"]),
    ("list-max-listpack-size", &["-2"]),
    ("list-compress-depth", &["0", "1", "2"]),
    ("set-max-intset-entries", &["512"]),
    ("set-max-listpack-entries", &["128"]),
    ("set-max-listpack-value", &["64"]),
    ("zset-max-listpack-entries", &["128"]),
    ("zset-max-listpack-value", &["64"]),
    // Few, so that trimming meets whole nodes.
    ("stream-node-max-entries", &["5", "100", "0"]),
    ("hll-sparse-max-bytes", &["3000", "100", "0"]),
    ("latency-monitor-threshold", &["0", "100000"]),
    ("slowlog-max-len", &["128", "10"]),
    ("notify-keyspace-events", &["", "KEA", "g$"]),
    ("timeout", &["0", "100000"]),
    ("tcp-keepalive", &["300", "60"]),
    ("lazyfree-lazy-user-del", &["no", "yes"]),
    ("activerehashing", &["yes", "no"]),
    ("proto-max-bulk-len", &["512mb", "536870912"]),
    ("maxclients", &["10000", "9000"]),
    ("appendfsync", &["everysec", "always", "no"]),
    ("maxmemory-samples", &["5", "10"]),
    ("client-query-buffer-limit", &["1gb", "1073741824"]),
];

const BAD_VALUES: [&str; 9] = ["", "x", "-1", "99999999999999999999", "yes", "1.5", " 1", "10%", "1kb"];

fn parameter_pattern(pools: &mut Pools) -> Word {
    let name = pools.pick(PARAMETERS).0;
    match pools.rng.u32(0..10) {
        0 => b"nosuch".to_vec(),
        1 => name.to_ascii_uppercase().into_bytes(),
        _ => name.as_bytes().to_vec(),
    }
}

fn config_set(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![b"CONFIG".to_vec(), b"SET".to_vec()];
    let mut seen = Vec::new();
    for _ in 0..pools.rng.usize(1..=3) {
        let &(name, values) = pools.pick(PARAMETERS);
        if seen.contains(&name) && pools.percent(90) {
            continue;
        }
        seen.push(name);
        let value = if pools.percent(94) { *pools.pick(values) } else { *pools.pick(&BAD_VALUES) };
        words.extend([name.as_bytes().to_vec(), value.as_bytes().to_vec()]);
    }
    words
}

fn about_commands(subcommand: &str, pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    let names: Vec<&String> = tokens.keys().collect();
    let mut words = vec![b"COMMAND".to_vec(), subcommand.as_bytes().to_vec()];
    for _ in 0..pools.rng.usize(1..=2) {
        let name = if names.is_empty() { "get" } else { pools.pick(&names).as_str() };
        words.push(pools.spelt(name));
    }
    words
}

/// Asks for the keys of a request of any command, whether it is built or not.
fn keys_of(subcommand: &str, pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    let names: Vec<&String> = tokens.keys().collect();
    let mut words = vec![b"COMMAND".to_vec(), subcommand.as_bytes().to_vec()];
    let name = if names.is_empty() { "get" } else { pools.pick(&names).as_str() };
    if let Some(id) = catalog::find(name.as_bytes()) {
        words.extend(Syntax::new(catalog::command(id), tokens.get(name), pools).request());
    }
    words
}

fn debug(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("DEBUG")];
    match pools.rng.u32(0..12) {
        0..6 => {
            words.push(pools.spelt("DIGEST-VALUE"));
            words.extend((0..pools.rng.usize(1..=3)).map(|_| pools.key(catalog::Group::String)));
        }
        6..10 => {
            let kinds = [
                "string", "integer", "double", "null", "array", "set", "map", "bignum", "true", "false",
                "verbatim", "x",
            ];
            words.extend([pools.spelt("PROTOCOL"), pools.pick(&kinds).as_bytes().to_vec()]);
        }
        10 => words.extend([pools.spelt("SLEEP"), b"0".to_vec()]),
        _ => {
            let size = pools.rng.u32(1..20).to_string().into_bytes();
            words.extend([
                pools.spelt("POPULATE"),
                pools.pick(&["1", "3", "0"]).as_bytes().to_vec(),
                b"p".to_vec(),
                size,
            ]);
        }
    }
    words
}

fn info(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let sections = ["server", "clients", "memory", "stats", "cpu", "keyspace", "nosuch", "default"];
    let count = pools.rng.usize(1..=2);
    let mut words = vec![b"INFO".to_vec()];
    words.extend((0..count).map(|_| pools.pick(&sections).as_bytes().to_vec()));
    words
}

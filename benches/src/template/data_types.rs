//! Workloads over the data types and transactions, and what each server is filled with for them.

use super::Template;
use super::preset::{Expect, Workload};

/// How often a command of a fill is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Once, and by itself.
    Once,
    /// This many times; its `{num}` counts from 0.
    Number(u64),
    /// As many times as there are `--keys`.
    EachKey,
}

/// A command that is sent before the workload, so that it finds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fill {
    /// What is sent.
    pub(crate) template: Template,
    /// How often.
    pub(crate) times: Times,
}

/// A row of the table below.
struct Row {
    name: &'static str,
    fills: &'static [(Times, &'static str)],
    commands: &'static [&'static str],
}

const HUNDRED: Times = Times::Number(100);

/// Small values lie under `--keys` keys and have ten elements; large ones lie under one key and have `--keys` elements.
const ROWS: &[Row] = &[
    Row { name: "lpush", fills: &[], commands: &["LPUSH lpush {value}"] },
    Row { name: "rpush-lpop", fills: &[], commands: &["RPUSH queue {value}", "LPOP queue"] },
    Row {
        name: "lrange100",
        fills: &[(HUNDRED, "RPUSH list100 {value}")],
        commands: &["LRANGE list100 0 99"],
    },
    Row { name: "hset", fills: &[EACH_HASH], commands: &["HSET hash f:{num} {value}"] },
    Row { name: "hget", fills: &[EACH_HASH], commands: &["HGET hash f:{num}"] },
    Row { name: "hset-small", fills: &[SMALL_HASHES], commands: &["HSET hash:{num} f5 {value}"] },
    Row {
        name: "hgetall100",
        fills: &[(HUNDRED, "HSET hash100 f:{num} {value}")],
        commands: &["HGETALL hash100"],
    },
    Row { name: "sadd", fills: &[EACH_SET], commands: &["SADD set n:{num} o:{num}"] },
    Row { name: "sismember", fills: &[EACH_SET], commands: &["SISMEMBER set m:{num}"] },
    Row {
        name: "sinter100",
        fills: &[(HUNDRED, "SADD set100 m:{num}"), (Times::Number(1000), "SADD set1000 m:{num}")],
        commands: &["SINTER set100 set1000"],
    },
    Row { name: "zadd", fills: &[EACH_ZSET], commands: &["ZADD zset {int} m:{num}"] },
    Row { name: "zadd-small", fills: &[SMALL_ZSETS], commands: &["ZADD zset:{num} {int} m5"] },
    Row { name: "zrank", fills: &[EACH_ZSET], commands: &["ZRANK zset m:{num}"] },
    Row { name: "zrange100", fills: &[EACH_ZSET], commands: &["ZRANGE zset 1000 1099"] },
    Row {
        name: "zrangebyscore",
        fills: &[EACH_ZSET],
        commands: &["ZRANGEBYSCORE zset {int} +inf LIMIT 0 10"],
    },
    Row { name: "xadd", fills: &[], commands: &["XADD xadd * name {value}"] },
    Row {
        name: "xadd-xreadgroup",
        fills: &[(Times::Once, "XGROUP CREATE jobs workers $ MKSTREAM")],
        commands: &["XADD jobs * name {value}", "XREADGROUP GROUP workers one COUNT 1 STREAMS jobs >"],
    },
    Row { name: "pfadd", fills: &[(Times::EachKey, "PFADD hll m:{num}")], commands: &["PFADD hll n:{num}"] },
    Row {
        name: "pfadd-small",
        fills: &[(Times::EachKey, "PFADD hll:{num} a b c d e f g h i j")],
        commands: &["PFADD hll:{num} {value}"],
    },
    Row { name: "multi10", fills: &[], commands: MULTI_OF_TEN },
    Row {
        name: "geosearch",
        fills: &[(Times::EachKey, "GEOADD places 1.{int} 4.{int} m:{num}")],
        commands: &["GEOSEARCH places FROMLONLAT 1.{int} 4.{int} BYRADIUS 1 km"],
    },
];

/// A block of ten commands; a pipeline of twelve is one block.
const MULTI_OF_TEN: &[&str] = &[
    "MULTI",
    "SET {key} {value}",
    "GET {key}",
    "INCR multi:{num}",
    "HSET multihash:{num} f {value}",
    "LPUSH multilist {value}",
    "SET {key} {value}",
    "GET {key}",
    "SADD multiset {num}",
    "LPOP multilist",
    "EXPIRE {key} 1000",
    "EXEC",
];

const EACH_HASH: (Times, &str) = (Times::EachKey, "HSET hash f:{num} {value}");
const EACH_SET: (Times, &str) = (Times::EachKey, "SADD set m:{num}");
const EACH_ZSET: (Times, &str) = (Times::EachKey, "ZADD zset {int} m:{num}");
const SMALL_HASHES: (Times, &str) =
    (Times::EachKey, "HSET hash:{num} f0 a f1 b f2 c f3 d f4 e f5 {value} f6 g f7 h f8 i f9 j");
const SMALL_ZSETS: (Times, &str) = (
    Times::EachKey,
    "ZADD zset:{num} 0 m0 111111 m1 222222 m2 333333 m3 444444 m4 {int} m5 666666 m6 777777 m7 888888 m8 999999 m9",
);

/// The names of all workloads over the data types.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

/// A workload over a data type by its name.
pub(super) fn workload(name: &str) -> Option<Workload> {
    let row = ROWS.iter().find(|row| row.name == name)?;
    let template = |text: &&str| text.parse::<Template>().expect("the table has templates");
    let fills = row.fills.iter().map(|(times, text)| Fill { template: template(text), times: *times });
    Some(Workload {
        name: name.into(),
        templates: row.commands.iter().map(template).collect(),
        expect: Expect::Any,
        fills: fills.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_made_of_templates() {
        for name in names() {
            let workload = workload(name).expect("it is in the table");
            assert!(!workload.templates.is_empty(), "{name}");
        }
        assert!(workload("types").is_none());
    }
}

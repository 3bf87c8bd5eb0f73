//! Sorted sets: scores that meet, ends of ranges, options that belong together.

use catalog::{Group, id};

use super::{Draw, Make};
use crate::differ::guard::LEX_PREFIX;
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::{Syntax, Tokens};

const SOURCES_MAX: usize = 4;
const LEX_KEYS: u32 = 4;
const LEX_MEMBERS_MAX: usize = 6;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("zadd", "score", score),
    ("zincrby", "increment", score),
    ("zcount", "min", score_end),
    ("zcount", "max", score_end),
    ("zremrangebyscore", "min", score_end),
    ("zremrangebyscore", "max", score_end),
    ("zrangebyscore", "min", score_end),
    ("zrangebyscore", "max", score_end),
    ("zrevrangebyscore", "min", score_end),
    ("zrevrangebyscore", "max", score_end),
    ("zlexcount", "key", lex_key),
    ("zlexcount", "min", lex_end),
    ("zlexcount", "max", lex_end),
    ("zremrangebylex", "key", lex_key),
    ("zremrangebylex", "min", lex_end),
    ("zremrangebylex", "max", lex_end),
    ("zrangebylex", "key", lex_key),
    ("zrangebylex", "min", lex_end),
    ("zrangebylex", "max", lex_end),
    ("zrevrangebylex", "key", lex_key),
    ("zrevrangebylex", "min", lex_end),
    ("zrevrangebylex", "max", lex_end),
    ("zrangebyscore", "offset", Pools::small),
    ("zrevrangebyscore", "offset", Pools::small),
    ("zrangebylex", "offset", Pools::small),
    ("zrevrangebylex", "offset", Pools::small),
    ("zmpop", "count", Pools::small),
    ("bzmpop", "count", Pools::small),
    ("zintercard", "limit", Pools::small),
];

pub(super) const REQUESTS: &[(&str, Make)] = &[
    ("zadd", zadd),
    ("zrange", zrange),
    ("zrangestore", zrangestore),
    ("zscan", zscan),
    ("zunion", zunion),
    ("zinter", zinter),
    ("zdiff", zdiff),
    ("zunionstore", zunionstore),
    ("zinterstore", zinterstore),
    ("zdiffstore", zdiffstore),
];

/// A key whose members all have the same score.
fn lex_key(pools: &mut Pools) -> Word {
    let number = pools.rng.u32(1..=LEX_KEYS).to_string();
    [LEX_PREFIX, number.as_bytes()].concat()
}

/// As the syntax says, or members for BYLEX.
fn zadd(pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    if pools.percent(75) {
        let command = catalog::command(id::ZADD);
        return Syntax::new(command, tokens.get(command.name), pools).request();
    }
    let mut words = vec![b"ZADD".to_vec(), lex_key(pools)];
    for _ in 0..pools.rng.usize(1..=LEX_MEMBERS_MAX) {
        words.extend([b"0".to_vec(), pools.text()]);
    }
    words
}

/// A score that others have too, or any.
fn score(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..100) {
        0..70 => pools.rng.i64(-3..=6).to_string().into_bytes(),
        70..85 => format!("{}.5", pools.rng.i64(-3..=6)).into_bytes(),
        85..90 => pools
            .pick(&["inf", "-inf", "+inf", "-0", "0", "1e17", "1e-7", "9007199254740993"])
            .as_bytes()
            .to_vec(),
        _ => pools.float(),
    }
}

fn score_end(pools: &mut Pools) -> Word {
    let mut end = if pools.percent(15) { b"(".to_vec() } else { Vec::new() };
    if pools.percent(25) {
        end.extend(pools.pick(&["-inf", "+inf", "inf", "", "1e400", "nan"]).as_bytes());
    } else {
        end.extend(score(pools));
    }
    end
}

fn lex_end(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..100) {
        0..20 => b"-".to_vec(),
        20..40 => b"+".to_vec(),
        40..45 => pools.text(),
        _ => {
            let mut end = pools.pick(&[b"[", b"("]).to_vec();
            end.extend(pools.text());
            end
        }
    }
}

fn zrange(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let by = pick_by(pools);
    let mut words = vec![b"ZRANGE".to_vec(), source_by(pools, by)];
    add_span(pools, &mut words, by);
    if pools.percent(40) {
        words.push(pools.spelt("WITHSCORES"));
    }
    words
}

fn zrangestore(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let by = pick_by(pools);
    let mut words = vec![b"ZRANGESTORE".to_vec(), pools.key(Group::SortedSet), source_by(pools, by)];
    add_span(pools, &mut words, by);
    words
}

fn pick_by(pools: &mut Pools) -> &'static str {
    pools.pick::<&str>(&["", "BYSCORE", "BYLEX"])
}

fn source_by(pools: &mut Pools, by: &str) -> Word {
    if by == "BYLEX" { lex_key(pools) } else { pools.key(Group::SortedSet) }
}

/// Two ends and what they are ends of.
fn add_span(pools: &mut Pools, words: &mut Vec<Word>, by: &str) {
    let end: Draw = match by {
        "BYSCORE" => score_end,
        "BYLEX" => lex_end,
        _ => Pools::small,
    };
    words.extend([end(pools), end(pools)]);
    let mut options = vec![by, "REV", "LIMIT"];
    pools.rng.shuffle(&mut options);
    for option in options {
        let is_wanted = option == by || option == "REV" && pools.percent(40) || pools.percent(15);
        if option.is_empty() || !is_wanted {
            continue;
        }
        words.push(pools.spelt(option));
        if option == "LIMIT" {
            words.extend([pools.small(), pools.small()]);
        }
    }
}

/// Cursor 0 with a huge COUNT, or a cursor that is none.
fn zscan(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let cursor = if pools.percent(96) { b"0".to_vec() } else { b"x".to_vec() };
    let mut words = vec![b"ZSCAN".to_vec(), pools.key(Group::SortedSet), cursor];
    words.extend([pools.spelt("COUNT"), b"1000000".to_vec()]);
    if pools.percent(40) {
        words.extend([pools.spelt("MATCH"), pools.pattern()]);
    }
    words
}

fn zunion(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    shown(pools, "ZUNION", true)
}

fn zinter(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    shown(pools, "ZINTER", true)
}

fn zdiff(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    shown(pools, "ZDIFF", false)
}

fn zunionstore(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    stored(pools, "ZUNIONSTORE", true)
}

fn zinterstore(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    stored(pools, "ZINTERSTORE", true)
}

fn zdiffstore(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    stored(pools, "ZDIFFSTORE", false)
}

fn shown(pools: &mut Pools, name: &str, is_scored: bool) -> Vec<Word> {
    let mut words = vec![name.as_bytes().to_vec()];
    add_sources(pools, &mut words, is_scored);
    if pools.percent(60) {
        words.push(pools.spelt("WITHSCORES"));
    }
    words
}

fn stored(pools: &mut Pools, name: &str, is_scored: bool) -> Vec<Word> {
    let mut words = vec![name.as_bytes().to_vec(), pools.key(Group::SortedSet)];
    add_sources(pools, &mut words, is_scored);
    words
}

/// A number of keys, sets of either kind, and how their scores are combined.
fn add_sources(pools: &mut Pools, words: &mut Vec<Word>, is_scored: bool) {
    let sources = pools.rng.usize(1..=SOURCES_MAX);
    words.push(sources.to_string().into_bytes());
    for _ in 0..sources {
        let group = if pools.percent(80) { Group::SortedSet } else { Group::Set };
        words.push(pools.key(group));
    }
    if is_scored && pools.percent(40) {
        words.push(pools.spelt("WEIGHTS"));
        words.extend((0..sources).map(|_| score(pools)));
    }
    if is_scored && pools.percent(40) {
        let how = *pools.pick(&["SUM", "MIN", "MAX"]);
        words.extend([pools.spelt("AGGREGATE"), pools.spelt(how)]);
    }
}

//! Streams: numbers that go on where the last ones ended, few groups and consumers, idle times that are far apart.

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("xadd", "id", new_id),
    ("xadd", "threshold", threshold),
    ("xadd", "field", field),
    ("xtrim", "threshold", threshold),
    ("xdel", "id", id),
    ("xack", "id", id),
    ("xack", "group", group),
    ("xrange", "start", start),
    ("xrange", "end", end),
    ("xrevrange", "start", start),
    ("xrevrange", "end", end),
    ("xsetid", "last-id", last_id),
    ("xsetid", "entries-added", Pools::small),
    ("xsetid", "max-deleted-id", id),
    ("xgroup|create", "group", group),
    ("xgroup|create", "id", id),
    ("xgroup|create", "entriesread", Pools::small),
    ("xgroup|createconsumer", "group", group),
    ("xgroup|createconsumer", "consumer", consumer),
    ("xgroup|delconsumer", "group", group),
    ("xgroup|delconsumer", "consumer", consumer),
    ("xgroup|destroy", "group", group),
    ("xgroup|setid", "group", group),
    ("xgroup|setid", "id", id),
    ("xgroup|setid", "entriesread", Pools::small),
    ("xinfo|consumers", "group", group),
    ("xpending", "group", group),
    ("xpending", "min-idle-time", idle_ms),
    ("xpending", "start", start),
    ("xpending", "end", end),
    ("xpending", "consumer", consumer),
    ("xclaim", "group", group),
    ("xclaim", "consumer", consumer),
    ("xclaim", "min-idle-time", idle_ms),
    ("xclaim", "id", id),
    ("xclaim", "ms", idle_ms),
    ("xclaim", "count", Pools::small),
    ("xclaim", "lastid", id),
    ("xautoclaim", "group", group),
    ("xautoclaim", "consumer", consumer),
    ("xautoclaim", "min-idle-time", idle_ms),
    ("xautoclaim", "start", start),
];

pub(super) const REQUESTS: &[(&str, Make)] =
    &[("xread", xread), ("xreadgroup", xreadgroup), ("xdelex", xdelex), ("xackdel", xackdel)];

/// Milliseconds of new entries go on so many times out of a hundred.
const GOES_ON_PERCENT: u32 = 8;
/// Numbers that are asked for lie at most so far behind the newest.
const BEHIND_MAX: u64 = 6;
const SEQ_MAX: u64 = 5;
const STREAMS_MAX: usize = 3;
const IDS_MAX: usize = 4;

/// What is no number, or an odd one.
const ODD_IDS: [&str; 29] = [
    "18446744073709551615-18446744073709551615",
    "18446744073709551615-18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551615-*",
    "0-0",
    "0-1",
    "0",
    "0-*",
    "1-18446744073709551615",
    "1-18446744073709551616",
    "*",
    "$",
    "+",
    "-",
    "(",
    "(0",
    "(-",
    "(+",
    "5-",
    "-5",
    "5--1",
    "5-1-1",
    "+5-+1",
    " 5-1",
    "005-01",
    "5 -1",
    "abc",
    "",
];

fn odd_id(pools: &mut Pools) -> Word {
    pools.pick(&ODD_IDS).as_bytes().to_vec()
}

/// The number of an entry to be added: mostly greater than those before.
fn new_id(pools: &mut Pools) -> Word {
    if pools.percent(GOES_ON_PERCENT) {
        pools.stream_ms += 1;
    }
    let ms = pools.stream_ms;
    match pools.rng.u32(0..100) {
        0..60 => format!("{ms}-*").into_bytes(),
        60..85 => format!("{ms}-{}", pools.rng.u64(0..=SEQ_MAX)).into_bytes(),
        85..92 => ms.to_string().into_bytes(),
        92..98 => id(pools),
        // The greatest ends a stream for good, so it is rare.
        98 => odd_id(pools),
        _ => format!("{ms}-{}", u64::MAX - pools.rng.u64(0..3)).into_bytes(),
    }
}

/// The number of an entry that may be there.
fn id(pools: &mut Pools) -> Word {
    let ms = pools.stream_ms.saturating_sub(pools.rng.u64(0..=BEHIND_MAX));
    match pools.rng.u32(0..100) {
        0..75 => format!("{ms}-{}", pools.rng.u64(0..=SEQ_MAX)).into_bytes(),
        75..90 => ms.to_string().into_bytes(),
        90..95 => pools.pick(&["0", "0-0", "0-1", "1-1"]).as_bytes().to_vec(),
        95..98 => format!("{}-1", ms + 10).into_bytes(),
        _ => odd_id(pools),
    }
}

/// The last number of a stream: not far ahead, or nothing could be added any more.
fn last_id(pools: &mut Pools) -> Word {
    match pools.percent(60) {
        true => format!("{}-{}", pools.stream_ms, pools.rng.u64(0..=2 * SEQ_MAX)).into_bytes(),
        false => id(pools),
    }
}

fn start(pools: &mut Pools) -> Word {
    bound(pools, "-")
}

fn end(pools: &mut Pools) -> Word {
    bound(pools, "+")
}

fn bound(pools: &mut Pools, outermost: &str) -> Word {
    match pools.rng.u32(0..100) {
        0..45 => outermost.as_bytes().to_vec(),
        45..70 => [b"(", id(pools).as_slice()].concat(),
        _ => id(pools),
    }
}

fn threshold(pools: &mut Pools) -> Word {
    if pools.percent(60) { pools.small() } else { id(pools) }
}

/// Few names, so that entries have them in common.
fn field(pools: &mut Pools) -> Word {
    if pools.percent(90) { pools.pick(&["f", "g", "12"]).as_bytes().to_vec() } else { pools.text() }
}

fn group(pools: &mut Pools) -> Word {
    pools
        .pick(&["g1", "g1", "g1", "g1", "g1", "g1", "g1", "g2", "g2", "nosuch", "g\x001"])
        .as_bytes()
        .to_vec()
}

fn consumer(pools: &mut Pools) -> Word {
    pools.pick(&["c1", "c1", "c1", "c2", "c2", "c3", "c3", "", "12"]).as_bytes().to_vec()
}

/// None at all, or more than passes in a run.
fn idle_ms(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..100) {
        0..60 => b"0".to_vec(),
        60..90 => pools.pick(&["1000000", "500000", "100000000", "-1", "-1000000"]).as_bytes().to_vec(),
        90..95 => pools.pick(&["9223372036854775807", "-9223372036854775808", "1e3"]).as_bytes().to_vec(),
        _ => pools.no_integer(),
    }
}

fn xread(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("XREAD")];
    add_read_options(pools, &mut words, &["COUNT", "BLOCK"]);
    add_streams(pools, &mut words, |pools| match pools.rng.u32(0..20) {
        0..2 => b"$".to_vec(),
        2 => b"+".to_vec(),
        3 => b">".to_vec(),
        4..12 => b"0".to_vec(),
        _ => id(pools),
    });
    words
}

fn xreadgroup(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("XREADGROUP")];
    if pools.percent(98) {
        let own = [pools.spelt("GROUP"), group(pools), consumer(pools)];
        words.extend(own);
    }
    add_read_options(pools, &mut words, &["COUNT", "BLOCK", "NOACK"]);
    add_streams(pools, &mut words, |pools| match pools.rng.u32(0..20) {
        0 => pools.pick(&["$", "+", "-", "*"]).as_bytes().to_vec(),
        1..12 => b">".to_vec(),
        12..16 => b"0".to_vec(),
        _ => id(pools),
    });
    words
}

fn add_read_options(pools: &mut Pools, words: &mut Vec<Word>, options: &[&str]) {
    for option in options {
        let percent = if *option == "BLOCK" { 5 } else { 35 };
        if !pools.percent(percent) {
            continue;
        }
        words.push(pools.spelt(option));
        match *option {
            "COUNT" => words.push(pools.small()),
            // Long enough to block and short enough not to be noticed.
            "BLOCK" => words.push(pools.pick(&["1", "2", "1", "-1", "abc"]).as_bytes().to_vec()),
            _ => {}
        }
    }
}

fn add_streams(pools: &mut Pools, words: &mut Vec<Word>, draw_id: fn(&mut Pools) -> Word) {
    words.push(pools.spelt("STREAMS"));
    let count = if pools.percent(70) { 1 } else { pools.rng.usize(1..=STREAMS_MAX) };
    words.extend((0..count).map(|_| pools.key(catalog::Group::Stream)).collect::<Vec<_>>());
    let ids = if pools.percent(97) { count } else { pools.rng.usize(0..=count + 1) };
    words.extend((0..ids).map(|_| draw_id(pools)).collect::<Vec<_>>());
}

fn xdelex(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("XDELEX"), pools.key(catalog::Group::Stream)];
    add_deletion(pools, &mut words);
    words
}

fn xackdel(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("XACKDEL"), pools.key(catalog::Group::Stream), group(pools)];
    add_deletion(pools, &mut words);
    words
}

/// `[KEEPREF | DELREF | ACKED] IDS numids id [id ...]`, the two in any order.
fn add_deletion(pools: &mut Pools, words: &mut Vec<Word>) {
    let references = *pools.pick(&["KEEPREF", "DELREF", "ACKED"]);
    let references = if pools.percent(70) { vec![pools.spelt(references)] } else { Vec::new() };
    let count = pools.rng.usize(1..=IDS_MAX);
    let shown = if pools.percent(95) { count.to_string().into_bytes() } else { pools.small() };
    let mut ids = vec![pools.spelt("IDS"), shown];
    ids.extend((0..count).map(|_| id(pools)).collect::<Vec<_>>());
    let comes_first = pools.percent(90);
    let (first, then) = if comes_first { (references, ids) } else { (ids, references) };
    words.extend(first);
    words.extend(then);
}

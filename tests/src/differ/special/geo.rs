//! Places: near each other, at the edges of the map, and shapes large and small around them.

use catalog::Group;

use super::{Draw, Make};
use crate::differ::pools::{Pools, Word};
use crate::differ::syntax::Tokens;

const MEMBERS: u32 = 60;
const PLACES_MAX: usize = 12;
const VERTICES_MAX: usize = 7;
/// So many of a hundred searches give each option.
const OPTION_PERCENT: u32 = 25;

pub(super) const ARGUMENTS: &[(&str, &str, Draw)] = &[
    ("geodist", "member1", member),
    ("geodist", "member2", member),
    ("geohash", "member", member),
    ("geopos", "member", member),
    ("georadius", "longitude", longitude),
    ("georadius", "latitude", latitude),
    ("georadius", "radius", length),
    ("georadius_ro", "longitude", longitude),
    ("georadius_ro", "latitude", latitude),
    ("georadius_ro", "radius", length),
    ("georadiusbymember", "member", member),
    ("georadiusbymember", "radius", length),
    ("georadiusbymember_ro", "member", member),
    ("georadiusbymember_ro", "radius", length),
];

pub(super) const REQUESTS: &[(&str, Make)] =
    &[("geoadd", geoadd), ("geosearch", geosearch), ("geosearchstore", geosearchstore)];

fn member(pools: &mut Pools) -> Word {
    if pools.percent(96) { format!("m{}", pools.rng.u32(0..MEMBERS)).into_bytes() } else { pools.text() }
}

fn longitude(pools: &mut Pools) -> Word {
    coordinate(
        pools,
        15.0,
        180.0,
        &["180", "-180", "179.9999999", "-179.9999999", "0", "-0", "180.0000001", "13.5"],
    )
}

fn latitude(pools: &mut Pools) -> Word {
    const EDGES: &[&str] = &[
        "85.05112878",
        "-85.05112878",
        "85.05112879",
        "85",
        "-85",
        "0",
        "66",
        "80",
        "-66.0001",
        "90",
        "38.5",
    ];
    coordinate(pools, 38.0, 85.05, EDGES)
}

/// In a town, in a country, anywhere, at an edge, or none.
fn coordinate(pools: &mut Pools, middle: f64, max: f64, edges: &[&str]) -> Word {
    let around = |pools: &mut Pools, reach: f64| (pools.rng.f64() - 0.5) * 2.0 * reach;
    let degrees = match pools.rng.u32(0..100) {
        0..25 => middle + around(pools, 0.01),
        25..55 => middle + around(pools, 3.0),
        55..70 => middle + f64::from(pools.rng.i32(-8..8)),
        70..84 => around(pools, max),
        84..97 => return pools.pick(edges).as_bytes().to_vec(),
        _ => return pools.float(),
    };
    if pools.percent(70) { format!("{degrees:.6}") } else { format!("{degrees}") }.into_bytes()
}

/// From millimetres to beyond the earth, whatever the unit.
fn length(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..100) {
        0..80 => format!("{:.3}", 10f64.powf(pools.rng.f64() * 11.0 - 3.0)).into_bytes(),
        80..90 => pools
            .pick(&["0", "1", "100", "1000", "20000", "40000", "5e6", "1e8", "1e300", "inf"])
            .as_bytes()
            .to_vec(),
        _ => pools.float(),
    }
}

fn unit(pools: &mut Pools) -> Word {
    let unit = *pools.pick(&["M", "KM", "KM", "KM", "FT", "MI"]);
    if pools.percent(2) { b"foo".to_vec() } else { pools.spelt(unit) }
}

fn geoadd(pools: &mut Pools, _: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("GEOADD"), pools.key(Group::Geo)];
    for option in ["NX", "XX", "CH"] {
        if pools.percent(12) {
            words.push(pools.spelt(option));
        }
    }
    let places_max = if pools.percent(5) { 20 * PLACES_MAX } else { PLACES_MAX };
    for _ in 0..pools.rng.usize(1..=places_max) {
        words.extend([longitude(pools), latitude(pools), member(pools)]);
    }
    words
}

fn geosearch(pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("GEOSEARCH"), pools.key(Group::Geo)];
    search(pools, tokens, &["WITHCOORD", "WITHDIST", "WITHHASH"], &mut words);
    words
}

fn geosearchstore(pools: &mut Pools, tokens: &Tokens) -> Vec<Word> {
    let mut words = vec![pools.spelt("GEOSEARCHSTORE"), pools.key(Group::Geo), pools.key(Group::Geo)];
    search(pools, tokens, &["STOREDIST", "WITHDIST"], &mut words);
    words
}

/// Where, what, and how it is shown, in any order.
fn search(pools: &mut Pools, tokens: &Tokens, own: &[&str], words: &mut Vec<Word>) {
    let knows_polygons = tokens.get("geosearch").is_some_and(|tokens| tokens.contains("BYPOLYGON"));
    let mut parts = Vec::new();
    if knows_polygons && pools.percent(30) {
        parts.push(polygon(pools));
    } else {
        parts.extend([from(pools), shape(pools)]);
    }
    for option in own.iter().chain(&["ASC", "DESC"]) {
        if pools.percent(OPTION_PERCENT) {
            parts.push(vec![pools.spelt(option)]);
        }
    }
    if pools.percent(OPTION_PERCENT) {
        parts.push(vec![pools.spelt("COUNT"), pools.small()]);
        if pools.percent(OPTION_PERCENT) {
            parts.push(vec![pools.spelt("ANY")]);
        }
    }
    if pools.percent(50) {
        pools.rng.shuffle(&mut parts);
    }
    words.extend(parts.into_iter().flatten());
}

fn from(pools: &mut Pools) -> Vec<Word> {
    if pools.percent(50) {
        vec![pools.spelt("FROMMEMBER"), member(pools)]
    } else {
        vec![pools.spelt("FROMLONLAT"), longitude(pools), latitude(pools)]
    }
}

fn shape(pools: &mut Pools) -> Vec<Word> {
    if pools.percent(50) {
        vec![pools.spelt("BYRADIUS"), length(pools), unit(pools)]
    } else {
        vec![pools.spelt("BYBOX"), length(pools), length(pools), unit(pools)]
    }
}

fn polygon(pools: &mut Pools) -> Vec<Word> {
    let count = pools.rng.usize(2..=VERTICES_MAX);
    let told = if pools.percent(95) { count.to_string().into_bytes() } else { pools.integer() };
    let mut words = vec![pools.spelt("BYPOLYGON"), told];
    for _ in 0..count {
        words.extend([longitude(pools), latitude(pools)]);
    }
    words
}

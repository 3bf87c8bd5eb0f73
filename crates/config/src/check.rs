//! Rules for single words, and for lists that stay words.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::ValueError;
use crate::number;
use crate::parameter::TextRule;
use crate::words::is_space;

/// The most addresses that a server listens on.
const ADDRESSES_MAX: usize = 16;

/// The words of `shutdown-on-sigint` and `shutdown-on-sigterm`, in the order in which they are shown.
const SHUTDOWN_OPTIONS: [&str; 7] = ["default", "save", "nosave", "now", "force", "safe", "failover"];

/// The events that `A` stands for, in the order in which they are shown.
const EVENTS_OF_A: &[u8] = b"g$lshzxetd";
/// The other events and the two ways to publish, likewise.
const EVENTS_BESIDE_A: &[u8] = b"nocKEm";

const TITLE_VARIABLES: [&[u8]; 7] =
    [b"title", b"listen-addr", b"server-mode", b"port", b"tls-port", b"unixsocket", b"config-file"];

/// Checks a word, and gives it back as it is shown.
pub(crate) fn text(rule: TextRule, name: &'static str, word: &[u8]) -> Result<Vec<u8>, ValueError> {
    let verdict = match rule {
        TextRule::Any => Ok(()),
        TextRule::KeyspaceEvents => return keyspace_events(word),
        TextRule::NotEmpty => not_empty(name, word),
        TextRule::FileName => not_empty(name, word).and_then(|()| bare(name, "filename", word)),
        TextRule::DirectoryName => not_empty(name, word).and_then(|()| bare(name, "dirname", word)),
        TextRule::Hostname => require(word.iter().all(|&byte| in_hostname(byte)), ValueError::Hostname),
        TextRule::NodeName => require(word.iter().all(|&byte| in_node_name(byte)), ValueError::NodeName),
        TextRule::Ipv4 => require(word.is_empty() || parses::<Ipv4Addr>(word), ValueError::Ipv4),
        TextRule::Ipv6 => require(word.is_empty() || parses::<Ipv6Addr>(word), ValueError::Ipv6),
        TextRule::TitleTemplate => require(is_title_template(word), ValueError::TitleTemplate),
    };
    verdict.map(|()| word.to_vec())
}

/// Addresses are only counted here: which can be bound is known by trying. Spaces around them don't matter.
pub(crate) fn addresses(words: &[&[u8]]) -> Result<Vec<Vec<u8>>, ValueError> {
    let bare = words.iter().flat_map(|word| word.split(|&byte| is_space(byte)));
    let addresses: Vec<_> = bare.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect();
    require(addresses.len() <= ADDRESSES_MAX, ValueError::TooManyAddresses)?;
    Ok(addresses)
}

/// Three scores. The peers accept any order of them.
pub(crate) fn oom_scores(words: &[&[u8]]) -> Result<Vec<Vec<u8>>, ValueError> {
    require(words.len() == 3, ValueError::WrongCount)?;
    let one = |word: &&[u8]| {
        let score = number::decimal::<i64>(word).filter(|score| (-2000..=2000).contains(score));
        score.map(|score| score.to_string().into_bytes()).ok_or(ValueError::OomScore)
    };
    words.iter().map(one).collect()
}

/// Words that say how to stop, each once and in the order in which they are shown. `default` is the lack of others.
pub(crate) fn shutdown_options(words: &[&[u8]]) -> Result<Vec<Vec<u8>>, ValueError> {
    let unknown = ValueError::NotOneOf(&SHUTDOWN_OPTIONS);
    require(!words.is_empty(), unknown.clone())?;
    let mut set = [false; SHUTDOWN_OPTIONS.len()];
    for word in words {
        let is = |option: &str| option.as_bytes().eq_ignore_ascii_case(word);
        let index = SHUTDOWN_OPTIONS.iter().position(|option| is(option)).ok_or(unknown.clone())?;
        set[index] = true;
    }
    let [default, save, nosave, others @ ..] = &mut set;
    require(!(*save && *nosave), ValueError::ShutdownOptions)?;
    *default = !*save && !*nosave && !others.contains(&true);
    let given = SHUTDOWN_OPTIONS.iter().zip(set).filter(|(_, set)| *set);
    Ok(given.map(|(option, _)| option.as_bytes().to_vec()).collect())
}

/// The letters, sorted and with `A` for all that it stands for.
///
/// The peers show nothing but `A`, `K`, `E` and `m` once `A` is there, and so forget `n`, `o` and `c` in CONFIG
/// REWRITE. We show them.
fn keyspace_events(word: &[u8]) -> Result<Vec<u8>, ValueError> {
    let known = |byte: &u8| *byte == b'A' || EVENTS_OF_A.contains(byte) || EVENTS_BESIDE_A.contains(byte);
    require(word.iter().all(known), ValueError::KeyspaceEvents)?;
    let all = word.contains(&b'A') || EVENTS_OF_A.iter().all(|event| word.contains(event));
    let given = |letters: &[u8]| letters.iter().copied().filter(|event| word.contains(event)).collect();
    let mut shown: Vec<u8> = if all { b"A".to_vec() } else { given(EVENTS_OF_A) };
    shown.extend::<Vec<u8>>(given(EVENTS_BESIDE_A));
    Ok(shown)
}

fn is_title_template(word: &[u8]) -> bool {
    let mut rest = word;
    while let Some(open) = rest.iter().position(|&byte| byte == b'{') {
        let (_, variable) = rest.split_at(open + 1);
        // Two braces are one brace and no variable.
        if let Some(after) = variable.strip_prefix(b"{") {
            rest = after;
            continue;
        }
        let Some(close) = variable.iter().position(|&byte| byte == b'}') else { return false };
        let (variable, after) = variable.split_at(close);
        if !TITLE_VARIABLES.contains(&variable) {
            return false;
        }
        rest = after;
    }
    !word.is_empty()
}

fn not_empty(name: &'static str, word: &[u8]) -> Result<(), ValueError> {
    require(!word.is_empty(), ValueError::Empty(name))
}

fn bare(name: &'static str, noun: &'static str, word: &[u8]) -> Result<(), ValueError> {
    require(!word.contains(&b'/'), ValueError::IsPath { name, noun })
}

fn in_hostname(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'
}

fn in_node_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"-./:_`".contains(&byte)
}

fn parses<T: std::str::FromStr>(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| word.parse::<T>().is_ok())
}

fn require(holds: bool, or: ValueError) -> Result<(), ValueError> {
    if holds { Ok(()) } else { Err(or) }
}

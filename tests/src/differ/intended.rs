//! Differences that kvd wants; docs/compatibility.md tells users of them.

use std::collections::BTreeSet;

use crate::server::{Product, Server, Version};
use crate::wire::Frame;

use super::pools::Word;
use super::{guard, rules, times, users};

/// Two replies that differ.
pub(crate) struct Case<'c> {
    /// The peer.
    pub(crate) server: Server,
    /// The command's full name in small letters; empty if there is no such command.
    pub(crate) name: &'c str,
    /// The request.
    pub(crate) words: &'c [Word],
    /// What kvd said.
    pub(crate) kvd: &'c Frame,
    /// What the peer said.
    pub(crate) peer: &'c Frame,
}

/// A difference that is meant to be.
pub struct Intended {
    /// What it is about, for the report.
    pub subject: &'static str,
    /// Why kvd is right to differ.
    pub reason: &'static str,
    /// Whether the data may differ from here on, so that the round has to end.
    pub parts: bool,
    applies: fn(&Case<'_>) -> bool,
}

/// The table, and how often each entry was needed.
pub struct Uses(Vec<u64>);

/// All of them.
pub const INTENDED: &[Intended] = &[
    Intended {
        subject: "OBJECT ENCODING embstr or raw",
        reason: "kvd goes by length, the peers by history, too",
        parts: false,
        applies: |case| {
            let is_text =
                |frame: &Frame| matches!(frame, Frame::Bulk(name) if name == b"embstr" || name == b"raw");
            case.name == "object|encoding" && is_text(case.kvd) && is_text(case.peer)
        },
    },
    Intended {
        subject: "SCAN TYPE nosuch",
        reason: "an empty page as in Redis; Valkey has an error",
        parts: false,
        applies: |case| case.name == "scan" && is_valkey(case) && peer_says(case, "ERR unknown type name"),
    },
    Intended {
        subject: "BITCOUNT key start",
        reason: "the end may be left out as in Valkey; Redis has an error",
        parts: false,
        applies: |case| case.name == "bitcount" && is_redis(case) && peer_says(case, "ERR syntax error"),
    },
    Intended {
        subject: "BITCOUNT with a bad end and a bad unit",
        reason: "the unit is read first, as in Valkey",
        parts: false,
        applies: |case| {
            case.name == "bitcount"
                && is_redis(case)
                && kvd_says(case, "ERR syntax error")
                && peer_says(case, "ERR value is not an integer")
        },
    },
    Intended {
        subject: "BITOP DIFF, DIFF1, ANDOR, ONE",
        reason: "Redis 8.2 has them, older ones and Valkey don't",
        parts: true,
        applies: |case| {
            let operation = case.words.get(1).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
            let is_new = [&b"DIFF"[..], b"DIFF1", b"ANDOR", b"ONE"].contains(&operation.as_slice());
            case.name == "bitop" && is_new && peer_says(case, "ERR syntax error")
        },
    },
    Intended {
        subject: "GETEX nosuch with a bad time",
        reason: "nothing expires, hence nil as in Redis",
        parts: false,
        applies: |case| {
            case.name == "getex" && is_valkey(case) && is_nil(case.kvd) && peer_says(case, "ERR ")
        },
    },
    Intended {
        subject: "scores in ZSCAN of a large set",
        reason: "the shortest text as everywhere; the peers print 17 digits there",
        parts: false,
        applies: |case| {
            let shown = |frame: &Frame| match frame {
                Frame::Array(page) => match page.get(1) {
                    Some(Frame::Array(members)) => Some(members.len()),
                    _ => None,
                },
                _ => None,
            };
            case.name == "zscan" && shown(case.kvd).is_some() && shown(case.kvd) == shown(case.peer)
        },
    },
    Intended {
        subject: "ZRANDMEMBER with a huge negative count",
        reason: "more than 2^26 repetitions are out of range",
        parts: false,
        applies: |case| case.name == "zrandmember" && kvd_says(case, "ERR value is out of range"),
    },
    Intended {
        subject: "OBJECT ENCODING of a small sorted set that was sorted",
        reason: "SORT leaves it as it is; for the peers it becomes large",
        parts: false,
        applies: |case| {
            case.name == "object|encoding"
                && is_text(case.kvd, &[b"listpack"])
                && is_text(case.peer, &[b"skiplist"])
        },
    },
    Intended {
        subject: "GETEX of another type with a time that is none",
        reason: "the type is judged first as in Redis",
        parts: false,
        applies: |case| {
            case.name == "getex" && is_valkey(case) && kvd_says(case, "WRONGTYPE") && peer_says(case, "ERR")
        },
    },
    Intended {
        subject: "hexadecimal scores and weights",
        reason: "numbers as in Redis; Valkey refuses them",
        parts: true,
        applies: |case| {
            let is_hex = |word: &Word| word.windows(2).any(|pair| pair.eq_ignore_ascii_case(b"0x"));
            let refuses =
                peer_says(case, "ERR value is not a valid float") || peer_says(case, "ERR weight value");
            is_valkey(case) && case.name.starts_with('z') && refuses && case.words.iter().any(is_hex)
        },
    },
    Intended {
        subject: "a negative offset behind LIMIT of a sorted set",
        reason: "nothing is found as in Redis; Valkey counts from the end of the range if the set is large",
        parts: true,
        applies: |case| {
            let is_limit =
                |pair: &[Word]| pair[0].eq_ignore_ascii_case(b"LIMIT") && pair[1].starts_with(b"-");
            is_valkey(case) && case.name.starts_with('z') && case.words.windows(2).any(is_limit)
        },
    },
    Intended {
        subject: "LSET with an index beyond 32 bits",
        reason: "there is no such element; the peers take the lower 32 bits for it",
        parts: true,
        applies: |case| case.name == "lset" && kvd_says(case, "ERR index out of range"),
    },
    Intended {
        subject: "SORT ALPHA of more than a few elements of which some are equal to sort by",
        reason: "they stay in their own order; the peers mix them",
        parts: true,
        applies: |case| {
            // Texts end at a NUL when they are compared by the rules of a language.
            let has_nul = |frame: &Frame| matches!(frame, Frame::Bulk(text) if text.contains(&0));
            let has_nuls = matches!(case.peer, Frame::Array(items) if items.iter().any(has_nul));
            has_option(case, b"ALPHA") && (has_option(case, b"BY") || has_nuls)
        },
    },
    Intended {
        subject: "SORT of numbers that are empty or out of range",
        reason: "taken as Redis does; Valkey refuses them, and Redis at times takes an earlier command's error for one of its own",
        parts: true,
        applies: |case| is_sort(case) && peer_says(case, "ERR One or more scores can't be converted"),
    },
    Intended {
        subject: "SCAN and HSCAN with a cursor like -0 or one behind blanks",
        reason: "no server ever gave such a cursor",
        parts: false,
        applies: |case| matches!(case.name, "scan" | "hscan") && kvd_says(case, "ERR invalid cursor"),
    },
    Intended {
        subject: "HSETEX NX and XX",
        reason: "conditions on the key as in Valkey; Redis has none",
        parts: true,
        applies: |case| {
            let is_unknown = |text: &str| peer_says(case, &format!("ERR unknown argument: {text}"));
            let words = ["NX", "XX", "nx", "xx", "Nx", "Xx", "nX", "xX"];
            case.name == "hsetex" && is_redis(case) && words.into_iter().any(is_unknown)
        },
    },
    Intended {
        subject: "OBJECT ENCODING listpack or listpackex",
        reason: "kvd goes by whether a field ever had an expiry, Redis by whether one was asked for",
        parts: false,
        applies: |case| {
            case.name == "object|encoding"
                && is_text(case.kvd, &[b"listpack"])
                && is_text(case.peer, &[b"listpackex"])
        },
    },
    Intended {
        subject: "errors of commands about fields that expire",
        reason: "Redis's words and order of checks",
        parts: false,
        applies: |case| {
            let is_error = |frame: &Frame| matches!(frame, Frame::Error(_));
            is_about_field_expiry(case) && is_valkey(case) && is_error(case.kvd) && is_error(case.peer)
        },
    },
    Intended {
        subject: "requests about fields that expire which Valkey understands",
        reason: "Redis's bounds of times; Valkey also takes an option twice, or options in other places",
        parts: true,
        applies: |case| is_about_field_expiry(case) && is_valkey(case) && matches!(case.kvd, Frame::Error(_)),
    },
    Intended {
        subject: "HGETEX and HSETEX of a key named FIELDS",
        reason: "Valkey takes the name for the option",
        parts: true,
        applies: |case| {
            let is_named = case.words.get(1).is_some_and(|key| key.eq_ignore_ascii_case(b"fields"));
            matches!(case.name, "hgetex" | "hsetex") && is_valkey(case) && is_named
        },
    },
    Intended {
        subject: "OBJECT ENCODING of a hash with fields that expire",
        reason: "packed as in Redis, and large once a long value was there; Valkey makes a table of it, and stores nothing that is over",
        parts: false,
        applies: |case| {
            let (packed, large): (&[&[u8]], &[&[u8]]) = (&[b"listpack", b"listpackex"], &[b"hashtable"]);
            let is_other_form = (is_text(case.kvd, packed) && is_text(case.peer, large))
                || (is_text(case.kvd, large) && is_text(case.peer, packed));
            case.name == "object|encoding" && is_valkey(case) && is_other_form
        },
    },
    Intended {
        subject: "DEBUG DIGEST-VALUE of a hash with fields that expire",
        reason: "it tells of expiries as in Redis",
        parts: false,
        applies: |case| {
            let is_hash = |key: &Word| guard::may_be_hash(key);
            case.name == "debug" && is_valkey(case) && case.words.iter().skip(2).any(is_hash)
        },
    },
    Intended {
        subject: "filters of CLIENT LIST and KILL",
        reason: "Valkey's, which are more than Redis's, with its errors",
        parts: false,
        applies: |case| {
            let fails = kvd_says(case, "ERR") || peer_says(case, "ERR");
            matches!(case.name, "client|list" | "client|kill") && is_redis(case) && fails
        },
    },
    Intended {
        subject: "CLIENT LIST and KILL, ID without a number",
        reason: "a filter that can't be read is an error as in Redis; Valkey leaves it out and goes by the others",
        parts: false,
        applies: |case| {
            let is_id =
                |word: &Word| [&b"ID"[..], b"NOT-ID"].iter().any(|name| word.eq_ignore_ascii_case(name));
            let asks = matches!(case.name, "client|list" | "client|kill");
            asks && is_valkey(case) && kvd_says(case, "ERR syntax error") && case.words.iter().any(is_id)
        },
    },
    Intended {
        subject: "NUL in what CLIENT and HELLO take",
        reason: "the peers stop reading at a NUL and take the rest unseen",
        parts: true,
        applies: |case| {
            let has_nul = case.words.iter().any(|word| word.contains(&0));
            (case.name.starts_with("client|") || case.name == "hello") && has_nul && kvd_says(case, "ERR")
        },
    },
    Intended {
        subject: "CLIENT UNBLOCK with too many words",
        reason: "an error as in Redis, with the name in capital letters; Valkey drops the words",
        parts: false,
        applies: |case| {
            case.name == "client|unblock"
                && kvd_says(case, "ERR unknown subcommand or wrong number of arguments")
        },
    },
    Intended {
        subject: "CONFIG SET of a number too large or too small",
        reason: "refused with Valkey's words",
        parts: false,
        applies: |case| {
            let failed = "ERR CONFIG SET failed";
            case.name == "config|set" && is_redis(case) && kvd_says(case, failed) && peer_says(case, failed)
        },
    },
    Intended {
        subject: "MEMORY USAGE and DEBUG DIGEST-VALUE of a key whose time is over",
        reason: "it is gone for every command",
        parts: false,
        applies: |case| match (case.name, case.kvd, case.peer) {
            ("memory|usage", kvd, Frame::Integer(_)) => is_nil(kvd),
            ("debug", Frame::Array(kvd), Frame::Array(peer)) => {
                let no_value = Frame::Status(vec![b'0'; 40]);
                kvd.len() == peer.len()
                    && kvd.iter().zip(peer).all(|(kvd, peer)| kvd == peer || *kvd == no_value)
            }
            _ => false,
        },
    },
    Intended {
        subject: "access flags in COMMAND GETKEYSANDFLAGS",
        reason: "those of Redis where the peers differ",
        parts: false,
        applies: |case| {
            let differing = [&b"HSETEX"[..], b"GEORADIUS", b"GEORADIUSBYMEMBER", b"BITCOUNT"];
            let asked = case.words.get(2).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
            case.name == "command|getkeysandflags" && is_valkey(case) && differing.contains(&asked.as_slice())
        },
    },
    Intended {
        subject: "a member that GEOSEARCH and its kin start from and don't find",
        reason: "the error is Redis's; Valkey tells the member, and reads the other options first",
        parts: false,
        applies: |case| {
            let lost = "ERR could not decode requested zset member";
            case.name.starts_with("geo") && is_valkey(case) && kvd_says(case, lost) && peer_says(case, "ERR ")
        },
    },
    Intended {
        subject: "coordinates in replies",
        reason: "the shortest text of the number; Valkey has 17 digits, and Redis now and then one more than needed",
        parts: false,
        applies: |case| case.name.starts_with("geo") && same_numbers(case.kvd, case.peer),
    },
    Intended {
        subject: "shapes that may be searched",
        reason: "polygons are among them as in Valkey; Redis has none, and doesn't name them in its error",
        parts: false,
        applies: |case| {
            let wanted = "ERR exactly one of BYRADIUS";
            case.name.starts_with("geo") && kvd_says(case, wanted) && peer_says(case, wanted)
        },
    },
    Intended {
        subject: "a HyperLogLog that ends in the middle of a run",
        reason: "the peers go on with the bytes that lie behind it in their memory, which kvd takes for a zero",
        parts: true,
        applies: |case| {
            let corrupted = |frame: &Frame| says(frame, "INVALIDOBJ");
            case.name.starts_with("pf")
                && (corrupted(case.kvd) != corrupted(case.peer) || same_but_last_run(case.kvd, case.peer))
        },
    },
    Intended {
        subject: "BYPOLYGON around a pole",
        reason: "kvd finds what lies inside; Valkey, whose centre is then beyond the map, finds nothing in most cases",
        parts: true,
        applies: |case| {
            let has_polygon = case.words.iter().any(|word| word.eq_ignore_ascii_case(b"BYPOLYGON"));
            has_polygon && is_valkey(case) && is_longer(case.kvd, case.peer)
        },
    },
    Intended {
        subject: "BYPOLYGON round half the earth",
        reason: "every member is found once, from the south-west on; by Valkey in another order, and some several times",
        parts: false,
        applies: |case| {
            let has_polygon = case.words.iter().any(|word| word.eq_ignore_ascii_case(b"BYPOLYGON"));
            let once = |frame: &Frame| rules::elements(frame, 1).into_iter().collect::<BTreeSet<_>>();
            has_polygon
                && is_valkey(case)
                && is_longer(case.peer, case.kvd)
                && once(case.kvd) == once(case.peer)
        },
    },
    Intended {
        subject: "hexadecimal coordinates, radii and scores",
        reason: "numbers for kvd as for Redis, not for Valkey",
        parts: true,
        applies: |case| {
            let is_hex = |word: &Word| {
                let digits = word.strip_prefix(b"-").unwrap_or(word);
                digits.starts_with(b"0x")
            };
            let reads = case.name.starts_with("geo") || case.name.starts_with('z');
            reads && is_valkey(case) && peer_says(case, "ERR ") && case.words.iter().any(is_hex)
        },
    },
    Intended {
        subject: "OBJECT REFCOUNT",
        reason: "values are not shared in kvd",
        parts: false,
        applies: |case| case.name == "object|refcount" && *case.kvd == Frame::Integer(1),
    },
    Intended {
        subject: "BITCOUNT and BITPOS of a missing key with bad arguments",
        reason: "the arguments are read first, as in Redis 8; Redis 7 looks for the key first",
        parts: false,
        applies: |case| {
            let is_old = is_redis(case) && case.server.version < Version(8, 0);
            let is_about_bits = matches!(case.name, "bitcount" | "bitpos");
            is_old && is_about_bits && kvd_says(case, "ERR ") && matches!(case.peer, Frame::Integer(0 | -1))
        },
    },
    Intended {
        subject: "COMMAND GETKEYS of a request that its command refuses",
        reason: "an error, or no keys behind a number of keys like `+1`, where the peers find keys that no command uses",
        parts: false,
        applies: |case| {
            let asks = matches!(case.name, "command|getkeys" | "command|getkeysandflags");
            let is_odd = |word: &Word| word.iter().any(u8::is_ascii_digit) && resp::parse_i64(word).is_none();
            let finds_none = matches!(case.kvd, Frame::Array(keys) if keys.is_empty());
            // Valkey takes GEORADIUS's STORE for an option in the place of the unit, too.
            let has_no_unit = case.words.get(2).is_some_and(|name| name.eq_ignore_ascii_case(b"GEORADIUS"))
                && case.words.get(7).is_some_and(|unit| unit.to_ascii_uppercase().starts_with(b"STORE"));
            let refuses = kvd_says(case, "ERR Invalid arguments");
            asks && (refuses || is_valkey(case) && has_no_unit || finds_none && case.words.iter().any(is_odd))
                && matches!(case.peer, Frame::Array(_))
        },
    },
    Intended {
        subject: "COMMAND GETKEYS of a SORT with more words like STORE or BY",
        reason: "the key behind the STORE that SORT uses, not behind any word of that spelling",
        parts: false,
        applies: |case| {
            let asks = matches!(case.name, "command|getkeys" | "command|getkeysandflags");
            let is = |word: &Word, name: &str| word.eq_ignore_ascii_case(name.as_bytes());
            let options = ["STORE", "BY", "GET", "LIMIT"];
            let named = case.words.iter().filter(|word| options.iter().any(|name| is(word, name))).count();
            asks && named > 1 && case.words.get(2).is_some_and(|word| is(word, "SORT"))
        },
    },
    Intended {
        subject: "XDELEX, XACKDEL and XTRIM with ACKED",
        reason: "a group that is gone counts no longer; Redis may still think that it has yet to read an entry",
        parts: true,
        applies: |case| {
            let asks = matches!(case.name, "xdelex" | "xackdel" | "xtrim") && has_word(case, b"ACKED");
            match (case.kvd, case.peer) {
                (Frame::Integer(kvd), Frame::Integer(peer)) if asks => kvd > peer,
                (Frame::Array(kvd), Frame::Array(peer)) if asks && kvd.len() == peer.len() => {
                    kvd.iter().zip(peer).all(|(kvd, peer)| kvd == peer || *peer == Frame::Integer(2))
                }
                _ => false,
            }
        },
    },
    Intended {
        subject: "XADD and XTRIM with KEEPREF, DELREF, ACKED",
        reason: "Redis 8.2 has them, older ones and Valkey don't",
        parts: true,
        applies: |case| {
            let asks = [&b"KEEPREF"[..], b"DELREF", b"ACKED"].iter().any(|word| has_word(case, word));
            let refuses = peer_says(case, "ERR syntax error") || peer_says(case, "ERR Invalid stream ID");
            matches!(case.name, "xadd" | "xtrim") && asks && refuses && !is_redis(case)
        },
    },
    Intended {
        subject: "XAUTOCLAIM with a huge COUNT",
        reason: "kvd reserves no memory for it",
        parts: true,
        applies: |case| case.name == "xautoclaim" && peer_says(case, "ERR Insufficient memory"),
    },
    Intended {
        subject: "entries-read and lag of a group",
        reason: "as in Redis 8.2, where a group can't have read more than was added",
        parts: false,
        applies: |case| {
            matches!(case.name, "xinfo|groups" | "xinfo|stream")
                && is_valkey(case)
                && times::are_alike(case.kvd, case.peer, &["entries-read", "lag"])
        },
    },
    Intended {
        subject: "XREAD STREAMS key +",
        reason: "the last entry as in Redis 8.2, where Valkey goes by the last id, of which there may be no entry",
        parts: false,
        applies: |case| case.name == "xread" && is_valkey(case) && has_word(case, b"+"),
    },
    Intended {
        subject: "XREAD with too few ids",
        reason: "an error with Redis's words, which know of `+`",
        parts: false,
        applies: |case| {
            let text = "ERR Unbalanced 'xread' list of streams";
            is_valkey(case) && kvd_says(case, text) && peer_says(case, text)
        },
    },
    Intended {
        subject: "CONFIG GET with wildcards",
        reason: "kvd has the parameters of both peers and some of its own",
        parts: false,
        applies: |case| {
            let is_wild = |word: &Word| word.iter().any(|byte| b"*?[".contains(byte));
            case.name == "config|get" && case.words.iter().any(is_wild)
        },
    },
    Intended {
        subject: "MULTI and WATCH inside MULTI",
        reason: "the block goes on as in Redis",
        parts: true,
        applies: |case| {
            let refused = "ERR Command '";
            matches!(case.name, "multi" | "watch") && is_valkey(case) && peer_says(case, refused)
        },
    },
    Intended {
        subject: "ACL LIST and GETUSER",
        reason: "the rules for payloads are told as in Redis, the ones for databases as in Valkey",
        parts: false,
        applies: |case| {
            users::same_but_own_rules(case.kvd, case.peer) && matches!(case.name, "acl|list" | "acl|getuser")
        },
    },
    Intended {
        subject: "MEMORY MALLOC-STATS",
        reason: "a text with its format as in Redis; a Valkey without jemalloc has a plain one",
        parts: false,
        applies: |case| case.name == "memory|malloc-stats" && is_valkey(case) && !is_error(case.peer),
    },
];

impl Uses {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self(vec![0; INTENDED.len()])
    }

    /// The entry that explains a difference, and counts it.
    pub(crate) fn explain(&mut self, case: &Case<'_>) -> Option<&'static Intended> {
        let (index, entry) = INTENDED.iter().enumerate().find(|(_, entry)| (entry.applies)(case))?;
        if let Some(count) = self.0.get_mut(index) {
            *count += 1;
        }
        Some(entry)
    }

    /// Every entry with how often it was needed.
    pub fn counts(&self) -> impl Iterator<Item = (&'static Intended, u64)> {
        INTENDED.iter().zip(self.0.iter().copied())
    }
}

fn is_valkey(case: &Case<'_>) -> bool {
    case.server.product == Product::Valkey
}

fn is_redis(case: &Case<'_>) -> bool {
    case.server.product == Product::Redis
}

fn kvd_says(case: &Case<'_>, text: &str) -> bool {
    says(case.kvd, text)
}

fn peer_says(case: &Case<'_>, text: &str) -> bool {
    says(case.peer, text)
}

fn is_text(frame: &Frame, texts: &[&[u8]]) -> bool {
    matches!(frame, Frame::Bulk(text) if texts.contains(&text.as_slice()))
}

fn says(frame: &Frame, start: &str) -> bool {
    matches!(frame, Frame::Error(text) if text.starts_with(start.as_bytes()))
}

fn is_error(frame: &Frame) -> bool {
    matches!(frame, Frame::Error(_))
}

/// Whether two texts of PFDEBUG DECODE differ in the length of the last run, of zeros, alone.
fn same_but_last_run(kvd: &Frame, peer: &Frame) -> bool {
    let split = |frame: &Frame| match frame {
        Frame::Bulk(text) => {
            String::from_utf8_lossy(text).rsplit_once(" Z:").map(|(runs, _)| runs.to_owned())
        }
        _ => None,
    };
    split(kvd).is_some_and(|runs| split(peer) == Some(runs))
}

/// Whether more has been found.
fn is_longer(one: &Frame, other: &Frame) -> bool {
    match (one, other) {
        (Frame::Array(one), Frame::Array(other)) => one.len() > other.len(),
        (Frame::Integer(one), Frame::Integer(other)) => one > other,
        _ => false,
    }
}

fn is_sort(case: &Case<'_>) -> bool {
    matches!(case.name, "sort" | "sort_ro")
}

/// Whether it is a SORT with this option.
fn has_option(case: &Case<'_>, option: &[u8]) -> bool {
    is_sort(case) && case.words.iter().any(|word| word.eq_ignore_ascii_case(option))
}

/// Whether it is one of the commands that came with the expiry of fields.
fn is_about_field_expiry(case: &Case<'_>) -> bool {
    const NAMES: [&str; 12] = [
        "hexpire",
        "hpexpire",
        "hexpireat",
        "hpexpireat",
        "hpersist",
        "httl",
        "hpttl",
        "hexpiretime",
        "hpexpiretime",
        "hgetex",
        "hgetdel",
        "hsetex",
    ];
    NAMES.contains(&case.name)
}

fn has_word(case: &Case<'_>, word: &[u8]) -> bool {
    case.words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// Whether nothing differs but how numbers are written. Valkey's end 17 digits behind the point.
fn same_numbers(kvd: &Frame, peer: &Frame) -> bool {
    const LEFT_OUT: f64 = 1e-17;
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<f64>().ok();
    match (kvd, peer) {
        (Frame::Array(kvd), Frame::Array(peer)) => {
            kvd.len() == peer.len() && kvd.iter().zip(peer).all(|(kvd, peer)| same_numbers(kvd, peer))
        }
        (Frame::Bulk(kvd), Frame::Bulk(peer)) | (Frame::Double(kvd), Frame::Double(peer)) if kvd != peer => {
            number(kvd)
                .zip(number(peer))
                .is_some_and(|(kvd, peer)| kvd == peer || (kvd - peer).abs() < LEFT_OUT)
        }
        (kvd, peer) => kvd == peer,
    }
}

fn is_nil(frame: &Frame) -> bool {
    matches!(frame, Frame::Nil | Frame::NilBulk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intended_difference_is_explained_and_counted() {
        let server = Server { product: Product::Redis, version: Version(8, 2) };
        let words: Vec<Word> = ["BITCOUNT", "k", "0"].map(|word| word.as_bytes().to_vec()).to_vec();
        let (kvd, peer) = (Frame::Integer(3), Frame::Error(b"ERR syntax error".to_vec()));
        let mut uses = Uses::none();
        let case = Case { server, name: "bitcount", words: &words, kvd: &kvd, peer: &peer };
        assert_eq!(uses.explain(&case).unwrap().subject, "BITCOUNT key start");
        let other = Case { name: "bitpos", ..case };
        assert!(uses.explain(&other).is_none());
        assert_eq!(uses.counts().map(|(_, count)| count).sum::<u64>(), 1);
    }
}

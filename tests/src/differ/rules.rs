//! When two replies count as the same.

use catalog::Command;

use super::times;
use crate::wire::Frame;

/// How the replies to a command are compared. Errors always have to be equal to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Equal.
    Exact,
    /// Numbers above 0, alone or in arrays, may be so far apart, because time passes between the servers.
    Near(i64),
    /// The same elements in any order.
    Unordered,
    /// The same pairs in any order, where RESP2 has a flat array.
    Pairs,
    /// Equal but for the times of consumers and pending entries.
    Times,
    /// A page of a scan: if it is the only one, the same elements.
    Page,
    /// The same kind of frame: what is in it belongs to one server, or is left to chance.
    Kind,
    /// These fields of a map are equal.
    Fields(&'static [&'static str]),
}

const SECONDS_APART_MAX: i64 = 8;
const MS_APART_MAX: i64 = SECONDS_APART_MAX * 1_000;
/// Redis counts keys whose time is over until it finds them.
const OVERDUE_KEYS_MAX: i64 = 40;

/// Rules of commands whose tips don't tell the rule.
const RULES: &[(&str, Rule)] = &[
    ("ttl", Rule::Near(SECONDS_APART_MAX)),
    ("pttl", Rule::Near(MS_APART_MAX)),
    ("expiretime", Rule::Near(SECONDS_APART_MAX)),
    ("pexpiretime", Rule::Near(MS_APART_MAX)),
    ("httl", Rule::Near(SECONDS_APART_MAX)),
    ("hpttl", Rule::Near(MS_APART_MAX)),
    ("hexpiretime", Rule::Near(SECONDS_APART_MAX)),
    ("hpexpiretime", Rule::Near(MS_APART_MAX)),
    // Redis 7 may see a clock that stands behind the key's, and says millions of seconds.
    ("object|idletime", Rule::Kind),
    ("object|freq", Rule::Near(255)),
    ("object|refcount", Rule::Exact),
    ("object|encoding", Rule::Exact),
    ("dbsize", Rule::Near(OVERDUE_KEYS_MAX)),
    ("time", Rule::Kind),
    ("lastsave", Rule::Kind),
    ("scan", Rule::Page),
    ("hscan", Rule::Page),
    ("sscan", Rule::Page),
    ("zscan", Rule::Page),
    // It is asked for none or all.
    ("spop", Rule::Unordered),
    ("hgetall", Rule::Pairs),
    ("config|get", Rule::Pairs),
    ("xadd", Rule::Exact),
    ("xtrim", Rule::Exact),
    ("xclaim", Rule::Exact),
    ("xautoclaim", Rule::Exact),
    ("xpending", Rule::Times),
    ("xinfo|consumers", Rule::Times),
    ("xinfo|stream", Rule::Times),
    ("hello", Rule::Fields(&["proto", "mode", "role"])),
    ("command", Rule::Kind),
    ("command|count", Rule::Kind),
    ("command|docs", Rule::Kind),
    ("command|info", Rule::Kind),
    ("command|list", Rule::Kind),
    ("client|id", Rule::Kind),
    ("info", Rule::Kind),
    ("memory|usage", Rule::Kind),
    ("memory|doctor", Rule::Kind),
    ("memory|stats", Rule::Kind),
    ("memory|malloc-stats", Rule::Kind),
    ("latency|doctor", Rule::Kind),
    ("acl|genpass", Rule::Kind),
    ("waitaof", Rule::Kind),
];

/// The rule for a command; for what is no command, equality.
pub(crate) fn rule(command: Option<&Command>) -> Rule {
    let Some(command) = command else { return Rule::Exact };
    if let Some((_, rule)) = RULES.iter().find(|(name, _)| *name == command.name) {
        return *rule;
    }
    match command.tips {
        _ if command.short_name() == "help" && command.is_subcommand() => Rule::Kind,
        tips if tips.contains(&"nondeterministic_output") => Rule::Kind,
        tips if tips.contains(&"nondeterministic_output_order") => Rule::Unordered,
        _ => Rule::Exact,
    }
}

/// The rule for a request: a page from the middle is each server's own.
pub(crate) fn rule_of<W: AsRef<[u8]>>(command: Option<&Command>, words: &[W]) -> Rule {
    match rule(command) {
        Rule::Page if !words.iter().any(|word| word.as_ref() == b"0") => Rule::Kind,
        rule => rule,
    }
}

impl Rule {
    /// Whether the replies count as the same.
    pub(crate) fn holds(self, kvd: &Frame, peer: &Frame) -> bool {
        if kvd == peer {
            return true;
        }
        match (self, kvd, peer) {
            (_, Frame::Error(_), _) | (_, _, Frame::Error(_)) => false,
            (Self::Exact, _, _) => false,
            (Self::Near(apart), Frame::Integer(a), Frame::Integer(b)) => {
                *a >= 0 && *b >= 0 && a.abs_diff(*b) <= apart.unsigned_abs()
            }
            (Self::Near(_), Frame::Array(a), Frame::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.holds(a, b))
            }
            (Self::Near(_), _, _) => false,
            (Self::Unordered, _, _) => same_elements(kvd, peer, 1),
            (Self::Pairs, _, _) => same_elements(kvd, peer, 2),
            (Self::Times, _, _) => times::are_alike(kvd, peer, &[]),
            (Self::Page, Frame::Array(a), Frame::Array(b)) => same_page(a, b),
            (Self::Page, _, _) => false,
            (Self::Kind, _, _) => is_nil(kvd) == is_nil(peer) && kind(kvd) == kind(peer),
            (Self::Fields(names), _, _) => {
                kind(kvd) == kind(peer) && names.iter().all(|name| field(kvd, name) == field(peer, name))
            }
        }
    }
}

fn same_elements(kvd: &Frame, peer: &Frame, group: usize) -> bool {
    kind(kvd) == kind(peer) && elements(kvd, group) == elements(peer, group)
}

/// The elements, in groups, sorted by their notation.
pub(super) fn elements(frame: &Frame, group: usize) -> Vec<String> {
    let mut elements: Vec<String> = match frame {
        Frame::Array(items) | Frame::Set(items) => items
            .chunks(group)
            .map(|items| items.iter().map(Frame::notation).collect::<Vec<_>>().join(" => "))
            .collect(),
        Frame::Map(pairs) => {
            pairs.iter().map(|(key, value)| format!("{} => {}", key.notation(), value.notation())).collect()
        }
        other => vec![other.notation()],
    };
    elements.sort();
    elements
}

fn same_page(kvd: &[Frame], peer: &[Frame]) -> bool {
    let last = Frame::Bulk(b"0".to_vec());
    match (kvd, peer) {
        ([kvd_cursor, kvd_items], [peer_cursor, peer_items])
            if *kvd_cursor == last && *peer_cursor == last =>
        {
            same_elements(kvd_items, peer_items, 1)
        }
        ([kvd_cursor, kvd_items], [peer_cursor, peer_items]) => {
            kind(kvd_cursor) == kind(peer_cursor) && kind(kvd_items) == kind(peer_items)
        }
        _ => false,
    }
}

fn field<'f>(frame: &'f Frame, name: &str) -> Option<&'f Frame> {
    let name = Frame::Bulk(name.as_bytes().to_vec());
    match frame {
        Frame::Map(pairs) => pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value),
        Frame::Array(flat) => flat.chunks_exact(2).find(|pair| pair[0] == name).map(|pair| &pair[1]),
        _ => None,
    }
}

fn is_nil(frame: &Frame) -> bool {
    matches!(frame, Frame::Nil | Frame::NilBulk | Frame::NilArray)
}

/// The kind of a frame, in a word.
pub(crate) fn kind(frame: &Frame) -> &'static str {
    match frame {
        Frame::Status(_) => "status",
        Frame::Error(_) => "error",
        Frame::Integer(_) => "integer",
        Frame::Bulk(_) => "string",
        Frame::NilBulk | Frame::NilArray | Frame::Nil => "nil",
        Frame::Array(_) => "array",
        Frame::Map(_) => "map",
        Frame::Set(_) => "set",
        Frame::Push(_) => "push",
        Frame::Double(_) => "double",
        Frame::Boolean(_) => "boolean",
        Frame::BigNumber(_) => "big number",
        Frame::Verbatim(_) => "verbatim",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulks(texts: &[&str]) -> Vec<Frame> {
        texts.iter().map(|text| Frame::Bulk(text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn times_may_be_a_little_apart_but_no_life_is_not_a_short_one() {
        let near = |a, b| Rule::Near(5).holds(&Frame::Integer(a), &Frame::Integer(b));
        assert!(near(100, 103));
        assert!(!near(100, 106));
        assert!(!near(-1, 1));
        assert!(near(-2, -2));
    }

    #[test]
    fn order_matters_only_where_it_is_promised() {
        let (a, b) = (Frame::Array(bulks(&["x", "y"])), Frame::Array(bulks(&["y", "x"])));
        assert!(Rule::Unordered.holds(&a, &b));
        assert!(!Rule::Exact.holds(&a, &b));
        assert!(!Rule::Unordered.holds(&a, &Frame::Array(bulks(&["x", "x"]))));
        assert!(!Rule::Unordered.holds(&a, &Frame::Set(bulks(&["x", "y"]))));
        assert!(!Rule::Pairs.holds(&a, &b));
    }

    #[test]
    fn a_page_that_is_the_only_one_has_the_same_elements() {
        let page = |cursor: &str, items: &[&str]| {
            Frame::Array(vec![Frame::Bulk(cursor.as_bytes().to_vec()), Frame::Array(bulks(items))])
        };
        assert!(Rule::Page.holds(&page("0", &["a", "b"]), &page("0", &["b", "a"])));
        assert!(!Rule::Page.holds(&page("0", &["a"]), &page("0", &["b", "a"])));
        assert!(Rule::Page.holds(&page("7", &["a"]), &page("3", &["b", "a"])));
    }

    #[test]
    fn errors_are_equal_to_the_letter_under_every_rule() {
        let error = |text: &str| Frame::Error(text.as_bytes().to_vec());
        for rule in [Rule::Exact, Rule::Near(9), Rule::Kind, Rule::Unordered, Rule::Page] {
            assert!(rule.holds(&error("ERR a"), &error("ERR a")));
            assert!(!rule.holds(&error("ERR a"), &error("ERR b")));
            assert!(!rule.holds(&error("ERR a"), &Frame::Integer(1)));
        }
    }

    #[test]
    fn every_rule_is_for_a_command_that_exists() {
        for (name, _) in RULES {
            assert!(catalog::find(name.as_bytes()).is_some(), "{name}");
        }
    }
}

//! Which commands a run asks, and how often each.

use std::collections::BTreeSet;

use catalog::{Command, CommandId, Flags, Group};

use super::mutation::Freedom;
use super::pools::Pools;
use super::syntax::Tokens;

/// The commands of a run, weighted.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Commands of the family, with weights.
    family: Weighted,
    /// Commands of other families, so that there are keys to meet, of every type.
    others: Weighted,
    /// What is asked at all.
    allowed: BTreeSet<CommandId>,
    /// Commands of the family that are left out, with the reason.
    pub(crate) left_out: Vec<(&'static str, &'static str)>,
    /// So many of a hundred requests are the family's.
    own_percent: u32,
}

#[derive(Debug, Default)]
struct Weighted {
    commands: Vec<(CommandId, u32)>,
    total: u32,
}

/// Commands that a comparison can't ask, by name or by the name of their container.
const LEFT_OUT: &[(&str, &str)] = &[
    ("shutdown", "ends the server"),
    ("quit", "ends the connection"),
    ("lolwut", "each server has art of its own"),
    ("client|reply", "replies are counted"),
    ("client|pause", "stops the comparison"),
    ("client|tracking", "messages would stand between replies"),
    ("monitor", "messages would stand between replies"),
    ("subscribe", "messages would stand between replies"),
    ("psubscribe", "messages would stand between replies"),
    ("unsubscribe", "a reply for each channel"),
    ("punsubscribe", "a reply for each pattern"),
    ("sunsubscribe", "a reply for each channel"),
    ("ssubscribe", "messages would stand between replies"),
    ("sync", "a stream of its own"),
    ("psync", "a stream of its own"),
    ("replicaof", "makes a replica of the server"),
    ("slaveof", "makes a replica of the server"),
    ("failover", "needs replicas"),
    ("migrate", "needs a third server"),
    ("pfselftest", "takes the peers seconds"),
    ("config|rewrite", "there is no file"),
    ("save", "writes files"),
    ("bgsave", "writes files"),
    ("bgrewriteaof", "writes files"),
    ("module|load", "runs foreign code"),
    ("module|loadex", "runs foreign code"),
    ("acl|load", "there is no file"),
    ("hotkeys", "no peer has it"),
    ("acl|save", "there is no file"),
    ("restore-asking", "is RESTORE"),
];

const WEIGHT: u32 = 200;
/// Weights of commands that would spoil a round if they came as often as others.
const WEIGHTS: &[(&str, u32)] = &[
    ("xgroup|create", 800),
    ("xreadgroup", 500),
    ("xclaim", 400),
    ("xadd", 500),
    ("xgroup|destroy", 40),
    ("xgroup|help", 4),
    ("xinfo|help", 4),
    ("flushall", 1),
    ("flushdb", 1),
    ("swapdb", 4),
    ("select", 40),
    ("del", 60),
    ("unlink", 60),
    ("move", 60),
    ("reset", 10),
    ("lcs", 60),
    ("keys", 40),
    ("scan", 40),
    ("command", 1),
    ("command|docs", 4),
    ("command|info", 10),
    ("command|list", 4),
    ("info", 10),
    ("client|list", 20),
    ("client|info", 20),
    ("config|resetstat", 5),
    ("memory|stats", 5),
    ("memory|doctor", 5),
    ("latency|doctor", 5),
    // Each that waits takes as long as the peer takes to notice that the time is up.
    ("bzpopmin", 2),
    ("bzpopmax", 2),
    ("bzmpop", 2),
    ("blpop", 2),
    ("brpop", 2),
    ("blmpop", 2),
    ("blmove", 2),
    ("brpoplpush", 2),
    ("auth", 20),
    ("hello", 30),
];

/// Families whose keys hold data.
const DATA: [Group; 9] = [
    Group::String,
    Group::Bitmap,
    Group::Hyperloglog,
    Group::List,
    Group::Set,
    Group::SortedSet,
    Group::Geo,
    Group::Hash,
    Group::Stream,
];

/// Commands on keys of any type that go with every family.
const COMPANIONS: [&str; 10] =
    ["del", "expire", "pexpireat", "persist", "rename", "copy", "restore", "type", "object|encoding", "pttl"];

/// Commands that may change a key without the peers' telling those who watch it, as kvd does: XSETID, and BITFIELD when all that it writes
/// overflows.
const UNTOLD: [&str; 2] = ["xsetid", "bitfield"];

impl Choice {
    /// The built commands of `group` that a server with these tokens has.
    pub(crate) fn new(group: Group, is_built: &dyn Fn(CommandId) -> bool, tokens: &Tokens) -> Self {
        let mut choice = Self {
            family: Weighted::default(),
            others: Weighted::default(),
            allowed: BTreeSet::new(),
            left_out: Vec::new(),
            own_percent: if DATA.contains(&group) { 80 } else { 60 },
        };
        for command in catalog::COMMANDS {
            let reason = why_not(command, is_built(command.id), tokens);
            match reason {
                Some(_) if !command.subcommands.is_empty() => {}
                Some(reason) if command.group == group => choice.left_out.push((command.name, reason)),
                Some(_) => {}
                None if UNTOLD.contains(&command.name) && group == Group::Transactions => continue,
                None if command.group == group => choice.family.add(command, weight(command.name)),
                None if COMPANIONS.contains(&command.name) => choice.others.add(command, WEIGHT / 2),
                None if is_writer(command) => choice.others.add(command, weight(command.name)),
                None => continue,
            }
            if reason.is_none() {
                choice.allowed.insert(command.id);
            }
        }
        choice
    }

    /// Whether the family has commands to ask.
    pub(crate) fn is_empty(&self) -> bool {
        self.family.commands.is_empty()
    }

    /// Draws a command.
    pub(crate) fn draw(&self, pools: &mut Pools) -> &'static Command {
        let own = self.others.commands.is_empty() || pools.percent(self.own_percent);
        let from = if own { &self.family } else { &self.others };
        let mut at = pools.rng.u32(0..from.total.max(1));
        for (id, weight) in &from.commands {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return catalog::command(*id),
            }
        }
        catalog::command(catalog::id::PING)
    }

    /// Whether a spoilt request is still one that may be asked: a lost word may have made another command of it.
    pub(crate) fn allows<W: AsRef<[u8]>>(&self, words: &[W]) -> bool {
        match catalog::resolve(words) {
            Ok(id) => self.allowed.contains(&id),
            Err(_) => true,
        }
    }
}

impl Weighted {
    fn add(&mut self, command: &'static Command, weight: u32) {
        self.commands.push((command.id, weight));
        self.total += weight;
    }
}

/// How much of a command's requests may be spoilt.
pub(crate) fn freedom(command: &Command) -> Freedom {
    match command.name {
        "debug" | "config|set" | "client|kill" => Freedom::End,
        // Without its count SPOP removes what chance wills; with another SRANDMEMBER may fill the memory of a peer.
        "scan" | "hscan" | "sscan" | "zscan" | "spop" | "srandmember" => Freedom::None,
        _ if command.flags.contains(Flags::BLOCKING) => Freedom::None,
        _ => Freedom::Whole,
    }
}

fn why_not(command: &Command, is_built: bool, tokens: &Tokens) -> Option<&'static str> {
    let container = command.name.split('|').next().unwrap_or(command.name);
    let left_out = LEFT_OUT.iter().find(|(name, _)| *name == command.name || *name == container);
    match left_out {
        Some((_, reason)) => Some(reason),
        None if !is_built => Some("not built"),
        None if !tokens.contains_key(command.name) => Some("the peer lacks it"),
        None => None,
    }
}

fn is_writer(command: &Command) -> bool {
    DATA.contains(&command.group) && command.flags.contains(Flags::WRITE | Flags::DENYOOM)
}

fn weight(name: &str) -> u32 {
    WEIGHTS.iter().find(|(of, _)| *of == name).map_or(WEIGHT, |(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        catalog::COMMANDS.iter().map(|command| (command.name.to_owned(), BTreeSet::new())).collect()
    }

    #[test]
    fn a_family_is_what_is_built_of_its_group() {
        let built = |id| id == catalog::id::GET || id == catalog::id::SET || id == catalog::id::DEL;
        let choice = Choice::new(Group::String, &built, &tokens());
        let names: Vec<&str> =
            choice.family.commands.iter().map(|(id, _)| catalog::command(*id).name).collect();
        assert_eq!(names, ["get", "set"]);
        assert!(choice.left_out.contains(&("append", "not built")));
        assert!(choice.allows(&["DEL", "k"]) && !choice.allows(&["APPEND", "k", "v"]));
        assert!(choice.allows(&["NOSUCH"]));
    }

    #[test]
    fn commands_that_end_the_comparison_are_never_asked() {
        let choice = Choice::new(Group::Server, &|_| true, &tokens());
        assert!(!choice.allows(&["SHUTDOWN"]));
        assert!(choice.left_out.contains(&("shutdown", "ends the server")));
    }

    #[test]
    fn every_name_in_the_tables_is_a_command() {
        let names = LEFT_OUT.iter().map(|(name, _)| *name).chain(WEIGHTS.iter().map(|(name, _)| *name));
        for name in names.chain(COMPANIONS) {
            assert!(catalog::find(name.as_bytes()).is_some(), "{name}");
        }
    }
}

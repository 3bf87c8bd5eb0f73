//! What a command is, and how the tables spell it.

use crate::key_spec::LegacyRange;
use crate::{Argument, Categories, Flags, Group, KeyShape, KeySpec, Origin};

/// The number of a command or subcommand: its place in [`crate::COMMANDS`].
///
/// Stable within a build only; never write one down.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(crate) u16);

impl CommandId {
    /// The place in [`crate::COMMANDS`], below [`crate::COUNT`].
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// That a command should no longer be used.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The version that said so.
    pub since: &'static str,
    /// What to use instead.
    pub replaced_by: &'static str,
}

/// Everything that is known about a command or subcommand.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its own number.
    pub id: CommandId,
    /// In lower case; a subcommand has its full name, `config|get`.
    pub name: &'static str,
    /// For a subcommand: the command that it belongs to.
    pub container: Option<CommandId>,
    /// For a container: its subcommands, by name.
    pub subcommands: &'static [CommandId],
    /// How many words a request has, the command's name included; negative means at least so many.
    pub arity: i8,
    /// How the server may run it.
    pub flags: Flags,
    /// The ACL categories.
    pub categories: Categories,
    /// Where its keys stand.
    pub key_specs: &'static [KeySpec],
    /// Where its keys stand, for the way of a request.
    pub keys: KeyShape,
    /// Its syntax.
    pub arguments: &'static [Argument],
    /// Its family.
    pub group: Group,
    /// Which of the peers has it.
    pub origin: Origin,
    /// The version of Redis that brought it, or of Valkey if that alone has it.
    pub since: &'static str,
    /// What it does, in one sentence without a full stop.
    pub summary: &'static str,
    /// What it costs.
    pub complexity: &'static str,
    /// Whether users should stop using it.
    pub deprecated: Option<Deprecation>,
    /// Whether it is meant for servers and tests instead of users.
    pub is_system: bool,
    /// Later changes: version and what it changed.
    pub history: &'static [(&'static str, &'static str)],
    /// Hints to clients and proxies.
    pub tips: &'static [&'static str],
}

/// What stands for a complexity where the table gives none: at the commands that only group others.
const COST_OF_A_CONTAINER: &str = "What the subcommand costs";

/// A command of this name, arity and age that does nothing and has no keys.
pub(crate) const fn command(name: &'static str, arity: i8, since: &'static str) -> Command {
    Command {
        id: CommandId(0),
        name,
        container: None,
        subcommands: &[],
        arity,
        flags: Flags::empty(),
        categories: Categories::empty(),
        key_specs: &[],
        keys: KeyShape::None,
        arguments: &[],
        group: Group::Generic,
        origin: Origin::Shared,
        since,
        summary: "",
        complexity: COST_OF_A_CONTAINER,
        deprecated: None,
        is_system: false,
        history: &[],
        tips: &[],
    }
}

/// What the tables say.
impl Command {
    pub(crate) const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    pub(crate) const fn complexity(mut self, complexity: &'static str) -> Self {
        self.complexity = complexity;
        self
    }

    pub(crate) const fn only_in(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Sets the flags and the categories that follow from them. Says nothing of the group's category.
    pub(crate) const fn flags(mut self, flags: u32) -> Self {
        self.flags = Flags::from_bits_retain(flags);
        self
    }

    /// In this category too, beside those that follow from its flags and group.
    pub(crate) const fn also(mut self, category: Categories) -> Self {
        self.categories = self.categories.union(category);
        self
    }

    /// Not in its group's category. Comes after every [`Command::also`].
    pub(crate) const fn outside_group(mut self) -> Self {
        self.categories = self.categories.union(OUTSIDE_GROUP);
        self
    }

    pub(crate) const fn keys(mut self, specs: &'static [KeySpec]) -> Self {
        self.key_specs = specs;
        self
    }

    pub(crate) const fn deprecated(mut self, since: &'static str, replaced_by: &'static str) -> Self {
        self.deprecated = Some(Deprecation { since, replaced_by });
        self
    }

    /// For servers and tests, not for users.
    pub(crate) const fn system(mut self) -> Self {
        self.is_system = true;
        self
    }

    pub(crate) const fn history(mut self, history: &'static [(&'static str, &'static str)]) -> Self {
        self.history = history;
        self
    }

    pub(crate) const fn tips(mut self, tips: &'static [&'static str]) -> Self {
        self.tips = tips;
        self
    }

    pub(crate) const fn arguments(mut self, arguments: &'static [Argument]) -> Self {
        self.arguments = arguments;
        self
    }
}

/// Stands in a half-built command's categories until [`Command::complete`] takes it out.
const OUTSIDE_GROUP: Categories = Categories::from_bits_retain(1 << 31);

/// What follows from what the tables say.
impl Command {
    pub(crate) const fn in_group(mut self, group: Group) -> Self {
        self.group = group;
        self
    }

    /// Derives categories, key shape and `movablekeys`, once subcommands are known.
    pub(crate) const fn complete(mut self) -> Self {
        self.keys = KeyShape::of(self.key_specs);
        if !LegacyRange::of(self.key_specs).complete {
            self.flags = self.flags.union(Flags::MOVABLEKEYS);
        }
        // A module's commands are in the categories that it asks for; that of vector sets asks for none.
        if !self.flags.contains(Flags::MODULE) {
            self.categories = self.derived_categories().union(self.categories);
        }
        self.categories = self.categories.difference(OUTSIDE_GROUP);
        self
    }

    const fn derived_categories(&self) -> Categories {
        let mut derived = Categories::empty();
        let mut rest = CATEGORIES_OF_FLAGS.as_slice();
        while let [(flag, categories), tail @ ..] = rest {
            if self.flags.contains(*flag) {
                derived = derived.union(*categories);
            }
            rest = tail;
        }
        if !self.flags.contains(Flags::FAST) {
            derived = derived.union(Categories::SLOW);
        }
        // Reading data is not what a read-only script does itself.
        if matches!(self.group, Group::Scripting) {
            derived = derived.difference(Categories::READ);
        }
        // A container does nothing, so it is in no family.
        if self.subcommands.is_empty() && !self.categories.contains(OUTSIDE_GROUP) {
            derived = derived.union(self.group.category());
        }
        derived
    }
}

const CATEGORIES_OF_FLAGS: [(Flags, Categories); 6] = [
    (Flags::WRITE, Categories::WRITE),
    (Flags::READONLY, Categories::READ),
    (Flags::ADMIN, Categories::ADMIN.union(Categories::DANGEROUS)),
    (Flags::PUBSUB, Categories::PUBSUB),
    (Flags::BLOCKING, Categories::BLOCKING),
    (Flags::FAST, Categories::FAST),
];

impl Command {
    /// Whether it is part of another command.
    pub const fn is_subcommand(&self) -> bool {
        self.container.is_some()
    }

    /// Whether a request of this many words, the name included, has the right length.
    #[inline]
    pub const fn takes(&self, words: usize) -> bool {
        let arity = self.arity.unsigned_abs() as usize;
        if self.arity < 0 { words >= arity } else { words == arity }
    }

    /// The last part of the name: `get` of `config|get`.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('|').next().unwrap_or(self.name)
    }

    /// The module that has it in Redis.
    pub const fn module(&self) -> Option<&'static str> {
        if matches!(self.group, Group::VectorSet) { Some("vectorset") } else { None }
    }
}

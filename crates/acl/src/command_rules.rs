//! Which commands are permitted: a bit for each, and the rules that set them.
//!
//! The bits decide; the rules are what is shown, kept short: a new rule drops those that it makes pointless, which are
//! earlier ones about the same thing.
//!
//! ```text
//! +@all -@dangerous +keys -config +config|get +select|0
//! └─┬─┘ └────┬────┘ └─┬─┘         └────┬────┘ └───┬───┘
//!  base   category  command       subcommand   command with one first argument
//! ```

use catalog::{COMMANDS, COUNT, Categories, CommandId, Flags, Words, command};

use crate::error::{RuleError, push};

/// Which commands are permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandRules {
    permitted: CommandSet,
    /// What is permitted in part: commands with the first argument that they must have, in lower case. In the order
    /// of their rules.
    first_arguments: Vec<(CommandId, Box<[u8]>)>,
    /// Whether everything was permitted before the first of the rules, or nothing.
    base: Verdict,
    rules: Vec<CommandRule>,
}

/// Whether something is permitted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Permitted,
    Refused,
}

impl Verdict {
    const fn sign(self) -> char {
        match self {
            Verdict::Permitted => '+',
            Verdict::Refused => '-',
        }
    }
}

/// One rule about commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandRule {
    All(Verdict),
    /// Exactly one category.
    Category(Verdict, Categories),
    /// A command with its subcommands, or a subcommand.
    Command(Verdict, CommandId),
    /// A command without subcommands, if this is its first argument. In lower case.
    FirstArgument(CommandId, Box<[u8]>),
}

impl CommandRule {
    /// Reads what stands behind the sign.
    pub(crate) fn parse(verdict: Verdict, name: &[u8]) -> Result<Self, RuleError> {
        if let Some(category) = name.strip_prefix(b"@") {
            return if category.eq_ignore_ascii_case(b"all") {
                Ok(CommandRule::All(verdict))
            } else {
                let category = Categories::by_name(category).ok_or(RuleError::UnknownCommand)?;
                Ok(CommandRule::Category(verdict, category))
            };
        }
        if let Some(id) = catalog::find(name) {
            return Ok(CommandRule::Command(verdict, id));
        }
        match verdict {
            Verdict::Permitted => Self::parse_first_argument(name),
            Verdict::Refused => Err(RuleError::UnknownCommand),
        }
    }

    fn parse_first_argument(name: &[u8]) -> Result<Self, RuleError> {
        let bar = name.iter().rposition(|&byte| byte == b'|').ok_or(RuleError::UnknownCommand)?;
        let (id, argument) = (catalog::find(&name[..bar]), &name[bar + 1..]);
        let id = id.ok_or(RuleError::UnknownCommand)?;
        if command(id).is_subcommand() {
            return Err(RuleError::ArgumentOfSubcommand);
        }
        if argument.is_empty() {
            return Err(RuleError::Syntax);
        }
        if !command(id).subcommands.is_empty() {
            return Err(RuleError::UnknownCommand);
        }
        // Both peers die of white space here, when they show the user.
        if argument.iter().copied().any(crate::word::is_space_or_nul) {
            return Err(RuleError::Syntax);
        }
        Ok(CommandRule::FirstArgument(id, argument.to_ascii_lowercase().into()))
    }

    /// Whether nothing is left of `earlier` when this rule has been obeyed.
    fn replaces(&self, earlier: &CommandRule) -> bool {
        match (self, earlier) {
            (CommandRule::All(_), _) => true,
            (CommandRule::Category(_, new), CommandRule::Category(_, old)) => new == old,
            (CommandRule::Command(_, new), CommandRule::Command(_, old)) => {
                new == old || command(*old).container == Some(*new)
            }
            (CommandRule::Command(_, new), CommandRule::FirstArgument(old, _)) => new == old,
            (CommandRule::FirstArgument(..), CommandRule::FirstArgument(..)) => self == earlier,
            _ => false,
        }
    }

    fn push_text(&self, text: &mut Vec<u8>) {
        match self {
            CommandRule::All(verdict) => text.extend_from_slice(format!("{}@all", verdict.sign()).as_bytes()),
            CommandRule::Category(verdict, category) => {
                let name = category.names().next().unwrap_or_default();
                text.extend_from_slice(format!("{}@{name}", verdict.sign()).as_bytes());
            }
            CommandRule::Command(verdict, id) => {
                text.extend_from_slice(format!("{}{}", verdict.sign(), command(*id).name).as_bytes());
            }
            CommandRule::FirstArgument(id, argument) => {
                text.extend_from_slice(format!("+{}|", command(*id).name).as_bytes());
                text.extend_from_slice(argument);
            }
        }
    }

    fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.push_text(&mut text);
        text
    }
}

impl CommandRules {
    pub(crate) fn none() -> Self {
        Self::only(Verdict::Refused)
    }

    fn only(base: Verdict) -> Self {
        let permitted = match base {
            Verdict::Permitted => CommandSet::FULL,
            Verdict::Refused => CommandSet::EMPTY,
        };
        CommandRules { permitted, first_arguments: Vec::new(), base, rules: Vec::new() }
    }

    pub(crate) fn add(&mut self, rule: CommandRule) -> Result<(), RuleError> {
        match &rule {
            CommandRule::All(verdict) => {
                *self = Self::only(*verdict);
                return Ok(());
            }
            CommandRule::Category(verdict, category) => {
                commands_in(*category).for_each(|id| self.decide(*verdict, id));
            }
            CommandRule::Command(verdict, id) => {
                self.decide(*verdict, *id);
                command(*id).subcommands.iter().for_each(|&id| self.decide(*verdict, id));
            }
            CommandRule::FirstArgument(id, argument) => {
                let first = (*id, argument.clone());
                self.first_arguments.retain(|earlier| *earlier != first);
                push(&mut self.first_arguments, first)?;
            }
        }
        self.rules.retain(|earlier| !rule.replaces(earlier));
        push(&mut self.rules, rule)
    }

    /// Settles a command, whatever its first argument.
    fn decide(&mut self, verdict: Verdict, id: CommandId) {
        self.permitted.set(id, verdict);
        self.first_arguments.retain(|(of, _)| *of != id);
    }

    /// Whether every command is permitted, those that a later version brings perhaps not.
    pub(crate) fn permit_all(&self) -> bool {
        self.permitted == CommandSet::FULL
    }

    /// Whether the command may run with these words.
    pub(crate) fn permit<W: Words + ?Sized>(&self, id: CommandId, words: &W) -> bool {
        self.permitted.contains(id)
            || command(id).flags.contains(Flags::NO_AUTH)
            || self.first_arguments.iter().any(|(of, argument)| {
                *of == id && words.word(1).is_some_and(|word| word.eq_ignore_ascii_case(argument))
            })
    }

    /// The rules as words: `-@all`, `+get`.
    pub(crate) fn words(&self) -> impl Iterator<Item = Vec<u8>> {
        std::iter::once(CommandRule::All(self.base).text()).chain(self.rules.iter().map(CommandRule::text))
    }

    /// The rules as one text: `-@all +get`.
    pub(crate) fn text(&self) -> Vec<u8> {
        self.words().collect::<Vec<_>>().join(&b' ')
    }
}

/// The commands and subcommands of an ACL category: ACL CAT with a name. A container is there beside its subcommands.
///
/// They come in the order of the catalog; the peers list them by hash.
pub fn commands_in(category: Categories) -> impl Iterator<Item = CommandId> {
    COMMANDS.iter().filter(move |command| command.categories.intersects(category)).map(|command| command.id)
}

const WORDS: usize = COUNT.div_ceil(64);

/// A set of commands and subcommands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct CommandSet([u64; WORDS]);

impl CommandSet {
    const EMPTY: CommandSet = CommandSet([0; WORDS]);

    const FULL: CommandSet = {
        let mut words = [u64::MAX; WORDS];
        if !COUNT.is_multiple_of(64) {
            words[WORDS - 1] = (1 << (COUNT % 64)) - 1;
        }
        CommandSet(words)
    };

    fn contains(&self, id: CommandId) -> bool {
        self.0[id.index() / 64] >> (id.index() % 64) & 1 == 1
    }

    fn set(&mut self, id: CommandId, verdict: Verdict) {
        let (word, bit) = (&mut self.0[id.index() / 64], 1 << (id.index() % 64));
        match verdict {
            Verdict::Permitted => *word |= bit,
            Verdict::Refused => *word &= !bit,
        }
    }
}

//! The argument tree of a command: its syntax as data.

use crate::ArgumentFlags;

/// What an argument is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ArgumentKind {
    /// Any string.
    String,
    /// A 64-bit signed integer.
    Integer,
    /// A floating point number.
    Double,
    /// A key.
    Key,
    /// A glob pattern.
    Pattern,
    /// An absolute time.
    UnixTime,
    /// Nothing but the token itself.
    PureToken,
    /// Exactly one of the nested arguments.
    OneOf,
    /// All the nested arguments, in order.
    Block,
}

impl ArgumentKind {
    /// The name in COMMAND DOCS.
    pub const fn name(self) -> &'static str {
        match self {
            ArgumentKind::String => "string",
            ArgumentKind::Integer => "integer",
            ArgumentKind::Double => "double",
            ArgumentKind::Key => "key",
            ArgumentKind::Pattern => "pattern",
            ArgumentKind::UnixTime => "unix-time",
            ArgumentKind::PureToken => "pure-token",
            ArgumentKind::OneOf => "oneof",
            ArgumentKind::Block => "block",
        }
    }

    /// Whether the argument is made of others.
    pub const fn is_container(self) -> bool {
        matches!(self, ArgumentKind::OneOf | ArgumentKind::Block)
    }
}

/// One argument of a command.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name, unique among its siblings only by custom.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgumentKind,
    /// The word that introduces it, or that it consists of.
    pub token: Option<&'static str>,
    /// For a key: which of the command's key specs finds it.
    pub key_spec: Option<u8>,
    /// Whether it may be left out or repeated.
    pub flags: ArgumentFlags,
    /// The version that brought it, if later than the command.
    pub since: Option<&'static str>,
    /// The version that deprecated it.
    pub deprecated_since: Option<&'static str>,
    /// What a syntax line shows, if not the name.
    pub display_text: Option<&'static str>,
    /// The nested arguments of a block or choice.
    pub arguments: &'static [Argument],
}

const fn argument(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument {
        name,
        kind,
        token: None,
        key_spec: None,
        flags: ArgumentFlags::empty(),
        since: None,
        deprecated_since: None,
        display_text: None,
        arguments: &[],
    }
}

pub(crate) const fn string(name: &'static str) -> Argument {
    argument(name, ArgumentKind::String)
}

pub(crate) const fn integer(name: &'static str) -> Argument {
    argument(name, ArgumentKind::Integer)
}

pub(crate) const fn double(name: &'static str) -> Argument {
    argument(name, ArgumentKind::Double)
}

pub(crate) const fn pattern(name: &'static str) -> Argument {
    argument(name, ArgumentKind::Pattern)
}

pub(crate) const fn unix_time(name: &'static str) -> Argument {
    argument(name, ArgumentKind::UnixTime)
}

/// A key found by key spec number `spec`.
pub(crate) const fn key(name: &'static str, spec: u8) -> Argument {
    argument(name, ArgumentKind::Key).key_spec(spec)
}

/// A word that stands for itself.
pub(crate) const fn token(name: &'static str, token: &'static str) -> Argument {
    argument(name, ArgumentKind::PureToken).token(token)
}

/// A choice between alternatives.
pub(crate) const fn one_of(name: &'static str, arguments: &'static [Argument]) -> Argument {
    let mut choice = argument(name, ArgumentKind::OneOf);
    choice.arguments = arguments;
    choice
}

/// Arguments that come together.
pub(crate) const fn block(name: &'static str, arguments: &'static [Argument]) -> Argument {
    let mut block = argument(name, ArgumentKind::Block);
    block.arguments = arguments;
    block
}

impl Argument {
    /// Introduced by this word.
    pub(crate) const fn token(mut self, token: &'static str) -> Self {
        self.token = Some(token);
        self
    }

    /// Related to the key of this spec.
    pub(crate) const fn key_spec(mut self, spec: u8) -> Self {
        self.key_spec = Some(spec);
        self
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.flags = self.flags.union(ArgumentFlags::OPTIONAL);
        self
    }

    pub(crate) const fn multiple(mut self) -> Self {
        self.flags = self.flags.union(ArgumentFlags::MULTIPLE);
        self
    }

    /// Repeated together with its token.
    pub(crate) const fn multiple_token(mut self) -> Self {
        self.flags = self.flags.union(ArgumentFlags::MULTIPLE).union(ArgumentFlags::MULTIPLE_TOKEN);
        self
    }

    pub(crate) const fn since(mut self, version: &'static str) -> Self {
        self.since = Some(version);
        self
    }

    pub(crate) const fn deprecated_since(mut self, version: &'static str) -> Self {
        self.deprecated_since = Some(version);
        self
    }

    pub(crate) const fn shown_as(mut self, text: &'static str) -> Self {
        self.display_text = Some(text);
        self
    }
}

//! Which function carries out which command.

use catalog::{CommandId, LookupError, Words};
use resp::Request;

use crate::ctx::Ctx;
use crate::error::CommandError;
use crate::names::{Names, Naming, RenameError};

/// Carries out one command: parse every argument, look up, one operation, record the change, reply.
pub type Handler = fn(&mut Ctx<'_>) -> Result<(), CommandError>;

/// What a command touches, hence what is locked for it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No data: the session, the configuration, other clients. Runs with nothing locked.
    Session,
    /// The keys that the catalog finds among its arguments, at a small cost that doesn't grow with the data. Runs together with its
    /// neighbours in a pipeline, all their stripes locked at once.
    Key,
    /// The keys that the catalog finds among its arguments, at any cost. Runs alone.
    Keys,
    /// Any stripe, one after the other (`SCAN`). Runs with nothing locked and locks as it goes.
    Roam,
    /// A whole database or all of them. Runs with every stripe locked.
    Whole,
}

/// A command that is built: how to run it.
#[derive(Copy, Clone)]
pub struct Built {
    /// What it touches.
    pub scope: Scope,
    /// What it does.
    pub handler: Handler,
    /// Tells it for each request, where the command alone doesn't.
    by_request: Option<ScopeOf>,
}

/// What a request touches. It has as many words as its command needs.
pub type ScopeOf = fn(Request<'_>) -> Scope;

impl Built {
    /// What this request of the command touches.
    #[inline]
    pub(crate) fn for_request(self, request: Request<'_>) -> Self {
        match self.by_request {
            Some(scope_of) => Self { scope: scope_of(request), ..self },
            None => self,
        }
    }
}

/// The table from commands to their handlers, and from names to commands.
pub struct Handlers {
    table: Vec<Option<Built>>,
    names: Names,
}

impl Default for Handlers {
    fn default() -> Self {
        Self { table: vec![None; catalog::COMMANDS.len()], names: Names::default() }
    }
}

impl Handlers {
    /// Adds the handler of a command.
    ///
    /// # Panics
    /// If the command has one already.
    pub fn add(&mut self, command: CommandId, scope: Scope, handler: Handler) -> &mut Self {
        self.put(command, Built { scope, handler, by_request: None })
    }

    /// Adds the handler of a command of which some requests touch more than others (`SORT … GET`).
    ///
    /// # Panics
    /// If the command has one already.
    pub fn add_by_request(&mut self, command: CommandId, scope_of: ScopeOf, handler: Handler) -> &mut Self {
        // Of a built command whose requests differ the most is assumed where no request is at hand.
        self.put(command, Built { scope: Scope::Whole, handler, by_request: Some(scope_of) })
    }

    fn put(&mut self, command: CommandId, built: Built) -> &mut Self {
        let before = self.table[command.index()].replace(built);
        assert!(before.is_none(), "{} has two handlers", catalog::command(command).name);
        self
    }

    /// Has a command found by another name, or by none if that is empty (`rename-command`).
    pub fn rename(&mut self, old: &[u8], new: &[u8]) -> Result<(), RenameError> {
        self.names.rename(old, new)
    }

    /// Finds the command or subcommand that these words ask for, and checks their number.
    #[inline]
    pub fn resolve<W: Words + ?Sized>(&self, words: &W) -> Result<CommandId, LookupError> {
        self.names.resolve(words)
    }

    /// The same, by the names of whoever speaks.
    #[inline]
    pub(crate) fn resolve_by<W: Words + ?Sized>(
        &self,
        naming: Naming,
        words: &W,
    ) -> Result<CommandId, LookupError> {
        match naming {
            Naming::Client => self.names.resolve(words),
            Naming::Log => self.names.resolve_logged(words),
        }
    }

    /// The own name of the command that clients call by this one; `None` where that is its own. One comparison while no command is renamed.
    #[inline]
    pub(crate) fn own_name(&self, name: &[u8]) -> Option<&'static str> {
        self.names.own_name(name)
    }

    /// The handler of a command, if it is built.
    #[inline]
    pub fn find(&self, command: CommandId) -> Option<Built> {
        self.table[command.index()]
    }
}

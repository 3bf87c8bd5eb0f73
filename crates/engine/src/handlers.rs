//! Which function carries out which command.

use catalog::CommandId;
use resp::Request;

use crate::ctx::Ctx;
use crate::error::CommandError;

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
    /// Tells what requests with certain arguments touch, where that is more than `scope`.
    widens: Option<Widens>,
}

/// Whether a request touches whatever its data names, hence runs with everything locked.
pub type Widens = fn(Request<'_>) -> bool;

impl Built {
    /// What this request of the command touches.
    #[inline]
    pub(crate) fn for_request(self, request: Request<'_>) -> Self {
        match self.widens {
            Some(widens) if widens(request) => Self { scope: Scope::Whole, ..self },
            _ => self,
        }
    }
}

/// The table from commands to their handlers.
pub struct Handlers {
    table: Vec<Option<Built>>,
}

impl Default for Handlers {
    fn default() -> Self {
        Self { table: vec![None; catalog::COMMANDS.len()] }
    }
}

impl Handlers {
    /// Adds the handler of a command.
    ///
    /// # Panics
    /// If the command has one already.
    pub fn add(&mut self, command: CommandId, scope: Scope, handler: Handler) -> &mut Self {
        self.put(command, Built { scope, handler, widens: None })
    }

    /// Adds the handler of a command of which some requests touch whatever their data names (`SORT … GET`).
    ///
    /// # Panics
    /// If the command has one already.
    pub fn add_widening(
        &mut self,
        command: CommandId,
        scope: Scope,
        widens: Widens,
        handler: Handler,
    ) -> &mut Self {
        self.put(command, Built { scope, handler, widens: Some(widens) })
    }

    fn put(&mut self, command: CommandId, built: Built) -> &mut Self {
        let before = self.table[command.index()].replace(built);
        assert!(before.is_none(), "{} has two handlers", catalog::command(command).name);
        self
    }

    /// The handler of a command, if it is built.
    #[inline]
    pub fn find(&self, command: CommandId) -> Option<Built> {
        self.table[command.index()]
    }
}

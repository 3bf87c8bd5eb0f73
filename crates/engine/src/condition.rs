//! What holds of the server as a whole, and keeps some commands from being run.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use catalog::{CommandId, Flags, id};

use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::session::Session;

/// Something that holds of the server for a while.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The data are being read from files.
    Loading,
    /// The last snapshot could not be written. Whether that matters the parameters say, when a command asks:
    /// [`Settings::needs_snapshots`](crate::Settings::needs_snapshots).
    SaveFailing,
    /// The log can't be written.
    LogFailing,
}

/// Those that hold. Asked once per chunk.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    bits: AtomicU8,
    /// Why the log can't be written.
    reason: Mutex<String>,
}

/// Those that held when a chunk was begun.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held(u8);

impl Condition {
    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Held {
    #[inline]
    pub(crate) fn is_any(self) -> bool {
        self.0 != 0
    }

    pub(crate) fn holds(self, condition: Condition) -> bool {
        self.0 & condition.bit() != 0
    }
}

impl Conditions {
    #[inline]
    pub(crate) fn now(&self) -> Held {
        Held(self.bits.load(Relaxed))
    }
}

impl Engine {
    /// Says that something holds from now on, or no more. `reason` is the system's, for [`Condition::LogFailing`].
    pub fn set_condition(&self, condition: Condition, holds: bool, reason: &str) {
        if condition == Condition::LogFailing {
            reason.clone_into(&mut self.conditions.reason.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.note_hidden(|| {
            if holds {
                self.conditions.bits.fetch_or(condition.bit(), Relaxed);
            } else {
                self.conditions.bits.fetch_and(!condition.bit(), Relaxed);
            }
            self.conditions.now()
        });
    }

    /// What keeps a session's commands from being run.
    #[inline]
    pub(crate) fn conditions_of(&self, session: &Session) -> Held {
        if session.is_replaying { Held::default() } else { self.conditions.now() }
    }

    /// Whether something holds now.
    pub fn is_in_condition(&self, condition: Condition) -> bool {
        self.conditions.now().holds(condition)
    }
}

impl Ctx<'_> {
    /// Whether the present command may run although something holds.
    #[cold]
    pub(crate) fn check_conditions(&self) -> Result<(), CommandError> {
        let held = self.conditions;
        if self.changes_data() {
            if held.holds(Condition::SaveFailing) && self.engine.settings().needs_snapshots() {
                return Err(CommandError::SaveFailing);
            }
            if held.holds(Condition::LogFailing) {
                let reason = self.engine.conditions.reason.lock().unwrap_or_else(PoisonError::into_inner);
                return Err(CommandError::LogFailing(reason.as_str().into()));
            }
        }
        if held.holds(Condition::Loading) && !self.command.flags.contains(Flags::LOADING) {
            return Err(CommandError::Loading);
        }
        Ok(())
    }

    /// Whether it may change data. `PING` counts, so that whoever asks for the server's health by it hears of what is wrong.
    fn changes_data(&self) -> bool {
        let may_change = |command: CommandId| catalog::command(command).flags.contains(Flags::WRITE);
        if self.command.id == id::EXEC {
            let block = self.session.transaction.queue();
            return block
                .is_some_and(|block| block.steps().iter().any(|step| step.command.is_some_and(may_change)));
        }
        self.command.id == id::PING || may_change(self.command.id)
    }
}

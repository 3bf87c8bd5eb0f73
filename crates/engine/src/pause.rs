//! `CLIENT PAUSE`: commands are held back for a while, all or those that may change something, and run in their order afterwards.
//!
//! Whoever monitors is not held back, as in the peers. A session whose next command is held back waits as one in a blocking command does: its requests are received and kept.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use catalog::{CommandId, Flags, id};

use crate::clock::Moment;
use crate::engine::Engine;
use crate::plan::{Plan, Step};
use crate::session::Session;

/// Commands that change no data here and yet are passed on: as good as writes.
const PASSED_ON: [CommandId; 6] = [id::EVAL, id::EVALSHA, id::FCALL, id::PFCOUNT, id::PUBLISH, id::SPUBLISH];

/// What is held back.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PauseKind {
    /// Commands that may change data, or are passed on.
    Writes,
    /// Every command.
    All,
}

/// A pause under way.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What is held back.
    pub kind: PauseKind,
    /// Until when.
    pub until: Moment,
}

/// The pause, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    /// False: there is none. True: there may be, `present` knows.
    may_be_on: AtomicBool,
    present: Mutex<Option<Pause>>,
}

impl Pauses {
    /// Asked before every chunk.
    #[inline]
    pub(crate) fn may_be_on(&self) -> bool {
        self.may_be_on.load(Relaxed)
    }

    /// The pause under way; forgets one that is over.
    fn at(&self, now: Moment) -> (Option<Pause>, MutexGuard<'_, Option<Pause>>) {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.is_some_and(|pause| pause.until <= now) {
            *present = None;
            self.may_be_on.store(false, Relaxed);
        }
        (*present, present)
    }
}

impl Engine {
    /// Holds commands back. Of two pauses at once the longer time counts, and what either holds back.
    pub fn pause(&self, pause: Pause, now: Moment) {
        let (present, mut next) = self.pauses.at(now);
        *next = Some(present.map_or(pause, |present| Pause {
            kind: present.kind.max(pause.kind),
            until: present.until.max(pause.until),
        }));
        self.pauses.may_be_on.store(true, Relaxed);
    }

    /// Ends the pause: what was held back is run.
    pub fn unpause(&self) {
        let (_, mut present) = self.pauses.at(Moment::default());
        *present = None;
        self.pauses.may_be_on.store(false, Relaxed);
        // Under the lock: nobody can be held back after it was looked at.
        for client in self.clients().all() {
            if client.is_held.swap(false, Relaxed) {
                client.wake();
            }
        }
    }

    /// The pause under way.
    pub fn paused(&self, now: Moment) -> Option<Pause> {
        if self.pauses.may_be_on() { self.pauses.at(now).0 } else { None }
    }

    /// Where the chunk ends if the next command that is held back must not be in it. If that is the very next, the session waits.
    #[inline]
    pub(crate) fn end_before_held(
        &self,
        session: &mut Session,
        plan: &Plan,
        end: usize,
        now: Moment,
    ) -> usize {
        if self.pauses.may_be_on() { self.find_held(session, plan, end, now) } else { end }
    }

    #[cold]
    fn find_held(&self, session: &mut Session, plan: &Plan, end: usize, now: Moment) -> usize {
        let (Some(pause), _locked) = self.pauses.at(now) else { return end };
        let next = plan.next();
        if session.is_monitoring() {
            return end;
        }
        let is_stranger = self.must_log_in(session);
        let is_held = |step: &Step| step.is_held(session, pause.kind, is_stranger);
        let free = plan.steps()[next..end].iter().take_while(|step| !is_held(step)).count();
        if free == 0 && next < end {
            session.held_until = Some(pause.until);
            session.client.is_held.store(true, Relaxed);
            session.client.is_blocked.store(true, Relaxed);
        }
        next + free
    }

    /// Sees whether a session's command may go on. `false`: it is held back.
    #[inline]
    pub(crate) fn finish_hold(&self, session: &mut Session, now: Moment) -> bool {
        if !session.is_hold_over(now) {
            return false;
        }
        if session.held_until.take().is_some() {
            session.client.is_held.store(false, Relaxed);
            session.client.is_blocked.store(false, Relaxed);
        }
        true
    }
}

impl Session {
    #[inline]
    pub(crate) fn is_hold_over(&self, now: Moment) -> bool {
        self.held_until.is_none_or(|until| until <= now || !self.client.is_held.load(Relaxed))
    }
}

impl Step {
    /// Whether a pause holds it back. What is turned away anyway isn't.
    fn is_held(&self, session: &Session, kind: PauseKind, is_stranger: bool) -> bool {
        let Some(command) = self.command else { return false };
        if is_stranger && !catalog::command(command).flags.contains(Flags::NO_AUTH) {
            return false;
        }
        match kind {
            PauseKind::All => true,
            PauseKind::Writes if command == id::EXEC => {
                let block = session.transaction.queue();
                block.is_some_and(|block| block.steps().iter().any(Step::is_passed_on))
            }
            PauseKind::Writes => self.is_passed_on(),
        }
    }

    fn is_passed_on(&self) -> bool {
        self.command.is_some_and(is_passed_on)
    }
}

/// Whether a command may change data, or is passed on as if it did.
pub(crate) fn is_passed_on(command: CommandId) -> bool {
    catalog::command(command).flags.contains(Flags::WRITE) || PASSED_ON.contains(&command)
}

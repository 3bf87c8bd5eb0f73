//! `CLIENT PAUSE`: commands are held back for a while, all or those that may change something, and run in their order afterwards. The server itself
//! does so, too: while the log is too far behind to take more changes, or while data are read anew.
//!
//! Whoever monitors is not held back, as in the peers. A session whose next command is held back waits as one in a blocking command does: its requests are received and kept.
//!
//! Nothing changes data after the pause was replied to:
//!
//! ```text
//!  any change    lock its stripes ─▶ a pause? ─ no ─▶ change, unlock
//!  CLIENT PAUSE  publish the pause ─▶ lock and unlock each stripe, one after the other ─▶ reply
//! ```
//!
//! Whoever locks a stripe before the pauser does is done when he gets it; whoever locks it after him sees the pause.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use catalog::{CommandId, Flags, id};

use crate::clock::Moment;
use crate::condition::{Condition, Held};
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::plan::Step;
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

/// The pauses, if there are any.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    /// False: there is none, and nothing that is due is hidden. True: there may be, `present` knows.
    may_be_on: AtomicBool,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    /// A client's.
    client: Option<Pause>,
    /// The server's own.
    server: [Option<PauseKind>; 2],
    /// What is due is left in place for another reason: see [`Engine::hides_due`].
    hides_due: bool,
}

/// Why the server itself holds commands back.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// The log is far behind: more changes would have to be kept in memory.
    LogBehind,
    /// Data are saved for the last time, or read anew.
    Standstill,
}

impl Present {
    /// What is held back, and until when a client wants it.
    fn pause(&self) -> Option<Pause> {
        let server = self.server.into_iter().flatten().max().map(|kind| Pause { kind, until: Moment::MAX });
        match (self.client, server) {
            (Some(client), Some(server)) => {
                Some(Pause { kind: client.kind.max(server.kind), until: server.until })
            }
            (client, server) => client.or(server),
        }
    }

    fn is_any(&self) -> bool {
        self.client.is_some() || self.hides_due || self.server.iter().any(Option::is_some)
    }
}

impl Pauses {
    /// Asked in every chunk.
    #[inline]
    pub(crate) fn may_be_on(&self) -> bool {
        self.may_be_on.load(Relaxed)
    }

    /// What is under way; forgets a client's pause that is over.
    fn at(&self, now: Moment) -> MutexGuard<'_, Present> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.client.is_some_and(|pause| pause.until <= now) {
            present.client = None;
            self.may_be_on.store(present.is_any(), Relaxed);
        }
        present
    }

    fn change(&self, change: impl FnOnce(&mut Present)) -> MutexGuard<'_, Present> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut present);
        self.may_be_on.store(present.is_any(), Relaxed);
        present
    }
}

impl Engine {
    /// Holds commands back. Of two pauses at once the longer time counts, and what either holds back. On return none of them changes data any
    /// more. The calling thread holds no stripe.
    pub fn pause(&self, pause: Pause, now: Moment) {
        self.publish_pause(pause, now);
        self.await_changes();
    }

    fn publish_pause(&self, pause: Pause, now: Moment) {
        drop(self.pauses.at(now));
        drop(self.pauses.change(|present| {
            present.client = Some(present.client.map_or(pause, |present| Pause {
                kind: present.kind.max(pause.kind),
                until: present.until.max(pause.until),
            }));
        }));
    }

    /// Has the server hold commands back from now on, until [`Engine::let_go`]. On return none of them changes data any more. The calling
    /// thread holds no stripe.
    pub fn hold(&self, reason: HoldReason, kind: PauseKind) {
        self.begin_hold(reason, kind);
        self.await_changes();
    }

    /// The same without waiting for changes that are under way.
    pub(crate) fn begin_hold(&self, reason: HoldReason, kind: PauseKind) {
        drop(self.pauses.change(|present| present.server[reason as usize] = Some(kind)));
    }

    /// Ends what [`Engine::hold`] began.
    pub fn let_go(&self, reason: HoldReason) {
        self.end_pause(|present| present.server[reason as usize] = None);
    }

    /// Has what holds of the server changed; `change` returns what does then. Whoever is told that what is due is left in place is told of what
    /// holds at the same instant ([`LetThrough`]).
    pub(crate) fn note_hidden(&self, change: impl FnOnce() -> Held) {
        drop(self.pauses.change(|present| {
            let held = change();
            present.hides_due = held.holds(Condition::Loading) || held.holds(Condition::LogFailing);
        }));
    }

    /// Waits until everything is done that had stripes locked when this was called.
    fn await_changes(&self) {
        let mut locked = self.keyspace().roam();
        (0..self.keyspace().stripes()).for_each(|stripe| locked.visit(stripe, |_| ()));
    }

    /// A transaction has run, and nothing is locked any more: a pause in it is waited for now.
    pub(crate) fn await_pause_of(&self, steps: &[Step]) {
        if steps.iter().any(|step| step.command == Some(id::CLIENT_PAUSE)) {
            self.await_changes();
        }
    }

    /// Ends the pause: what was held back is run.
    pub fn unpause(&self) {
        self.end_pause(|present| present.client = None);
    }

    fn end_pause(&self, change: impl FnOnce(&mut Present)) {
        // Under the lock: nobody can be held back after it was looked at.
        let _present = self.pauses.change(change);
        self.clients().wake_held();
    }

    /// The pause that a client has asked for.
    pub fn paused(&self, now: Moment) -> Option<Pause> {
        if self.pauses.may_be_on() { self.pauses.at(now).client } else { None }
    }

    /// Whether keys and fields whose time is up are hidden, and left where they are: nobody but a client may change data, or the change could
    /// not be logged. To be asked with the stripe locked.
    #[inline]
    pub(crate) fn hides_due(&self, now: Moment) -> bool {
        self.pauses.may_be_on() && self.pauses.at(now).is_any()
    }

    /// What may run of a chunk whose stripes are locked: nothing from the first command on that is held back. If that is the very first, the
    /// session waits. One load while there is no pause.
    #[inline]
    pub(crate) fn let_through<'s>(
        &self,
        session: &mut Session,
        steps: &'s [Step],
        now: Moment,
    ) -> LetThrough<'s> {
        match self.pauses.may_be_on() && !session.is_replaying {
            true => self.find_held(session, steps, now),
            false => LetThrough { steps, hides_due: false, conditions: self.conditions_of(session) },
        }
    }

    #[cold]
    fn find_held<'s>(&self, session: &mut Session, steps: &'s [Step], now: Moment) -> LetThrough<'s> {
        let present = self.pauses.at(now);
        let (hides_due, conditions) = (present.is_any(), self.conditions_of(session));
        let Some(pause) = present.pause().filter(|_| !session.is_monitoring()) else {
            return LetThrough { steps, hides_due, conditions };
        };
        let is_stranger = self.must_log_in(session);
        let is_held = |step: &Step| step.is_held(session, pause.kind, is_stranger);
        let free = steps.iter().take_while(|step| !is_held(step)).count();
        if free == 0 && !steps.is_empty() {
            session.hold(pause.until);
        }
        LetThrough { steps: &steps[..free], hides_due, conditions }
    }

    /// Sees whether a session's command may go on. `false`: it is held back.
    #[inline]
    pub(crate) fn finish_hold(&self, session: &mut Session, now: Moment) -> bool {
        if !session.is_hold_over(now) {
            return false;
        }
        if session.held_until.is_some() {
            session.end_hold();
        }
        true
    }
}

/// What a pause leaves of a chunk.
pub(crate) struct LetThrough<'s> {
    /// The steps that may run.
    pub(crate) steps: &'s [Step],
    /// See [`Engine::hides_due`].
    pub(crate) hides_due: bool,
    /// What may turn them away. Where what is due is hidden for one of these conditions, it is among them: a change that was let through beside
    /// a hidden key would stand in the journal without that key's removal, and make another value when it is carried out again.
    pub(crate) conditions: Held,
}

impl Ctx<'_> {
    /// `CLIENT PAUSE`: as [`Engine::pause`], in a transaction when that has run.
    pub fn pause(&mut self, pause: Pause) {
        match self.is_in_block {
            true => self.engine.publish_pause(pause, self.now),
            false => self.engine.pause(pause, self.now),
        }
    }
}

impl Session {
    /// Its next command is held back until then, or until it is woken.
    pub(crate) fn hold(&mut self, until: Moment) {
        self.held_until = Some(until);
        self.client.is_held.store(true, Relaxed);
        self.client.is_blocked.store(true, Relaxed);
    }

    /// It is held back no longer.
    pub(crate) fn end_hold(&mut self) {
        self.held_until = None;
        self.client.is_held.store(false, Relaxed);
        self.client.is_blocked.store(false, Relaxed);
    }

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

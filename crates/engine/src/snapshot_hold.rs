//! Commands that wait for a snapshot, so that nobody has to wait for them.
//!
//! What changes before a snapshot's walk has come to it is saved by whoever changes it. For a big collection that would take long, with a stripe
//! locked; and many small ones take memory. So a command that would change the one, or that would change anything while there is too much of the
//! other, is held back, as by a pause. The snapshot's own thread saves the collection next, in parts, while other commands go on.
//!
//! ```text
//!  session    has it to wait? ─ yes ─▶ mark the client as held ─▶ has it to wait? ─ yes ─▶ wait
//!  snapshot   save the entry, or free memory ─▶ wake whoever is marked
//! ```
//!
//! The second question is for what was saved between the first and the mark: nobody would wake the session for that any more.
//!
//! What somebody else's push does for a command that waits at a key is done at once, whatever it takes; so is what a log says; so are commands that
//! need everything: what they discard is handed over to the snapshot as it is.

use catalog::{CommandId, Flags, id};
use config::id::SNAPSHOT_MEMORY_MAX;
use keyspace::{DbIndex, Key, Locked};
use resp::{Request, RequestReader};

use crate::block::Block;
use crate::clock::Moment;
use crate::engine::Engine;
use crate::handlers::Scope;
use crate::plan::{Plan, PlannedKey, Step};
use crate::session::Session;

/// Commands that carry out others, which may change something.
const SCRIPTS: [CommandId; 3] = [id::EVAL, id::EVALSHA, id::FCALL];

/// Where the requests of a chunk are.
#[derive(Copy, Clone)]
pub(crate) struct Requests<'i> {
    pub(crate) input: &'i RequestReader,
    pub(crate) plan: &'i Plan,
}

impl Engine {
    /// Wakes every session whose next command is held back: each sees whether it still has to be.
    pub fn wake_held(&self) {
        self.clients().wake_held();
    }

    /// `snapshot-memory-max` was changed.
    pub(crate) fn limit_snapshot_bytes(&self) {
        // With the parameters locked: of two clients that set it, the later one has the last word.
        self.settings().read(|config| {
            self.keyspace().limit_snapshot_bytes(config.bytes(SNAPSHOT_MEMORY_MAX) as usize);
        });
        self.wake_held();
    }

    /// What may run of a chunk whose stripes are locked: nothing from the first command on that has to wait for a snapshot. If that is the very
    /// first, the session waits. One load while there is no snapshot.
    #[inline]
    pub(crate) fn before_awaiting<'s>(
        &self,
        session: &mut Session,
        steps: &'s [Step],
        locked: &mut Locked<'_>,
        requests: Requests<'_>,
    ) -> &'s [Step] {
        match self.keyspace().is_snapshot_under_way() && !session.is_replaying {
            true => self.find_awaiting(session, steps, locked, requests),
            false => steps,
        }
    }

    #[cold]
    fn find_awaiting<'s>(
        &self,
        session: &mut Session,
        steps: &'s [Step],
        locked: &mut Locked<'_>,
        requests: Requests<'_>,
    ) -> &'s [Step] {
        if self.must_log_in(session) {
            return steps;
        }
        let mut has_to_wait = |session: &Session, index: usize| {
            self.has_to_wait(session, &steps[index], index, locked, requests)
        };
        let free = (0..steps.len()).take_while(|index| !has_to_wait(session, *index)).count();
        if free > 0 || steps.is_empty() {
            return &steps[..free];
        }
        match session.hold_while(|session| has_to_wait(session, 0)) {
            true => &[],
            false => &steps[..1],
        }
    }

    /// Whether a step of a chunk, that of this index, has to wait.
    fn has_to_wait(
        &self,
        session: &Session,
        step: &Step,
        index: usize,
        locked: &mut Locked<'_>,
        requests: Requests<'_>,
    ) -> bool {
        let db = session.db();
        match session.transaction.queue() {
            // Those that are queued don't run yet.
            Some(block) => step.command == Some(id::EXEC) && self.has_block_to_wait(block, db, locked),
            None if !step.changes_keys() => false,
            None => {
                let request = requests.input.request(requests.plan.next() + index);
                awaits_any(locked, db, request, requests.plan.keys_of(step))
                    || self.keyspace().snapshot_lacks_room()
            }
        }
    }

    fn has_block_to_wait(&self, block: &Block, mut db: DbIndex, locked: &mut Locked<'_>) -> bool {
        let (mut awaits, mut changes) = (false, false);
        for (index, step) in block.steps().iter().enumerate() {
            let request = block.request(index);
            if step.command == Some(id::SELECT) {
                db = selected(request).unwrap_or(db);
            } else if step.changes_keys() {
                changes = true;
                awaits |= awaits_any(locked, db, request, block.keys_of(index));
            }
        }
        awaits || changes && self.keyspace().snapshot_lacks_room()
    }
}

impl Session {
    /// Holds its next command back, which has to wait as it seems. `false`: it hasn't any more.
    fn hold_while(&mut self, has_to_wait: impl FnOnce(&Self) -> bool) -> bool {
        self.hold(Moment::MAX);
        let is_held = has_to_wait(self);
        if !is_held {
            self.end_hold();
        }
        is_held
    }
}

impl Step {
    /// Whether it may change what is under its keys.
    fn changes_keys(&self) -> bool {
        let has_keys = self.built.is_some_and(|built| matches!(built.scope, Scope::Key | Scope::Keys));
        let may_change = |id| catalog::command(id).flags.contains(Flags::WRITE) || SCRIPTS.contains(&id);
        has_keys && self.command.is_some_and(may_change)
    }
}

/// Whether any of these keys awaits the snapshot. All are asked for, so that all are saved next.
fn awaits_any(locked: &mut Locked<'_>, db: DbIndex, request: Request<'_>, keys: &[PlannedKey]) -> bool {
    let mut is_any = false;
    for key in keys {
        // Nothing is locked for what is going to be turned away.
        if locked.holds(key.hash) {
            is_any |= locked.awaits_snapshot(db, &Key::with_hash(request.word(key.word as usize), key.hash));
        }
    }
    is_any
}

/// The database that a `SELECT` selects, if there could be one.
fn selected(request: Request<'_>) -> Option<DbIndex> {
    std::str::from_utf8(request.get(1)?).ok()?.parse().ok().map(DbIndex)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering::Relaxed;

    use config::Config;

    use super::*;
    use crate::admission::Peer;
    use crate::engine::Options;
    use crate::handlers::Handlers;
    use crate::host::NoHost;

    #[test]
    fn who_is_marked_asks_again() {
        let now = Moment::from_unix_millis(1);
        let engine = Engine::new(Options {
            config: Config::default(),
            handlers: Handlers::default(),
            workers: 1,
            seed: [7; 32],
            now,
            host: Box::new(NoHost),
        });
        let mut session = engine.open(0, &Peer::in_process(), now, Arc::new(())).expect("it may come in");
        // What it waits for was over before the mark, and whoever wakes has been: only the second question tells.
        assert!(!session.hold_while(|session| {
            assert!(session.client().is_held.load(Relaxed), "whoever wakes from here on sees the mark");
            false
        }));
        assert!(session.is_hold_over(now) && session.waits_until().is_none());
        // The same between the second question and the wait.
        assert!(session.hold_while(|_| true));
        assert!(!session.is_hold_over(now));
        engine.wake_held();
        assert!(session.is_hold_over(now));
        assert!(engine.finish_hold(&mut session, now) && session.waits_until().is_none());
    }
}

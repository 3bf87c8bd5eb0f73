//! Transactions: commands that are queued, and carried out as one block.
//!
//! ```text
//!  MULTI ─▶ GET a, SET b … ─▶ EXEC ─▶ lock all that the block and the watched keys need ─▶ touched? ─▶ run one after the other ─▶ unlock
//!             +QUEUED                                                                      └▶ null       one entry in the journal
//! ```

use std::sync::atomic::Ordering::Relaxed;

use catalog::{Command, Flags, id};
use keyspace::{DbIndex, Locked};
use resp::{Reply, Request, RequestQueue};
use smallvec::SmallVec;
use transaction::{Fault, Watches};

use crate::args::Args;
use crate::clock::Moment;
use crate::condition::Held;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::handlers::Scope;
use crate::plan::{Plan, PlannedKey, Step};
use crate::refusal::Standing;
use crate::session::Session;
use crate::view::View;

/// Commands that are carried out between `MULTI` and `EXEC`, not queued.
const NEVER_QUEUED: [catalog::CommandId; 6] =
    [id::DISCARD, id::EXEC, id::MULTI, id::QUIT, id::RESET, id::WATCH];

pub(crate) const NOT_IN_TRANSACTION: CommandError =
    CommandError::fixed("ERR Command not allowed inside a transaction");

/// The queued commands of a transaction.
#[derive(Default)]
pub(crate) struct Block {
    requests: RequestQueue,
    /// A step for each request.
    plan: Plan,
    laps: Laps,
}

/// Neighbouring commands of a block whose time was taken together: those that may take long are alone.
#[derive(Copy, Clone)]
pub(crate) struct Lap {
    pub(crate) commands: usize,
    pub(crate) nanos: u64,
}

type Laps = SmallVec<[Lap; 4]>;

impl Block {
    /// Bytes of what is queued: the words, and what is kept of each command besides them.
    fn bytes(&self) -> usize {
        self.requests.bytes() + self.plan.table_bytes()
    }

    /// Bytes reserved for that.
    pub(crate) fn capacity(&self) -> usize {
        self.requests.capacity() + self.plan.capacity()
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    pub(crate) fn steps(&self) -> &[Step] {
        self.plan.steps()
    }

    /// How long its commands took.
    pub(crate) fn laps(&self) -> &[Lap] {
        &self.laps
    }

    /// Whether some command may need memory.
    pub(crate) fn takes_memory(&self) -> bool {
        let commands = self.steps().iter().filter_map(|step| step.command.map(catalog::command));
        commands.into_iter().any(|command| command.flags.contains(Flags::DENYOOM))
    }

    pub(crate) fn request(&self, index: usize) -> Request<'_> {
        self.requests.request(index)
    }

    /// How long each of its commands took, as far as that is known.
    pub(crate) fn nanos_of_each(&self) -> impl Iterator<Item = u64> {
        self.laps.iter().flat_map(|lap| std::iter::repeat_n(lap.nanos / lap.commands as u64, lap.commands))
    }

    /// The keys of one command.
    pub(crate) fn keys_of(&self, index: usize) -> &[PlannedKey] {
        self.steps().get(index).map_or(&[], |step| self.plan.keys_of(step))
    }

    /// Bytes of the longest request.
    pub(crate) fn longest_request(&self) -> u64 {
        (0..self.len()).map(|index| self.request(index).wire_len() as u64).max().unwrap_or(0)
    }

    /// Empties it, keeping a little room.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
        self.laps.clear();
        self.plan.trim(crate::serve::PLAN_KEPT);
    }

    /// The keys of all commands, with their hashes.
    fn keys(&self) -> Vec<(&[u8], u64)> {
        let steps = self.plan.steps().iter().enumerate();
        let keys = steps.flat_map(|(index, step)| {
            let request = self.requests.request(index);
            self.plan.keys_of(step).iter().map(move |key| (request.word(key.word as usize), key.hash))
        });
        keys.collect()
    }

    /// Whether some command may touch anything.
    fn needs_everything(&self) -> bool {
        let scopes = self.steps().iter().filter_map(|step| step.built.map(|built| built.scope));
        scopes.into_iter().any(|scope| matches!(scope, Scope::Roam | Scope::Whole))
    }
}

impl Engine {
    /// The keys that clients watch.
    pub fn watches(&self) -> &Watches {
        &self.watches
    }

    /// How many clients watch keys.
    pub fn watching_clients(&self) -> usize {
        self.clients().all().iter().filter(|client| client.watched.load(Relaxed) > 0).count()
    }

    /// Ends a client's transaction and watch, if it has any: it starts over, or is gone.
    pub fn leave_transaction(&self, session: &mut Session) {
        if let Ok(block) = session.transaction.discard(&self.watches) {
            session.keep_block(block);
        }
        session.transaction.end_watch(&self.watches);
        session.note_transaction();
    }

    /// Locks all that a session's `EXEC` may touch.
    pub(crate) fn lock_transaction(&self, session: &Session) -> Locked<'_> {
        match session.transaction.queue() {
            Some(block) if !session.transaction.is_touched() => {
                self.lock_block(block, session.transaction.watched())
            }
            _ => self.keyspace().roam(),
        }
    }

    fn lock_block(&self, block: &Block, watched: &[transaction::Watched]) -> Locked<'_> {
        if block.needs_everything() {
            return self.keyspace().lock_all();
        }
        let keys = block.keys();
        let watched = watched.iter().map(|watched| self.keyspace().key(&watched.key).hash());
        let hashes: Vec<u64> = keys.iter().map(|(_, hash)| *hash).chain(watched).collect();
        let locked = self.keyspace().lock(hashes.iter().copied());
        match self.waits.is_empty() {
            true => locked,
            false => self.lock_for_waiting(locked, &keys, hashes),
        }
    }
}

/// Whether the command belongs to the transaction itself.
fn is_never_queued(command: &Command) -> bool {
    NEVER_QUEUED.iter().any(|id| std::ptr::eq(catalog::command(*id), command))
}

impl Ctx<'_> {
    /// Whether the present command is for the queue of an open transaction.
    #[inline]
    pub(crate) fn is_to_be_queued(&self) -> bool {
        self.session.transaction.is_open() && !is_never_queued(self.command)
    }

    /// `MULTI`.
    pub fn begin_transaction(&mut self) -> Result<(), CommandError> {
        let block = self.session.take_block();
        self.session.transaction.begin(block).map_err(|fault| CommandError::text(format!("ERR {fault}")))?;
        self.session.note_transaction();
        self.reply.ok();
        Ok(())
    }

    /// `DISCARD`.
    pub fn discard_transaction(&mut self) -> Result<(), CommandError> {
        let discarded = self.session.transaction.discard(&self.engine.watches);
        let block = discarded.map_err(|_| CommandError::fixed("ERR DISCARD without MULTI"))?;
        self.session.keep_block(block);
        self.session.note_transaction();
        self.reply.ok();
        Ok(())
    }

    /// `WATCH` of one key, whose stripe is locked.
    pub fn watch(&mut self, key: &keyspace::Key<'_>) -> Result<(), CommandError> {
        // What is due is gone, or as good as gone: that it is gone later, too, is no change.
        let is_over = self.view.is_hidden(key);
        let db = self.view.db().0;
        let watched = self.session.transaction.watch(&self.engine.watches, db, key.bytes(), is_over);
        self.session.note_transaction();
        watched.map_err(|fault| CommandError::text(format!("ERR {fault}")))
    }

    /// `UNWATCH`.
    pub fn unwatch(&mut self) {
        self.session.transaction.end_watch(&self.engine.watches);
        self.session.note_transaction();
    }

    /// Puts the present request into the queue of the open transaction.
    pub(crate) fn enqueue(&mut self, step: &Step) -> Result<(), CommandError> {
        if self.command.flags.contains(Flags::NO_MULTI) {
            return Err(NOT_IN_TRANSACTION);
        }
        let Some(block) = self.session.transaction.queue_mut() else { return Ok(()) };
        block.requests.push(self.args.request());
        block.plan.add(step, self.args.planned());
        self.session.note_transaction();
        self.reply.output().extend(b"+QUEUED\r\n");
        Ok(())
    }

    /// `EXEC`: carries out the queued commands, unless a watched key was touched.
    pub fn exec(&mut self) -> Result<(), CommandError> {
        let mut block = self.session.transaction.finish().map_err(|fault| {
            if fault == Fault::Spoilt {
                self.unwatch();
                return CommandError::text(format!("EXECABORT {fault}"));
            }
            CommandError::fixed("ERR EXEC without MULTI")
        })?;
        let is_touched = self.session.transaction.is_touched();
        let ran = if is_touched { None } else { self.run_block(&block) };
        if let Some((refused, laps)) = ran {
            self.engine.await_pause_of(block.steps());
            block.laps = laps;
            // These are no calls.
            refused.into_iter().for_each(|index| block.plan.forget_handler(index));
            self.session.ran = Some(block);
        } else {
            self.session.transaction.end_watch(&self.engine.watches);
            self.reply.null_array();
            self.session.keep_block(block);
        }
        // That a watched key was touched is told of data, too.
        self.engine.note_dependence(self.session);
        self.session.note_transaction();
        Ok(())
    }

    /// Carries out a block; what it needs was locked for `EXEC`. Returns which commands were refused, and how long they took; `None`: a watched key was touched, nothing
    /// was done.
    fn run_block(&mut self, block: &Block) -> Option<(Vec<usize>, Laps)> {
        let engine = self.engine;
        // The locks go with the block.
        let unlocked = View::new(engine.keyspace().roam(), engine, self.session, self.now, false);
        let mut view = std::mem::replace(&mut self.view, unlocked);
        for watched in self.session.transaction.watched() {
            // A key whose time was over meanwhile is touched by being found out, even if it has to stay where it is.
            view.begin(self.now, DbIndex(watched.db));
            if view.is_hidden(&engine.keyspace().key(&watched.key)) {
                engine.watches.touch_over(watched.db, &watched.key);
            }
            view.finish_served();
        }
        let is_touched = self.session.transaction.end_watch(&engine.watches);
        let mut inner = Ctx {
            args: self.args,
            reply: Reply::new(self.reply.output(), self.session.protocol()),
            view,
            session: self.session,
            engine,
            command: self.command,
            now: self.now,
            standing: Standing::Free,
            is_full: false,
            conditions: Held::default(),
            clock: self.clock,
            is_in_block: true,
            is_monitored: self.is_monitored,
        };
        let ran = (!is_touched).then(|| run_steps(&mut inner, block));
        let worker = inner.session.worker;
        inner.view.count(engine.stats().counters(worker));
        if let Some(written) = inner.view.take_written() {
            inner.session.written = written;
        }
        drop(inner);
        self.reply.set_protocol(self.session.protocol());
        ran
    }
}

/// Runs the commands of a block one after the other. Returns those that were refused, and how long they took.
fn run_steps<'b>(cx: &mut Ctx<'b>, block: &'b Block) -> (Vec<usize>, Laps) {
    let mut refused = Vec::new();
    let mut timer = Timer { laps: Laps::new(), commands: 0, begun: cx.now };
    cx.reply.array(block.len());
    cx.session.embargo = cx.view.begin_block(cx.session.db());
    for (index, step) in block.steps().iter().enumerate() {
        let may_take_long = !step.shares_locks();
        if may_take_long {
            timer.end_lap(cx);
        }
        let request = block.requests.request(index);
        cx.args = Args::new(request, 1, block.plan.keys_of(step), cx.engine.keyspace());
        cx.view.begin(cx.now, cx.session.db());
        if !cx.run_queued(step) {
            refused.push(index);
        } else {
            cx.note_run_in_block(step, block.plan.keys_of(step));
        }
        cx.view.finish(request);
        timer.commands += 1;
        if may_take_long {
            timer.end_lap(cx);
        }
    }
    cx.view.end_block();
    cx.session.embargo = None;
    if cx.view.has_ready() {
        cx.engine.serve_waiting(&mut cx.view, cx.now);
    }
    timer.end_lap(cx);
    (refused, timer.laps)
}

impl Ctx<'_> {
    /// What a command of a block owes others, now that it was run.
    fn note_run_in_block(&mut self, step: &Step, keys: &[PlannedKey]) {
        if self.is_monitored {
            self.show(step);
        }
        if self.session.tracking.tracker.is_some() {
            self.note_reads(keys);
        }
    }
}

/// Takes the time of a block's commands.
struct Timer {
    laps: Laps,
    /// Commands of the present lap.
    commands: usize,
    begun: Moment,
}

impl Timer {
    /// Ends the present lap, if any command was run in it.
    fn end_lap(&mut self, cx: &Ctx<'_>) {
        if self.commands == 0 {
            return;
        }
        let now = cx.clock.now();
        self.laps.push(Lap { commands: self.commands, nanos: now.nanos_since(self.begun) });
        self.commands = 0;
        self.begun = now;
    }
}

impl Session {
    /// An empty block.
    fn take_block(&mut self) -> Block {
        std::mem::take(&mut self.spare_block)
    }

    /// Keeps the room of a block for the next one.
    pub(crate) fn keep_block(&mut self, mut block: Block) {
        block.clear();
        self.spare_block = block;
        self.note_held();
    }

    /// Shows others what is queued and watched.
    pub(crate) fn note_transaction(&self) {
        let client = &self.client;
        let queue = self.transaction.queue();
        client.queued.store(queue.map_or(-1, |block| block.len() as i64), Relaxed);
        client.queued_bytes.store(queue.map_or(0, |block| block.bytes() as u64), Relaxed);
        client.watched.store(self.transaction.watched().len() as u64, Relaxed);
        self.note_held();
    }
}

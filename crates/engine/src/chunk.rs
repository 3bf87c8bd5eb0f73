//! A chunk of a batch: neighbouring commands that run under one set of locks.

use std::ops::Range;

use catalog::{LookupError, id};
use keyspace::Locked;
use resp::{Output, Reply, Request, RequestReader};

use crate::args::Args;
use crate::client::{Client, ReplyMode};
use crate::clock::{Clock, Moment};
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::eviction::Room;
use crate::handlers::Scope;
use crate::hot_keys::Picks;
use crate::listening::confirms_by_push;
use crate::pause::LetThrough;
use crate::plan::{Plan, Step, Words};
use crate::refusal::Standing;
use crate::remarkable::Finished;
use crate::serve::OUTPUT_BYTES_HIGH;
use crate::session::Session;
use crate::snapshot_hold::Requests;
use crate::view::View;

impl Engine {
    /// The plan's next steps that run under one set of locks.
    fn next_chunk(&self, plan: &Plan) -> Range<usize> {
        let start = plan.next();
        let steps = &plan.steps()[start..];
        let mut keys = 0;
        let shared = steps.iter().take_while(|step| {
            keys += step.keys();
            step.shares_locks() && keys <= self.settings().chunk_keys_max()
        });
        start..start + shared.count().max(1)
    }

    /// Runs the plan's next chunk, or its beginning if enough replies wait then. Returns the moment at which it was done.
    pub(crate) fn run_chunk(
        &self,
        session: &mut Session,
        input: &RequestReader,
        plan: &mut Plan,
        clock: &dyn Clock,
        started: Moment,
        output: &mut Output,
    ) -> Moment {
        let (room, started) = self.make_room_for(session, clock, started);
        let range = self.next_chunk(plan);
        let steps = &plan.steps()[range.clone()];
        // Asked once: another client may change the users meanwhile, and what was locked must fit what is run.
        let Some(first) = steps.first().filter(|_| self.refresh_login(session)) else { return started };
        let standing = self.standing(session);
        let request = input.request(range.start);
        let is_refused = standing != Standing::Free && self.will_refuse(session, standing, first, request);
        let mut locked = self.lock_for(session, if is_refused { &[] } else { steps }, input, plan);
        // Asked with everything locked: when whoever pauses has heard that it is done, nothing is changed any more. Whoever is killed later has this chunk run.
        let LetThrough { steps, hides_due, conditions } = self.let_through(session, steps, started);
        let steps = self.before_awaiting(session, steps, &mut locked, Requests { input, plan });
        if steps.is_empty() || session.client.is_killed() {
            return started;
        }
        // One reading of the clock serves the whole chunk: it costs a tenth of a GET. A chunk's commands are alike in cost and
        // share its time equally; whatever may take long is a chunk of its own.
        let mut cx = Ctx {
            args: Args::new(request, 1, plan.keys_of(first), self.keyspace()),
            reply: Reply::new(output, session.protocol()),
            view: View::new(locked, self, session, started, hides_due),
            conditions,
            session,
            engine: self,
            command: catalog::command(id::PING),
            now: started,
            standing,
            is_full: room == Room::None,
            clock,
            is_in_block: false,
            is_monitored: !self.monitors.is_empty(),
        };
        cx.session.client.note_command(steps.last().and_then(|step| step.command));
        // A bit for each command that was turned away or queued; a chunk is no longer than a batch, which has no more than 64.
        let mut put_off = 0u64;
        let mut run = 0;
        let mut replies = Replies::new(self, cx.session.worker, cx.reply.output().len());
        for (index, step) in range.zip(steps) {
            cx.args = Args::new(input.request(index), 1, plan.keys_of(step), self.keyspace());
            put_off |= u64::from(!cx.run(step)) << run;
            run += 1;
            if replies.are_enough(cx.reply.output().len()) {
                break;
            }
        }
        let steps = &steps[..run];
        self.note_written(&mut cx, steps, put_off);
        let done = clock.now();
        let took = Took { nanos: done.nanos_since(started), done, reply_bytes: replies.last_bytes() };
        self.note_picks(cx.session, replies.picks, (plan, input), took.nanos, put_off);
        if put_off == 0 {
            self.count_all(cx.session, steps, took, (plan, input));
        } else {
            self.count_those_that_ran(cx.session, steps, put_off, took.nanos);
        }
        self.count_block(cx.session, done);
        drop(cx);
        plan.advance(run);
        done
    }

    /// Notes what a chunk has changed, and what its replies depend on; its stripes are still locked.
    #[inline]
    fn note_written(&self, cx: &mut Ctx<'_>, steps: &[Step], put_off: u64) {
        cx.view.count(self.stats().counters(cx.session.worker));
        let written = cx.view.take_written();
        if let Some(written) = written {
            cx.session.written = written;
        }
        // Whatever was read or changed was so by now; what stays within the session depends on nothing. A command that waits, alone in its chunk, has
        // yet to tell anything.
        let has_told = cx.session.wait.is_none() || written.is_some();
        let shows_data =
            || (0..).zip(steps).any(|(index, step)| put_off >> index & 1 == 0 && step.shows_data());
        if self.holds_replies() && has_told && shows_data() {
            self.note_dependence(cx.session);
        }
    }

    /// Whether the first command of a chunk is going to be turned away, so that nothing need be locked: who may not run a `FLUSHALL` keeps nobody
    /// waiting with it. Commands that share their locks are not looked at, as that is no dearer when they are held.
    #[cold]
    fn will_refuse(&self, session: &Session, standing: Standing, first: &Step, request: Request<'_>) -> bool {
        match (standing, first.command) {
            (Standing::Free, _) => false,
            (Standing::Stranger, _) => true,
            (Standing::Restricted, Some(id)) if !first.shares_locks() => {
                self.check(session, id, &Words(request)).is_err()
            }
            (Standing::Restricted, _) => false,
        }
    }

    /// Counts the calls of a chunk that all ran.
    fn count_all(&self, session: &Session, steps: &[Step], took: Took, of: (&Plan, &RequestReader)) {
        let (plan, input) = of;
        session.client.count_commands(steps.len());
        self.count_calls(session.worker, steps, took.nanos);
        if self.settings().thresholds().are_reached(took.nanos, plan.bytes(), took.reply_bytes) {
            self.note_calls(&session.client, steps, took, |index| input.request(plan.next() + index));
        }
    }

    /// Counts the calls of a chunk of which some were turned away or queued.
    #[cold]
    fn count_those_that_ran(&self, session: &Session, steps: &[Step], put_off: u64, nanos: u64) {
        let ran = steps.len() - put_off.count_ones() as usize;
        session.client.count_commands(ran);
        let share = nanos / (ran as u64).max(1);
        let that_ran = (0..steps.len()).filter(|index| put_off >> index & 1 == 0);
        that_ran.for_each(|index| self.count_calls(session.worker, &steps[index..=index], share));
    }

    /// Counts the calls of a chunk that took `nanos` together.
    fn count_calls(&self, worker: usize, steps: &[Step], nanos: u64) {
        let share = nanos / (steps.len() as u64).max(1);
        let tracks = self.settings().thresholds().tracks();
        for run in steps.chunk_by(|one, next| one.command == next.command) {
            if let Some(Step { command: Some(command), built: Some(_), .. }) = run.first() {
                let counters = self.stats().command(worker, *command);
                counters.calls.add(run.len() as u64);
                counters.nanos.add(share * run.len() as u64);
                if tracks {
                    counters.durations.add(share, run.len() as u64);
                }
            }
        }
    }

    /// Counts what `EXEC` has carried out.
    fn count_block(&self, session: &mut Session, done: Moment) {
        let Some(block) = session.ran.take() else { return };
        session.client.count_commands(block.len());
        let longest = block.longest_request();
        let mut begun = 0;
        for lap in block.laps() {
            let steps = &block.steps()[begun..begun + lap.commands];
            self.count_calls(session.worker, steps, lap.nanos);
            if self.settings().thresholds().are_reached(lap.nanos, longest, 0) {
                let took = Took { nanos: lap.nanos, done, reply_bytes: 0 };
                self.note_calls(&session.client, steps, took, |index| block.request(begun + index));
            }
            begun += lap.commands;
        }
        session.keep_block(block);
    }

    /// Looks at each of the calls that together were remarkable.
    #[cold]
    fn note_calls<'r>(
        &self,
        client: &Client,
        steps: &[Step],
        took: Took,
        request: impl Fn(usize) -> Request<'r>,
    ) {
        for (index, step) in steps.iter().enumerate() {
            let is_last = index + 1 == steps.len();
            self.note_remarkable(&Finished {
                step,
                request: request(index),
                client,
                at: took.done,
                nanos: took.nanos / steps.len() as u64,
                reply_bytes: if is_last { took.reply_bytes } else { 0 },
            });
        }
    }

    fn lock_for(&self, session: &Session, steps: &[Step], input: &RequestReader, plan: &Plan) -> Locked<'_> {
        let keyspace = self.keyspace();
        let first = steps.first();
        match first.and_then(|first| first.built).map(|built| built.scope) {
            Some(Scope::Session) if first.is_some_and(|first| first.command == Some(id::EXEC)) => {
                self.lock_transaction(session)
            }
            None | Some(Scope::Session | Scope::Roam) => keyspace.roam(),
            Some(Scope::Whole) => keyspace.lock_all(),
            Some(Scope::Key | Scope::Keys) => {
                let hashes = || plan.keys_of_all(steps).iter().map(|key| key.hash);
                let mut locked = keyspace.lock(hashes());
                // Asked when the locks are held: then nobody new can wait at these keys.
                if !self.waits.is_empty() {
                    locked =
                        self.lock_for_waiting(locked, &keys_of_chunk(input, plan, steps), hashes().collect());
                }
                if hashes().len() > 1 {
                    locked.prefetch(session.db(), hashes());
                }
                locked
            }
        }
    }
}

/// What neighbouring commands took together.
#[derive(Copy, Clone)]
struct Took {
    nanos: u64,
    done: Moment,
    /// Bytes of the last one's reply.
    reply_bytes: u64,
}

/// The replies of a chunk, as they grow.
struct Replies<'e> {
    /// Bytes without the last one.
    before: usize,
    len: usize,
    /// With more than this the chunk ends: enough wait, or one may be so large that it is remarkable. That is the last one then, as without it
    /// all together were smaller.
    len_max: usize,
    /// Those of commands that are looked at.
    picks: Picks<'e>,
}

impl<'e> Replies<'e> {
    #[inline]
    fn new(engine: &'e Engine, worker: usize, len: usize) -> Self {
        let large_bytes = engine.settings().thresholds().reply_bytes();
        let large = len.saturating_add(usize::try_from(large_bytes).unwrap_or(usize::MAX));
        let len_max = OUTPUT_BYTES_HIGH.min(large.saturating_sub(1));
        Self { before: len, len, len_max, picks: engine.hot_keys.picks(worker) }
    }

    /// One more was added. Whether the chunk ends here.
    #[inline]
    fn are_enough(&mut self, len: usize) -> bool {
        self.before = self.len;
        self.len = len;
        self.picks.note_run(self.last_bytes());
        len > self.len_max
    }

    /// Bytes of the last one.
    #[inline]
    fn last_bytes(&self) -> u64 {
        (self.len - self.before) as u64
    }
}

/// The keys of neighbouring steps that come next in the plan, and their hashes.
#[cold]
fn keys_of_chunk<'i>(input: &'i RequestReader, plan: &Plan, steps: &[Step]) -> Vec<(&'i [u8], u64)> {
    let mut keys = Vec::new();
    for (index, step) in (plan.next()..).zip(steps) {
        let request = input.request(index);
        keys.extend(plan.keys_of(step).iter().map(|key| (request.word(key.word as usize), key.hash)));
    }
    keys
}

impl Ctx<'_> {
    /// Runs one command: checks, handler, record, reply. Returns whether it ran, with whatever outcome, or was turned away before.
    fn run(&mut self, step: &Step) -> bool {
        if self.session.reply_mode() == ReplyMode::SkipNext {
            self.session.set_reply_mode(ReplyMode::SkipThis);
        }
        let mark = self.reply.output().mark();
        self.view.begin(self.now, self.session.db());
        let keys = self.args.planned();
        let mut is_confirmation = step.command.is_some_and(confirms_by_push);
        let ran = match self.dispatch(step) {
            Ok(()) => true,
            Err(Fault::Queued) => {
                is_confirmation = false;
                false
            }
            Err(fault) => {
                is_confirmation = false;
                let ran = matches!(fault, Fault::Failed(_));
                self.reply.output().rewind(mark);
                self.fail(step, fault);
                ran
            }
        };
        if self.session.tracking.tracker.is_some() {
            self.note_reads(if ran { keys } else { &[] });
        }
        self.view.finish(self.args.request());
        if self.view.has_ready() {
            self.engine.serve_waiting(&mut self.view, self.now);
        }
        if self.is_monitored && ran {
            self.show(step);
        }
        // One that waits has no reply yet.
        if self.session.wait.is_none() && !self.session.takes_reply() && !is_confirmation {
            self.reply.output().rewind(mark);
        }
        // What it caused itself comes behind its reply, with what others have left meanwhile.
        if self.session.has_mail() {
            self.engine.deliver(self.session, self.reply.output());
        }
        ran
    }

    fn dispatch(&mut self, step: &Step) -> Result<(), Fault> {
        let Some(id) = step.command else { return Err(self.unresolved()) };
        self.command = catalog::command(id);
        if self.standing != Standing::Free {
            self.check_standing(id).map_err(Fault::Rejected)?;
        }
        if self.is_full {
            self.check_room().map_err(Fault::Rejected)?;
        }
        if self.conditions.is_any() {
            self.check_conditions().map_err(Fault::Rejected)?;
        }
        if self.session.is_bound {
            self.session.check_bounds(id).map_err(Fault::Rejected)?;
        }
        let Some(built) = step.built else {
            return Err(Fault::Rejected(CommandError::NotBuilt(self.command.name)));
        };
        if self.is_to_be_queued() {
            return self
                .enqueue(step)
                .map_or_else(|error| Err(Fault::Rejected(error)), |()| Err(Fault::Queued));
        }
        if self.command.container.is_some() {
            self.args.skip_subcommand();
        }
        (built.handler)(self).map_err(Fault::Failed)
    }

    /// Runs a command of a transaction: what could turn it away was asked when it was queued, and only its user's rules may have changed since.
    /// Returns whether it ran.
    pub(crate) fn run_queued(&mut self, step: &Step) -> bool {
        let (Some(id), Some(built)) = (step.command, step.built) else { return false };
        let mark = self.reply.output().mark();
        self.command = catalog::command(id);
        if let Err(error) = self.check_queued(id) {
            self.reply_error(&error);
            return false;
        }
        if self.command.container.is_some() {
            self.args.skip_subcommand();
        }
        if let Err(error) = (built.handler)(self) {
            self.reply.output().rewind(mark);
            self.fail(step, Fault::Failed(error));
        }
        true
    }

    /// Why the words of the request name no command that could be run.
    #[cold]
    fn unresolved(&self) -> Fault {
        let name = self.args.request().get(0).unwrap_or_default();
        if HTTP_LINES.iter().any(|line| name.eq_ignore_ascii_case(line)) {
            return Fault::NoClient;
        }
        match self.engine.handlers.resolve(&Words(self.args.request())) {
            Err(error) => Fault::Rejected(error.into()),
            Ok(_) => unreachable!("the plan could not resolve the same words"),
        }
    }

    #[cold]
    fn fail(&mut self, step: &Step, fault: Fault) {
        let worker = self.session.worker;
        let counters = step.command.map(|command| self.engine.stats().command(worker, command));
        let error = match fault {
            Fault::Rejected(error) => {
                counters.inspect(|counters| counters.rejected.add(1));
                self.spoil_transaction(step, error)
            }
            Fault::Failed(error) => {
                counters.inspect(|counters| counters.failed.add(1));
                error
            }
            Fault::NoClient => return self.hang_up(),
            Fault::Queued => return,
        };
        if let CommandError::Lookup(LookupError::WrongArity(command)) = &error {
            self.engine.stats().command(worker, *command).rejected.add(1);
        }
        self.reply_error(&error);
    }

    fn reply_error(&mut self, error: &CommandError) {
        let text = error.wire_text();
        self.session.errors += 1;
        if !self.session.is_replaying {
            self.engine.stats().counters(self.session.worker).errors.add(1);
            self.engine.stats().count_error(&text);
        }
        self.reply.error_bytes(&text);
    }

    /// A command was turned away: the open transaction won't be carried out. If it was EXEC itself, there is none any more.
    fn spoil_transaction(&mut self, step: &Step, error: CommandError) -> CommandError {
        let is_exec = step.command == Some(id::EXEC)
            || error == CommandError::Lookup(LookupError::WrongArity(id::EXEC));
        if !is_exec {
            self.session.transaction.spoil();
            return error;
        }
        self.engine.leave_transaction(self.session);
        let text = error.wire_text();
        let reason = text.strip_prefix(b"ERR ").unwrap_or(&text);
        CommandError::Quoting([b"EXECABORT Transaction discarded because of: ", reason].concat().into())
    }
}

impl Ctx<'_> {
    /// Closes the connection without a word.
    fn hang_up(&mut self) {
        let address = &self.session.client.peer.address;
        self.engine.host().log(&format!(
            "possible attack: {address} spoke HTTP. Somebody may be using a browser to reach this server; the connection is closed"
        ));
        self.session.close_after_reply();
    }
}

/// The first words of lines that a browser sends, when a page makes it send a request to this server's port.
const HTTP_LINES: [&[u8]; 2] = [b"POST", b"Host:"];

/// A command that didn't succeed.
enum Fault {
    /// No client of this protocol: to be left without an answer.
    NoClient,
    /// It is in the queue of a transaction, and has its reply.
    Queued,
    /// Turned away before it ran.
    Rejected(CommandError),
    /// Its own outcome.
    Failed(CommandError),
}

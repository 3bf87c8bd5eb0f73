//! The gate that replies pass: what depends on a change leaves when the change is as safe as the configuration promises.
//!
//! ```text
//!  serve ─▶ output, with the journal's end ─▶ at the gate ─▶ socket
//!                                                ▲
//!  journal ─▶ log ─ fsync ─▶ `note_durable` ─────┘ wakes all that wait for it: one fsync releases many
//! ```
//!
//! What waits of one session's output is cut into [parts](crate::gate_queue), so that it leaves as far as it is safe. Replies to reads wait, too: nobody is shown what could still be lost.

use std::collections::BTreeMap;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Offset;

use crate::client::Client;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::pause::{HoldReason, PauseKind};
use crate::session::Session;
use crate::waiting::Promise;

/// Changes are held back while the log has more bytes than this to take.
const BEHIND_BYTES_MAX: u64 = 32 << 20;

/// What `WAITAOF` is told without a log.
pub const NO_LOCAL_LOG: CommandError =
    CommandError::fixed("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");

/// The gate.
#[derive(Default)]
pub(crate) struct ReplyGate {
    /// Whether replies wait at all: a log was promised, and `appendfsync always`.
    is_closed: AtomicBool,
    /// Whether whoever changes something may count on a log. Locked while it is found out whether the gate is closed.
    is_promised: Mutex<bool>,
    is_logging: AtomicBool,
    /// The log has taken everything before from the journal.
    logged: AtomicU64,
    /// Changes are held back, since the log is far behind.
    holds_changes: AtomicBool,
    /// Everything before is durable in the log.
    durable: AtomicU64,
    waiting: Mutex<AtGate>,
}

/// Who waits, by the offset and then a number: an fsync wakes those whose offset it has reached, and looks at nobody else.
#[derive(Default)]
struct AtGate {
    /// By their own number.
    clients: BTreeMap<(Offset, u64), Arc<Client>>,
    /// `WAITAOF`.
    promises: BTreeMap<(Offset, u64), Promise>,
    last_promise: u64,
    /// With so many promises those are looked for that are over.
    promises_swept_at: usize,
}

/// Fewer promises are never looked through.
const PROMISES_SWEPT_MIN: usize = 64;

/// Is never durable.
const NEVER: Offset = Offset(u64::MAX);

impl AtGate {
    /// Adds a promise. Returns some that are over. O(log n) on average: who looks through all does so when they have doubled.
    fn add_promise(&mut self, offset: Offset, promise: Promise) -> Vec<Promise> {
        let mut over = Vec::new();
        if self.promises.len() >= self.promises_swept_at {
            over =
                self.promises.extract_if(.., |_, promise| promise.is_over()).map(|(_, over)| over).collect();
            self.promises_swept_at = (self.promises.len() * 2).max(PROMISES_SWEPT_MIN);
        }
        self.last_promise += 1;
        self.promises.insert((offset, self.last_promise), promise);
        over
    }
}

impl ReplyGate {
    fn waiting(&self) -> MutexGuard<'_, AtGate> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_promised(&self) -> MutexGuard<'_, bool> {
        self.is_promised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a session out of those who wait, if it is there.
    fn leave(&self, waiting: &mut AtGate, session: &mut Session) {
        if let Some(offset) = session.waits_for.take() {
            waiting.clients.remove(&(offset, session.client().id));
        }
    }

    /// Up to where what was promised is kept: the journal is durable in a log that has its base. `None` without one.
    fn kept(&self) -> Option<Offset> {
        let is_whole = self.is_logging.load(SeqCst) && *self.is_promised();
        is_whole.then(|| Offset(self.durable.load(SeqCst)))
    }

    fn lets_pass(&self, offset: Offset) -> bool {
        !self.is_closed.load(SeqCst) || self.durable.load(SeqCst) >= offset.0
    }
}

impl Engine {
    /// Whether whoever changes something may count on the log from now on: with `appendfsync always` replies wait until what they depend on
    /// is durable. That is not so without a log, nor while one is being switched on, whose base may take minutes. When replies no longer wait, those that did
    /// leave.
    pub fn promise_log(&self, is_promised: bool) {
        *self.reply_gate.is_promised() = is_promised;
        self.set_gate();
    }

    /// Closes the gate, or opens it: to be called when either of what that depends on has changed. Whoever changed it may rely on that from here on.
    pub(crate) fn set_gate(&self) {
        let gate = &self.reply_gate;
        // Read while locked: of two that change something at once the later sees both changes.
        let is_promised = gate.is_promised();
        let is_always = self.settings().read(|config| config.choice(config::id::APPENDFSYNC)) == "always";
        let is_closed = *is_promised && is_always;
        gate.is_closed.store(is_closed, SeqCst);
        drop(is_promised);
        if !is_closed {
            self.release(NEVER);
        }
    }

    /// Everything in the journal before this offset is durable. It may fall, when a log is begun anew.
    pub fn note_durable(&self, offset: Offset) {
        self.reply_gate.durable.store(offset.0, SeqCst);
        self.release(offset);
    }

    /// Up to where the journal is durable.
    pub fn durable(&self) -> Offset {
        Offset(self.reply_gate.durable.load(SeqCst))
    }

    /// How many bytes of a session's output, of which `waiting` haven't left, may leave now. If there are fewer, ask again when these have left; if
    /// there are none, its connection is woken when there are some. Whatever leaves must be [noted](Session::note_sent).
    #[inline]
    pub fn passable(&self, session: &mut Session, waiting: usize) -> usize {
        if self.reply_gate.lets_pass(session.depends_on) {
            return waiting;
        }
        self.pass_gate(session, waiting)
    }

    /// Whether replies wait at all. One load.
    #[inline]
    pub(crate) fn holds_replies(&self) -> bool {
        self.reply_gate.is_closed.load(SeqCst)
    }

    /// What a session is told from here on depends on everything that has been done.
    #[inline]
    pub(crate) fn note_dependence(&self, session: &mut Session) {
        if self.reply_gate.is_closed.load(SeqCst) {
            session.depends_on = self.journal().end();
        }
    }

    fn pass_gate(&self, session: &mut Session, waiting: usize) -> usize {
        let gate = &self.reply_gate;
        let sent = session.client().sent_bytes.load(Relaxed);
        session.at_gate.note_passed(sent);
        session.at_gate.add(sent + waiting as u64, session.depends_on, self.durable());
        let passed = session.at_gate.pass(|offset| gate.lets_pass(offset));
        if passed > sent {
            return (passed - sent) as usize;
        }
        let mut list = gate.waiting();
        // Under the lock: whoever opens the gate now looks for it afterwards.
        let passed = session.at_gate.pass(|offset| gate.lets_pass(offset));
        if let Some(offset) = session.at_gate.awaited().filter(|_| passed <= sent) {
            gate.leave(&mut list, session);
            list.clients.insert((offset, session.client().id), Arc::clone(session.client()));
            session.waits_for = Some(offset);
        }
        passed.saturating_sub(sent) as usize
    }

    /// A session ends: nobody is left to be woken.
    pub(crate) fn leave_gate(&self, session: &mut Session) {
        if session.waits_for.is_some() {
            self.reply_gate.leave(&mut self.reply_gate.waiting(), session);
        }
    }

    /// The log has taken everything before this offset from the journal.
    pub fn note_logged(&self, offset: Offset) {
        let gate = &self.reply_gate;
        gate.logged.store(offset.0, SeqCst);
        if gate.holds_changes.load(SeqCst) && self.journal().end().0 - offset.0 < BEHIND_BYTES_MAX / 2 {
            gate.holds_changes.store(false, SeqCst);
            self.let_go(HoldReason::LogBehind);
        }
    }

    /// The journal has grown: if the log is too far behind, changes are held back until it has caught up. Stripes may be locked.
    #[inline]
    pub(crate) fn note_grown(&self, end: Offset) {
        let gate = &self.reply_gate;
        let is_behind = end.0.saturating_sub(gate.logged.load(SeqCst)) > BEHIND_BYTES_MAX;
        if is_behind && gate.is_logging.load(SeqCst) && !gate.holds_changes.swap(true, SeqCst) {
            self.begin_hold(HoldReason::LogBehind, PauseKind::Writes);
            // It may have caught up meanwhile, before it could see this.
            self.note_logged(Offset(gate.logged.load(SeqCst)));
        }
    }

    /// Whether there is a log.
    pub fn is_logging(&self) -> bool {
        self.reply_gate.is_logging.load(SeqCst)
    }

    /// Says whether there is a log.
    pub fn set_logging(&self, is_logging: bool) {
        self.reply_gate.is_logging.store(is_logging, SeqCst);
        if !is_logging {
            self.note_logged(self.journal().end());
        }
    }

    /// Tells at any later time whether everything before this offset is durable.
    pub fn durability_of(&self, offset: Offset) -> impl Fn() -> bool + Send + use<> {
        // Not the gate itself, which may hold the promise of whoever asks.
        let gate = Arc::downgrade(&self.reply_gate);
        move || gate.upgrade().is_some_and(|gate| gate.kept() >= Some(offset))
    }

    /// Keeps a promise when everything before this offset is durable. `None`: that won't be, and it is kept by its time only.
    pub fn promise_durable(&self, offset: Option<Offset>, promise: Promise) {
        let over = self.reply_gate.waiting().add_promise(offset.unwrap_or(NEVER), promise);
        drop(over);
        // It may have come true before it was there.
        self.release(self.durable());
    }

    /// There is no log, nor will there be: nobody waits for it any longer.
    pub fn refuse_promises(&self) {
        let refused: Vec<_> =
            self.reply_gate.waiting().promises.extract_if(..(NEVER, 0), |_, _| true).collect();
        for (_, promise) in refused {
            promise.keep(|reply| reply.error(NO_LOCAL_LOG));
        }
    }

    /// Wakes those who wait for no more than this offset, and keeps the promises that have come true. O(of these · log of all).
    fn release(&self, reached: Offset) {
        let mut waiting = self.reply_gate.waiting();
        let clients: Vec<_> = waiting.clients.extract_if(..=(reached, u64::MAX), |_, _| true).collect();
        let mut promises = Vec::new();
        if !waiting.promises.is_empty()
            && let Some(kept) = self.reply_gate.kept()
        {
            promises = waiting.promises.extract_if(..=(kept, u64::MAX), |_, _| true).collect();
        }
        drop(waiting);
        for (_, client) in clients {
            client.wake();
        }
        for (_, promise) in promises {
            promise.keep(|reply| {
                reply.array(2);
                reply.integer(1);
                reply.integer(0);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::id;
    use config::{Config, Origin, OutputLimit};
    use journal::Effects;
    use resp::{Output, RequestReader};

    use super::*;
    use crate::admission::Peer;
    use crate::client::Wake;
    use crate::clock::Moment;
    use crate::ctx::Ctx;
    use crate::engine::Options;
    use crate::error::CommandError;
    use crate::handlers::{Handlers, Scope};
    use crate::host::NoHost;
    use crate::mailbox::{Message, Postman};
    use crate::publication::Publication;

    const NOW: Moment = Moment::from_unix_millis(1_800_000_000_000);

    /// While it runs somebody else changes something, and tells of it.
    fn ping(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
        change(cx.engine);
        let message = Message::Publication(Publication::to_channel(b"channel", b"it was changed"));
        let no_limit = OutputLimit { hard: 0, soft: 0, soft_seconds: 0 };
        Postman::new(0, None).post(cx.engine, cx.session.client(), message, no_limit);
        cx.reply.simple("PONG");
        Ok(())
    }

    fn handlers() -> Handlers {
        let mut handlers = Handlers::default();
        handlers.add(id::PING, Scope::Session, ping);
        handlers
    }

    fn change(engine: &Engine) {
        let mut effects = Effects::default();
        effects.push(&[b"SET", b"a", b"1"]);
        engine.journal().append(0, &effects);
    }

    fn engine() -> Engine {
        Engine::new(Options {
            config: Config::default(),
            handlers: handlers(),
            workers: 1,
            seed: [5; 32],
            now: NOW,
            host: Box::new(NoHost),
        })
    }

    fn sync_by(engine: &Engine, policy: &[u8]) {
        engine.set_parameters(&[(b"appendfsync", policy)], Origin::Client).expect("a policy");
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(&self) {
            self.0.store(true, SeqCst);
        }
    }

    /// One who was shown everything before an offset.
    fn open(engine: &Engine, depends_on: u64) -> (Session, Arc<Woken>) {
        let woken = Arc::new(Woken::default());
        let wake = Arc::clone(&woken) as Arc<dyn Wake>;
        let mut session = engine.open(0, &Peer::in_process(), NOW, wake).expect("room");
        session.depends_on = Offset(depends_on);
        (session, woken)
    }

    fn closed() -> Engine {
        let engine = engine();
        sync_by(&engine, b"always");
        engine.promise_log(true);
        engine
    }

    #[test]
    fn an_fsync_wakes_those_that_it_has_reached() {
        let engine = closed();
        let mut sessions: Vec<_> = (1..=10).map(|number| open(&engine, number * 10)).collect();
        for (session, _) in &mut sessions {
            assert_eq!(engine.passable(session, 5), 0);
        }
        engine.note_durable(Offset(35));
        let woken: Vec<_> = sessions.iter().map(|(_, woken)| woken.0.load(SeqCst)).collect();
        assert_eq!(woken, [&[true; 3][..], &[false; 7][..]].concat());
        let passable: Vec<_> = sessions.iter_mut().map(|(session, _)| engine.passable(session, 5)).collect();
        assert_eq!(passable, [&[5; 3][..], &[0; 7][..]].concat());
        engine.promise_log(false);
        assert!(sessions.iter().all(|(_, woken)| woken.0.load(SeqCst)), "nobody waits at an open gate");
    }

    #[test]
    fn who_leaves_is_not_kept_at_the_gate() {
        let engine = closed();
        let (mut session, woken) = open(&engine, 10);
        assert_eq!(engine.passable(&mut session, 5), 0);
        // It waits for another offset by now.
        engine.note_durable(Offset(10));
        session.depends_on = Offset(20);
        session.note_sent(5);
        assert_eq!(engine.passable(&mut session, 5), 0);
        engine.close(session);
        assert_eq!(Arc::strong_count(&woken), 1);
    }

    #[test]
    fn replies_leave_as_far_as_they_are_durable() {
        let engine = closed();
        let (mut session, woken) = open(&engine, 10);
        assert_eq!(engine.passable(&mut session, 5), 0);
        // More was run meanwhile, and so it goes on.
        session.depends_on = Offset(20);
        engine.note_durable(Offset(9));
        assert_eq!(engine.passable(&mut session, 7), 0);
        engine.note_durable(Offset(10));
        assert!(woken.0.swap(false, SeqCst));
        session.depends_on = Offset(30);
        assert_eq!(engine.passable(&mut session, 9), 5);
        session.note_sent(5);
        assert_eq!(engine.passable(&mut session, 4), 0);
        engine.note_durable(Offset(20));
        assert!(woken.0.swap(false, SeqCst));
        assert_eq!(engine.passable(&mut session, 4), 2);
        session.note_sent(1);
        assert_eq!(engine.passable(&mut session, 3), 1, "the socket took one byte");
        engine.promise_log(false);
        assert_eq!(engine.passable(&mut session, 3), 3);
    }

    #[test]
    fn the_gate_is_closed_for_a_promised_log_that_is_always_synced() {
        let engine = engine();
        // Being switched on: there is a log, and nobody may count on it.
        engine.set_logging(true);
        engine.promise_log(false);
        sync_by(&engine, b"always");
        assert!(!engine.holds_replies(), "nobody waits for the base of a log that is switched on");
        engine.promise_log(true);
        assert!(engine.holds_replies());
        sync_by(&engine, b"everysec");
        assert!(!engine.holds_replies());
        sync_by(&engine, b"always");
        assert!(engine.holds_replies());
        engine.promise_log(false);
        assert!(!engine.holds_replies());
    }

    #[test]
    fn messages_that_come_while_a_command_runs_depend_on_what_they_tell_of() {
        let engine = closed();
        let (mut session, _) = open(&engine, 0);
        let (mut input, mut output) = (RequestReader::new(), Output::new());
        input.feed(b"PING\r\n");
        engine.serve(&mut session, &mut input, &NOW, &mut output);
        assert!(output.to_vec().ends_with(b"it was changed\r\n"));
        assert_eq!(engine.passable(&mut session, output.len()), 0);
        engine.note_durable(engine.journal().end());
        assert_eq!(engine.passable(&mut session, output.len()), output.len());
    }
}

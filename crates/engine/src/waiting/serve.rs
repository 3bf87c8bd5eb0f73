//! Waiting: how it begins, is served, and ends.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use acl::{Denied, User};
use catalog::Flags;
use keyspace::{DbIndex, Key, Locked};
use resp::{Output, Reply, RequestQueue};

use crate::clock::Moment;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::refusal::StandingNow;
use crate::session::Session;
use crate::view::View;
use crate::waiting::waiter::{Asked, AwaitedKind, Ended, State, Told, Wait, Waiter, Waiting};

/// What a waiting command is carried out with.
pub struct Serving<'s, 'a> {
    /// The data: the stripes that are locked for the command whose change is being used.
    pub view: &'s mut View<'a>,
    /// Where the reply goes.
    pub reply: Reply<'s>,
    /// The engine.
    pub engine: &'a Engine,
    /// The present moment.
    pub now: Moment,
}

impl Ctx<'_> {
    /// Ends the present command without a reply: it waits at these keys, until that moment if there is one, and goes on when somebody
    /// changes one of them.
    ///
    /// In a transaction nothing waits: it is as if the time were up.
    pub fn wait(&mut self, keys: &[Key<'_>], until: Option<Moment>, waiting: Box<dyn Waiting>) {
        if self.is_in_block {
            return waiting.reply_unwaited(&mut self.reply);
        }
        let mut stripes: Vec<(usize, Box<[u8]>)> = Vec::with_capacity(keys.len());
        for key in keys {
            stripes.push((self.engine.keyspace().stripe_of(key.hash()), key.bytes().into()));
        }
        stripes.sort_unstable();
        stripes.dedup();
        let kind = waiting.kind();
        let client = Arc::clone(self.session.client());
        let (db, protocol) = (self.view.db(), self.session.protocol());
        let mut words = RequestQueue::new();
        words.push(self.args.request());
        let generation = self.session.login.generation();
        let is_tracked = self.command.flags.contains(Flags::READONLY) && self.session.remembers_reads();
        let asked = Asked { command: self.command.id, words, generation, is_tracked };
        let has_timeout = until.is_some();
        let waiter = Waiter::new(Arc::clone(&client), db, protocol, asked, has_timeout, waiting);
        let waiter = Arc::new(waiter);
        client.set_waiter(&waiter);
        let number = self.engine.waits.next_number();
        let bytes = Wait::count_bytes(&waiter, &stripes);
        let wait = Wait { waiter, number, keys: stripes, kind, until, bytes };
        self.engine.waits.add(&wait);
        // Who sees this sees the client at all its keys.
        client.is_blocked.store(true, Release);
        self.session.wait = Some(wait);
        self.session.note_held();
    }
}

impl Engine {
    /// How many clients wait for somebody else's change.
    pub fn blocked_clients(&self) -> usize {
        self.clients().all().iter().filter(|client| client.is_blocked.load(Acquire)).count()
    }

    /// How many of these will wait no longer than for a time of their own.
    pub fn clients_with_timeout(&self) -> usize {
        let clients = self.clients().all();
        let blocked = clients.iter().filter(|client| client.is_blocked.load(Relaxed));
        blocked.filter(|client| client.waiter().is_some_and(|waiter| waiter.has_timeout)).count()
    }

    /// How many keys clients wait at.
    pub fn awaited_keys(&self) -> usize {
        self.waits.keys()
    }

    /// Ends the wait of a client as if its time were up, or with an error. Returns whether it waited (`CLIENT UNBLOCK`).
    pub fn unblock(&self, client: u64, with_error: bool) -> bool {
        let Some(client) = self.clients().find(client) else { return false };
        let waiter = client.waiter();
        let ended = if with_error { Ended::Unblocked } else { Ended::TimedOut };
        waiter.is_some_and(|waiter| waiter.end(ended))
    }

    /// Sees whether a session's wait has ended. `false`: it goes on. The reply of one that has ended is appended to the output.
    pub(crate) fn finish_wait(&self, session: &mut Session, now: Moment, output: &mut Output) -> bool {
        let Some(wait) = &session.wait else { return true };
        if wait.until.is_some_and(|until| until <= now) {
            wait.waiter.end(Ended::TimedOut);
        }
        let (reply, told) = match &mut *wait.waiter.state() {
            State::Waiting(_) => return false,
            State::Replied(reply, told) => (std::mem::take(reply), *told),
            State::Over => (Vec::new(), Told::Outcome),
        };
        self.forget_wait(session);
        if told == Told::Data {
            self.note_dependence(session);
        }
        if session.takes_reply() {
            output.extend(&reply);
        }
        true
    }

    /// Ends a session's wait without a reply: its client has gone.
    pub(crate) fn forget_wait(&self, session: &mut Session) {
        let Some(wait) = session.wait.take() else { return };
        *wait.waiter.state() = State::Over;
        session.client().is_blocked.store(false, Relaxed);
        self.waits.remove(&wait);
        session.note_held();
    }

    /// Carries out what waited at the keys that a command has changed, while its locks are held. What that changes may be waited for in turn.
    #[cold]
    pub(crate) fn serve_waiting<'a>(&'a self, view: &mut View<'a>, now: Moment) {
        let db = view.db();
        while let Some((db, key)) = view.take_ready() {
            let key = self.keyspace().key(&key);
            for kind in AwaitedKind::ALL {
                self.serve_queue(view, now, db, &key, kind);
            }
        }
        view.begin(now, db);
    }

    fn serve_queue<'a>(
        &'a self,
        view: &mut View<'a>,
        now: Moment,
        db: DbIndex,
        key: &Key<'_>,
        kind: AwaitedKind,
    ) {
        let stripe = self.keyspace().stripe_of(key.hash());
        let mut behind = 0;
        while let Some((number, waiter)) = self.waits.next(stripe, key.bytes(), db, kind, behind) {
            behind = number;
            // Whoever gets no reply any more takes nothing either, although its own thread has yet to come to it.
            if waiter.client.is_killed() {
                continue;
            }
            // Before its state is locked: whoever changes users holds them while he looks for clients to close.
            let standing = self.standing_of(&waiter);
            if matches!(standing, StandingNow::Gone) {
                continue;
            }
            let mut state = waiter.state();
            let State::Waiting(waiting) = &mut *state else { continue };
            view.begin(now, db);
            if let StandingNow::Denied(denied, user) = standing {
                if waiting.would_end(view, key) {
                    let error = self.refuse_waiting(&waiter, denied, &user, view.postman().worker(), now);
                    waiter.reply(&mut state, error, Told::Data);
                    self.waits.leave(stripe, key.bytes(), (db.0, kind, number));
                }
                continue;
            }
            let mut output = Output::new();
            let reply = Reply::new(&mut output, waiter.protocol);
            let mut serving = Serving { view, reply, engine: self, now };
            // What it changes is its client's change.
            serving.view.postman().write_for(waiter.client.id);
            let served = waiting.serve(&mut serving, key);
            view.finish_served();
            view.postman().write_for_sender();
            match served {
                Ok(true) if waiter.asked.is_tracked => self.remember_waited(waiter.client.id, key.bytes()),
                Ok(true) => {}
                Ok(false) if kind.is_alike_for_all() => return,
                Ok(false) => continue,
                Err(error) => {
                    // Whatever of a reply there is already.
                    output = Output::new();
                    Reply::new(&mut output, waiter.protocol).error_bytes(&error.wire_text());
                }
            }
            waiter.reply(&mut state, output.to_vec(), Told::Data);
            self.waits.leave(stripe, key.bytes(), (db.0, kind, number));
        }
    }

    /// The reply to a waiting command that may not be carried out: an error, which is counted and logged.
    #[cold]
    fn refuse_waiting(
        &self,
        waiter: &Waiter,
        denied: Denied,
        user: &User,
        worker: usize,
        now: Moment,
    ) -> Vec<u8> {
        let text = self.note_denied_waiting(waiter, denied, user, worker, now);
        self.stats().command(worker, waiter.asked.command).rejected.add(1);
        self.stats().counters(worker).errors.add(1);
        self.stats().count_error(&text);
        let mut output = Output::new();
        Reply::new(&mut output, waiter.protocol).error_bytes(&text);
        output.to_vec()
    }

    /// Ends the waits that can't go on now that a key has expired; its stripe is locked.
    pub(crate) fn tell_expired(&self, db: DbIndex, key: &[u8]) {
        if self.waits.is_empty() {
            return;
        }
        let stripe = self.keyspace().stripe_of(self.keyspace().key(key).hash());
        for kind in AwaitedKind::ALL {
            let mut behind = 0;
            while let Some((number, waiter)) = self.waits.next(stripe, key, db, kind, behind) {
                behind = number;
                let mut state = waiter.state();
                let State::Waiting(waiting) = &*state else { continue };
                let mut output = Output::new();
                if waiting.reply_expired(key, &mut Reply::new(&mut output, waiter.protocol)) {
                    waiter.reply(&mut state, output.to_vec(), Told::Data);
                    self.waits.leave(stripe, key, (db.0, kind, number));
                }
            }
        }
    }

    /// Locks more than the stripes of these keys, if carrying out what waits at them would touch more.
    #[cold]
    pub(crate) fn lock_for_waiting<'k>(
        &'k self,
        mut locked: Locked<'k>,
        keys: &[(&[u8], u64)],
        mut hashes: Vec<u64>,
    ) -> Locked<'k> {
        loop {
            let more = self.touched_by_waiting(keys);
            let missing: Vec<u64> = more.into_iter().filter(|hash| !locked.holds(*hash)).collect();
            if missing.is_empty() {
                return locked;
            }
            // Nobody holds some stripes while waiting for others. What waits may be another after that: look again.
            drop(locked);
            hashes.extend(missing);
            locked = self.keyspace().lock(hashes.iter().copied());
        }
    }

    /// Hashes of the keys that are touched when whatever waits at these keys, and at the keys that this changes, is carried out.
    fn touched_by_waiting(&self, keys: &[(&[u8], u64)]) -> Vec<u64> {
        let stripe_of = |key: &[u8]| self.keyspace().stripe_of(self.keyspace().key(key).hash());
        let mut seen: BTreeSet<Box<[u8]>> = BTreeSet::new();
        let mut next: BTreeSet<Box<[u8]>> = BTreeSet::new();
        for (key, hash) in keys {
            self.waits.also_touched(self.keyspace().stripe_of(*hash), key, &mut next);
        }
        while let Some(key) = next.pop_first() {
            if !seen.contains(&key) {
                self.waits.also_touched(stripe_of(&key), &key, &mut next);
                seen.insert(key);
            }
        }
        seen.iter().map(|key| self.keyspace().key(key).hash()).collect()
    }
}

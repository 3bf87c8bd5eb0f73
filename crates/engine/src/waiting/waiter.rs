//! One command that waits, and how its wait ends.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::CommandId;
use keyspace::{DbIndex, Entry, Key, Kind};
use resp::{Output, Protocol, Reply, RequestQueue};

use crate::client::Client;
use crate::clock::Moment;
use crate::error::CommandError;
use crate::view::View;
use crate::waiting::register::Place;
use crate::waiting::serve::Serving;

/// What somebody waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AwaitedKind {
    /// An element of a list. When the first who waits gets nothing, neither does the next.
    List,
    /// A member of a sorted set; likewise.
    SortedSet,
    /// An entry of a stream. Each who waits may want another.
    Stream,
    /// Nothing at any key: what somebody outside the engine does.
    Outcome,
}

impl AwaitedKind {
    /// Those of which keys hold something.
    pub(crate) const ALL: [Self; 3] = [Self::List, Self::SortedSet, Self::Stream];

    /// Whether, when one gets nothing, those behind it get nothing either.
    pub(crate) fn is_alike_for_all(self) -> bool {
        self != Self::Stream
    }

    /// Whether it may be found in an entry.
    pub(crate) fn is_in(self, entry: &Entry) -> bool {
        let kind = match self {
            Self::List => Kind::List,
            Self::SortedSet => Kind::SortedSet,
            Self::Stream => Kind::Stream,
            Self::Outcome => return false,
        };
        entry.kind() == kind
    }
}

/// The rest of a command that found nothing to do yet.
pub trait Waiting: Send {
    /// What it waits for.
    fn kind(&self) -> AwaitedKind;

    /// Keys beside those it waits at that carrying it out touches: the same as long as it waits.
    fn also_touches(&self) -> &[Box<[u8]>] {
        &[]
    }

    /// Carries it out, now that `key`, at which it waits, was changed: changes data, records that with effects of its own, and replies. `Ok(false)`:
    /// what it waits for isn't there; nothing was done.
    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError>;

    /// Whether [carrying it out](Self::serve) now would end the wait, with a reply or an error. Whoever may not run it any more is refused then, and not
    /// before.
    fn would_end(&self, view: &mut View<'_>, key: &Key<'_>) -> bool {
        view.peek(key).is_some_and(|entry| self.kind().is_in(&entry))
    }

    /// Whether it can't go on now that the time of `key`, at which it waits, is over; if so, it replies.
    fn reply_expired(&self, _key: &[u8], _reply: &mut Reply<'_>) -> bool {
        false
    }

    /// The reply when its time is up.
    fn reply_timeout(&self, reply: &mut Reply<'_>);

    /// The reply where nothing may wait: in a transaction.
    fn reply_unwaited(&self, reply: &mut Reply<'_>) {
        self.reply_timeout(reply);
    }
}

/// A request that waits, and what held for it when it began to.
pub(crate) struct Asked {
    pub(crate) command: CommandId,
    /// The words of the one request.
    pub(crate) words: RequestQueue,
    /// The generation of users at which it was permitted.
    pub(crate) generation: u64,
    /// Its client tracks what it reads by this.
    pub(crate) is_tracked: bool,
}

/// A command that waits.
pub(crate) struct Waiter {
    pub(crate) client: Arc<Client>,
    pub(crate) db: DbIndex,
    pub(crate) protocol: Protocol,
    pub(crate) asked: Asked,
    /// Keys beside those it waits at that carrying it out touches.
    pub(crate) touches: Box<[Box<[u8]>]>,
    /// The wait ends by itself.
    pub(crate) has_timeout: bool,
    state: Mutex<State>,
}

pub(crate) enum State {
    Waiting(Box<dyn Waiting>),
    /// It has its reply, which its connection has yet to fetch.
    Replied(Vec<u8>, Told),
    /// Nobody wants the reply any more.
    Over,
}

/// What a reply that somebody else made tells.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Of data: with `appendfsync always` it leaves when these are durable.
    Data,
    /// Nothing of them: that the time is up, or how something went outside the engine.
    Outcome,
}

impl Waiter {
    pub(crate) fn new(
        client: Arc<Client>,
        db: DbIndex,
        protocol: Protocol,
        asked: Asked,
        has_timeout: bool,
        waiting: Box<dyn Waiting>,
    ) -> Self {
        let touches = waiting.also_touches().into();
        let state = Mutex::new(State::Waiting(waiting));
        Self { client, db, protocol, asked, touches, has_timeout, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives it its reply and wakes its connection.
    pub(crate) fn reply(&self, state: &mut State, reply: Vec<u8>, told: Told) {
        *state = State::Replied(reply, told);
        self.client.is_blocked.store(false, Relaxed);
        self.client.wake();
    }
}

/// How a wait is ended from outside.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// As if its time were up.
    TimedOut,
    /// With an error (`CLIENT UNBLOCK … ERROR`).
    Unblocked,
}

impl Waiter {
    /// Ends the wait, unless it has ended already. Returns whether it did.
    pub(crate) fn end(&self, ended: Ended) -> bool {
        let mut state = self.state();
        let State::Waiting(waiting) = &*state else { return false };
        let mut output = Output::new();
        let mut reply = Reply::new(&mut output, self.protocol);
        match ended {
            Ended::TimedOut => waiting.reply_timeout(&mut reply),
            Ended::Unblocked => reply.error_bytes(b"UNBLOCKED client unblocked via CLIENT UNBLOCK"),
        }
        self.reply(&mut state, output.to_vec(), Told::Outcome);
        true
    }
}

/// What a key that is waited at takes besides its bytes, which are kept twice; as measured with many of them: most of it is the queue of those who wait
/// at it, which has room for more than one.
const KEY_BYTES: usize = 448;

/// A session's side of a wait.
pub(crate) struct Wait {
    pub(crate) waiter: Arc<Waiter>,
    /// Its place in the queues.
    pub(crate) number: u64,
    /// Each key once, with the stripe it lives in.
    pub(crate) keys: Vec<(usize, Box<[u8]>)>,
    pub(crate) kind: AwaitedKind,
    /// When its time is up.
    pub(crate) until: Option<Moment>,
    /// Bytes that it takes.
    pub(crate) bytes: usize,
}

impl Wait {
    /// Bytes that the wait takes, with its share of the register: nearly, as if nobody else waited at these keys.
    pub(crate) fn count_bytes(waiter: &Waiter, keys: &[(usize, Box<[u8]>)]) -> usize {
        let keys = keys.iter().map(|(_, key)| KEY_BYTES + 2 * key.len());
        waiter.asked.words.capacity() + keys.sum::<usize>()
    }

    pub(crate) fn place(&self) -> Place {
        (self.waiter.db.0, self.kind, self.number)
    }

    /// Whether there is something to do about it.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| until <= now) || !matches!(*self.waiter.state(), State::Waiting(_))
    }
}

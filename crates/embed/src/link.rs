//! A session and its buffers: commands in, replies out, one caller at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Buf;
use engine::{Clock, Engine, Flow, Moment, Peer, Refused, ReplyMode, Session};
use keyspace::DbIndex;
use resp::{DEPTH_MAX, Frame, Output, Protocol, ReplyLimits, ReplyReader, RequestReader};

use crate::bell::{Bell, Time};
use crate::encoder::Encoder;
use crate::error::{CommandError, Error};
use crate::lane::Turn;
use crate::reply::Reply;
use crate::words::sealed::Words;

/// The engine was asked, so what it answers is not limited a second time; but dropping a value recurses.
const LIMITS: ReplyLimits =
    ReplyLimits { bulk_bytes_max: usize::MAX, elements_max: usize::MAX, depth_max: DEPTH_MAX };

/// A session in RESP3, trusted without a password: whoever holds the database may do everything.
pub(crate) struct Link {
    engine: Arc<Engine>,
    /// There until it is closed.
    session: Option<Session>,
    bell: Arc<Bell>,
    input: RequestReader,
    output: Output,
    replies: ReplyReader,
    scratch: Vec<u8>,
}

impl Link {
    /// Opens a session that counts as `worker`.
    pub(crate) fn open(engine: &Arc<Engine>, worker: usize, clock: &dyn Clock) -> Result<Self, Error> {
        let bell = Arc::new(Bell::default());
        let waker = Arc::clone(&bell);
        let opened = engine.open(worker, &Peer::in_process(), clock.now(), waker);
        let mut session = opened.map_err(|refused| match refused {
            Refused::TooManyClients | Refused::ProtectedMode => Error::TooManyClients,
        })?;
        session.set_protocol(Protocol::Resp3);
        engine.trust(&mut session);
        Ok(Self {
            engine: Arc::clone(engine),
            session: Some(session),
            bell,
            input: RequestReader::new(),
            output: Output::new(),
            replies: ReplyReader::new(),
            scratch: Vec::new(),
        })
    }

    /// Whether commands still run in it.
    pub(crate) fn is_open(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.client().is_killed())
    }

    /// Whether the next caller finds it as the first did. Commands that change a session don't come here; this is the second lock
    /// on that door.
    pub(crate) fn is_as_opened(&self) -> bool {
        self.session.as_ref().is_some_and(|session| {
            session.db() == DbIndex(0)
                && session.protocol() == Protocol::Resp3
                && session.reply_mode() == ReplyMode::On
                && session.is_trusted()
                && self.input.buffered() == 0
        })
    }

    /// Runs one command.
    pub(crate) fn call(
        &mut self,
        words: &impl Words,
        time: Time<'_>,
        turn: &mut Turn<'_>,
    ) -> Result<Reply, Error> {
        if words.count() == 0 {
            return Err(Error::NoWords);
        }
        self.send(words);
        self.serve(time, turn);
        self.take_reply().unwrap_or(Err(Error::Closed))
    }

    /// Writes one command, which is not run yet.
    pub(crate) fn send(&mut self, words: &impl Words) {
        let bulk_bytes_max = self.engine.settings().bulk_bytes_max();
        Encoder::to_reader(&mut self.input, &mut self.scratch, bulk_bytes_max).request(words);
    }

    /// Sleeps until the session has something to see to, or that moment, if any, has come.
    pub(crate) fn sleep(&self, until: Option<Moment>, time: Time<'_>) {
        self.bell.sleep(until, time);
    }

    /// The next push that has come, by its elements. What else has come is dropped.
    pub(crate) fn take_push(&mut self) -> Option<Vec<Frame>> {
        loop {
            match self.replies.parse(&LIMITS).expect("the engine writes RESP of limited depth")? {
                Frame::Push(elements) => return Some(elements),
                _ => continue,
            }
        }
    }

    /// Runs requests that are written already, one after the other. As many outcomes as requests.
    pub(crate) fn run(
        &mut self,
        requests: &[u8],
        count: usize,
        time: Time<'_>,
        turn: &mut Turn<'_>,
    ) -> VecDeque<Result<Reply, Error>> {
        self.input.feed(requests);
        let mut outcomes = VecDeque::with_capacity(count);
        while self.serve(time, turn) == Flow::Flush {
            outcomes.extend(std::iter::from_fn(|| self.take_reply()));
        }
        outcomes.extend(std::iter::from_fn(|| self.take_reply()));
        debug_assert!(outcomes.len() <= count, "each request has one reply");
        outcomes.resize(count, Err(Error::Closed));
        outcomes
    }

    /// Has the engine run what was written, and takes what it answers. While a command waits, this thread does, and others have its turn.
    fn serve(&mut self, time: Time<'_>, turn: &mut Turn<'_>) -> Flow {
        loop {
            let flow = self.serve_once(time.clock);
            if flow != Flow::Wait {
                return flow;
            }
            let until = self.session.as_ref().and_then(Session::waits_until).flatten();
            turn.pause(|| self.bell.sleep(until, time));
        }
    }

    pub(crate) fn serve_once(&mut self, clock: &dyn Clock) -> Flow {
        let Some(session) = &mut self.session else { return Flow::Close };
        let flow = self.engine.serve(session, &mut self.input, clock, &mut self.output);
        session.note_sent(self.output.len() as u64);
        while self.output.has_remaining() {
            let piece = self.output.chunk();
            let len = piece.len();
            self.replies.feed(piece);
            self.output.advance(len);
        }
        if flow == Flow::Close {
            self.close();
        }
        flow
    }

    fn take_reply(&mut self) -> Option<Result<Reply, Error>> {
        loop {
            let frame = self.replies.parse(&LIMITS).expect("the engine writes RESP of limited depth")?;
            return Some(match frame {
                Frame::Push(_) => continue,
                Frame::Error(text) | Frame::BulkError(text) => {
                    Err(Error::Command(CommandError::from_text(&text)))
                }
                frame => Ok(frame.into()),
            });
        }
    }

    fn close(&mut self) {
        if let Some(session) = self.session.take() {
            self.engine.close(session);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

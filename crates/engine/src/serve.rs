//! Serving a session: batches of requests in, replies out.

use std::sync::atomic::Ordering::Relaxed;

use resp::{Output, ProtocolError, Reply, RequestLimits, RequestReader};

use crate::clock::{Clock, Moment};
use crate::engine::Engine;
use crate::plan::Plan;
use crate::session::Session;

/// Requests planned and run together. Long enough to lock and fetch ahead, short enough to stay in the first-level cache.
const BATCH_REQUESTS_MAX: usize = 64;

/// With this many bytes of replies waiting the caller gets to write before more requests are run.
const OUTPUT_BYTES_HIGH: usize = 256 * 1024;

/// What to do next with a connection.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Every whole request was run: write the output, then wait for more input.
    More,
    /// Much output has gathered: write it, then call again before reading more.
    Flush,
    /// Write the output, then close.
    Close,
}

impl Engine {
    /// Runs every whole request in `input` and appends the replies to `output`.
    ///
    /// Requests that are incomplete stay in `input`. What is wrong with a request is a reply; what is wrong with the protocol is a
    /// last reply and [`Flow::Close`].
    pub fn serve(
        &self,
        session: &mut Session,
        input: &mut RequestReader,
        clock: &dyn Clock,
        output: &mut Output,
    ) -> Flow {
        let mut now = clock.now();
        note_input(session, input, now);
        let mut plan = std::mem::take(&mut session.plan);
        let flow = loop {
            if session.client.is_killed() {
                break Flow::Close;
            }
            let batch_max = self.batch_max(session);
            let parsed = self.parse_batch(session, input, batch_max);
            if input.len() > 0 {
                plan.make(input, &self.handlers, self.keyspace());
                now = self.run_batch(session, input, &plan, clock, now, output);
            }
            // Compared with the limit that it was parsed under: the batch may have changed that (AUTH, RESET).
            let more = input.len() == batch_max;
            input.release();
            if session.closing {
                break Flow::Close;
            }
            if let Err(error) = parsed {
                self.refuse_input(session, error, output);
                break Flow::Close;
            }
            if input.buffered() > self.settings().query_bytes_max() {
                break Flow::Close;
            }
            if !more {
                break Flow::More;
            }
            if output.len() > OUTPUT_BYTES_HIGH {
                break Flow::Flush;
            }
        };
        plan.trim();
        session.plan = plan;
        note_input(session, input, now);
        session.client.note_replies(output.len() as u64, output.capacity() as u64);
        flow
    }

    /// Parses requests until the batch is full or the input is used up.
    fn parse_batch(
        &self,
        session: &Session,
        input: &mut RequestReader,
        batch_max: usize,
    ) -> Result<(), ProtocolError> {
        let limits = if self.must_log_in(session) {
            RequestLimits::UNAUTHENTICATED
        } else {
            RequestLimits { bulk_bytes_max: self.settings().bulk_bytes_max(), ..RequestLimits::default() }
        };
        while input.len() < batch_max && input.parse(&limits)? {}
        Ok(())
    }

    /// Before authentication requests run one by one: the limits change with the first that succeeds.
    fn batch_max(&self, session: &Session) -> usize {
        if self.must_log_in(session) { 1 } else { BATCH_REQUESTS_MAX }
    }

    fn run_batch(
        &self,
        session: &mut Session,
        input: &RequestReader,
        plan: &Plan,
        clock: &dyn Clock,
        started: Moment,
        output: &mut Output,
    ) -> Moment {
        let mut now = started;
        let mut next = 0;
        while next < plan.steps().len() && !session.closing && !session.client.is_killed() {
            let end = self.chunk_end(plan, next);
            now = self.run_chunk(session, input, plan, next..end, clock, now, output);
            next = end;
        }
        self.stats().counters(session.worker).commands.add(next as u64);
        now
    }

    fn refuse_input(&self, session: &Session, error: ProtocolError, output: &mut Output) {
        self.stats().counters(session.worker).errors.add(1);
        self.stats().count_error(b"ERR");
        Reply::new(output, session.protocol()).protocol_error(&error);
    }
}

/// Shows others, and the client itself in its own `CLIENT LIST`, that it is there and what it has sent.
fn note_input(session: &Session, input: &RequestReader, now: Moment) {
    session.note_active(now);
    let client = &session.client;
    client.query_bytes.store(input.buffered() as u64, Relaxed);
    client.query_capacity.store(input.capacity() as u64, Relaxed);
}

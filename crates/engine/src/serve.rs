//! Serving a session: batches of requests in, replies out.

use resp::{Output, ProtocolError, Reply, RequestLimits, RequestReader};

use crate::clock::{Clock, Moment};
use crate::engine::Engine;
use crate::names::Naming;
use crate::plan::Plan;
use crate::session::Session;

/// Requests planned and run together. Long enough to lock and fetch ahead, short enough to stay in the first-level cache.
const BATCH_REQUESTS_MAX: usize = 64;

/// A batch ends with the request that makes it so long: parsing takes time, too.
const BATCH_BYTES: usize = 128 * 1024;

/// No batch is begun after so long in one call: others have a turn.
const TURN_NANOS: u64 = 250_000;

/// Room of a plan that is kept from batch to batch, in steps and in keys.
pub(crate) const PLAN_KEPT: usize = 1024;

/// With more bytes of replies than this waiting no further request of their client is run: it has to take some first.
pub const OUTPUT_BYTES_HIGH: usize = 256 * 1024;

/// What to do next with a connection.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Every whole request was run: write the output, then wait for more input.
    More,
    /// Requests are left: write the output, and call again as soon as no more than [`OUTPUT_BYTES_HIGH`] bytes of it are left.
    /// `input` may be fed meanwhile.
    Flush,
    /// A command waits for somebody else's change: write the output, and call again when the session is woken or the moment
    /// [`Session::waits_until`] has come. `input` may be fed meanwhile.
    Wait,
    /// Write the output, then close.
    Close,
}

/// What was parsed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Parsed {
    /// A full batch; there may be more.
    Batch,
    /// Every whole request.
    All,
}

impl Engine {
    /// Runs the whole requests in `input` and appends the replies to `output`, until there are none left, or many replies wait, or
    /// others should have a turn.
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
        let now = clock.now();
        session.note_active(now);
        session.note_input(input);
        let mut plan = std::mem::take(&mut session.plan);
        let flow = self.run(session, input, &mut plan, clock, now, output);
        if plan.is_done() {
            plan.trim(PLAN_KEPT);
        }
        session.plan = plan;
        self.note_buffers(session, input, output);
        flow
    }

    fn run(
        &self,
        session: &mut Session,
        input: &mut RequestReader,
        plan: &mut Plan,
        clock: &dyn Clock,
        started: Moment,
        output: &mut Output,
    ) -> Flow {
        let mut now = started;
        let mut was_last = false;
        while now.nanos_since(started) < TURN_NANOS {
            if session.client.is_killed() {
                return Flow::Close;
            }
            if session.has_mail() && !self.deliver(session, output) {
                return Flow::Flush;
            }
            if !self.finish_wait(session, now, output) || !self.finish_hold(session, now) {
                return Flow::Wait;
            }
            if plan.is_done() {
                input.release();
                let mut bytes = 0;
                let parsed = self.parse_batch(session, input, &mut bytes);
                if input.len() == 0 {
                    return self.end_of_input(session, parsed, output);
                }
                was_last = parsed == Ok(Parsed::All);
                plan.make(input, bytes, (&self.handlers, Naming::Client), self.keyspace());
            }
            now = self.run_batch(session, input, plan, clock, now, output);
            if session.closing {
                return Flow::Close;
            }
            if session.wait.is_some() || session.held_until.is_some() {
                // What the command told its own client as it was left comes first: nobody wakes it for that.
                return if session.has_mail() { Flow::Flush } else { Flow::Wait };
            }
            if was_last && plan.is_done() {
                input.release();
                return if session.has_mail() { Flow::Flush } else { Flow::More };
            }
            if output.len() > OUTPUT_BYTES_HIGH {
                return Flow::Flush;
            }
        }
        Flow::Flush
    }

    /// Parses requests until the batch is full or the input is used up, and adds up their bytes.
    fn parse_batch(
        &self,
        session: &Session,
        input: &mut RequestReader,
        bytes: &mut usize,
    ) -> Result<Parsed, ProtocolError> {
        let limits = if self.must_log_in(session) {
            RequestLimits::UNAUTHENTICATED
        } else {
            RequestLimits { bulk_bytes_max: self.settings().bulk_bytes_max(), ..RequestLimits::default() }
        };
        let requests_max = self.batch_max(session);
        while input.len() < requests_max && *bytes < BATCH_BYTES {
            if !input.parse(&limits)? {
                return Ok(Parsed::All);
            }
            *bytes += input.request(input.len() - 1).wire_len();
        }
        Ok(Parsed::Batch)
    }

    /// Before authentication requests run one by one: the limits change with the first that succeeds.
    fn batch_max(&self, session: &Session) -> usize {
        if self.must_log_in(session) { 1 } else { BATCH_REQUESTS_MAX }
    }

    /// Runs what is left of a batch, or of that one chunk or more, until enough replies wait.
    fn run_batch(
        &self,
        session: &mut Session,
        input: &RequestReader,
        plan: &mut Plan,
        clock: &dyn Clock,
        started: Moment,
        output: &mut Output,
    ) -> Moment {
        let begun = plan.next();
        let mut now = started;
        loop {
            now = self.run_chunk(session, input, plan, clock, now, output);
            let waits = session.wait.is_some() || session.held_until.is_some();
            let may_go_on = !session.closing && !session.client.is_killed() && !waits;
            if plan.is_done() || output.len() > OUTPUT_BYTES_HIGH || !may_go_on {
                break;
            }
        }
        self.stats().counters(session.worker).commands.add((plan.next() - begun) as u64);
        now
    }

    /// No whole request is left: the client has yet to send the rest, or sent what nobody understands.
    fn end_of_input(
        &self,
        session: &Session,
        parsed: Result<Parsed, ProtocolError>,
        output: &mut Output,
    ) -> Flow {
        let Err(error) = parsed else { return Flow::More };
        self.stats().counters(session.worker).errors.add(1);
        self.stats().count_error(b"ERR");
        Reply::new(output, session.protocol()).protocol_error(&error);
        Flow::Close
    }
}

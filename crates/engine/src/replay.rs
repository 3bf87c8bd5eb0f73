//! Carrying out what a log says.

use std::sync::Arc;

use resp::{Output, RequestLimits, RequestReader};

use crate::admission::Peer;
use crate::client::Client;
use crate::clock::{Clock, Moment};
use crate::engine::Engine;
use crate::logged;
use crate::names::Naming;
use crate::plan::Plan;
use crate::session::Session;

/// Requests planned and run together.
const BATCH_REQUESTS_MAX: usize = 64;

/// A log that is being carried out.
///
/// Its requests run as a client's, but for this: commands have their own names, whatever clients call them (`rename-command`); nobody may refuse
/// them, whatever there is of users, memory or pauses; none of them waits; nothing is counted; and no key is due, since a log says itself which
/// keys were removed when. While one is under way nobody
/// else should change data.
pub struct Replay {
    session: Session,
    input: RequestReader,
    output: Output,
}

/// A request that no server would have written into its log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ReplayError {
    /// Which of the requests that were given, counted from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl Engine {
    /// Begins to carry out a log.
    pub fn begin_replay(&self, now: Moment) -> Replay {
        let worker = self.workers();
        let client = Arc::new(Client::new(0, &Peer::in_process(), worker, now, Arc::new(())));
        let mut session = self.session_of(client, worker);
        self.trust(&mut session);
        session.is_replaying = true;
        Replay { session, input: RequestReader::new(), output: Output::new() }
    }

    /// Carries out requests, which are whole.
    ///
    /// # Errors
    /// See [`ReplayError`]. The requests before it may have been carried out.
    pub fn replay(&self, replay: &mut Replay, requests: &[u8], clock: &dyn Clock) -> Result<(), ReplayError> {
        replay.input.feed(requests);
        let mut done = 0;
        loop {
            replay.input.release();
            let limits = RequestLimits { bulk_bytes_max: usize::MAX, ..RequestLimits::default() };
            let mut bytes = 0;
            while replay.input.len() < BATCH_REQUESTS_MAX {
                match replay.input.parse(&limits) {
                    Ok(true) => bytes += replay.input.request(replay.input.len() - 1).wire_len(),
                    Ok(false) => break,
                    Err(error) => {
                        return Err(ReplayError {
                            index: done + replay.input.len(),
                            reason: error.to_string(),
                        });
                    }
                }
            }
            if replay.input.len() == 0 {
                return Ok(());
            }
            let mut plan = std::mem::take(&mut replay.session.plan);
            plan.make(&replay.input, bytes, (&self.handlers, Naming::Log), self.keyspace());
            let outcome = self.replay_batch(replay, &mut plan, clock);
            replay.session.plan = plan;
            outcome.map_err(|error| ReplayError { index: done + error.index, ..error })?;
            done += replay.input.len();
        }
    }

    fn replay_batch(
        &self,
        replay: &mut Replay,
        plan: &mut Plan,
        clock: &dyn Clock,
    ) -> Result<(), ReplayError> {
        let Replay { session, input, output } = replay;
        if let Some(index) = plan.steps().iter().position(|step| step.built.is_none()) {
            let words: Vec<_> = input.request(index).words().take(2).map(<[u8]>::escape_ascii).collect();
            let words: Vec<_> = words.into_iter().map(|word| word.to_string()).collect();
            let reason =
                format!("no server has the command '{}', or not with so many arguments", words.join(" "));
            return Err(ReplayError { index, reason });
        }
        let databases = self.keyspace().databases();
        for (index, step) in plan.steps().iter().enumerate() {
            let fault =
                step.command.and_then(|command| logged::fault(command, input.request(index), databases));
            if let Some(reason) = fault {
                return Err(ReplayError { index, reason });
            }
        }
        let mut now = clock.now();
        while !plan.is_done() {
            now = self.run_chunk(session, input, plan, clock, now, output);
            // What waits for nobody is as if its time were up.
            self.forget_wait(session);
            output.clear();
        }
        Ok(())
    }

    /// Ends a log.
    pub fn end_replay(&self, replay: Replay) {
        let mut session = replay.session;
        self.leave_transaction(&mut session);
    }
}

impl Replay {
    /// How many of the requests that were carried out had an error as their reply.
    pub fn errors(&self) -> u64 {
        self.session.errors
    }
}

//! What the commands that were picked cost, and which keys it is put down to.

use resp::{Request, RequestReader};

use super::{Pick, Picks};
use crate::engine::Engine;
use crate::plan::{Plan, PlannedKey, Step};
use crate::session::Session;

/// Longer keys are passed over: a measurement keeps the names of hundreds.
const KEY_BYTES_MAX: usize = 4096;

/// What one command cost.
struct Cost<'r> {
    request: Request<'r>,
    keys: &'r [PlannedKey],
    nanos: u64,
    reply_bytes: u64,
}

impl Engine {
    /// Puts down what the picked commands of a chunk cost, which has just been run and took so long together. `put_off` has a bit for each of
    /// its commands that didn't run.
    #[inline]
    pub(crate) fn note_picks(
        &self,
        session: &Session,
        picks: Picks<'_>,
        (plan, input): (&Plan, &RequestReader),
        nanos: u64,
        put_off: u64,
    ) {
        if picks.is_on() {
            let nanos_each = nanos / (picks.run() as u64).max(1);
            self.note_those_picked(session, picks.finish(), (plan, input), nanos_each, put_off);
        }
    }

    fn note_those_picked(
        &self,
        session: &Session,
        picked: Vec<Pick>,
        (plan, input): (&Plan, &RequestReader),
        nanos_each: u64,
        put_off: u64,
    ) {
        for pick in picked.into_iter().filter(|pick| put_off >> pick.index & 1 == 0) {
            let index = plan.next() + pick.index;
            match (&session.ran, plan.steps().get(index)) {
                (Some(block), _) => {
                    let reply_bytes = pick.reply_bytes / (block.len() as u64).max(1);
                    for (index, nanos) in block.nanos_of_each().enumerate() {
                        let (request, keys) = (block.request(index), block.keys_of(index));
                        self.note_cost(session.worker, &Cost { request, keys, nanos, reply_bytes });
                    }
                }
                (None, Some(step)) => {
                    let cost = cost_of(plan, step, input.request(index), nanos_each, pick.reply_bytes);
                    self.note_cost(session.worker, &cost);
                }
                (None, None) => {}
            }
        }
    }

    /// Several keys share what their command cost equally.
    fn note_cost(&self, worker: usize, cost: &Cost<'_>) {
        let keys = cost.keys.len() as u64;
        if keys == 0 {
            return;
        }
        let net_bytes = cost.request.wire_len() as u64 + cost.reply_bytes;
        let mut sketches = self.hot_keys.sketches(worker);
        for key in cost.keys {
            let name = cost.request.word(key.word as usize);
            if name.len() <= KEY_BYTES_MAX {
                sketches.add(name, key.hash, cost.nanos / keys, net_bytes / keys);
            }
        }
    }
}

fn cost_of<'r>(plan: &'r Plan, step: &Step, request: Request<'r>, nanos: u64, reply_bytes: u64) -> Cost<'r> {
    Cost { request, keys: plan.keys_of(step), nanos, reply_bytes }
}

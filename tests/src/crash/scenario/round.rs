//! One round: a server works, ends, and is started again.

use std::time::Instant;

use fastrand::Rng;

use super::super::judge::{Broken, Promise};
use super::super::load::{Load, Pace};
use super::super::site::{Site, fault, kill, pause};
use super::super::tally::Tally;
use super::plan::{Plan, Policy, killed_loss};
use crate::process::Process;

/// How long clients work, in milliseconds.
const WORK_MILLIS: std::ops::Range<u64> = 5..250;
/// By how much it is longer in every other round than what may be lost, where only what was acknowledged some time before the end is owed.
const OWED_WORK_MILLIS: std::ops::Range<u64> = 100..400;
/// The same now and then, so that fsyncs by the second happen.
const LONG_WORK_MILLIS: std::ops::Range<u64> = 1900..3200;

/// What a round has.
pub(crate) struct Round<'a> {
    /// The data directory.
    pub(crate) site: &'a mut Site,
    /// When the log is made durable.
    pub(crate) policy: Policy,
    /// Chance.
    pub(crate) rng: &'a mut Rng,
    /// What came out so far.
    pub(crate) tally: &'a mut Tally,
    /// Whether there is time for what takes seconds.
    pub(crate) has_time: bool,
}

impl Round<'_> {
    /// What must be there after kvd was killed at this moment.
    pub(super) fn promise(&self, ended: Instant) -> Promise {
        self.policy.promise(ended, killed_loss(self.site.path()))
    }

    /// Lets time pass while clients work.
    pub(crate) fn work(&mut self) {
        let is_long = self.has_time && self.policy != Policy::Always && self.rng.u32(0..12) == 0;
        let millis = match self.policy {
            _ if is_long => LONG_WORK_MILLIS,
            Policy::Everysec | Policy::No if self.tally.rounds.is_multiple_of(2) => {
                let loss = killed_loss(self.site.path()).as_millis() as u64;
                loss + OWED_WORK_MILLIS.start..loss + OWED_WORK_MILLIS.end
            }
            _ => WORK_MILLIS,
        };
        pause(self.rng, millis);
    }

    /// Starts kvd and has clients work for a while; then kvd is killed. Returns when.
    pub(crate) fn work_and_kill(&mut self, plan: &Plan) -> Result<(Load, Instant), Broken> {
        let mut process = self.site.start_up(plan)?;
        let load = self.site.load(&process, Pace::Pipelines);
        self.work();
        let ended = kill(&mut process)?;
        self.site.note_log(&process);
        Ok((load, ended))
    }

    /// Starts kvd again and compares. It is still there afterwards.
    pub(crate) fn restart_and_compare(
        &mut self,
        plan: &Plan,
        load: Load,
        promise: Promise,
    ) -> Result<Process, Broken> {
        let worked = load.end(promise.ended).map_err(fault)?;
        let histories = self.site.note_work(worked);
        let process = self.site.start_up(plan)?;
        let verdict = self.site.compare(&histories, &process, promise)?;
        self.tally.add(&verdict);
        Ok(process)
    }

    /// What was there before the last end must be there whole.
    pub(crate) fn compare_again(&mut self, process: &Process) -> Result<(), Broken> {
        let histories = self.site.nothing_new();
        self.site.compare(&histories, process, Promise::all(Instant::now())).map(drop)
    }
}

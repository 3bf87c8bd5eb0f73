//! Killed while snapshots are written all the time: the last one is whole, and of one instant.

use super::super::judge::{Broken, Promise};
use super::super::load::Pace;
use super::super::site::kill;
use super::nuisance::{Nuisance, SAVE};
use super::{Plan, Round};

pub(super) const DEED: &str = "snapshots";

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let plan = Plan::snapshots();
    let mut process = round.site.start_up(&plan)?;
    let nuisance = Nuisance::start(process.address, SAVE);
    let load = round.site.load(&process, Pace::Pipelines);
    if round.rng.u32(0..4) > 0 {
        nuisance.await_one();
    }
    round.work();
    let ended = kill(&mut process)?;
    round.site.note_log(&process);
    let done = nuisance.end()?;
    round.tally.note_many(DEED, done.count);
    // What was acknowledged before a snapshot was asked for is in it.
    let promise = Promise { before: done.last_asked, ended };
    round.restart_and_compare(&plan, load, promise).map(drop)
}

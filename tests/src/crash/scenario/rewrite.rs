//! Killed while the log is written anew all the time.

use super::super::judge::Broken;
use super::super::load::Pace;
use super::super::site::kill;
use super::nuisance::{Nuisance, REWRITE};
use super::{Plan, Round};

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let often = ["--auto-aof-rewrite-min-size", "16kb", "--auto-aof-rewrite-percentage", "20"];
    let plan = Plan::log(round.policy).with(&often);
    let mut process = round.site.start_up(&plan)?;
    let nuisance = Nuisance::start(process.address, REWRITE);
    let load = round.site.load(&process, Pace::Pipelines);
    round.work();
    let ended = kill(&mut process)?;
    round.site.note_log(&process);
    let done = nuisance.end()?;
    round.tally.note_many("rewrites that somebody asked for", done.count);
    round.restart_and_compare(&plan, load, round.policy.promise(ended)).map(drop)
}

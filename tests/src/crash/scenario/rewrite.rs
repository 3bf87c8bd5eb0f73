//! Killed while the log is written anew all the time.

use super::super::judge::Broken;
use super::super::load::Pace;
use super::super::site::{fault, kill};
use super::nuisance::{Nuisance, REWRITE};
use super::{Plan, Round};
use crate::patience::comes_true;

pub(super) const DEED: &str = "rewrites of the log";

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let often = ["--auto-aof-rewrite-min-size", "16kb", "--auto-aof-rewrite-percentage", "20"];
    let plan = Plan::log(round.policy).with(&often);
    let mut process = round.site.start_up(&plan)?;
    let base = round.site.base_number().map_err(fault)?;
    let nuisance = Nuisance::start(process.address, REWRITE);
    let load = round.site.load(&process, Pace::Pipelines);
    let is_rewritten = || round.site.base_number().is_ok_and(|number| number > base);
    if round.rng.u32(0..4) > 0 && !comes_true(is_rewritten) {
        return Err(Broken::Other("the log is never written anew".to_owned()));
    }
    round.work();
    let ended = kill(&mut process)?;
    round.site.note_log(&process);
    nuisance.end()?;
    let bases = round.site.base_number().map_err(fault)?.saturating_sub(base);
    round.tally.note_many(DEED, bases);
    round.restart_and_compare(&plan, load, round.promise(ended)).map(drop)
}

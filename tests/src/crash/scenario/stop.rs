//! Stopped in good order at a random moment.

use std::time::Instant;

use super::super::judge::{Broken, Promise};
use super::super::load::Pace;
use super::super::site::fault;
use super::nuisance::{Nuisance, REWRITE, SAVE};
use super::{Plan, Round};

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let has_log = round.site.has_log(round.rng);
    let plan = match has_log {
        true => Plan::log(round.policy),
        false => Plan::snapshots().with(&["--save", "3600 1"]),
    };
    let mut process = round.site.start_up(&plan)?;
    let load = round.site.load(&process, Pace::Pipelines);
    let wish = if has_log { REWRITE } else { SAVE };
    let nuisance = round.rng.bool().then(|| Nuisance::start(process.address, wish));
    round.work();
    let ended = Instant::now();
    process.signal("TERM").map_err(fault)?;
    let status = process.wait().map_err(fault)?;
    round.site.note_log(&process);
    if !status.success() {
        return Err(Broken::Other(format!("it was to stop, and ended with {status}")));
    }
    if let Some(nuisance) = nuisance {
        nuisance.end()?;
    }
    round.restart_and_compare(&plan, load, Promise::all(ended)).map(drop)
}

//! Killed while it loads; then everything is loaded.

use std::time::Instant;

use super::super::judge::{Broken, Promise};
use super::super::load::Pace;
use super::super::site::{fault, kill, pause};
use super::{Plan, Policy, Round};

pub(super) const DEED: &str = "kills while loading";
/// How often it is killed.
const KILLS: u32 = 3;
/// How long clients work to make it worth loading, in milliseconds.
const WORK_MILLIS: std::ops::Range<u64> = 100..300;

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    // Whether a reply waits for an fsync is nothing to what is loaded; without it there is more.
    let plan = Plan::log(Policy::No);
    let mut process = round.site.start_up(&plan)?;
    let load = round.site.load(&process, Pace::Pipelines);
    pause(round.rng, WORK_MILLIS);
    let ended = Instant::now();
    process.signal("TERM").map_err(fault)?;
    process.wait().map_err(fault)?;
    let began = Instant::now();
    let mut process = round.restart_and_compare(&plan, load, Promise::all(ended))?;
    let millis = began.elapsed().as_millis() as u64;
    kill(&mut process)?;
    for _ in 0..KILLS {
        let mut process = round.site.spawn(&plan).map_err(fault)?;
        pause(round.rng, 0..millis.max(2));
        kill(&mut process)?;
        round.site.note_log(&process);
        let had_loaded = process.log().contains("Ready to accept");
        round.tally.note(if had_loaded { "kills after loading" } else { DEED });
    }
    let process = round.site.start_up(&plan)?;
    round.compare_again(&process)
}

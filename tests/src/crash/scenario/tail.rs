//! Killed, and the end of the log is cut off, as a machine may leave it that lost power.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::judge::{Broken, Promise};
use super::super::load::Pace;
use super::super::site::{Site, fault, files, kill, pause};
use super::{Plan, Round};

pub(super) const DEED: &str = "torn ends, kept beside the log";
/// So few bytes are cut that the last command is torn.
const FEW_BYTES: u64 = 80;

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let plan = Plan::log(round.policy);
    let mut process = round.site.start_up(&plan)?;
    // What is older is known as a whole, and stays.
    let old = last_increment(round.site)?.map_or(0, |path| length(&path));
    let load = round.site.load(&process, Pace::Pipelines);
    round.work();
    let ended = kill(&mut process)?;
    let worked = load.end(ended).map_err(fault)?;
    let histories = round.site.note_work(worked);
    let Some(path) = last_increment(round.site)? else {
        return Err(Broken::Other("there is no increment".to_owned()));
    };
    let whole = fs::read(&path).map_err(fault)?;
    let new = (whole.len() as u64).saturating_sub(old);
    let cut = if round.rng.bool() { round.rng.u64(0..=FEW_BYTES.min(new)) } else { round.rng.u64(0..=new) };
    let left = whole.len() - cut as usize;
    let file = fs::OpenOptions::new().write(true).open(&path).map_err(fault)?;
    file.set_len(left as u64).map_err(fault)?;
    if round.rng.bool() {
        // Killed once more, perhaps in the middle of the repair.
        let mut process = round.site.spawn(&plan).map_err(fault)?;
        pause(round.rng, 0..60);
        kill(&mut process)?;
    }
    let process = round.site.start_up(&plan)?;
    let is_kept = check_copy(&path, whole.get(..left).unwrap_or_default())?;
    round.tally.note(if is_kept { DEED } else { "cuts between two entries" });
    let promise = Promise { before: None, ended };
    let verdict = round.site.compare(&histories, &process, promise)?;
    round.tally.checked += verdict.checked;
    round.tally.acknowledged += verdict.acknowledged;
    Ok(())
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// The increment that was written last.
pub(super) fn last_increment(site: &Site) -> Result<Option<PathBuf>, Broken> {
    let files = site.log_files().map_err(fault)?;
    let number = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("appendonly.aof.")?.strip_suffix(".incr.aof")?.parse::<u64>().ok()
    };
    Ok(files.into_iter().filter(|path| number(path).is_some()).max_by_key(number))
}

/// Every byte of the torn file must be there: in it, or behind its end in the copy of what was cut. Returns whether there is a copy.
pub(super) fn check_copy(path: &Path, torn: &[u8]) -> Result<bool, Broken> {
    let now = fs::read(path).map_err(fault)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut is_any = false;
    for copy in files(folder).map_err(fault)? {
        let copied =
            copy.file_name().and_then(|copy| copy.to_str()?.strip_prefix(name)?.strip_prefix(".cut-at-"));
        let Some(good) = copied.and_then(|good| good.split('.').next()?.parse::<usize>().ok()) else {
            continue;
        };
        let kept = fs::read(&copy).map_err(fault)?;
        is_any |=
            torn.get(good..) == Some(&kept[..]) && torn.get(..good) == now.get(..good) && !kept.is_empty();
    }
    if is_any || now.starts_with(torn) {
        return Ok(is_any);
    }
    Err(Broken::Other(format!("{} was cut, and not all of what was cut is beside it", path.display())))
}

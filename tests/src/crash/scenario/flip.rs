//! A bit of a file is flipped.
//!
//! kvd must see it, or be right in spite of it. In a file of commands it can't always: the format has no checksums, so a value with a wrong byte is as
//! good as any other. These are counted apart.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::judge::{Broken, Promise};
use super::super::key::Key;
use super::super::load::Pace;
use super::super::observe::Seen;
use super::super::site::{Start, fault, info, kill, last_line};
use super::super::value::Data;
use super::nuisance::{REWRITE, SAVE};
use super::tail::check_copy;
use super::{Plan, Round};
use crate::hostile::client::Client;
use crate::patience::comes_true;
use crate::process::Process;

pub(super) const DEED: &str = "flips that were refused";
/// At most so many keys are wrong because of one bit: the one that a command named, and the one that it names now.
const KEYS_MAX: usize = 2;
/// So many bytes at either end of a file matter most.
const END_BYTES: usize = 60;

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let has_log = round.rng.u32(0..4) > 0;
    let plan = if has_log { Plan::log(round.policy) } else { Plan::snapshots() };
    let mut process = round.site.start_up(&plan)?;
    let load = round.site.load(&process, Pace::Pipelines);
    round.work();
    if !has_log || round.rng.bool() {
        finish(&process, if has_log { REWRITE.command } else { SAVE.command })?;
        round.work();
    }
    let ended = kill(&mut process)?;
    let promise = if has_log { round.promise(ended) } else { Promise { before: None, ended } };
    let mut process = round.restart_and_compare(&plan, load, promise)?;
    kill(&mut process)?;
    let Some((path, flipped)) = flip(round)? else { return Ok(()) };
    let outcome = round.site.start(&plan).map_err(fault)?;
    match outcome {
        Start::Refused(log) => {
            check_reason(&path, &log)?;
            round.tally.note(DEED);
            flip_back(&path, flipped.at)?;
            let process = round.site.start_up(&plan)?;
            round.compare_again(&process)
        }
        Start::Up(process) => weigh(round, &process, &path, &flipped.bytes),
    }
}

/// A file with a wrong bit.
struct Flipped {
    at: (usize, u8),
    bytes: Vec<u8>,
}

/// Waits until a snapshot or a base is written.
fn finish(process: &Process, command: &str) -> Result<(), Broken> {
    let mut client = Client::connect(process.address).map_err(fault)?;
    client.ask(&[command]).map_err(fault)?;
    let mut is_idle = || {
        let is_zero = |client: &mut Client, name| info(client, name).is_ok_and(|value| value == "0");
        is_zero(&mut client, SAVE.running) && is_zero(&mut client, REWRITE.running)
    };
    if comes_true(&mut is_idle) { Ok(()) } else { Err(Broken::Other(format!("{command} has no end"))) }
}

/// Flips a bit of some file that isn't empty.
fn flip(round: &mut Round<'_>) -> Result<Option<(PathBuf, Flipped)>, Broken> {
    let mut files = round.site.log_files().map_err(fault)?;
    let snapshot = round.site.path().join("dump.rdb");
    if files.is_empty() && snapshot.exists() {
        files.push(snapshot);
    }
    files.retain(|path| fs::metadata(path).is_ok_and(|found| found.len() > 0));
    let Some(path) = round.rng.choice(files) else { return Ok(None) };
    let mut bytes = fs::read(&path).map_err(fault)?;
    let length = bytes.len();
    let offset = match round.rng.u32(0..4) {
        0 => round.rng.usize(0..length.min(END_BYTES)),
        1 => round.rng.usize(length.saturating_sub(END_BYTES)..length),
        _ => round.rng.usize(0..length),
    };
    let bit = 1 << round.rng.u32(0..8);
    bytes[offset] ^= bit;
    fs::write(&path, &bytes).map_err(fault)?;
    Ok(Some((path, Flipped { at: (offset, bit), bytes })))
}

fn flip_back(path: &Path, (offset, bit): (usize, u8)) -> Result<(), Broken> {
    let mut bytes = fs::read(path).map_err(fault)?;
    match bytes.get_mut(offset) {
        Some(byte) => *byte ^= bit,
        None => return Err(Broken::Other(format!("{} was cut by a start that was refused", path.display()))),
    }
    fs::write(path, bytes).map_err(fault)
}

/// Whoever reads the reason must learn where to look.
fn check_reason(path: &Path, log: &str) -> Result<(), Broken> {
    let reason = last_line(log);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // A manifest may name a file that isn't there.
    let names_file = reason.contains(name) || name.ends_with(".manifest") && reason.contains("appendonlydir");
    let has_place = ["byte ", "line ", "offset "].iter().any(|word| reason.contains(word));
    if names_file && (has_place || name.ends_with(".manifest")) {
        return Ok(());
    }
    Err(Broken::Other(format!("the reason doesn't say where in {name} it is: {reason}")))
}

/// kvd has started in spite of the wrong bit.
fn weigh(round: &mut Round<'_>, process: &Process, path: &Path, flipped: &[u8]) -> Result<(), Broken> {
    let seen = Seen::of(process.address).map_err(fault)?;
    let Err(broken) = round.compare_again(process) else {
        round.tally.note("flips without effect");
        return Ok(());
    };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.ends_with(".manifest") {
        round.tally.note("flips in a manifest that were not noticed");
        return Ok(());
    }
    if !name.ends_with(".incr.aof") {
        return Err(Broken::Other(format!("a flip in {name} wasn't noticed: {broken}")));
    }
    if check_copy(path, flipped)? {
        round.tally.note("flips that look like a torn end, cut and kept");
        return Ok(());
    }
    let expected: Data = round.site.nothing_new().into_iter().flat_map(|history| history.before).collect();
    let is_wrong = |key: &&Key| seen.data.get(*key) != expected.get(*key) && !is_over(&expected, key, &seen);
    let all = seen.data.keys().chain(expected.keys().filter(|key| !seen.data.contains_key(*key)));
    let wrong: Vec<String> = all.filter(is_wrong).map(Key::to_string).collect();
    if wrong.len() > KEYS_MAX {
        return Err(Broken::Other(format!(
            "one bit of {name} made {} keys wrong: {}",
            wrong.len(),
            wrong.join(", ")
        )));
    }
    round.tally.note("flips within an entry that were not noticed: the log has no checksums");
    Ok(())
}

fn is_over(expected: &Data, key: &Key, seen: &Seen) -> bool {
    expected.get(key).and_then(|kept| kept.until_ms).is_some_and(|until| until <= seen.ended_ms)
}

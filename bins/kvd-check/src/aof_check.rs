//! `kvd-check aof`: is a log whole? And its repair, and going back to a point in time.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aof::{
    AofError, BaseFormat, Cut, Directory, Ending, FileKind, Found, Limits, Location, Next, Opening, Record,
    SegmentFile, Step, Tail, TailCause, repair,
};
use disk::{Disk, OsDisk};
use indicatif::HumanBytes;

use crate::command_line::AofTask;
use crate::out::Out;
use crate::progress::Progress;
use crate::rdb_check::Contents;
use crate::scan::Scan;
use crate::text::Time;
use crate::trouble::{Damage, Failure, Place, Trouble, Verdict};

/// A log, or one file of it.
struct Subject {
    /// `None` for a single file. With its lock if the log is to be changed.
    directory: Option<Directory>,
    /// The log is one file, which no manifest names.
    is_single: bool,
    plan: Vec<Step>,
}

/// A file's commands.
#[derive(Default)]
struct Commands {
    count: u64,
    /// Seconds since 1970: the first timestamp and the last.
    times: Option<(u64, u64)>,
}

/// What the check of all files found.
struct Checked {
    verdict: Verdict,
    /// The end of the last file, if it is torn.
    torn: Option<(PathBuf, Tail)>,
}

pub(crate) fn run(task: &AofTask, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    let disk = OsDisk;
    let writes = task.fix || task.until.is_some();
    let mut subject = Subject::find(&task.path, writes, out)?;
    if let Some(time) = task.until {
        match aof::until(&disk, &subject.plan, time, Limits::DEFAULT)? {
            Some(cut) => go_back(task, &mut subject, &cut, out)?,
            None => out.line(format_args!("nothing in the log is later than {}", seconds(time))),
        }
        subject.plan = Subject::find(&task.path, false, &mut Out::new(true))?.plan;
    }
    let checked = check(&subject.plan, progress, out)?;
    let Some((path, tail)) = checked.torn else { return Ok(checked.verdict) };
    if !task.fix || checked.verdict == Verdict::Found {
        // What a repair can't mend comes first.
        let hint =
            if task.fix { "not cut, since there is other damage" } else { "--fix cuts it, keeping a copy" };
        say(format_args!("{}; {hint}", torn(&path, &tail)));
        return Ok(Verdict::Found);
    }
    out.line(torn(&path, &tail));
    let bytes = tail.length - tail.good;
    if !confirmed(task, out, &format!("Cut {bytes} bytes from the end of {}?", path.display()))? {
        return Ok(Verdict::Found);
    }
    let repaired = repair(&disk, &path, tail.good)?;
    tell_cut(&repaired, out);
    Ok(Verdict::Fine)
}

impl Subject {
    /// Finds out what was meant. `writes`: it is to be changed, so nobody else may write it as long as this is there.
    fn find(path: &Path, writes: bool, out: &mut Out) -> Result<Self, Trouble> {
        let path = fs::canonicalize(path).map_err(Failure::file("open", path))?;
        let location = if path.is_dir() {
            location_in(&path)?
        } else {
            match Location::of_manifest(&path) {
                Some(location) => location,
                None => return Self::single(path),
            }
        };
        let open = if writes { Directory::open_to_write } else { Directory::open };
        let (directory, opening) = open(Arc::new(OsDisk), location)?;
        tell_opening(&directory, &opening, out);
        match opening.found {
            Found::Log | Found::Upgraded => {}
            Found::Nothing => {
                return Err(Failure::Refused(format!("{} holds no log", path.display())).into());
            }
            Found::ManifestLost => {
                let reason = "files of a log are there, and no manifest names them".to_owned();
                let path = directory.location().manifest();
                return Err(Damage { path, offset: None, reason, place: Place::Unknown }.into());
            }
        }
        // A log that a server would move before it uses it is repaired where it is.
        let is_single = opening.found == Found::Upgraded;
        Ok(Self { directory: Some(directory), is_single, plan: opening.plan })
    }

    fn single(path: PathBuf) -> Result<Self, Trouble> {
        let bytes = OsDisk.length(&path)?.unwrap_or(0);
        Ok(Self {
            directory: None,
            is_single: true,
            plan: vec![Step { path, kind: FileKind::Base, bytes, last: true }],
        })
    }
}

/// The log in this directory, or in one below it.
fn location_in(folder: &Path) -> Result<Location, Trouble> {
    let mut found = manifests(folder)?;
    if found.is_empty() {
        for below in OsDisk.list(folder)? {
            let below = folder.join(below.name);
            if below.is_dir() {
                found.extend(manifests(&below)?);
            }
        }
    }
    match &found[..] {
        [location] => Ok(location.clone()),
        // What is there may be a log all the same, whose manifest is lost or that never had one.
        [] => Ok(guess(folder)?),
        several => {
            let names: Vec<_> =
                several.iter().map(|location| location.manifest().display().to_string()).collect();
            Err(Failure::Refused(format!("several logs are there, name one: {}", names.join(", "))).into())
        }
    }
}

fn manifests(folder: &Path) -> Result<Vec<Location>, Trouble> {
    let files = OsDisk.list(folder)?;
    let names = files.iter().filter(|file| !file.name.as_encoded_bytes().starts_with(b"temp-"));
    Ok(names.filter_map(|file| Location::of_manifest(&folder.join(&file.name))).collect())
}

/// The log that would lie here under the usual names, or under those of its files.
fn guess(folder: &Path) -> Result<Location, Failure> {
    const USUAL: &str = "appendonly.aof";
    let files = OsDisk.list(folder)?;
    let named = files.iter().find_map(|file| {
        let name = file.name.to_str()?;
        let stem = name.strip_suffix(".incr.aof").or_else(|| name.strip_suffix(".base.rdb"));
        Some(stem.or_else(|| name.strip_suffix(".base.aof"))?.rsplit_once('.')?.0.to_owned())
    });
    if let (Some(name), Some(parent), Some(own)) = (named, folder.parent(), folder.file_name()) {
        return Ok(Location::new(parent, own, name));
    }
    Ok(Location::new(folder, "appendonlydir", USUAL))
}

fn tell_opening(directory: &Directory, opening: &Opening, out: &mut Out) {
    if opening.found == Found::Log {
        let manifest = directory.manifest();
        let (base, increments) = (usize::from(manifest.base.is_some()), manifest.increments.len());
        let path = directory.location().manifest();
        out.line(format_args!("{}: {base} base, {increments} increments", path.display()));
    }
    for path in &opening.leftovers {
        out.line(format_args!(
            "  note: {} is a leftover, which a server removes when it starts",
            path.display()
        ));
    }
    for path in &opening.strangers {
        out.line(format_args!("  note: {} is no part of the log", path.display()));
    }
}

/// Reads all files, and tells of each how it is.
fn check(plan: &[Step], progress: &Progress, out: &mut Out) -> Result<Checked, Trouble> {
    let mut checked = Checked { verdict: Verdict::Fine, torn: None };
    for step in plan {
        match check_file(step, progress, out) {
            Ok(Ending::Clean { .. }) => {}
            Ok(Ending::Truncated(tail)) => checked.torn = Some((step.path.clone(), tail)),
            Err(Trouble::Damage(damage)) => {
                // The other files are of interest too.
                say(damage);
                checked.verdict = Verdict::Found;
            }
            Err(failure) => return Err(failure),
        }
    }
    if checked.verdict == Verdict::Fine && checked.torn.is_none() {
        out.line("the log is fine");
    }
    Ok(checked)
}

/// Reads a file: the snapshot at its front, if there is one, and the commands.
fn check_file(step: &Step, progress: &Progress, out: &mut Out) -> Result<Ending, Trouble> {
    let shown = step.path.display();
    let mut front = [0; BaseFormat::MAGIC_BYTES];
    let count = OsDisk.open_read(&step.path)?.read_at(0, &mut front)?;
    let format = BaseFormat::of(front.get(..count).unwrap_or_default());
    let mut told = Vec::new();
    let mut start = 0;
    if format == BaseFormat::Rdb {
        let mut scan = Scan::open(&step.path, progress)?;
        let mut contents = Contents::default();
        scan.run(&mut |placed| contents.see(placed))?;
        start = scan.offset();
        told.push(format!("a snapshot ({}) of {} keys", scan.dialect(), contents.keys()));
    }
    let (ending, commands) = check_commands(step, start, progress)?;
    step.check(ending)?;
    if commands.count > 0 || format == BaseFormat::Commands {
        told.push(format!("{} commands", commands.count));
    }
    if let Some((first, last)) = commands.times {
        told.push(format!("from {} to {}", seconds(first), seconds(last)));
    }
    let (bytes, told) = (step.bytes, told.join(", "));
    out.line(format_args!("{shown}: {bytes} bytes ({}): {told}", HumanBytes(bytes)));
    Ok(ending)
}

fn check_commands(step: &Step, start: u64, progress: &Progress) -> Result<(Ending, Commands), Trouble> {
    let mut commands = Commands::default();
    let name = step.path.file_name().unwrap_or_default().to_string_lossy();
    let bar = progress.bytes(&name, Some(step.bytes.saturating_sub(start)));
    let mut file = SegmentFile::open(&OsDisk, &step.path, start, Limits::DEFAULT)?;
    let mut whole = start;
    loop {
        let end = match file.next_record() {
            Ok(Next::Record(Record::Command(command))) => {
                commands.count += 1;
                command.end
            }
            Ok(Next::Record(Record::Annotation(line))) => {
                if let Some(time) = line.timestamp() {
                    let first = commands.times.map_or(time, |(first, _)| first);
                    commands.times = Some((first, time));
                }
                line.end
            }
            Ok(Next::End(ending)) => return Ok((ending, commands)),
            Err(AofError::Malformed { path, fault }) => {
                let (offset, reason) = (Some(fault.offset), fault.reason.to_string());
                return Err(Damage { path, offset, reason, place: Place::Behind(whole) }.into());
            }
            Err(error) => return Err(error.into()),
        };
        bar.add(end - whole);
        whole = end;
    }
}

/// Makes the log end at the cut.
fn go_back(task: &AofTask, subject: &mut Subject, cut: &Cut, out: &mut Out) -> Result<(), Trouble> {
    let length = OsDisk.length(&cut.path)?.unwrap_or(0);
    let bytes = length.saturating_sub(cut.offset);
    out.line(format_args!(
        "{} will end at byte {}: {bytes} bytes are cut and kept beside it",
        cut.path.display(),
        cut.offset
    ));
    for later in &cut.later {
        out.line(format_args!("{} will no longer be part of the log; it is kept beside it", later.display()));
    }
    if !confirmed(task, out, "Cut the log?")? {
        return Err(Failure::Refused("nothing was changed".to_owned()).into());
    }
    let repaired = match &mut subject.directory {
        // Only the manifest tells that later files are gone.
        Some(directory) if !subject.is_single && !cut.later.is_empty() => directory.cut(cut)?,
        _ => repair(&OsDisk, &cut.path, cut.offset)?,
    };
    tell_cut(&repaired, out);
    Ok(())
}

fn tell_cut(repaired: &aof::Repair, out: &mut Out) {
    let path = repaired.path.display();
    match &repaired.kept {
        Some(kept) => {
            let (bytes, kept) = (repaired.bytes, kept.display());
            out.line(format_args!("{path}: cut to {} bytes; the other {bytes} are in {kept}", repaired.good));
        }
        None => out.line(format_args!("{path}: nothing had to be cut")),
    }
    for moved in &repaired.moved {
        out.line(format_args!("{}: what is no longer part of the log", moved.display()));
    }
}

/// Asks whoever sits at the terminal.
fn confirmed(task: &AofTask, out: &mut Out, question: &str) -> Result<bool, Failure> {
    if task.yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Refused(
            "nothing was changed: there is no terminal to ask at, and no --yes".to_owned(),
        ));
    }
    out.flush();
    let mut answer = String::new();
    let mut stderr = io::stderr();
    let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    asked
        .and_then(|()| io::stdin().read_line(&mut answer))
        .map_err(Failure::file("ask at", Path::new("the terminal")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn torn(path: &Path, tail: &Tail) -> String {
    let cause = match tail.cause {
        TailCause::Command => "in the middle of a command",
        TailCause::Transaction => "in the middle of a transaction",
        TailCause::Zeros => "with zeros that were never written over",
    };
    let (good, bytes) = (tail.good, tail.length - tail.good);
    format!(
        "{}: ends {cause}; {bytes} bytes follow the last whole one, which ends at byte {good}",
        path.display()
    )
}

/// Damage, beside what goes on.
fn say(damage: impl std::fmt::Display) {
    // Nothing is left to be done if nobody reads it; the exit code tells.
    let _ = writeln!(io::stderr(), "kvd-check: {damage}");
}

fn seconds(time: u64) -> String {
    let ms = i64::try_from(time).ok().and_then(|time| time.checked_mul(1000));
    ms.map_or_else(|| time.to_string(), |ms| Time(ms).to_string())
}

//! The disk is full, and later it isn't any more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::super::judge::{Broken, Promise};
use super::super::load::{Load, Pace};
use super::super::site::{fault, kill};
use super::super::tally::SKIPPED;
use super::{Plan, Round};
use crate::hostile::client::Client;
use crate::patience::comes_true;
use crate::process::Process;
use crate::wire::Frame;

pub(super) const DEED: &str = "full disks";
const DISK_BYTES: usize = 64 << 20;
/// What clients write may fill this much.
const ROOM_BYTES: usize = 256 << 10;
/// So many more units show that clients are served again.
const UNITS: u64 = 20;

/// A small disk at a directory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: &Path) -> Result<Self, String> {
        let size = format!("size={DISK_BYTES}");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path);
        match command.output() {
            Ok(output) if output.status.success() => Ok(Self(path.to_owned())),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It is in nobody's way if it stays.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let disk = match SmallDisk::mount(round.site.path()) {
        Ok(disk) => disk,
        Err(reason) => {
            crate::process::skipped("a full disk", reason);
            round.tally.note(SKIPPED);
            return Ok(());
        }
    };
    let outcome = fill(round);
    if outcome.is_err() {
        // For whoever looks at it.
        std::mem::forget(disk);
    }
    outcome
}

fn fill(round: &mut Round<'_>) -> Result<(), Broken> {
    let plan = Plan::log(round.policy).with(&["--auto-aof-rewrite-percentage", "0"]);
    let ballast = round.site.path().join("ballast");
    fs::write(&ballast, vec![1; DISK_BYTES - ROOM_BYTES]).map_err(fault)?;
    let mut process = round.site.start_up(&plan)?;
    let load = round.site.load(&process, Pace::OneByOne);
    let mut client = Client::connect(process.address).map_err(fault)?;
    await_refusal(&mut client)?;
    let refused_at = Instant::now();
    round.tally.note(DEED);
    let is_resumed = round.rng.u32(0..3) > 0;
    let mut is_served = false;
    if is_resumed {
        fs::remove_file(&ballast).map_err(fault)?;
        await_service(&mut client, &load)?;
        let refused = load.refused();
        round.work();
        // A fast machine fills the disk once more.
        is_served = load.refused() == refused;
    }
    let ended = kill(&mut process)?;
    round.site.note_log(&process);
    if !is_resumed {
        fs::remove_file(&ballast).map_err(fault)?;
    }
    round.tally.note_many("units that were refused", load.refused());
    // While the disk is full nothing can be kept of the last moments before; with `always` nobody was told that it was.
    let promise = match is_served {
        true => round.promise(ended),
        false => Promise { ended, ..round.promise(refused_at) },
    };
    let process: Process = round.restart_and_compare(&plan, load, promise)?;
    drop(process);
    Ok(())
}

/// Waits until writes are refused, and sees that they are, and reads aren't.
fn await_refusal(client: &mut Client) -> Result<(), Broken> {
    let is_misconf = |frame: &Frame| matches!(frame, Frame::Error(text) if text.starts_with(b"MISCONF"));
    if !comes_true(|| client.ask(&["PING"]).is_ok_and(|reply| is_misconf(&reply))) {
        return Err(Broken::Other("the disk is full, and PING doesn't say so".to_owned()));
    }
    for request in [&["SET", "nobody", "x"][..], &["DEL", "nobody"], &["LPUSH", "nobody", "x"]] {
        let reply = client.ask(request).map_err(fault)?;
        if !is_misconf(&reply) {
            return Err(Broken::Other(format!("the disk is full, and {request:?} is answered {reply:?}")));
        }
    }
    match client.ask(&["ECHO", "x"]).map_err(fault)? {
        Frame::Bulk(_) => Ok(()),
        reply => Err(Broken::Other(format!("the disk is full, and ECHO is answered {reply:?}"))),
    }
}

/// Waits until clients are served again.
fn await_service(client: &mut Client, load: &Load) -> Result<(), Broken> {
    let before = load.acknowledged();
    let is_well = || matches!(client.ask(&["PING"]), Ok(Frame::Status(_)));
    if comes_true(is_well) && comes_true(|| load.acknowledged() >= before + UNITS) {
        return Ok(());
    }
    Err(Broken::Other("there is room, and clients aren't served".to_owned()))
}

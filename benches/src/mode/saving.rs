//! What clients feel of a snapshot, and what memory it takes.
//!
//! ```text
//!     fill ─ load ── BGSAVE ── load ── saved ── BGSAVE ── load ── saved
//!            └ idle ┘└────── saving ──────┘     └─ memory, looked at again and again
//! ```
//!
//! Whoever asks for the kernel's account of a process' pages keeps a core busy for milliseconds, and that core would be the
//! generator's. So memory is looked at during a second snapshot, whose latencies don't count. Both are compared with the memory before the
//! first one: what a server keeps for the next snapshot is part of the cost.

use super::field::Field;
use crate::clock::{SECOND_NS, now_ns, sleep_ns};
use crate::failure::{Failure, Result};
use crate::load::{Load, Plan, Tally};
use crate::options::Options;
use crate::report::Sheet;
use crate::server::{Info, Server};
use crate::template::Workload;

/// Connections when nothing else is asked for.
const CONNECTIONS: usize = 20;
/// Between two questions whether the snapshot is done.
const POLL_NS: u64 = 5_000_000;
/// After a look at the memory so many times its duration pass until the next.
const LOOK_PAUSE: u64 = 4;
/// A snapshot that takes longer is given up.
const SAVE_SECONDS_MAX: u64 = 1200;

/// What came of one server.
#[derive(Debug)]
struct Course {
    idle: Tally,
    saving: Tally,
    /// Of the first snapshot.
    save_ns: u64,
    /// What server and children held at most, beyond what the server held before.
    extra_bytes: u64,
}

/// Save each server under load, round by round, and report.
pub(super) fn run(options: &Options) -> Result<()> {
    let field = Field::gather(options)?;
    let mut sheet = field.sheet("saving");
    for round in 0..options.rounds.max(1) {
        for index in field.order(round) {
            let server = field.start(index)?;
            field.fill(&server, options.keys, false)?;
            report(&mut sheet, index, &course(options, &server, round)?);
        }
    }
    let load = format!(
        "{} keys, {} drawn, half SET, half GET by {} connections, before and during BGSAVE",
        options.keys,
        options.distribution,
        connections(options)
    );
    sheet.write(options, &load)
}

fn course(options: &Options, server: &Server, round: usize) -> Result<Course> {
    let workload = Workload::preset("half", options.value_bytes);
    let workload = workload.ok_or_else(|| Failure::Usage("no workload is called half".into()))?;
    let mut load = Load::connect(Plan {
        workload: &workload,
        port: server.port(),
        connections: connections(options),
        pipeline: 1,
        keys: options.keys,
        distribution: options.distribution,
        value_bytes: options.value_bytes,
        pace: options.pace(),
        seed: options.seed.wrapping_add(round as u64),
    })?;
    let nanoseconds = |seconds: f64| (seconds.max(0.0) * SECOND_NS as f64) as u64;
    load.run_for(nanoseconds(options.warmup))?;
    load.rest()?;
    let before_bytes = server.family_bytes()?;
    load.run_for(nanoseconds(options.warmup))?;
    let idle = load.run_for(nanoseconds(options.seconds))?;
    let (saving, save_ns) = load.run_during(|| save(server, || Ok(())))?;
    let save_ns = save_ns?;
    let most_bytes = most_memory(&mut load, server)?;
    load.finish()?;
    Ok(Course { idle, saving, save_ns, extra_bytes: most_bytes.saturating_sub(before_bytes) })
}

fn connections(options: &Options) -> usize {
    options.connections.unwrap_or(CONNECTIONS).max(1)
}

/// The most that server and children hold during a snapshot under load.
fn most_memory(load: &mut Load<'_>, server: &Server) -> Result<u64> {
    let mut most_bytes = 0;
    let look = || {
        let start_ns = now_ns();
        most_bytes = server.family_bytes()?.max(most_bytes);
        sleep_ns(LOOK_PAUSE * (now_ns() - start_ns));
        Ok(())
    };
    let (_, saved) = load.run_during(|| save(server, look))?;
    saved?;
    Ok(most_bytes)
}

/// BGSAVE, and wait until it is done; `meanwhile` is called between questions. Returns the nanoseconds that it took.
fn save(server: &Server, mut meanwhile: impl FnMut() -> Result<()>) -> Result<u64> {
    let mut asker = server.asker()?;
    let start_ns = now_ns();
    asker.ask(&["BGSAVE"])?;
    while !is_saved(&asker.info("persistence")?)? {
        meanwhile()?;
        sleep_ns(POLL_NS);
        if now_ns() > start_ns + SAVE_SECONDS_MAX * SECOND_NS {
            return Err(not_saved(format!("not done after {SAVE_SECONDS_MAX} s")));
        }
    }
    Ok(now_ns() - start_ns)
}

/// Whether a snapshot that was begun is done.
fn is_saved(info: &Info) -> Result<bool> {
    match (info.number("rdb_bgsave_in_progress"), info.field("rdb_last_bgsave_status")) {
        (Some(1), _) => Ok(false),
        (Some(0), Some("ok")) => Ok(true),
        found => Err(not_saved(format!("INFO says {found:?} of progress and result"))),
    }
}

fn not_saved(what: String) -> Failure {
    Failure::WrongReplies { command: "BGSAVE".into(), what }
}

fn report(sheet: &mut Sheet, index: usize, course: &Course) {
    let us = |tally: &Tally, quantile| tally.latency.value_at_quantile(quantile) as f64 / 1000.0;
    let phases = [("idle", &course.idle), ("saving", &course.saving)];
    for (row, quantile) in [("longest", 1.0), ("99.9 %", 0.999), ("99 %", 0.99), ("median", 0.5)] {
        for (phase, tally) in phases {
            sheet.cost(index, &format!("{row}, {phase}, µs"), us(tally, quantile));
        }
    }
    for (phase, tally) in phases {
        sheet.gain(index, &format!("requests per second, {phase}"), tally.rate());
    }
    sheet.cost(index, "duration of the snapshot, s", course.save_ns as f64 / SECOND_NS as f64);
    sheet.cost(index, "extra memory, MB", course.extra_bytes as f64 / 1e6);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_done_when_none_is_in_progress_and_the_last_was_good() {
        let saved = |progress: &str, status: &str| {
            is_saved(&Info::of(&format!(
                "rdb_bgsave_in_progress:{progress}\r\nrdb_last_bgsave_status:{status}\r\n"
            )))
        };
        assert!(matches!(saved("1", "ok"), Ok(false)));
        assert!(matches!(saved("0", "ok"), Ok(true)));
        assert!(saved("0", "err").is_err() && saved("x", "ok").is_err());
    }
}

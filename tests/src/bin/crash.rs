//! Kills kvd, stops it, cuts and flips its files, fills its disk, and looks whether it kept what it acknowledged.
//!
//! ```text
//! cargo run --release -p kvd-tests --bin crash -- --rounds 500 --policy always
//! ```
//!
//! What it can't show: a process is killed here, and the kernel keeps what a process has written, durable or not. So an fsync that is missing goes
//! unnoticed, with `always` too; and of what the policies differ in, everything but the wait before a reply. Machines that lose what wasn't made durable are
//! simulated: `cargo test -p kvd-tests --test failing_disk`. Nor does it know commands whose effect depends on chance or on what another client does,
//! `FLUSHDB`, or blocking ones; these are compared by other tests.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use kvd_tests::crash::{Campaign, Policy, Scenario, Tally};
use kvd_tests::process;

/// Kills kvd again and again and looks whether it kept what it acknowledged.
///
/// The table tells how many units (commands, and blocks of them) were acknowledged, how many were sent and compared with what was there afterwards,
/// how many of the acknowledged had to be there, how many of them were missing although nothing was broken, since they were not promised to be there
/// (after the last snapshot, or in the last moments with everysec and no), and how long before the end the first of these was acknowledged.
#[derive(Debug, Parser)]
struct Options {
    /// Rounds in all; the scenarios share them.
    #[arg(long, default_value_t = 40)]
    rounds: u64,
    /// Chance follows from this; moments don't.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the log is made durable.
    #[arg(long, value_enum, default_value_t = Policy::Always)]
    policy: Policy,
    /// This scenario only.
    #[arg(long, value_enum)]
    scenario: Option<Scenario>,
    /// Where data directories are made; in the system's folder for temporary files if it isn't said. How long an fsync takes there matters.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Goes on after a broken promise.
    #[arg(long)]
    keep_going: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse(), &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all promises were kept.
fn run(options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let kvd = process::kvd().map_err(io::Error::other)?;
    let folder = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let campaign = Campaign { kvd, policy: options.policy, seed: options.seed, has_time: true, folder };
    let scenarios = options.scenario.map_or(Scenario::ALL.to_vec(), |scenario| vec![scenario]);
    let mut all = Tally::default();
    let mut is_kept = true;
    writeln!(out, "policy {:?}, seed {}\n{}", options.policy, options.seed, Tally::heading())?;
    for (index, scenario) in scenarios.iter().enumerate() {
        let share = |index| options.rounds * index as u64 / scenarios.len() as u64;
        let outcome = campaign.run(*scenario, share(index + 1) - share(index), options.keep_going)?;
        writeln!(out, "{}", outcome.tally.line(scenario.name()))?;
        for (broken, folder) in &outcome.broken {
            is_kept = false;
            writeln!(
                out,
                "BROKEN (seed {}): {broken}\n  the directory is kept: {}",
                options.seed,
                folder.display()
            )?;
        }
        if let Some(undone) = outcome.undone {
            is_kept = false;
            writeln!(out, "{}: nothing was seen of what it is for: no {undone}", scenario.name())?;
        }
        all.join(&outcome.tally);
        if !is_kept && !options.keep_going {
            break;
        }
    }
    writeln!(out, "{}\n{all}", all.line("all"))?;
    Ok(is_kept)
}

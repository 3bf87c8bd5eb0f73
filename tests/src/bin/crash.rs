//! Kills kvd, stops it, cuts and flips its files, fills its disk, and looks whether it kept what it acknowledged.
//!
//! ```text
//! cargo run --release -p kvd-tests --bin crash -- --rounds 500 --policy always
//! ```

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use kvd_tests::crash::{Campaign, Policy, Scenario, Tally};
use kvd_tests::process;

/// Kills kvd again and again and looks whether it kept what it acknowledged.
///
/// The table tells how many units (commands, and blocks of them) were acknowledged, how many were sent and compared with what was there afterwards,
/// how many of the acknowledged were missing although nothing was broken, since they were not promised to be there (after the last snapshot, or
/// within two seconds with everysec), and how long before the end the first of these was acknowledged.
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
    let campaign = Campaign { kvd, policy: options.policy, seed: options.seed, has_time: true };
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
        all.join(&outcome.tally);
        if !is_kept && !options.keep_going {
            break;
        }
    }
    writeln!(out, "{}\n{all}", all.line("all"))?;
    Ok(is_kept)
}

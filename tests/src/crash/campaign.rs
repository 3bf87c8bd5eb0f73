//! Many rounds.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use fastrand::Rng;

use super::judge::Broken;
use super::scenario::{Round, Scenario};
use super::site::Site;
use super::tally::Tally;
use crate::process::Program;

pub use super::scenario::Policy;

/// A directory is kept for so many rounds at most.
const ROUNDS_MAX: u32 = 6;

/// What to do.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The server.
    pub kvd: Program,
    /// How the log is made durable.
    pub policy: Policy,
    /// What chance follows from.
    pub seed: u64,
    /// Whether there is time for rounds that take seconds.
    pub has_time: bool,
    /// Where data directories are made.
    pub folder: PathBuf,
}

/// A round's outcome.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was counted.
    pub tally: Tally,
    /// The promises that were broken, each with the directory to look at.
    pub broken: Vec<(Broken, PathBuf)>,
    /// What a round is for, and none of enough rounds did.
    pub undone: Option<&'static str>,
}

impl Campaign {
    /// Runs rounds of a scenario. It ends with the first broken promise, unless it is to go on.
    pub fn run(&self, scenario: Scenario, rounds: u64, keeps_going: bool) -> io::Result<Outcome> {
        let began = Instant::now();
        let mut rng = Rng::with_seed(self.seed ^ (scenario as u64) << 48);
        let mut outcome = Outcome { tally: Tally::default(), broken: Vec::new(), undone: None };
        let mut left = None;
        for _ in 0..rounds {
            let (mut site, used) = match left.take() {
                Some((site, used))
                    if scenario.keeps_directory() && used < ROUNDS_MAX && rng.u32(0..4) > 0 =>
                {
                    (site, used)
                }
                _ => (Site::new(&self.kvd, &self.folder, &mut rng, scenario.reach())?, 0),
            };
            let starts = site.starts;
            let mut round = Round {
                site: &mut site,
                policy: self.policy,
                rng: &mut rng,
                tally: &mut outcome.tally,
                has_time: self.has_time,
            };
            let ended = scenario.round(&mut round);
            outcome.tally.rounds += 1;
            outcome.tally.starts += site.starts - starts;
            match ended {
                Ok(()) => left = Some((site, used + 1)),
                Err(broken) => {
                    outcome.broken.push((broken, site.keep()?));
                    if !keeps_going {
                        break;
                    }
                }
            }
        }
        outcome.tally.time = began.elapsed();
        outcome.undone = outcome.tally.undone(scenario);
        Ok(outcome)
    }
}

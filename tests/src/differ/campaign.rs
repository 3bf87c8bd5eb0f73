//! A run: rounds of random requests until enough were sent, and a report.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use catalog::Group;

use super::choice::Choice;
use super::contestant::Contestant;
use super::duel::{Difference, Duel, Flow};
use super::finding::Finding;
use super::generator::{Generator, Step};
use super::intended::Uses;
use super::syntax::Tokens;
use super::tally::Tally;
use crate::process::{self, Missing, Peer};
use crate::server::{Product, Protocol, Server, Version};

/// What to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// The family of commands.
    pub family: Group,
    /// The server that knows what is right.
    pub peer: Peer,
    /// How many commands to send.
    pub commands: u64,
    /// What the requests follow from: round *r* is made from `seed + r`.
    pub seed: u64,
    /// Whether to go on after a difference.
    pub keep_going: bool,
    /// A kvd that runs already, instead of one that is built and started.
    pub kvd: Option<SocketAddr>,
}

/// What came of it.
pub struct Report {
    /// What was compared.
    pub options: Options,
    /// Replies, by command.
    pub tally: Tally,
    /// Differences that can be repeated, one of each kind.
    pub findings: Vec<Finding>,
    /// Kinds of difference that did not come again when the round was repeated.
    pub passing: Vec<String>,
    /// Rounds that ended early at an intended difference in the data.
    pub parted: u64,
    /// How often intended differences were met.
    pub uses: Uses,
    /// Commands of the family that were left out, and why.
    pub left_out: Vec<(&'static str, &'static str)>,
    /// How long it took.
    pub time: Duration,
}

/// Why there is no report.
#[derive(Debug)]
pub enum Failure {
    /// A program isn't here.
    Missing(Missing),
    /// A server can't be started or spoken to.
    Io(io::Error),
    /// There is nothing to ask.
    Nothing,
}

/// A round starts from empty servers.
const ROUND_STEPS: u64 = 20_000;
const BATCH_STEPS: usize = 500;
/// The data is compared after so many batches.
const BATCHES_PER_CHECK: usize = 8;
/// More kinds of difference than this are one fault that shows everywhere.
const FINDINGS_MAX: usize = 40;

struct Campaign<'c> {
    options: &'c Options,
    choice: &'c Choice,
    tokens: &'c Tokens,
    duel: Duel,
    tally: Tally,
    known: BTreeSet<String>,
    findings: Vec<Finding>,
    passing: Vec<String>,
    parted: u64,
}

/// Runs it; what is found is told to `out` at once.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut peer = Contestant::start(options.peer.find()?)?;
    let kvd = match options.kvd {
        Some(address) => Contestant::at(Server { product: Product::Kvd, version: Version(0, 1) }, address),
        None => Contestant::start(process::kvd()?)?,
    };
    let tokens = peer.tokens()?;
    let handlers = commands::handlers();
    let choice = Choice::new(options.family, &|id| handlers.find(id).is_some(), &tokens);
    if choice.is_empty() {
        return Err(Failure::Nothing);
    }
    let duel = Duel { kvd, peer, protocol: Protocol::Resp2, uses: Uses::none(), queued: Vec::new() };
    let mut campaign = Campaign {
        options,
        choice: &choice,
        tokens: &tokens,
        duel,
        tally: Tally::default(),
        known: BTreeSet::new(),
        findings: Vec::new(),
        passing: Vec::new(),
        parted: 0,
    };
    campaign.rounds(out)?;
    let Campaign { duel, tally, findings, passing, parted, .. } = campaign;
    let (options, uses, left_out) = (options.clone(), duel.uses, choice.left_out);
    Ok(Report { options, tally, findings, passing, parted, uses, left_out, time: start.elapsed() })
}

impl Campaign<'_> {
    fn rounds(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut round = 0;
        while self.tally.runs() < self.options.commands {
            let seed = self.options.seed.wrapping_add(round);
            self.round(seed, out)?;
            round += 1;
            if self.findings.len() >= FINDINGS_MAX || (!self.findings.is_empty() && !self.options.keep_going)
            {
                break;
            }
        }
        Ok(())
    }

    fn round(&mut self, seed: u64, out: &mut dyn Write) -> io::Result<()> {
        let now_ms = unix_ms();
        // A bit that follows from the seed and is not its parity, since rounds count up.
        let is_resp3 = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 1;
        self.duel.protocol = if is_resp3 { Protocol::Resp3 } else { Protocol::Resp2 };
        self.duel.start_over()?;
        let mut generator = Generator::new(seed, now_ms, self.choice, self.tokens);
        let mut played: Vec<Step> = Vec::new();
        let steps_max = ROUND_STEPS.min(self.options.commands - self.tally.runs()) as usize;
        let mut batches = 0;
        while played.len() < steps_max {
            let batch = generator.batch(BATCH_STEPS.min(steps_max - played.len()));
            let before = played.len();
            played.extend(batch);
            batches += 1;
            let mut outcome = self.duel.play(&played[before..], &mut self.tally);
            if let Err(difference) = &mut outcome {
                difference.at += before;
                played.truncate(difference.at + 1);
            } else if batches % BATCHES_PER_CHECK == 0 || played.len() >= steps_max {
                outcome = outcome.and_then(|flow| match flow {
                    Flow::Same => self.duel.compare_state(),
                    Flow::Parted => Ok(Flow::Parted),
                });
            }
            match outcome {
                Ok(Flow::Same) => {}
                Ok(Flow::Parted) => {
                    self.parted += 1;
                    return Ok(());
                }
                Err(difference) => return self.found(&played, &difference, seed, now_ms, out),
            }
        }
        Ok(())
    }

    fn found(
        &mut self,
        played: &[Step],
        difference: &Difference,
        seed: u64,
        now_ms: i64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.known.contains(&difference.signature) {
            return Ok(());
        }
        let log = self.duel.kvd.log();
        match self.duel.examine(played, difference, now_ms)? {
            Some(finding) => {
                let is_new = self.known.insert(finding.signature.clone());
                // What shows in the data alone may have many causes, so each of them is looked at.
                if !difference.signature.starts_with("data: ") {
                    self.known.insert(difference.signature.clone());
                }
                if is_new {
                    let name = peer_name(self.options.peer);
                    writeln!(
                        out,
                        "\n{}# seed {seed}; again: differ --family {} --peer {name} --seed {seed} --commands {ROUND_STEPS}",
                        finding.transcript,
                        self.options.family.name()
                    )?;
                    if let Some(panic) = log.lines().find(|line| line.contains("panicked")) {
                        writeln!(out, "# kvd's log says {panic}")?;
                    }
                    self.findings.push(finding);
                }
            }
            None => self.passing.push(format!("{} (seed {seed})", difference.signature)),
        }
        Ok(())
    }
}

/// The peer's name on the command line.
pub fn peer_name(peer: Peer) -> &'static str {
    match peer {
        Peer::Redis7 => "redis-7.0",
        Peer::Redis8 => "redis-8.2",
        Peer::Valkey9 => "valkey-9.1",
    }
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Options { family, peer, seed, .. } = &self.options;
        let (runs, seconds) = (self.tally.runs(), self.time.as_secs_f64());
        writeln!(
            f,
            "{} against {}: {runs} commands in {seconds:.0} s, {:.1} % errors, {} differences (seed {seed})",
            family.name(),
            peer_name(*peer),
            self.tally.error_percent(),
            self.findings.len(),
        )?;
        write!(f, "{}", self.tally)?;
        for name in self.tally.hopeless() {
            writeln!(f, "  never succeeded: {name}")?;
        }
        for (name, reason) in &self.left_out {
            writeln!(f, "  left out: {name} ({reason})")?;
        }
        for (intended, count) in self.uses.counts().filter(|(_, count)| *count > 0) {
            writeln!(f, "  intended, {count} times: {} ({})", intended.subject, intended.reason)?;
        }
        if self.parted > 0 {
            writeln!(f, "  rounds that ended early at an intended difference: {}", self.parted)?;
        }
        for signature in &self.passing {
            writeln!(f, "  did not come again: {signature}")?;
        }
        for finding in &self.findings {
            writeln!(f, "  DIFFERENT {}", finding.signature)?;
        }
        Ok(())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(missing) => missing.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Nothing => f.write_str("no command of this family is built in kvd and there in the peer"),
        }
    }
}

impl std::error::Error for Failure {}

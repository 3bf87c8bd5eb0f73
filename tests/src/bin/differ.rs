//! Asks kvd and its peers the same random requests; see `kvd_tests::differ`.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use catalog::Group;
use clap::Parser;
use kvd_tests::differ::{Failure, INTENDED, Options, Report, peer_name, run};
use kvd_tests::process::Peer;

/// Compares kvd with Redis and Valkey on random commands.
#[derive(Parser)]
#[command(name = "differ")]
struct Arguments {
    /// Families of commands: string, bitmap, generic, connection, server, list, …, or all.
    #[arg(long, visible_alias = "families", value_delimiter = ',', default_value = "all")]
    family: Vec<String>,
    /// redis-7.0, redis-8.2, valkey-9.1, or all.
    #[arg(long, default_value = "redis-8.2")]
    peer: String,
    /// Commands per family and peer.
    #[arg(long, default_value_t = 1_000_000)]
    commands: u64,
    /// What the requests follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Goes on after a difference and shows each kind once.
    #[arg(long)]
    keep_going: bool,
    /// A kvd that runs already, with DEBUG enabled.
    #[arg(long)]
    kvd: Option<SocketAddr>,
}

const PEERS: [Peer; 3] = [Peer::Redis7, Peer::Redis8, Peer::Valkey9];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match compare(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to be done if nobody reads it.
            let _ = writeln!(io::stderr(), "differ: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs every family against every peer; whether there was no difference.
fn compare(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let mut out = io::stdout();
    let mut reports = Vec::new();
    for family in families(&arguments.family)? {
        for peer in peers(&arguments.peer)? {
            let options = Options {
                family,
                peer,
                commands: arguments.commands,
                seed: arguments.seed,
                keep_going: arguments.keep_going,
                kvd: arguments.kvd,
            };
            match run(&options, &mut out) {
                Ok(report) => {
                    writeln!(out, "\n{report}")?;
                    reports.push(report);
                }
                Err(Failure::Nothing) => writeln!(out, "{}: {}", family.name(), Failure::Nothing)?,
                Err(failure) => return Err(format!("{}: {failure}", peer_name(peer)).into()),
            }
        }
    }
    for line in never_met(&reports) {
        writeln!(out, "intended, but never met: {line}")?;
    }
    // Once more, where whoever reads only the end finds them.
    let findings: Vec<_> = reports.iter().flat_map(|report| &report.findings).collect();
    for finding in &findings {
        writeln!(out, "\n{}", finding.transcript)?;
    }
    Ok(findings.is_empty())
}

fn never_met(reports: &[Report]) -> Vec<&'static str> {
    let met = |index: usize| {
        reports.iter().any(|report| report.uses.counts().nth(index).is_some_and(|(_, count)| count > 0))
    };
    INTENDED.iter().enumerate().filter(|(index, _)| !met(*index)).map(|(_, entry)| entry.subject).collect()
}

fn families(names: &[String]) -> Result<Vec<Group>, String> {
    if names.iter().any(|name| name == "all") {
        return Ok(Group::ALL.to_vec());
    }
    let family = |name: &String| {
        let known = Group::ALL.into_iter().find(|group| group.name() == name);
        known.ok_or_else(|| format!("there is no family '{name}'"))
    };
    names.iter().map(family).collect()
}

fn peers(name: &str) -> Result<Vec<Peer>, String> {
    match PEERS.into_iter().find(|peer| peer_name(*peer) == name) {
        Some(peer) => Ok(vec![peer]),
        None if name == "all" => Ok(PEERS.to_vec()),
        None => Err(format!("there is no peer '{name}'")),
    }
}

//! Lets many clients transfer money and read and write registers at once, and checks what they saw.
//!
//! ```text
//! cargo run --release -p kvd-tests --bin consistency -- --transfers 1000000 --threads 4
//! ```

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use kvd_tests::consistency::{bank, linear, record};
use kvd_tests::process;

/// Checks what many clients at once see of transactions and of single commands.
#[derive(Debug, Parser)]
struct Options {
    /// Transfers between accounts, each a transaction with WATCH.
    #[arg(long, default_value_t = 1_000_000)]
    transfers: u64,
    /// Rounds of random requests, each checked for an order that explains all replies.
    #[arg(long, default_value_t = 100)]
    rounds: u64,
    /// Clients at the same time.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Worker threads of kvd.
    #[arg(long, default_value_t = 4)]
    threads: usize,
    /// What the clients choose follows from this.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A server that runs already, instead of a kvd of its own.
    #[arg(long)]
    address: Option<SocketAddr>,
}

fn main() -> ExitCode {
    match run(&Options::parse(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options, out: &mut impl Write) -> io::Result<()> {
    let own = match options.address {
        Some(_) => None,
        None => {
            let kvd = process::kvd().map_err(io::Error::other)?;
            Some(kvd.start_with(&["--threads", &options.threads.to_string()])?)
        }
    };
    let address = options.address.or(own.as_ref().map(|kvd| kvd.address));
    let address = address.ok_or_else(|| io::Error::other("there is no server"))?;
    let plan = bank::Plan {
        accounts: 10,
        clients: options.clients,
        transfers: options.transfers,
        seed: options.seed,
    };
    let outcome = bank::run(address, &plan)?;
    writeln!(
        out,
        "{} transfers, {} collisions, {} audits: the sum is what it was",
        outcome.transfers, outcome.collisions, outcome.audits
    )?;
    let mut events = 0;
    for round in 0..options.rounds {
        let seed = options.seed + round * options.clients as u64;
        let plan = record::Plan { keys: 5, clients: options.clients, requests: 500, seed };
        for (key, history) in record::run(address, &plan)?.iter().enumerate() {
            events += history.len();
            linear::check(history).map_err(|event| {
                io::Error::other(format!(
                    "round {round} (seed {seed}), key {key}: no order explains {:?}",
                    history[event]
                ))
            })?;
        }
        // The next round begins without values.
        kvd_tests::hostile::client::Client::connect(address)?.ask(&["FLUSHALL"])?;
    }
    writeln!(out, "{} rounds, {events} requests: each has its place in one order", options.rounds)
}

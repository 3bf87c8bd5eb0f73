//! The kvd server: command line to configuration to server, nothing else.
#![forbid(unsafe_code)]

mod arguments;
mod command;
#[cfg(test)]
mod generated;
mod include;

use std::process::ExitCode;

use arguments::Request;
use command::{Parameters, command};
use config::Config;
use keyspace::memory::{Counting, Mimalloc};
use server::Allocator;

#[global_allocator]
static ALLOCATOR: Counting<Mimalloc> = Counting(Mimalloc);

/// The same for INFO and MEMORY.
const ABOUT_ALLOCATOR: Allocator = Allocator {
    name: "mimalloc",
    committed_bytes: Mimalloc::committed_bytes,
    purge: Mimalloc::purge,
    report: Mimalloc::report,
};

fn main() -> ExitCode {
    match arguments::read(std::env::args_os().skip(1)) {
        Ok(Request::Serve(setup)) => match server::run(setup) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("kvd: {error}");
                ExitCode::FAILURE
            }
        },
        Ok(Request::Check(config)) => match server::check(&config) {
            Ok(()) => praise(&config),
            Err(error) => {
                eprintln!("kvd: {error}");
                ExitCode::FAILURE
            }
        },
        Ok(Request::Show(option)) => show(&option),
        Err(error) => {
            eprintln!("kvd: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says that a configuration is good, and what of it has no effect.
fn praise(config: &Config) -> ExitCode {
    for remark in server::remarks(config) {
        println!("kvd: {remark}");
    }
    println!("kvd: the configuration is good");
    ExitCode::SUCCESS
}

fn show(option: &str) -> ExitCode {
    match command(Parameters::Usual).try_get_matches_from(["kvd", option]) {
        Err(shown) if shown.print().is_ok() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

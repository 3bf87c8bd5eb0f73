//! The kvd server: command line to configuration to server, nothing else.
#![forbid(unsafe_code)]

mod arguments;
mod include;

use std::process::ExitCode;

use keyspace::memory::Counting;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: Counting<MiMalloc> = Counting(MiMalloc);

/// How INFO names the allocator.
const ALLOCATOR_NAME: &str = "mimalloc";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let setup = match arguments::read(&words) {
        Ok(setup) => setup,
        Err(arguments::Outcome::Shown(code)) => return code,
        Err(arguments::Outcome::Wrong(error)) => {
            eprintln!("kvd: {error}");
            return ExitCode::FAILURE;
        }
    };
    match server::run(setup) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kvd: {error}");
            ExitCode::FAILURE
        }
    }
}

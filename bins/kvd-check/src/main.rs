//! `kvd-check`: what an operator asks of the files of Redis, Valkey and kvd: are they whole, what do they hold, where do they differ.
//!
//! What the formats are is known by the crates `rdb` and `aof`; here are the command line and the words.
//!
//! ```text
//!   command_line ──▶ rdb_check, aof_check, diff, stats, convert ──▶ Out (standard output)
//!                          │                                        Trouble (standard error)
//!                        scan: a snapshot item by item, with the place of what is wrong
//! ```
#![forbid(unsafe_code)]

mod command_line;
#[cfg(test)]
mod generated;
mod out;
mod progress;
mod text;
mod trouble;

mod scan;

mod aof_check;
mod convert;
mod diff;
mod rdb_check;
mod stats;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use command_line::{Arguments, Task};
use out::Out;
use progress::Progress;
use trouble::{Trouble, Verdict};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Who asked may have gone: `kvd-check --help | head -1`.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let mut out = Out::new(arguments.quiet);
    let verdict = run(&arguments, &mut out).and_then(|verdict| Ok(out.finish().map(|()| verdict)?));
    match verdict {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Err(trouble) => {
            // What was told before comes first. If it can't be written, the trouble says more.
            let _ = out.finish();
            let _ = writeln!(io::stderr(), "kvd-check: {trouble}");
            ExitCode::from(match trouble {
                Trouble::Damage(_) => 1,
                Trouble::Failure(_) => 2,
            })
        }
    }
}

fn run(arguments: &Arguments, out: &mut Out) -> Result<Verdict, Trouble> {
    let progress = Progress::new(arguments.quiet);
    match &arguments.task {
        Task::Rdb { file } => rdb_check::run(file, &progress, out),
        Task::Aof(task) => aof_check::run(task, &progress, out),
        Task::Diff(task) => diff::run(task, &progress, out),
        Task::Stats(task) => stats::run(task, &progress, out),
        Task::Convert(task) => convert::run(task, &progress, out),
    }
}

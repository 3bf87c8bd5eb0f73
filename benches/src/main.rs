//! `versus`: kvd beside its peers, on the same core, driven by the same generator, in the same minute.
//!
//! ```text
//!     options ─▶ server: find, start, pin        load: connections, pacing, latency
//!                    │                             ▲
//!                    └────────▶ mode ──────────────┘  template: requests with holes; keys: which key next
//!                                │                    scan: counts replies without decoding them
//!                                ▼
//!                              report: medians, ratios, markdown, JSON, SVG
//! ```
//!
//! How to run it, what the figures mean and how not to be fooled by them stands in the README beside this folder.
#![forbid(unsafe_code)]

mod clock;
mod failure;
mod keys;
mod load;
mod mode;
mod options;
mod report;
mod scan;
mod server;
mod template;
mod zipf;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let options = options::Options::parse();
    match mode::run(&options) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("versus: {failure}");
            std::process::ExitCode::FAILURE
        }
    }
}

//! Runs every transcript against kvd and against the peers that prove it.
//!
//! `KVD_TRANSCRIPTS=strings/set cargo test -p kvd-tests --test transcripts` runs those whose path contains the text.

#![expect(clippy::disallowed_methods, reason = "a filter comes from the environment")]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::alloc::System;
use std::io::Write;
use std::path::Path;

use keyspace::memory::Counting;
use kvd_tests::in_process::InProcess;
use kvd_tests::process::{self, Missing, Peer, Program};
use kvd_tests::target::Target;
use kvd_tests::transcript::{Features, Transcript, run};

/// The engine in this process counts its memory by it.
#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

#[test]
fn transcripts_hold_on_kvd() {
    hold_on("transcripts on kvd", process::kvd());
}

#[test]
fn transcripts_hold_on_the_engine_in_this_process() {
    run_all("transcripts in process", &mut InProcess::new());
}

#[test]
fn transcripts_hold_on_redis_7() {
    hold_on("transcripts on redis 7", Peer::Redis7.find());
}

#[test]
fn transcripts_hold_on_redis_8() {
    hold_on("transcripts on redis 8", Peer::Redis8.find());
}

#[test]
fn transcripts_hold_on_valkey_9() {
    hold_on("transcripts on valkey 9", Peer::Valkey9.find());
}

fn hold_on(name: &str, program: Result<Program, Missing>) {
    match program {
        Ok(program) => {
            let process = program.start().unwrap();
            run_all(name, &mut process.target());
        }
        Err(missing) => process::skipped(name, missing),
    }
}

fn run_all(name: &str, target: &mut dyn Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let filter = std::env::var("KVD_TRANSCRIPTS").unwrap_or_default();
    let mut features = Features::default();
    let mut requests = 0;
    let mut skips = Vec::new();
    let mut mismatches = Vec::new();
    for transcript in Transcript::load_all(&folder).unwrap_or_else(|error| panic!("{error}")) {
        if !transcript.path.to_string_lossy().contains(&filter) {
            continue;
        }
        let outcome = run(&transcript, target, &mut features);
        requests += outcome.requests;
        skips.extend(outcome.skips);
        mismatches.extend(outcome.mismatches);
    }
    for skip in &skips {
        // Past the capture of test output, so that a skip is always seen.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {name}: {} needs {}: {}",
            skip.path.display(),
            skip.needs,
            skip.title
        );
    }
    let report: String = mismatches.iter().map(|mismatch| format!("\n{mismatch}")).collect();
    assert!(report.is_empty(), "{} of {requests} requests failed\n{report}", mismatches.len());
    assert!(requests > 0, "no transcript has '{filter}' in its path");
    let _ = writeln!(std::io::stderr(), "{name}: {requests} requests, {} sections skipped", skips.len());
}

//! Runs every transcript against kvd and against the peers that prove it; `transcripts_in_process.rs` has the engine without a server.
//!
//! `KVD_TRANSCRIPTS=strings/set cargo test -p kvd-tests --test transcripts` runs those whose path contains the text.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use kvd_tests::process::{self, Missing, Peer, Program};
use kvd_tests::transcript::run_all;

#[test]
fn transcripts_hold_on_kvd() {
    hold_on("transcripts on kvd", process::kvd());
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
            run_all(name, &mut process.target()).unwrap_or_else(|report| panic!("{report}"));
        }
        Err(missing) => process::skipped(name, missing),
    }
}

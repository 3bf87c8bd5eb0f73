//! Runs every transcript against an engine in this process: alone in it, because MEMORY tells what the whole process uses and used.

use std::alloc::System;

use keyspace::memory::Counting;
use kvd_tests::in_process::InProcess;
use kvd_tests::transcript::run_all;

/// The engine in this process counts its memory by it.
#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

#[test]
fn transcripts_hold_on_the_engine_in_this_process() {
    run_all("transcripts in process", &mut InProcess::new()).unwrap_or_else(|report| panic!("{report}"));
}

//! See `kvd_tests::fuzzing`. Counts memory, so that what stays behind is seen.
#![no_main]

use std::alloc::System;

use kvd_keyspace::memory::Counting;

#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

libfuzzer_sys::fuzz_target!(|input: &[u8]| kvd_tests::fuzzing::engine_sessions(input));

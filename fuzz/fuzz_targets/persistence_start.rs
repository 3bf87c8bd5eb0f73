//! See `kvd_tests::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kvd_tests::fuzzing::persistence_start(input));

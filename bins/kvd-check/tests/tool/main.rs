//! The program as operators meet it: what it says, its exit codes, what it leaves on the disk.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod aof;
mod convert;
mod diff;
mod peers;
mod rdb;
mod stats;

mod files;
mod run;
mod usage;

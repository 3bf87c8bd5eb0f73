//! Whole servers and the files that they leave: what kvd writes is loaded by the peers and the other way round, and what happens when files are
//! missing, damaged or can't be written.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod server;

mod data;
mod logs;
mod snapshots;
mod strangers;

mod damage;
mod loading;
mod reloads;
mod renamed;
mod rewrites;
mod saving;
mod stopping;
mod switches;
mod unwritable;

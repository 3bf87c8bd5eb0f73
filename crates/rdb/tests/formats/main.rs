//! What the formats are, proven by files of servers, by hand-built values, and by what was written being read.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod checks;
mod golden;
mod hostile;
mod payloads;
mod round_trips;
#[path = "../told/mod.rs"]
mod told;

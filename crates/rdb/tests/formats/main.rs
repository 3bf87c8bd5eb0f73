//! What the formats are, proven by files of servers, by hand-built values, and by what was written being read.

mod golden;
mod hostile;
mod payloads;
mod round_trips;
#[path = "../told/mod.rs"]
mod told;

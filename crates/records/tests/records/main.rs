//! Entries as records, and records as entries.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod round_trip;
mod snapshots;
mod values;

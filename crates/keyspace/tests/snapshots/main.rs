//! Snapshots: against a copy of the data made at the instant, with changes of every kind going on meanwhile; who waits for one; and what one takes.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "changes come from other threads")]

mod awaited;
mod changes;
mod ends;
mod framed;
mod memory;

//! `kvd-check diff`: where do two sets of data differ, key by key?
//!
//! ```text
//!   1  A ──▶ Ledger: for each key two digests, of its name and of all that it says     33 bytes a key, sorted
//!   2  B ──▶ each key looked up there ──▶ Differences: keys only in B, keys that say something else
//!   3  A ──▶ keys that B hasn't are told; of those that differ what A says is kept
//!   4  B ──▶ keys that A hasn't are told, and where the others differ
//! ```
//!
//! Digests are under a key of this run, so that nobody can make two values look the same. That of a value is the sum of those of its elements, each
//! with its place where order matters: so one pass in any order is enough, and no form of writing matters.

mod detail;
mod digest;
mod ledger;
mod server;
mod side;
mod task;

pub(crate) use task::run;

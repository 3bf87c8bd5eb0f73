//! The order of a sorted set: a B+ tree that counts.
//!
//! ```text
//!                      ┌ title ─┬ title ─┐         title: the first key below, score and handle
//! inner                │ child  │ child  │
//!                      │ 5      │ 4      │         how many keys there are below
//!                      └─┼──────┴─┼──────┘
//!                 ┌──────┘        └──────┐
//! leaves   ┌ key ┬ key ┬ … ┐      ┌ key ┬ key ┬ … ┐
//!          │ 1.0 │ 1.5 │   │ ◀──▶ │ 3.0 │ 3.0 │   │         score and handle; neighbours know each other
//!          └─────┴─────┴───┘      └─────┴─────┴───┘
//! ```
//!
//! Keys are ordered by score, then by the bytes of the name that the handle stands for. Scores stand in columns of
//! their own, so that a search compares many at once and asks for names only where scores are equal.
//!
//! Nodes are numbers in two dense arrays. When one is freed the last takes its place, and the one reference to it from above is
//! found by searching for its first key.
//!
//! Each change is made in small steps between which the tree is sound: an insertion that finds its leaf full makes room
//! for one more (by evening out with a neighbour, else by splitting one node) and begins again.

mod insert;
mod invariants;
mod keys;
mod node;
mod order;
mod remove;
mod slab;

pub(crate) use keys::{Probe, Run};
pub(crate) use order::{Place, Tree};

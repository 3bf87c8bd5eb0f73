//! Sorted sets: members with scores, found by member in constant and by rank in logarithmic time.
//!
//! ```text
//!  member ──▶ elements (hash table, chunks of memory) ──▶ score, member
//!                  ▲ handle of 40 bits
//!  rank, score ──▶ tree (B+ tree with counts) ──▶ score, handle
//! ```
//!
//! Each member is stored once, behind its score. A hash table finds it by name. The tree holds it by order: score, then the bytes of the
//! member. `-0` and `0` are equal; infinities are scores, NaN is none.
//!
//! A [`SortedSet`] begins as a packed list of members and scores in order, byte by byte the one that servers store in their files, and
//! becomes a [`RankedSet`] as drawn above once it has outgrown that.
//!
//! Beside the members' own bytes a ranked set takes some 38 bytes for each of them: 12 in the
//! hash table, 9 for score and length, 17 in the tree.
//!
//! No operation on one member takes long at any size: the table grows by a bucket, the tree by a node, memory by a chunk, and a set
//! that shrinks gives its memory back by two members at a time. What concerns many members is cut in slices by the caller, see
//! [`RankedSet::remove_ranks`].

mod bounds;
mod combine;
mod iter;
mod member;
mod members;
mod packed;
mod ranges;
mod score;
mod tree;
mod update;
mod value;
mod walk;

pub use bounds::{Bound, LexBounds, ScoreBounds};
pub use combine::{Aggregate, Combined, Scores, Weighted, intersection_len};
pub use iter::Iter;
pub use members::RankedSet;
pub use update::{Comparison, Condition, NotANumber, Outcome, Presence};
pub use value::{Limits, SortedSet};
pub use walk::Members;

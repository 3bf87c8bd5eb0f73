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
//! This is for sets that have outgrown a packed list. Beside the members' own bytes one takes some 38 bytes for each of them: 12 in the
//! hash table, 9 for score and length, 17 in the tree.
//!
//! No operation on one member takes long at any size: the table grows by a bucket, the tree by a node, memory by a chunk, and a set
//! that shrinks gives its memory back by two members at a time. What concerns many members is cut in slices by the caller, see
//! [`RankedSet::remove_ranks`].

mod bounds;
mod iter;
mod member;
mod members;
mod ranges;
mod tree;
mod value;

pub use bounds::{Bound, LexBounds, ScoreBounds};
pub use iter::Iter;
pub use members::RankedSet;
pub use value::SortedSet;

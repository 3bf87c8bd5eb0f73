//! Sets of members without an order.
//!
//! ```text
//! Set ─┬─ Integers   all members are integers, sorted          ─┐
//!      ├─ Packed     one behind the other, in order of arrival ─┴─▶ Large, and never back
//!      └─ Large      HashedSet
//! ```
//!
//! The small forms are byte for byte those of Redis and Valkey, and change into each other when theirs do: see [`Limits`] and
//! [`Set::prepare`]. A large set takes some 13 bytes for each member beside the member's own: 12 in the hash table and one
//! for the length. Nothing pauses at any size, see [`sorted_set`](crate::sorted_set).

mod limits;
mod members;
mod value;

mod change;
mod choose;
mod combine;

pub use combine::{difference, difference_of_copy, intersection, is_copy_less_work, union};
pub use limits::Limits;
pub use members::HashedSet;
pub use value::Set;

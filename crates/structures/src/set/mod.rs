//! Sets of members without an order.
//!
//! For sets that have outgrown a packed list. Beside the members' own bytes one takes some 13 bytes for each of them: 12 in the hash table and one
//! for the length. Nothing pauses at any size, see [`sorted_set`](crate::sorted_set).

mod members;
mod value;

pub use members::HashedSet;
pub use value::Set;

//! Values, read part by part.
//!
//! A value is never in memory as a whole unless it is one packed list. What is not read of it is passed over when the next item is asked
//! for.

pub(crate) mod body;
pub(crate) mod packed;
pub(crate) mod parts;

mod fact;
mod hash;
mod list;
mod module;
mod node;
mod raw;
mod set;
mod sorted_set;
mod stream;
mod whole;

pub use fact::Fact;
pub use hash::{Field, Hash, HashPart};
pub use list::{List, ListPart};
pub use module::{Module, ModuleId};
pub use node::{NodeEntries, Pairs, StreamEntry};
pub use raw::{Decoding, RawValue};
pub use set::{Set, SetPart};
pub use sorted_set::{SortedSet, SortedSetPart};
pub use stream::{Consumer, Group, Pending, Stream, StreamId, StreamMetadata, StreamPart};
pub use whole::Value;
pub(crate) use whole::string;

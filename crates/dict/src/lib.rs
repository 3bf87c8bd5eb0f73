#![doc = include_str!("../README.md")]

mod item;

mod dict;
mod invariants;
mod lent;
mod prefetch;
mod resize;
mod sample;
mod scan;
mod walk;

mod bucket;
mod chain;
mod place;
mod segments;
mod slot;

mod hash_key;
mod number;

pub use dict::{Dict, Entry, Vacant};
pub use hash_key::HashKey;
pub use item::Item;
pub use lent::{Ref, RefMut};
pub use number::Number;
pub use prefetch::fetch;
pub use walk::{Drain, Iter};

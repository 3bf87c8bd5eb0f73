//! Many small elements under names that differ: what large sets, sorted sets and hashes are made of.
//!
//! ```text
//! name ──hash──▶ Dict ──Handle──▶ Blocks: chunks of 64 KiB, one element behind the other
//!                                 ┌─┬─────────────┬─┬──────┬─┬───────────────
//!                                 │n│ payload     │n│ dead │n│ payload …
//!                                 └─┴─────────────┴─┴──────┴─┴───────────────
//! ```
//!
//! What a payload holds beside the name is the [`Layout`]'s business: a score, a value, nothing. Compared with an allocation for
//! each element, a chunk has no grain (an element of 17 bytes takes 17 and one for its length, where the allocator gives
//! 32), and a handle has 40 bits instead of 64. In return the memory of removed elements must be looked after, see
//! [`Blocks`](blocks::Blocks).

mod blocks;
mod handle;
mod store;

pub(crate) use handle::Handle;
pub(crate) use store::{Elements, Layout};

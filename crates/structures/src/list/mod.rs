//! Elements in a row, reached from either end or by their number.
//!
//! ```text
//! List ─┬─ Packed ── one listpack, as long as it is small
//!       └─ Large ─── Quicklist: | listpack | listpack | one big element | listpack | …
//! ```

mod edit;
mod iter;
mod limit;
mod node;
mod packed;
mod quicklist;
mod value;

pub use iter::Iter;
pub use limit::Limit;
pub use node::NodeRef;
pub use quicklist::Quicklist;
pub use value::List;

/// An end of a list.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Where the first element is.
    Front,
    /// Where the last element is.
    Back,
}

/// Where an element is put beside another.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Nearer to the front.
    Before,
    /// Nearer to the back.
    After,
}

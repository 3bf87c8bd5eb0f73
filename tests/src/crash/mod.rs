//! Whether kvd keeps what it acknowledged, whatever happens to it.
//!
//! ```text
//!   clients ── units, numbered ─▶ kvd ── kill -9 ─▶ files ── cut, flip ─▶ kvd, started again
//!      │ what was sent, what was acknowledged, when                         │ what is there
//!      └───────────────────────────▶ judge ◀────────────────────────────────┘
//! ```
//!
//! A `unit` is a command or a block of them between `MULTI` and `EXEC`. Each client changes keys of its own, in several databases, so that after any number of its units
//! it is known what they hold; besides all clients add to one counter. After a restart the `judge` looks for the beginning of each client's
//! `history` that is there, and asks whether it is long enough for what was promised, and whether all of them together are the beginning of one
//! order.

mod key;
mod op;
pub(crate) mod value;

pub(crate) mod choice;
pub(crate) mod unit;

pub(crate) mod history;
pub(crate) mod observe;

pub(crate) mod judge;
pub(crate) mod load;
mod tally;

mod campaign;
mod scenario;
mod site;

pub use campaign::{Campaign, Outcome, Policy};
pub use history::NoPrefix;
pub use judge::Broken;
pub use scenario::Scenario;
pub use tally::Tally;

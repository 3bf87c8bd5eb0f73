//! Commands with holes: read from text, rendered once, refilled for every request.
//!
//! ```text
//!     "SET {key} {value}"          text of a workload
//!             │ parse
//!     [SET] [key:‹num›] [‹value›]  Template: arguments of fixed and varying pieces
//!             │ Batch::render, once per connection
//!     *3␍␊$3␍␊SET␍␊$16␍␊key:............␍␊$32␍␊................␍␊   bytes
//!                           ▲                  ▲                     and the places to refill
//! ```
//!
//! Every hole has a fixed width, so that a request never changes its length and preparing the next one costs a few
//! stores: the generator must not be slower than the servers that it drives.

mod batch;
mod data_types;
mod filling;
mod parse;
mod preset;

pub(crate) use batch::Batch;
pub(crate) use data_types::Times;
pub(crate) use filling::Filling;
pub(crate) use parse::{Hole, Piece, Template};
pub(crate) use preset::{Expect, Workload, preload};

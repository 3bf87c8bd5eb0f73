//! Sorted sets.
//!
//! ```text
//! words ──▶ score, bounds, span ──▶ ranks of a set ──▶ reply
//! keys ───▶ source ──▶ Combined ──▶ reply or stored set
//! ```

mod add;
mod bounds;
mod card;
mod combine;
mod family;
pub(crate) mod limits;
mod pop;
mod pop_first;
mod random;
mod range;
mod rank;
mod remove;
mod reply;
mod scan;
mod score;
mod source;
mod span;
mod store;
mod waiting;

pub(crate) use family::add;

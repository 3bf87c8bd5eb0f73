//! Values under fields, each of which may expire.
//!
//! ```text
//! Packed   ─▶ field value field value …              a listpack, as long as it is small
//! Dated    ─▶ field value expiry field value …       a listpack once a field has had an expiry: those that expire in front, in the
//!                                                    order of time, then those that don't, whose expiry is 0
//! FieldMap ─▶ Elements, found by hash                in whatever order
//!             DueIndex, of those that expire
//! ```
//!
//! A hash knows no clock. Who reads says what time it is, and sees no field that is due; [`Hash::expire`] takes due fields out, in the
//! order of time. A field lives through the whole of its last millisecond. No step takes time by the number of fields that
//! are due, unless it says so.

mod change;
mod expire;
mod field;
mod map;
mod packed;
mod value;

pub use field::{Found, Lifetime, Limits};
pub use map::FieldMap;
pub use value::Hash;

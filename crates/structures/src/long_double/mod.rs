//! The 80-bit sums of INCRBYFLOAT and HINCRBYFLOAT.
//!
//! The servers compute these with the `long double` of x86-64: 64 bits of mantissa, so `0.1 + 0.2` is `0.3`. Neither doubles nor exact
//! decimals give the same text (`100.1 + 100.2` is `200.29999999999999999`), and the text is what is stored, logged and replicated.
//! So we compute with the same format, in software.

mod number;
mod text;

pub use number::{LongDouble, TEXT_BYTES_MAX};

//! What the argument trees don't tell: arguments and whole requests that make sense, by family.
//!
//! A family that needs more than its trees gets a file here and a line in `table.rs`.

mod bitmaps;
mod connection;
mod generic;
mod geo;
mod hashes;
mod hyperloglogs;
mod lists;
mod payloads;
mod server;
mod sets;
mod sorted_sets;
mod streams;
mod strings;
mod table;

pub(crate) use server::PARAMETERS;
pub(crate) use table::{Draw, Make, argument, is_left_out, is_recent, request};

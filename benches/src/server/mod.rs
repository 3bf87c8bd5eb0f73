//! The servers that are compared: found, started on their cores, asked, watched from /proc and stopped.

mod ask;
mod find;
mod launch;
mod pin;
mod proc;
mod variant;

pub(crate) use ask::{Asker, Info};
pub(crate) use find::{Contestant, Kind, contestants, in_each};
pub(crate) use launch::{Launch, Server};
pub(crate) use pin::pin_to;
pub(crate) use proc::{RunTime, Threads, family_bytes, rss_bytes};
pub(crate) use variant::Variant;

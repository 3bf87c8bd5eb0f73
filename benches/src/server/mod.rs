//! The servers that are compared: found, started on their cores, asked, watched from /proc and stopped.

mod ask;
mod find;
mod launch;
mod pin;
mod proc;

pub(crate) use ask::Asker;
pub(crate) use find::{Contestant, Kind, contestants};
pub(crate) use launch::Server;
pub(crate) use pin::pin_to;
pub(crate) use proc::{RunTime, Threads, rss_bytes};

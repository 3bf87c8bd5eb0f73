//! `kvd-check stats`: what takes the room in a snapshot.

mod count;
mod encoding;
mod report;
mod task;
mod top;

pub(crate) use task::run;

//! What can be compared: one file per mode.

mod expiry;
mod field;
mod hits;
mod insert;
mod loading;
mod matrix;
mod memory;
mod run;
mod saving;

pub(crate) use run::run;

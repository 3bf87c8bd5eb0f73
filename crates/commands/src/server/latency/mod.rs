//! The server: how long things take.
//!
//! ```text
//! LATENCY LATEST
//! LATENCY HISTORY event
//! LATENCY GRAPH event
//! LATENCY DOCTOR
//! LATENCY RESET [event [event ...]]
//! LATENCY HISTOGRAM [command [command ...]]
//! LATENCY HELP
//! ```

mod doctor;
mod graph;
mod series;
mod spread;

pub(super) use doctor::doctor;
pub(super) use graph::graph;
pub(super) use series::{help, history, latest, reset};
pub(super) use spread::histogram;

//! HTTP on a port of its own: metrics for Prometheus, and probes that tell whether the server serves.
//!
//! It knows sockets and pages; what the metrics are is said in `commands`. Without the feature `http` the module `http_absent`
//! stands in for it, which refuses `http-port`.
//!
//! ```text
//!  http-port ──▶ thread kvd-http: accept ─▶ Guests ─▶ hyper ─▶ pages ─┬─▶ a thread for rendering ─▶ commands::metrics
//!                   ▲                                                  └─▶ Health ─▶ Pulse of the workers
//!  CONFIG SET ──▶ Control
//! ```
//!
//! Metrics and probes have a thread of their own, so that no client waits for them; and probes have an answer while metrics wait for data
//! that a long command holds.

mod control;
mod desk;
mod guests;
mod health;
mod pages;

pub(crate) use control::{Control, open};
pub(crate) use desk::Desk;
pub(crate) use guests::CONNECTIONS_MAX;

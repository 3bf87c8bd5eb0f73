//! kvd as others run it: with stock configurations, under systemd, and when its start fails.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod files;
mod service;
mod start;
mod users;
mod written;

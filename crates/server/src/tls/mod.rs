//! Clients over TLS: what they are shown, their handshakes, and the connections that come of these.
//!
//! It knows certificates and sockets, and nothing of commands. Without the feature `tls` the module `tls_absent` stands
//! in for it, which refuses `tls-port`.
//!
//! ```text
//!  tls-port ──▶ thread kvd-tls: accept ─▶ handshake ─▶ Established ──▶ a worker: Connection
//!                                            ▲
//!  tls-cert-file, … ──server_config──▶ the acceptor in force ◀── CONFIG SET
//! ```
//!
//! Handshakes have a thread of their own: one costs as much as a thousand GETs, and who only pretends to begin one must not
//! keep anybody's commands waiting.

mod client_config;
mod error;
mod files;
mod notices;
mod protocols;
mod server_config;
mod sessions;
mod suites;

mod control;
mod reception;
mod socket;
mod stream;

pub use client_config::client_config;
pub(crate) use control::{Control, open};
pub use error::{Named, TlsError};
pub(crate) use reception::{HANDSHAKES_MAX, Reception};
pub(crate) use stream::Established;

//! kvd's network server: what puts the engine on a machine.
//!
//! It knows sockets, threads, the clock, signals and the log; it knows nothing of commands or data.
//!
//! ```text
//!   listeners ─ acceptor ─▶ worker 0: tokio runtime ─ connections ─▶ engine.serve
//!      (worker 0)      └──▶ worker 1: …              └ ticker      ─▶ engine.tick
//!   tls-port ── handshakes ─▲
//!      (a thread)           service thread: frees what is big
//!   http-port ── metrics and probes (a thread)
//! ```
//!
//! Each worker is a thread with a runtime of its own. A connection lives on one worker for life; new ones go to the worker that
//! has the fewest.
#![forbid(unsafe_code)]

mod acceptor;
mod advice;
mod allocator;
mod backlog;
mod clock;
mod connection;
mod garbage;
#[cfg_attr(not(feature = "http"), path = "http_absent.rs")]
mod http;
mod keeper;
mod listen;
mod log;
mod notices;
mod paths;
mod pidfile;
mod process;
mod pulse;
mod rewrite;
mod signals;
mod start;
mod stop;
mod supervisor;
mod timeouts;
#[cfg_attr(not(feature = "tls"), path = "tls_absent.rs")]
mod tls;
mod worker;

pub use allocator::Allocator;
pub use clock::SystemClock;
pub use log::LogError;
pub use notices::remarks;
pub use start::{ServerError, Setup, Source, check, run};
#[cfg(feature = "tls")]
pub use tls::{Named, TlsError, client_config};

//! Tests that look at kvd from outside: whole servers, real clients, and the code base itself.
//!
//! Except for [`in_process`], [`failing`] and [`fuzzing`] this crate knows nothing of kvd's own crates, so that a fault in one of them
//! can't hide itself: the RESP client here is a second, plain one. It is never published; only `fuzz/` depends on it.
//!
//! ```text
//!   transcripts/*/*.txt ──parse──▶ sections of requests and expected replies
//!                                      │ run
//!              ┌───────────────────────┼──────────────────────┐
//!          an engine              kvd over TCP          redis-server, valkey-server
//!        in this process                              (prove the expectation itself)
//! ```
//!
//! [`transcript`] describes the text format. [`target::Target`] is what a server must be to be tested;
//! [`process`] starts the real ones and [`wire`] reads their replies. [`hostile`] has the clients that nobody wants, [`proxy`] is a bad
//! network in between, and [`fuzzing`] has what the fuzz targets check. [`differ`] asks kvd and a peer the same random
//! questions; what commands there are and how they are spelt it takes from kvd's catalog. [`crash`] kills kvd, and [`failing`] gives it bad
//! disks, to see whether it keeps what it acknowledged.
//!
//! ```
//! use kvd_tests::server::{Product, Protocol, Server, Version};
//! use kvd_tests::transcript::Transcript;
//!
//! let text = "== counting\n> INCR n\n(integer) 1\n[valkey] (integer) 2\n";
//! let transcript = Transcript::parse("counting.txt".as_ref(), text).unwrap();
//! assert_eq!(transcript.sections[0].title, "counting");
//! let valkey = Server { product: Product::Valkey, version: Version(9, 1) };
//! assert!(transcript.sections[0].holds_on(&valkey, Protocol::Resp3));
//! ```

#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "whole-server tests start processes, wait for them and read the environment"
)]

pub mod consistency;
pub mod crash;
pub mod differ;
pub mod failing;
pub mod fuzzing;
pub mod hostile;
pub mod in_process;
pub mod patience;
pub mod process;
pub mod proxy;
pub mod server;
pub mod target;
pub mod transcript;
pub mod wire;

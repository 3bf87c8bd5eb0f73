//! The server: what tests need to see and to force.
//!
//! ```text
//! DEBUG CHANGE-REPL-ID
//! DEBUG DIGEST
//! DEBUG DIGEST-VALUE key [key ...]
//! DEBUG ERROR text
//! DEBUG LOADAOF
//! DEBUG LOG text
//! DEBUG OBJECT key [FAST]
//! DEBUG POPULATE count [prefix [size]]
//! DEBUG PROTOCOL type
//! DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]
//! DEBUG SET-ACTIVE-EXPIRE 0 | 1
//! DEBUG SLEEP seconds
//! DEBUG STRINGMATCH-LEN pattern text
//! DEBUG HELP
//! ```
//!
//! The catalog knows no subcommands of DEBUG and hence none of their keys, so every stripe is locked for each of them.

mod data;
mod digest;
mod dispatch;
mod packed;
mod populate;
mod protocol;
mod reload;

pub(super) use dispatch::debug;

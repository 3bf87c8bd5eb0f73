//! The server: the commands that it knows.
//!
//! ```text
//! COMMAND
//! COMMAND COUNT
//! COMMAND LIST [FILTERBY MODULE module | FILTERBY ACLCAT category | FILTERBY PATTERN pattern]
//! COMMAND INFO [command ...]
//! COMMAND DOCS [command ...]
//! COMMAND GETKEYS command [argument ...]
//! COMMAND GETKEYSANDFLAGS command [argument ...]
//! COMMAND HELP
//! ```

mod describe;
mod keys;
mod list;

pub(super) use describe::{command, count, docs, help, info};
pub(super) use keys::{getkeys, getkeysandflags};
pub(super) use list::list;

//! What every command is, as data: the union of Redis 8.2 and Valkey 9.1.
//!
//! A command's name, arity, flags, keys, categories, syntax and documentation stand here once; whoever needs
//! one of them asks the table. What a command *does* is not known here, nor how replies look on the wire, nor
//! what a user may run.
//!
//! ```text
//!                 ┌ lookup, resolve ─▶ CommandId ─▶ command ─▶ arity, flags, categories, …
//! words of a      │                        │
//! request ────────┤                        ▼
//!                 └──────────── keys, for_each_key, slot_words ─▶ positions, access flags
//!
//! table ──▶ describe::info, describe::docs ─▶ a sink that writes RESP
//!       └─▶ commands_markdown ─▶ docs/commands.md
//! ```
//!
//! The table is Rust source (`src/table/`, a file for each group) and is complete when the program starts:
//! ids, containers, key shapes and the hash table for names are worked out by the compiler.
//!
//! ```
//! # use kvd_catalog as catalog;
//! use catalog::{KeyFlags, id};
//!
//! let request = ["copy", "from", "to", "REPLACE"];
//! let found = catalog::resolve(&request).expect("a request");
//! assert_eq!(found, id::COPY);
//! assert_eq!(catalog::command(found).summary, "Duplicates the value of one key under another");
//!
//! let keys = catalog::keys(found, &request).expect("complete");
//! assert_eq!(keys[1].position, 2);
//! assert_eq!(keys[1].flags, KeyFlags::OW | KeyFlags::UPDATE);
//!
//! let error = catalog::resolve(&["config", "gte", "*"]).expect_err("misspelt");
//! assert_eq!(error.to_string(), "unknown subcommand 'gte'. Try CONFIG HELP.");
//! ```

#![forbid(unsafe_code)]

mod group;

mod flags;

mod argument;
mod key_spec;

mod command;
mod table;

mod lookup;
mod words;

mod keys;
mod resolve;

pub mod describe;
mod markdown;

pub use argument::{Argument, ArgumentKind};
pub use command::{Command, CommandId, Deprecation};
pub use flags::{ArgumentFlags, Categories, Flags, KeyFlags};
pub use group::{Group, Origin};
pub use key_spec::{BeginSearch, FindKeys, KeyShape, KeySpec};
pub use keys::{KeyRef, KeyRefs, KeysError, for_each_key, keys, requested_keys, slot_words};
pub use lookup::{command, find, lookup, subcommand};
pub use markdown::commands_markdown;
pub use resolve::{LookupError, SHOWN_BYTES_MAX, resolve, unknown_command};
pub use table::{COMMANDS, COUNT, id};
pub use words::Words;

//! The ordered journal of kvd: every change to the data, once, in the form that reproduces it.
//!
//! It is not a log file and not a replication link: those are readers of the journal, each with a cursor.
//!
//! ```text
//!   command ─ effects ─▶ append (stripes locked) ─▶ │ e │ e │ e │ e │ ◀─ end
//!                                                         ▲       ▲
//!                                                      reader   reader
//! ```
//!
//! ```
//! use std::sync::Arc;
//! use kvd_journal::{Effects, Journal};
//!
//! let journal = Arc::new(Journal::new(1 << 20));
//! let mut reader = journal.subscribe();
//! let mut effects = Effects::default();
//! effects.push(&[b"SET", b"key", b"value"]);
//! let offset = journal.append(0, &effects);
//! assert_eq!(reader.next_entry().unwrap().unwrap().end, offset);
//! ```
#![forbid(unsafe_code)]

mod effects;
mod journal;

pub use effects::Effects;
pub use journal::{Entry, Journal, Lagged, Offset, Reader};

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
//! let batch = reader.next_batch()?.expect("there is something to read");
//! assert_eq!(batch.entries().next().map(|entry| entry.wire), Some(effects.wire()));
//! assert_eq!(batch.end(), offset);
//! # Ok::<(), kvd_journal::Lagged>(())
//! ```
//!
//! To append is to copy, behind what was appended before; to read is to share a batch of that. Nobody waits for the other: an append holds the
//! lock for a copy, a reader for as long as it takes to cut off its batch.
//!
//! A reader that has nothing to read sleeps, and the server wakes it:
//!
//! ```
//! # use std::sync::Arc;
//! # use kvd_journal::{Effects, Journal, Lagged};
//! # let journal = Arc::new(Journal::new(1 << 20));
//! # let mut reader = journal.subscribe();
//! let thread = std::thread::current();
//! journal.on_append(move || thread.unpark());
//! # let mut effects = Effects::default();
//! # effects.push(&[b"DEL", b"key"]);
//! # let other = std::thread::spawn({ let journal = Arc::clone(&journal); move || journal.append(0, &effects) });
//! let batch = loop {
//!     match reader.next_batch()? {
//!         Some(batch) => break batch,
//!         None if reader.doze() => std::thread::park(),
//!         None => {}
//!     }
//! };
//! # assert_eq!(batch.entries().count(), 1);
//! # other.join().unwrap();
//! # Ok::<(), Lagged>(())
//! ```
#![forbid(unsafe_code)]

mod batch;
mod effects;
mod offset;

mod journal;
mod reader;
mod sync;
mod tail;

pub use batch::{Batch, EntryRef};
pub use effects::Effects;
pub use journal::Journal;
pub use offset::Offset;
pub use reader::{Lagged, Reader};

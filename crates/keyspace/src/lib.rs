//! The keyspace of kvd: databases of keys with values, cut into stripes, each behind its own short lock.
//!
//! It is not a server: it knows no command, no reply, no client, no clock. Time comes in with each call; what commands do
//! with it is written elsewhere, against the stripes locked for them.
//!
//! ```text
//!   Keyspace ─ Stripe ─┬─ Table (db 0) ─┬─ Dict<Entry>    key, value, expiry, clock in one allocation
//!      │               │                ├─ DueIndex       (expiry, hash) of keys, in the order of time
//!      │               │                ├─ DueIndex       (next expiry of a field, hash) of hashes
//!      │               │                └─ Sizes          number of values by type and length
//!      │               └─ Table (db n) …
//!      ├ lock(hashes) → Locked → stripe_mut(hash).table_mut(db)
//!      └ begin_snapshot(encoder) → Snapshot → step …     all data as they were at one instant, while changes go on
//! ```
//!
//! ```
//! use kvd_keyspace::{DbIndex, Expiry, Keyspace, NewValue};
//!
//! let keyspace = Keyspace::new(64, 16, dict::HashKey::new([7; 16]));
//! let key = keyspace.key(b"greeting");
//! let mut locked = keyspace.lock([key.hash()]);
//! let table = locked.stripe_mut(key.hash()).table_mut(DbIndex(0));
//! let stored = table.set(&key, NewValue::Bytes(b"hello"), Expiry::None, 0);
//! assert!(stored.is_new);
//! assert_eq!(table.find(&key).unwrap().value().to_vec(), b"hello");
//! ```

mod entry;
mod entry_mut;
mod garbage;
mod key;
mod keyspace;
mod ledger;
mod lock;
pub mod memory;
mod object;
mod packed;
mod saved;
mod sizes;
mod snapshot;
mod stripe;
mod table;
mod time;
mod value;
mod walk;
mod walked_table;
mod wanted;

pub use entry::{EMBEDDED_BYTES_MAX, Entry};
pub use entry_mut::EntryMut;
pub use garbage::{FREED_AT_ONCE_BYTES_MAX, Garbage};
pub use key::Key;
pub use keyspace::{Keyspace, Locked, STRIPES_MAX};
pub use object::{Collection, Hash, Held, HeldMut, Kind, List, Object, ObjectRef, Set, SortedSet};
pub use packed::Packed;
pub use sizes::{Magnitude, Size, Sizes};
pub use snapshot::{Busy, Snapshot, Step};
pub use stripe::{Flushed, Stripe};
pub use table::{Discarded, Expiry, FieldsExpired, Replaced, Stored, Table};
pub use time::{DbIndex, UnixMillis};
pub use value::{NewValue, Text, Value};
pub use walk::{Encoder, Progress};

//! Entries as the requests that make them: what a log's base in the form of commands holds.
//!
//! ```text
//! SET key value
//! RPUSH key element …          SADD key member …          ZADD key score member …
//! HMSET key field value …      HPEXPIREAT key ms FIELDS 1 field
//! XADD … XSETID … XGROUP …     see `stream.rs`
//! PEXPIREAT key ms
//! ```
//!
//! Redis 7 and later and Valkey carry them out, as far as they have what a key has. Idle times and frequencies have no request, nor has when a
//! consumer of a stream was seen; and what is pending in a group though its entry is gone can't be claimed. So it is in the peers' bases.

mod encoder;
mod request;
mod stream;
mod walk;

pub use encoder::Commands;

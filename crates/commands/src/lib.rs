//! The commands of kvd, one folder per family.
//!
//! A command is a function over [`engine::Ctx`]: it parses every argument, looks up, does one operation, records the change, replies. It knows
//! nothing of locks, sockets or the wire; what a command *is* (arity, keys, flags) stands in the catalog.
//!
//! ```
//! let handlers = kvd_commands::handlers();
//! assert!(handlers.find(catalog::id::GET).is_some());
//! ```
#![forbid(unsafe_code)]

mod acl;
mod bitmaps;
mod connection;
mod decimal;
mod geo;
mod hashes;
mod help;
mod hyperloglogs;
mod keys;
mod lifetime;
mod lists;
mod pubsub;
mod server;
mod sets;
mod sort;
mod sorted_sets;
mod streams;
mod strings;
mod timeout;
mod transactions;
mod value;

use engine::Handlers;

pub use server::metrics;

/// The handlers of every command that is built.
pub fn handlers() -> Handlers {
    let mut handlers = Handlers::default();
    acl::add(&mut handlers);
    bitmaps::add(&mut handlers);
    connection::add(&mut handlers);
    geo::add(&mut handlers);
    hashes::add(&mut handlers);
    hyperloglogs::add(&mut handlers);
    keys::add(&mut handlers);
    lists::add(&mut handlers);
    pubsub::add(&mut handlers);
    server::add(&mut handlers);
    sets::add(&mut handlers);
    sort::add(&mut handlers);
    sorted_sets::add(&mut handlers);
    streams::add(&mut handlers);
    strings::add(&mut handlers);
    transactions::add(&mut handlers);
    handlers
}

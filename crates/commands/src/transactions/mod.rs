//! Transactions: commands that are carried out as one block.

mod block;
mod watch;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::DISCARD, Scope::Session, block::discard)
        .add(id::EXEC, Scope::Session, block::exec)
        .add(id::MULTI, Scope::Session, block::multi)
        .add(id::UNWATCH, Scope::Session, watch::unwatch)
        .add(id::WATCH, Scope::Key, watch::watch);
}

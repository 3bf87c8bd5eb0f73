//! Sorting what a list, set or sorted set holds.

mod args;
mod command;
mod elements;
mod order;
mod pattern;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers.add_widening(id::SORT, Scope::Keys, args::names_keys, command::sort).add_widening(
        id::SORT_RO,
        Scope::Keys,
        args::names_keys,
        command::sort_ro,
    );
}

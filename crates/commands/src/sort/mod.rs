//! Sorting what a list, set or sorted set holds.

mod args;
mod command;
mod elements;
mod order;
mod pattern;

use catalog::id;
use engine::Handlers;

pub(crate) fn add(handlers: &mut Handlers) {
    handlers.add_by_request(id::SORT, args::scope, command::sort).add_by_request(
        id::SORT_RO,
        args::scope,
        command::sort_ro,
    );
}

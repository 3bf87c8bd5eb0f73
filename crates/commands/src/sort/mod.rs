//! Sorting what a list, set or sorted set holds.

mod args;
mod command;
mod elements;
mod order;
mod pattern;

use catalog::id;
use engine::{Handlers, Scope};
use resp::Request;

pub(crate) fn add(handlers: &mut Handlers) {
    handlers.add_by_request(id::SORT, scope, command::sort).add_by_request(
        id::SORT_RO,
        scope,
        command::sort_ro,
    );
}

/// Patterns that name keys by the elements lead to any key.
fn scope(request: Request<'_>) -> Scope {
    if args::names_keys(request) { Scope::Whole } else { Scope::Keys }
}

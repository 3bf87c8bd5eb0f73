//! Sets.

mod add;
mod combine;
pub(crate) mod limits;
mod member;
mod pop;
mod random;
mod remove;
mod reply;
mod scan;
mod source;
mod store;
mod transfer;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::SADD, Scope::Key, add::sadd)
        .add(id::SREM, Scope::Key, remove::srem)
        .add(id::SMOVE, Scope::Key, transfer::smove)
        .add(id::SCARD, Scope::Key, member::scard)
        .add(id::SISMEMBER, Scope::Key, member::sismember)
        .add(id::SMISMEMBER, Scope::Key, member::smismember)
        .add(id::SMEMBERS, Scope::Keys, member::smembers)
        .add(id::SPOP, Scope::Keys, pop::spop)
        .add(id::SRANDMEMBER, Scope::Keys, random::srandmember)
        .add(id::SSCAN, Scope::Keys, scan::sscan)
        .add(id::SINTER, Scope::Keys, combine::sinter)
        .add(id::SINTERCARD, Scope::Keys, combine::sintercard)
        .add(id::SINTERSTORE, Scope::Keys, store::sinterstore)
        .add(id::SUNION, Scope::Keys, combine::sunion)
        .add(id::SUNIONSTORE, Scope::Keys, store::sunionstore)
        .add(id::SDIFF, Scope::Keys, combine::sdiff)
        .add(id::SDIFFSTORE, Scope::Keys, store::sdiffstore);
}

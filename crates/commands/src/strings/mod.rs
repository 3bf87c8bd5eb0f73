//! Strings.

mod condition;
mod count;
mod expire;
mod float;
mod get;
mod lcs;
mod many;
mod msetex;
mod part;
mod replace;
mod set;
mod take;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::GET, Scope::Key, get::get)
        .add(id::STRLEN, Scope::Key, get::strlen)
        .add(id::GETEX, Scope::Key, expire::getex)
        .add(id::GETDEL, Scope::Key, take::getdel)
        .add(id::DELIFEQ, Scope::Key, take::delifeq)
        .add(id::SET, Scope::Key, set::set)
        .add(id::SETNX, Scope::Key, replace::setnx)
        .add(id::GETSET, Scope::Key, replace::getset)
        .add(id::SETEX, Scope::Key, expire::setex)
        .add(id::PSETEX, Scope::Key, expire::psetex)
        .add(id::MGET, Scope::Key, many::mget)
        .add(id::MSET, Scope::Key, many::mset)
        .add(id::MSETNX, Scope::Key, many::msetnx)
        .add(id::MSETEX, Scope::Key, msetex::msetex)
        .add(id::INCR, Scope::Key, count::incr)
        .add(id::DECR, Scope::Key, count::decr)
        .add(id::INCRBY, Scope::Key, count::incrby)
        .add(id::DECRBY, Scope::Key, count::decrby)
        .add(id::INCRBYFLOAT, Scope::Key, float::incrbyfloat)
        .add(id::APPEND, Scope::Key, part::append)
        .add(id::GETRANGE, Scope::Keys, part::getrange)
        .add(id::SUBSTR, Scope::Keys, part::getrange)
        .add(id::SETRANGE, Scope::Key, part::setrange)
        .add(id::LCS, Scope::Keys, lcs::lcs);
}

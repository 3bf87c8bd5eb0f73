//! Lists.

mod blocking;
mod change;
mod element;
mod ends;
mod first;
mod moving;
mod pop;
mod position;
mod push;
mod range;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) use element::limit;

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::LPUSH, Scope::Key, push::lpush)
        .add(id::RPUSH, Scope::Key, push::rpush)
        .add(id::LPUSHX, Scope::Key, push::lpushx)
        .add(id::RPUSHX, Scope::Key, push::rpushx)
        .add(id::LPOP, Scope::Key, pop::lpop)
        .add(id::RPOP, Scope::Key, pop::rpop)
        .add(id::LMPOP, Scope::Keys, first::lmpop)
        .add(id::LMOVE, Scope::Key, moving::lmove)
        .add(id::RPOPLPUSH, Scope::Key, moving::rpoplpush)
        .add(id::LLEN, Scope::Key, range::llen)
        .add(id::LINDEX, Scope::Key, range::lindex)
        .add(id::LRANGE, Scope::Keys, range::lrange)
        .add(id::LTRIM, Scope::Keys, range::ltrim)
        .add(id::LPOS, Scope::Keys, position::lpos)
        .add(id::LSET, Scope::Key, change::lset)
        .add(id::LINSERT, Scope::Keys, change::linsert)
        .add(id::LREM, Scope::Keys, change::lrem)
        .add(id::BLPOP, Scope::Keys, blocking::blpop)
        .add(id::BRPOP, Scope::Keys, blocking::brpop)
        .add(id::BLMPOP, Scope::Keys, blocking::blmpop)
        .add(id::BLMOVE, Scope::Keys, blocking::blmove)
        .add(id::BRPOPLPUSH, Scope::Keys, blocking::brpoplpush);
}

//! Hashes: values under fields, each of which may expire.

mod count;
mod expire;
mod fields;
mod get;
mod getex;
mod many;
mod random;
mod remove;
mod scan;
mod set;
mod setex;
mod time_to_live;
mod value;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) use value::limits;

/// Adds the handlers of this family.
pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::HSET, Scope::Key, set::hset)
        .add(id::HMSET, Scope::Key, set::hmset)
        .add(id::HSETNX, Scope::Key, set::hsetnx)
        .add(id::HSETEX, Scope::Key, setex::hsetex)
        .add(id::HGET, Scope::Key, get::hget)
        .add(id::HMGET, Scope::Key, get::hmget)
        .add(id::HEXISTS, Scope::Key, get::hexists)
        .add(id::HSTRLEN, Scope::Key, get::hstrlen)
        .add(id::HLEN, Scope::Key, get::hlen)
        .add(id::HGETEX, Scope::Key, getex::hgetex)
        .add(id::HGETALL, Scope::Keys, many::hgetall)
        .add(id::HKEYS, Scope::Keys, many::hkeys)
        .add(id::HVALS, Scope::Keys, many::hvals)
        .add(id::HSCAN, Scope::Keys, scan::hscan)
        .add(id::HRANDFIELD, Scope::Keys, random::hrandfield)
        .add(id::HDEL, Scope::Key, remove::hdel)
        .add(id::HGETDEL, Scope::Key, remove::hgetdel)
        .add(id::HINCRBY, Scope::Key, count::hincrby)
        .add(id::HINCRBYFLOAT, Scope::Key, count::hincrbyfloat)
        .add(id::HEXPIRE, Scope::Key, expire::hexpire)
        .add(id::HPEXPIRE, Scope::Key, expire::hpexpire)
        .add(id::HEXPIREAT, Scope::Key, expire::hexpireat)
        .add(id::HPEXPIREAT, Scope::Key, expire::hpexpireat)
        .add(id::HPERSIST, Scope::Key, expire::hpersist)
        .add(id::HTTL, Scope::Key, time_to_live::httl)
        .add(id::HPTTL, Scope::Key, time_to_live::hpttl)
        .add(id::HEXPIRETIME, Scope::Key, time_to_live::hexpiretime)
        .add(id::HPEXPIRETIME, Scope::Key, time_to_live::hpexpiretime);
}

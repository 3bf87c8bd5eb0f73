//! Keys of any type.
//!
//! What holds for a key whatever its value is: whether it is there, its name, its database, its time to live, and how a database is
//! walked through.

mod copy;
pub(crate) mod cursor;
mod database;
mod dump;
mod encoding;
mod expire;
pub(crate) mod gather;
mod list;
mod object;
mod occupy;
mod presence;
mod random;
mod remove;
mod rename;
mod restore;
mod scan;
mod time_to_live;
mod type_name;
mod walk;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) use cursor::parse_cursor;
pub(crate) use encoding::encoding as encoding_of;
pub(crate) use gather::Names;

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::DEL, Scope::Key, remove::del)
        .add(id::UNLINK, Scope::Key, remove::del)
        .add(id::EXISTS, Scope::Key, presence::exists)
        .add(id::TOUCH, Scope::Key, presence::touch)
        .add(id::TYPE, Scope::Key, presence::type_)
        .add(id::RENAME, Scope::Key, rename::rename)
        .add(id::RENAMENX, Scope::Key, rename::renamenx)
        .add(id::COPY, Scope::Keys, copy::copy)
        .add(id::MOVE, Scope::Key, copy::move_)
        .add(id::DUMP, Scope::Keys, dump::dump)
        .add(id::RESTORE, Scope::Keys, restore::restore)
        .add(id::RESTORE_ASKING, Scope::Keys, restore::restore)
        .add(id::KEYS, Scope::Whole, list::keys)
        .add(id::SCAN, Scope::Roam, scan::scan)
        .add(id::RANDOMKEY, Scope::Roam, random::randomkey)
        .add(id::OBJECT_ENCODING, Scope::Key, object::encoding)
        .add(id::OBJECT_FREQ, Scope::Key, object::freq)
        .add(id::OBJECT_HELP, Scope::Session, object::help)
        .add(id::OBJECT_IDLETIME, Scope::Key, object::idletime)
        .add(id::OBJECT_REFCOUNT, Scope::Key, object::refcount)
        .add(id::EXPIRE, Scope::Key, expire::expire)
        .add(id::PEXPIRE, Scope::Key, expire::pexpire)
        .add(id::EXPIREAT, Scope::Key, expire::expireat)
        .add(id::PEXPIREAT, Scope::Key, expire::pexpireat)
        .add(id::PERSIST, Scope::Key, expire::persist)
        .add(id::TTL, Scope::Key, time_to_live::ttl)
        .add(id::PTTL, Scope::Key, time_to_live::pttl)
        .add(id::EXPIRETIME, Scope::Key, time_to_live::expiretime)
        .add(id::PEXPIRETIME, Scope::Key, time_to_live::pexpiretime);
}

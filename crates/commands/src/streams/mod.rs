//! Streams: entries under ascending numbers, and groups of consumers that share the work on them.

mod ack;
mod add;
mod autoclaim;
mod claim;
mod delete;
mod effects;
mod entries;
mod group;
mod group_args;
mod ids;
mod info;
mod info_full;
mod missing;
mod parse_trim;
mod pending;
mod range;
mod read;
mod read_args;
mod read_group;
mod set_id;
mod trim;

use catalog::id;
use engine::{Event, Handlers, Scope};

/// Entries were deleted to keep a stream short.
const XTRIM: Event = Event::stream("xtrim");
/// Entries were deleted.
const XDEL: Event = Event::stream("xdel");
/// A consumer was added to a group.
const XGROUP_CREATECONSUMER: Event = Event::stream("xgroup-createconsumer");

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::XADD, Scope::Key, add::xadd)
        .add(id::XTRIM, Scope::Keys, trim::xtrim)
        .add(id::XLEN, Scope::Key, range::xlen)
        .add(id::XRANGE, Scope::Keys, range::xrange)
        .add(id::XREVRANGE, Scope::Keys, range::xrevrange)
        .add(id::XDEL, Scope::Keys, delete::xdel)
        .add(id::XDELEX, Scope::Keys, delete::xdelex)
        .add(id::XACKDEL, Scope::Keys, delete::xackdel)
        .add(id::XSETID, Scope::Key, set_id::xsetid)
        .add_by_request(id::XREAD, read_args::scope, read::xread)
        .add_by_request(id::XREADGROUP, read_args::scope, read_group::xreadgroup)
        .add(id::XACK, Scope::Key, ack::xack)
        .add(id::XPENDING, Scope::Keys, pending::xpending)
        .add(id::XCLAIM, Scope::Keys, claim::xclaim)
        .add(id::XAUTOCLAIM, Scope::Keys, autoclaim::xautoclaim)
        .add(id::XGROUP_CREATE, Scope::Keys, group::create)
        .add(id::XGROUP_SETID, Scope::Keys, group::set_id)
        .add(id::XGROUP_DESTROY, Scope::Keys, group::destroy)
        .add(id::XGROUP_CREATECONSUMER, Scope::Keys, group::create_consumer)
        .add(id::XGROUP_DELCONSUMER, Scope::Keys, group::delete_consumer)
        .add(id::XGROUP_HELP, Scope::Session, group::help)
        .add(id::XINFO_STREAM, Scope::Keys, info::stream)
        .add(id::XINFO_GROUPS, Scope::Keys, info::groups)
        .add(id::XINFO_CONSUMERS, Scope::Keys, info::consumers)
        .add(id::XINFO_HELP, Scope::Session, info::help);
}

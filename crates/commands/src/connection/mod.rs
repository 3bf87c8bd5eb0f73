//! Connections: who the client is, what it wants, and what the others see of it.

mod auth;
mod capabilities;
mod client_list;
mod filter;
mod hello;
mod help;
mod identity;
mod kill;
mod modes;
mod pause;
mod ping;
mod prefixes;
mod start_over;
mod tracking;
mod unblock;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::AUTH, Scope::Session, auth::auth)
        .add(id::CLIENT_CACHING, Scope::Session, tracking::caching)
        .add(id::CLIENT_CAPA, Scope::Session, capabilities::capa)
        .add(id::CLIENT_GETNAME, Scope::Session, identity::getname)
        .add(id::CLIENT_GETREDIR, Scope::Session, tracking::getredir)
        .add(id::CLIENT_HELP, Scope::Session, help::help)
        .add(id::CLIENT_ID, Scope::Session, identity::id)
        .add(id::CLIENT_INFO, Scope::Session, client_list::info)
        .add(id::CLIENT_KILL, Scope::Session, kill::kill)
        .add(id::CLIENT_LIST, Scope::Session, client_list::list)
        .add(id::CLIENT_NO_EVICT, Scope::Session, modes::no_evict)
        .add(id::CLIENT_NO_TOUCH, Scope::Session, modes::no_touch)
        .add(id::CLIENT_PAUSE, Scope::Session, pause::pause)
        .add(id::CLIENT_REPLY, Scope::Session, modes::reply)
        .add(id::CLIENT_SETINFO, Scope::Session, identity::setinfo)
        .add(id::CLIENT_SETNAME, Scope::Session, identity::setname)
        .add(id::CLIENT_TRACKING, Scope::Session, tracking::tracking)
        .add(id::CLIENT_TRACKINGINFO, Scope::Session, tracking::trackinginfo)
        .add(id::CLIENT_UNBLOCK, Scope::Session, unblock::unblock)
        .add(id::CLIENT_UNPAUSE, Scope::Session, pause::unpause)
        .add(id::ECHO, Scope::Session, ping::echo)
        .add(id::HELLO, Scope::Session, hello::hello)
        .add(id::PING, Scope::Session, ping::ping)
        .add(id::QUIT, Scope::Session, start_over::quit)
        .add(id::RESET, Scope::Session, start_over::reset)
        .add(id::SELECT, Scope::Session, start_over::select);
}

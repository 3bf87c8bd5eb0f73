//! The server as a whole.

mod command;
mod command_log;
mod config;
mod databases;
mod debug;
mod hot_keys;
mod info;
mod keyspace_facts;
mod latency;
mod lolwut;
mod memory;
mod memory_facts;
mod metrics;
mod monitor;
mod saving;
mod shutdown;
mod time;

use catalog::id;
use engine::{Handlers, Scope};

pub use metrics::metrics;

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::BGREWRITEAOF, Scope::Session, saving::bgrewriteaof)
        .add(id::BGSAVE, Scope::Session, saving::bgsave)
        .add(id::COMMAND, Scope::Session, command::command)
        .add(id::COMMAND_COUNT, Scope::Session, command::count)
        .add(id::COMMAND_DOCS, Scope::Session, command::docs)
        .add(id::COMMAND_GETKEYS, Scope::Session, command::getkeys)
        .add(id::COMMAND_GETKEYSANDFLAGS, Scope::Session, command::getkeysandflags)
        .add(id::COMMAND_HELP, Scope::Session, command::help)
        .add(id::COMMAND_INFO, Scope::Session, command::info)
        .add(id::COMMAND_LIST, Scope::Session, command::list)
        .add(id::COMMANDLOG_GET, Scope::Session, command_log::get)
        .add(id::COMMANDLOG_HELP, Scope::Session, command_log::help)
        .add(id::COMMANDLOG_LEN, Scope::Session, command_log::len)
        .add(id::COMMANDLOG_RESET, Scope::Session, command_log::reset)
        .add(id::CONFIG_GET, Scope::Session, config::get)
        .add(id::CONFIG_HELP, Scope::Session, config::help)
        .add(id::CONFIG_RESETSTAT, Scope::Session, config::resetstat)
        .add(id::CONFIG_REWRITE, Scope::Session, config::rewrite)
        .add(id::CONFIG_SET, Scope::Session, config::set)
        .add(id::DBSIZE, Scope::Whole, databases::dbsize)
        .add(id::DEBUG, Scope::Whole, debug::debug)
        .add(id::FLUSHALL, Scope::Whole, databases::flushall)
        .add(id::FLUSHDB, Scope::Whole, databases::flushdb)
        .add(id::HOTKEYS_GET, Scope::Session, hot_keys::get)
        .add(id::HOTKEYS_HELP, Scope::Session, hot_keys::help)
        .add(id::HOTKEYS_RESET, Scope::Session, hot_keys::reset)
        .add(id::HOTKEYS_START, Scope::Session, hot_keys::start)
        .add(id::HOTKEYS_STOP, Scope::Session, hot_keys::stop)
        .add(id::INFO, Scope::Roam, info::info)
        .add(id::LASTSAVE, Scope::Session, saving::lastsave)
        .add(id::LATENCY_DOCTOR, Scope::Session, latency::doctor)
        .add(id::LATENCY_GRAPH, Scope::Session, latency::graph)
        .add(id::LATENCY_HELP, Scope::Session, latency::help)
        .add(id::LATENCY_HISTOGRAM, Scope::Session, latency::histogram)
        .add(id::LATENCY_HISTORY, Scope::Session, latency::history)
        .add(id::LATENCY_LATEST, Scope::Session, latency::latest)
        .add(id::LATENCY_RESET, Scope::Session, latency::reset)
        .add(id::LOLWUT, Scope::Session, lolwut::lolwut)
        .add(id::MEMORY_DOCTOR, Scope::Roam, memory::doctor)
        .add(id::MEMORY_HELP, Scope::Session, memory::help)
        .add(id::MEMORY_MALLOC_STATS, Scope::Session, memory::malloc_stats)
        .add(id::MEMORY_PURGE, Scope::Session, memory::purge)
        .add(id::MEMORY_STATS, Scope::Roam, memory::stats)
        .add(id::MEMORY_USAGE, Scope::Keys, memory::usage)
        .add(id::MONITOR, Scope::Session, monitor::monitor)
        .add(id::SAVE, Scope::Session, saving::save)
        .add(id::SHUTDOWN, Scope::Session, shutdown::shutdown)
        .add(id::SLOWLOG_GET, Scope::Session, command_log::slow_get)
        .add(id::SLOWLOG_HELP, Scope::Session, command_log::slow_help)
        .add(id::SLOWLOG_LEN, Scope::Session, command_log::slow_len)
        .add(id::SLOWLOG_RESET, Scope::Session, command_log::slow_reset)
        .add(id::SWAPDB, Scope::Whole, databases::swapdb)
        .add(id::TIME, Scope::Session, time::time)
        .add(id::WAITAOF, Scope::Session, saving::waitaof);
}

//! Metrics that are one number. Data: one row each.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use config::id;
use engine::{Condition, LogKind};
use pubsub::Kind;

use super::exposition::{Exposition, Family};
use super::facts::Facts;

/// A family with one sample and no labels.
struct Number {
    family: Family,
    value: Value,
}

/// Where a number comes from.
enum Value {
    Whole(fn(&Facts<'_>) -> u64),
    Real(fn(&Facts<'_>) -> f64),
    Time(fn(&Facts<'_>) -> Duration),
}

const fn counter(name: &'static str, help: &'static str, value: fn(&Facts<'_>) -> u64) -> Number {
    Number { family: Family::counter(name, help), value: Value::Whole(value) }
}

const fn gauge(name: &'static str, help: &'static str, value: fn(&Facts<'_>) -> u64) -> Number {
    Number { family: Family::gauge(name, help), value: Value::Whole(value) }
}

const fn ratio(name: &'static str, help: &'static str, value: fn(&Facts<'_>) -> f64) -> Number {
    Number { family: Family::gauge(name, help), value: Value::Real(value) }
}

const fn time_total(name: &'static str, help: &'static str, value: fn(&Facts<'_>) -> Duration) -> Number {
    Number { family: Family::counter(name, help), value: Value::Time(value) }
}

pub(super) fn write(exposition: &mut Exposition, facts: &Facts<'_>) {
    for number in [PROCESS, CLIENTS, MEMORY, STATS, KEPT, REFUSED, LISTENING].into_iter().flatten() {
        exposition.begin(number.family);
        match number.value {
            Value::Whole(value) => exposition.sample(number.family, "", &[], value(facts)),
            Value::Real(value) => exposition.sample(number.family, "", &[], value(facts)),
            Value::Time(value) => exposition.sample(number.family, "", &[], value(facts).as_secs_f64()),
        }
    }
}

#[rustfmt::skip] // One row a line reads as the table that it is.
const PROCESS: &[Number] = &[
    gauge("kvd_uptime_in_seconds", "Time since the start.", |facts| facts.now.nanos_since(facts.engine.started()) / 1_000_000_000),
    gauge("kvd_start_time_seconds", "When it started, in Unix time.", |facts| facts.engine.started().unix_seconds()),
    gauge("kvd_threads", "Worker threads.", |facts| facts.engine.workers() as u64),
    time_total("kvd_cpu_user_seconds_total", "Processor time outside the kernel.", |facts| facts.process.cpu_user),
    time_total("kvd_cpu_sys_seconds_total", "Processor time in the kernel.", |facts| facts.process.cpu_system),
];

#[rustfmt::skip]
const CLIENTS: &[Number] = &[
    gauge("kvd_connected_clients", "Clients that are connected.", |facts| facts.clients.len() as u64),
    gauge("kvd_max_clients", "The most clients that are let in (maxclients).", |facts| facts.engine.settings().read(|config| config.integer(id::MAXCLIENTS).unsigned_abs())),
    gauge("kvd_blocked_clients", "Clients in a command that waits.", |facts| facts.engine.blocked_clients() as u64),
    gauge("kvd_clients_in_timeout_table", "Clients in a command that waits until some time.", |facts| facts.engine.clients_with_timeout() as u64),
    gauge("kvd_total_blocking_keys", "Keys at which clients wait.", |facts| facts.engine.awaited_keys() as u64),
    gauge("kvd_tracking_clients", "Clients that are told of changes to keys (CLIENT TRACKING).", |facts| facts.engine.tracking_clients() as u64),
    gauge("kvd_pubsub_clients", "Clients that listen to channels.", |facts| facts.engine.listening_clients() as u64),
    gauge("kvd_watching_clients", "Clients that watch keys.", |facts| facts.engine.watching_clients() as u64),
    gauge("kvd_client_recent_max_input_buffer_bytes", "The largest query buffer of a client.", |facts| facts.most(|client| client.query_capacity.load(Relaxed))),
    gauge("kvd_client_recent_max_output_buffer_bytes", "The most replies that wait for a client.", |facts| facts.most(|client| client.reply_bytes.load(Relaxed))),
];

#[rustfmt::skip]
const MEMORY: &[Number] = &[
    gauge("kvd_memory_used_bytes", "Memory allocated and not freed.", |facts| facts.memory.used),
    gauge("kvd_memory_used_rss_bytes", "The process's memory that is not swapped out.", |facts| facts.memory.resident),
    gauge("kvd_memory_used_peak_bytes", "The most memory that was ever in use.", |facts| facts.memory.peak.bytes),
    gauge("kvd_memory_used_overhead_bytes", "Memory in use that isn't data.", |facts| facts.memory.overhead()),
    gauge("kvd_memory_used_startup_bytes", "Memory in use before the first client came.", |facts| facts.memory.startup),
    gauge("kvd_memory_used_dataset_bytes", "Memory in use for data.", |facts| facts.memory.dataset()),
    gauge("kvd_memory_max_bytes", "The limit of memory in use, 0 for none (maxmemory).", |facts| facts.engine.settings().read(|config| config.bytes(id::MAXMEMORY))),
    gauge("kvd_total_system_memory_bytes", "The machine's memory.", |facts| facts.engine.host().system_memory_bytes()),
    gauge("kvd_mem_clients_normal", "Memory of clients' buffers in bytes.", |facts| facts.memory.clients),
    ratio("kvd_mem_fragmentation_ratio", "Resident memory for each byte in use.", |facts| facts.memory.fragmentation()),
    gauge("kvd_allocator_active_bytes", "What the allocator holds of the system's memory, in use or kept for later.", |facts| facts.memory.committed),
    gauge("kvd_lazyfree_pending_objects", "Large values that wait to be freed.", |facts| facts.engine.keyspace().garbage().len() as u64),
    counter("kvd_lazyfreed_objects_total", "Large values that were freed in the background.", |facts| facts.engine.keyspace().garbage().collected()),
];

#[rustfmt::skip]
const STATS: &[Number] = &[
    counter("kvd_connections_received_total", "Connections that came.", |facts| facts.sum(|counters| &counters.connections)),
    counter("kvd_rejected_connections_total", "Connections that were turned away, as maxclients were there.", |facts| facts.sum(|counters| &counters.rejected_connections)),
    counter("kvd_commands_processed_total", "Commands that were run.", |facts| facts.sum(|counters| &counters.commands)),
    counter("kvd_error_replies_total", "Replies that were errors.", |facts| facts.sum(|counters| &counters.errors)),
    counter("kvd_net_input_bytes_total", "Bytes received from clients.", |facts| facts.sum(|counters| &counters.received_bytes)),
    counter("kvd_net_output_bytes_total", "Bytes sent to clients.", |facts| facts.sum(|counters| &counters.sent_bytes)),
    counter("kvd_reads_processed_total", "Times that input was read from a client.", |facts| facts.sum(|counters| &counters.reads)),
    counter("kvd_writes_processed_total", "Times that output was written to a client.", |facts| facts.sum(|counters| &counters.writes)),
    counter("kvd_keyspace_hits_total", "Reads that found their key.", |facts| facts.sum(|counters| &counters.hits)),
    counter("kvd_keyspace_misses_total", "Reads that didn't find their key.", |facts| facts.sum(|counters| &counters.misses)),
    counter("kvd_expired_keys_total", "Keys that were removed since their time was up.", |facts| facts.sum(|counters| &counters.expired_keys)),
    counter("kvd_evicted_keys_total", "Keys that were removed since memory was short.", |facts| facts.sum(|counters| &counters.evicted_keys)),
    counter("kvd_expired_fields_total", "Fields of hashes that were removed since their time was up.", |facts| facts.sum(|counters| &counters.expired_fields)),
    counter("kvd_expired_time_cap_reached_total", "Slices of removing what is due that ended with something left.", |facts| facts.sum(|counters| &counters.sweeps_cut)),
    time_total("kvd_expire_cycle_seconds_total", "Time spent removing what is due.", |facts| Duration::from_nanos(facts.sum(|counters| &counters.sweep_nanos))),
    gauge("kvd_slowlog_length", "Entries in the log of slow commands.", |facts| facts.engine.command_logs().of(LogKind::Slow).len() as u64),
];

#[rustfmt::skip]
const KEPT: &[Number] = &[
    gauge("kvd_loading", "1 while data are read from files.", |facts| facts.engine.is_in_condition(Condition::Loading).into()),
    gauge("kvd_rdb_changes_since_last_save", "Changes to the data since the last snapshot, or since the start.", |facts| facts.storage.snapshot.changes),
    gauge("kvd_rdb_bgsave_in_progress", "1 while a snapshot is written.", |facts| facts.storage.snapshot.running_since.is_some().into()),
    gauge("kvd_rdb_last_bgsave_ok", "1 if the last snapshot could be written.", |facts| facts.storage.snapshot.is_last_ok.into()),
    gauge("kvd_rdb_last_save_timestamp_seconds", "When the last snapshot was begun.", |facts| facts.storage.snapshot.last_at.unsigned_abs()),
    counter("kvd_rdb_saves_total", "Snapshots written.", |facts| facts.storage.snapshot.count),
    gauge("kvd_rdb_extra_memory_bytes", "Memory that a snapshot under way takes beyond the data.", |facts| facts.storage.snapshot.extra_bytes),
    gauge("kvd_aof_enabled", "1 if there is a log.", |facts| facts.storage.log.is_on.into()),
    gauge("kvd_aof_rewrite_in_progress", "1 while the log is written anew.", |facts| facts.storage.log.rewriting_since.is_some().into()),
    gauge("kvd_aof_last_rewrite_ok", "1 if the log could be written anew the last time.", |facts| facts.storage.log.is_last_rewrite_ok.into()),
    gauge("kvd_aof_last_write_ok", "1 if the log can be written.", |facts| facts.storage.log.is_last_write_ok.into()),
    counter("kvd_aof_rewrites_total", "How often the log was written anew.", |facts| facts.storage.log.rewrites),
    counter("kvd_aof_delayed_fsyncs_total", "How often an fsync of the log took more than two seconds.", |facts| facts.storage.log.delayed_fsyncs),
    gauge("kvd_aof_current_size_bytes", "Bytes of the log's files.", |facts| facts.storage.log.bytes),
    gauge("kvd_aof_base_size_bytes", "The same after it was written anew last.", |facts| facts.storage.log.base_bytes),
    gauge("kvd_aof_buffered_bytes", "Bytes that wait to be written to the log.", |facts| facts.storage.log.buffered_bytes),
    gauge("kvd_aof_unsynced_bytes", "Bytes of the log that are not durable yet.", |facts| facts.storage.log.unsynced_bytes),
];

#[rustfmt::skip]
const REFUSED: &[Number] = &[
    counter("kvd_acl_access_denied_auth_total", "Wrong names and passwords.", |facts| facts.sum(|counters| &counters.denied_logins)),
    counter("kvd_acl_access_denied_cmd_total", "Commands that their users may not run.", |facts| facts.sum(|counters| &counters.denied_commands)),
    counter("kvd_acl_access_denied_key_total", "Commands with a key that their users may not use so.", |facts| facts.sum(|counters| &counters.denied_keys)),
    counter("kvd_acl_access_denied_channel_total", "Commands with a channel that their users may not use.", |facts| facts.sum(|counters| &counters.denied_channels)),
    counter("kvd_acl_access_denied_db_total", "Commands in a database that their users may not use.", |facts| facts.sum(|counters| &counters.denied_databases)),
    counter("kvd_evicted_clients_total", "Clients closed since all together took too much memory (maxmemory-clients).", |facts| facts.sum(|counters| &counters.evicted_clients)),
    counter("kvd_client_query_buffer_limit_disconnections_total", "Clients closed by client-query-buffer-limit.", |facts| facts.sum(|counters| &counters.query_limit_closed)),
    counter("kvd_client_output_buffer_limit_disconnections_total", "Clients closed by client-output-buffer-limit.", |facts| facts.sum(|counters| &counters.output_limit_closed)),
];

#[rustfmt::skip]
const LISTENING: &[Number] = &[
    gauge("kvd_pubsub_channels", "Channels that somebody listens to.", |facts| facts.engine.listeners().count(Kind::Channel) as u64),
    gauge("kvd_pubsub_patterns", "Patterns of channels that somebody listens to.", |facts| facts.engine.listeners().count(Kind::Pattern) as u64),
    gauge("kvd_pubsubshard_channels", "Sharded channels that somebody listens to.", |facts| facts.engine.listeners().count(Kind::ShardChannel) as u64),
    gauge("kvd_tracking_total_keys", "Keys whose readers are told of changes.", |facts| facts.engine.tracked_keys() as u64),
    gauge("kvd_tracking_total_items", "Readers of such keys, all together.", |facts| facts.engine.tracked_items() as u64),
    gauge("kvd_tracking_total_prefixes", "Prefixes of keys of whose changes clients are told.", |facts| facts.engine.tracked_prefixes() as u64),
];

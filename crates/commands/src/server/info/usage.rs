//! INFO about what the server does: clients, counters, data.

use std::sync::atomic::Ordering::Relaxed;

use config::id;
use engine::{CommandUsage, Ctx, Moment, PauseKind};
use pubsub::Kind;

use super::absent;
use super::report::Report;
use crate::server::keyspace_facts::{DatabaseFacts, KeyspaceFacts};

pub(super) fn clients(report: &mut Report, cx: &mut Ctx<'_>) {
    let clients = cx.engine.clients().all();
    let most = |bytes: Option<u64>| bytes.unwrap_or(0);
    report.field("connected_clients", clients.len());
    report.field("maxclients", cx.engine.settings().read(|config| config.integer(id::MAXCLIENTS)));
    let input = clients.iter().map(|client| client.query_capacity.load(Relaxed)).max();
    report.field("client_recent_max_input_buffer", most(input));
    let output = clients.iter().map(|client| client.reply_bytes.load(Relaxed)).max();
    report.field("client_recent_max_output_buffer", most(output));
    report.field("blocked_clients", cx.engine.blocked_clients());
    report.field("clients_in_timeout_table", cx.engine.clients_with_timeout());
    report.field("total_blocking_keys", cx.engine.awaited_keys());
    report.field("tracking_clients", cx.engine.tracking_clients());
    report.field("pubsub_clients", cx.engine.listening_clients());
    report.field("watching_clients", cx.engine.watching_clients());
    report.field("total_watched_keys", cx.engine.watches().keys().len());
    pause(report, cx);
    absent::write(report, absent::CLIENTS);
}

fn pause(report: &mut Report, cx: &Ctx<'_>) {
    let pause = cx.engine.paused(cx.now);
    let kind = pause.map(|pause| pause.kind);
    report.field("paused_reason", if kind.is_some() { "client_pause" } else { "none" });
    report.field(
        "paused_actions",
        match kind {
            None => "none",
            Some(PauseKind::Writes) => "write",
            Some(PauseKind::All) => "all",
        },
    );
    let left = |until: Moment| until.nanos_since(cx.now) / 1_000_000;
    report.field("paused_timeout_milliseconds", pause.map_or(0, |pause| left(pause.until)));
}

pub(super) fn stats(report: &mut Report, cx: &mut Ctx<'_>) {
    let stats = cx.engine.stats();
    let rates = cx.engine.rates();
    let kilobytes = |bytes: f64| format!("{:.2}", bytes / 1024.0);
    report.field("total_connections_received", stats.sum(|counters| &counters.connections));
    report.field("total_commands_processed", stats.sum(|counters| &counters.commands));
    report.field("instantaneous_ops_per_sec", rates.commands.round() as u64);
    report.field("total_net_input_bytes", stats.sum(|counters| &counters.received_bytes));
    report.field("total_net_output_bytes", stats.sum(|counters| &counters.sent_bytes));
    report.field("instantaneous_input_kbps", kilobytes(rates.received_bytes));
    report.field("instantaneous_output_kbps", kilobytes(rates.sent_bytes));
    report.field("rejected_connections", stats.sum(|counters| &counters.rejected_connections));
    report.field("expired_keys", stats.sum(|counters| &counters.expired_keys));
    report.field("expired_subkeys", stats.sum(|counters| &counters.expired_fields));
    report.field("expired_fields", stats.sum(|counters| &counters.expired_fields));
    report.field("expired_time_cap_reached_count", stats.sum(|counters| &counters.sweeps_cut));
    let sweeping = stats.sum(|counters| &counters.sweep_nanos);
    report.field("expire_cycle_cpu_milliseconds", sweeping / 1_000_000);
    report.field("keyspace_hits", stats.sum(|counters| &counters.hits));
    report.field("keyspace_misses", stats.sum(|counters| &counters.misses));
    report.field("evicted_keys", stats.sum(|counters| &counters.evicted_keys));
    let (present, total) = cx.engine.memory_exceeded_millis(cx.now);
    report.field("total_eviction_exceeded_time", total);
    report.field("current_eviction_exceeded_time", present);
    report.field("evicted_clients", stats.sum(|counters| &counters.evicted_clients));
    let query_limit = stats.sum(|counters| &counters.query_limit_closed);
    report.field("client_query_buffer_limit_disconnections", query_limit);
    let output_limit = stats.sum(|counters| &counters.output_limit_closed);
    report.field("client_output_buffer_limit_disconnections", output_limit);
    // kvd never forks.
    report.field("latest_fork_usec", 0);
    report.field("total_forks", 0);
    report.field("total_error_replies", stats.sum(|counters| &counters.errors));
    report.field("acl_access_denied_auth", stats.sum(|counters| &counters.denied_logins));
    report.field("acl_access_denied_cmd", stats.sum(|counters| &counters.denied_commands));
    report.field("acl_access_denied_key", stats.sum(|counters| &counters.denied_keys));
    report.field("acl_access_denied_channel", stats.sum(|counters| &counters.denied_channels));
    report.field("acl_access_denied_db", stats.sum(|counters| &counters.denied_databases));
    report.field("total_reads_processed", stats.sum(|counters| &counters.reads));
    report.field("total_writes_processed", stats.sum(|counters| &counters.writes));
    report.field("pubsub_channels", cx.engine.listeners().count(Kind::Channel));
    report.field("pubsub_patterns", cx.engine.listeners().count(Kind::Pattern));
    report.field("pubsubshard_channels", cx.engine.listeners().count(Kind::ShardChannel));
    report.field("tracking_total_keys", cx.engine.tracked_keys());
    report.field("tracking_total_items", cx.engine.tracked_items());
    report.field("tracking_total_prefixes", cx.engine.tracked_prefixes());
    // Whatever a single thread does isn't done by several.
    let threaded = |count: u64| if cx.engine.workers() > 1 { count } else { 0 };
    report.field("io_threaded_reads_processed", threaded(stats.sum(|counters| &counters.reads)));
    report.field("io_threaded_writes_processed", threaded(stats.sum(|counters| &counters.writes)));
    absent::write(report, absent::STATS);
}

pub(super) fn replication(report: &mut Report, cx: &mut Ctx<'_>) {
    absent::write(report, absent::REPLICATION);
    report.field("master_replid", cx.engine.replication_id());
    report.field("master_replid2", "0".repeat(40));
    report.field("master_repl_offset", cx.engine.journal().end().0);
    report.field("second_repl_offset", -1);
    report.field("repl_backlog_active", 0);
    let size = cx.engine.settings().read(|config| config.bytes(id::REPL_BACKLOG_SIZE));
    report.field("repl_backlog_size", size);
    report.field("repl_backlog_first_byte_offset", 0);
    report.field("repl_backlog_histlen", 0);
}

pub(super) fn commandstats(report: &mut Report, cx: &mut Ctx<'_>) {
    for command in catalog::COMMANDS {
        let usage = cx.engine.stats().usage(command.id);
        if usage == CommandUsage::default() {
            continue;
        }
        let CommandUsage { calls, nanos, rejected, failed } = usage;
        let per_call = if calls == 0 { 0.0 } else { nanos as f64 / 1000.0 / calls as f64 };
        report.field(
            format_args!("cmdstat_{}", command.name),
            format_args!(
                "calls={calls},usec={},usec_per_call={per_call:.2},rejected_calls={rejected},failed_calls={failed}",
                nanos / 1000,
            ),
        );
    }
}

pub(super) fn errorstats(report: &mut Report, cx: &mut Ctx<'_>) {
    for (code, count) in cx.engine.stats().errors() {
        report.field(format_args!("errorstat_{code}"), format_args!("count={count}"));
    }
}

pub(super) fn cluster(report: &mut Report, _cx: &mut Ctx<'_>) {
    report.field("cluster_enabled", 0);
}

pub(super) fn keyspace(report: &mut Report, cx: &mut Ctx<'_>) {
    let mut facts = KeyspaceFacts::default();
    for stripe in 0..cx.view.stripes() {
        cx.view.visit(stripe, |stripe| facts.add(stripe));
    }
    for (index, database) in facts.databases.iter().filter(|(_, database)| database.keys > 0) {
        let DatabaseFacts { keys, expiring, subexpiring, .. } = database;
        let average_ms = database.average_ttl_ms(cx.now);
        report.field(
            format_args!("db{index}"),
            format_args!("keys={keys},expires={expiring},avg_ttl={average_ms},subexpiry={subexpiring}"),
        );
    }
}

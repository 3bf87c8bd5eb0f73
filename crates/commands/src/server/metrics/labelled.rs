//! Metrics that tell parts of a whole apart by labels.

use std::time::Duration;

use catalog::Command;
use config::id;
use engine::{CommandUsage, Histogram, LogKind};

use super::exposition::{Exposition, Family};
use super::facts::Facts;
use crate::server::keyspace_facts::DatabaseFacts;
use engine::REDIS_VERSION;

/// Databases that are shown whether they hold anything or not: a series that ends when the last key goes would look like a server that is gone.
const DATABASES_SHOWN: u32 = 16;

/// The histogram's bounds: powers of two nanoseconds, from 256 ns to 4.3 s. The same ones for all commands and at all times, since what
/// asks for percentiles adds up buckets of different servers and moments.
const POWERS: std::ops::RangeInclusive<u32> = 8..=32;

/// What the server is. Its value is 1.
pub(super) fn instance(exposition: &mut Exposition, facts: &Facts<'_>) {
    const INFO: Family = Family::gauge("kvd_instance_info", "What the server is, in labels.");
    let host = facts.engine.host();
    let (port, policy) = facts
        .engine
        .settings()
        .read(|config| (config.integer(id::PORT).to_string(), config.choice(id::MAXMEMORY_POLICY)));
    exposition.begin(INFO);
    let labels = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("redis_version", REDIS_VERSION),
        ("redis_mode", "standalone"),
        ("os", &host.operating_system()),
        ("maxmemory_policy", policy),
        ("tcp_port", &port),
        ("process_id", &host.process_id().to_string()),
        ("run_id", facts.engine.run_id()),
    ];
    exposition.sample(INFO, "", &labels, 1);
}

/// Clients by what they do.
pub(super) fn clients(exposition: &mut Exposition, facts: &Facts<'_>) {
    const CLIENTS: Family = Family::gauge("kvd_clients", "Clients by the class that limits their output.");
    let listening = facts.clients.iter().filter(|client| client.is_listening()).count();
    exposition.begin(CLIENTS);
    exposition.sample(CLIENTS, "", &[("class", "normal")], facts.clients.len() - listening);
    exposition.sample(CLIENTS, "", &[("class", "pubsub")], listening);
}

/// What each worker does.
pub(super) fn workers(exposition: &mut Exposition, facts: &Facts<'_>) {
    const CLIENTS: Family = Family::gauge("kvd_worker_clients", "Clients of a worker thread.");
    const COMMANDS: Family = Family::counter("kvd_worker_commands_total", "Commands run by a worker thread.");
    let workers = 0..facts.engine.workers();
    exposition.begin(CLIENTS);
    for worker in workers.clone() {
        let served = facts.clients.iter().filter(|client| client.worker == worker).count();
        exposition.sample(CLIENTS, "", &[("worker", &worker.to_string())], served);
    }
    exposition.begin(COMMANDS);
    for worker in workers {
        let commands = facts.engine.stats().counters(worker).commands.value();
        exposition.sample(COMMANDS, "", &[("worker", &worker.to_string())], commands);
    }
}

/// What each database holds.
pub(super) fn databases(exposition: &mut Exposition, facts: &Facts<'_>) {
    const KEYS: Family = Family::gauge("kvd_db_keys", "Keys in a database.");
    const EXPIRING: Family = Family::gauge("kvd_db_keys_expiring", "Keys in a database with a time to live.");
    const FIELDS: Family =
        Family::gauge("kvd_db_keys_with_expiring_fields", "Hashes in a database with fields that expire.");
    const TTL: Family = Family::gauge(
        "kvd_db_avg_ttl_seconds",
        "How long keys with a time to live have left on the average, 0 if there are none.",
    );
    let mut databases = facts.keyspace.databases.clone();
    databases.retain(|_, database| database.keys > 0);
    for always in 0..facts.engine.keyspace().databases().min(DATABASES_SHOWN) {
        databases.entry(always).or_default();
    }
    let mut each = |family: Family, value: &dyn Fn(&DatabaseFacts) -> f64| {
        exposition.begin(family);
        for (index, database) in &databases {
            exposition.sample(family, "", &[("db", &format!("db{index}"))], value(database));
        }
    };
    each(KEYS, &|database| database.keys as f64);
    each(EXPIRING, &|database| database.expiring as f64);
    each(FIELDS, &|database| database.subexpiring as f64);
    each(TTL, &|database| database.average_ttl_ms(facts.now) as f64 / 1000.0);
}

/// How each command was used, as far as it was.
pub(super) fn commands(exposition: &mut Exposition, facts: &Facts<'_>) {
    const CALLS: Family = Family::counter("kvd_commands_total", "Calls of a command.");
    const TIME: Family =
        Family::counter("kvd_commands_duration_seconds_total", "Time that calls of a command took.");
    const FAILED: Family =
        Family::counter("kvd_commands_failed_calls_total", "Calls of a command that ended with an error.");
    const REJECTED: Family = Family::counter(
        "kvd_commands_rejected_calls_total",
        "Calls of a command that were turned away before they ran.",
    );
    let used: Vec<(&Command, CommandUsage)> = catalog::COMMANDS
        .iter()
        .map(|command| (command, facts.engine.stats().usage(command.id)))
        .filter(|(_, usage)| *usage != CommandUsage::default())
        .collect();
    let mut each = |family: Family, value: &dyn Fn(&CommandUsage) -> f64| {
        exposition.begin(family);
        for (command, usage) in &used {
            exposition.sample(family, "", &[("cmd", command.name)], value(usage));
        }
    };
    each(CALLS, &|usage| usage.calls as f64);
    each(TIME, &|usage| Duration::from_nanos(usage.nanos).as_secs_f64());
    each(FAILED, &|usage| usage.failed as f64);
    each(REJECTED, &|usage| usage.rejected as f64);
}

/// How long calls of each command took.
pub(super) fn latencies(exposition: &mut Exposition, facts: &Facts<'_>) {
    const LATENCY: Family = Family::histogram(
        "kvd_commands_latency_seconds",
        "How long calls of a command took, while latency-tracking was on.",
    );
    exposition.begin(LATENCY);
    let bounds: Vec<(u32, String)> =
        POWERS.map(|power| (power, Duration::from_nanos(1 << power).as_secs_f64().to_string())).collect();
    for command in catalog::COMMANDS {
        let durations = facts.engine.stats().durations(command.id);
        if durations.calls() > 0 {
            latency(exposition, LATENCY, command.name, &durations, &bounds);
        }
    }
}

fn latency(
    exposition: &mut Exposition,
    family: Family,
    command: &str,
    durations: &Histogram,
    bounds: &[(u32, String)],
) {
    let cmd = ("cmd", command);
    for (power, bound) in bounds {
        exposition.sample(family, "_bucket", &[cmd, ("le", bound)], durations.calls_below(*power));
    }
    exposition.sample(family, "_bucket", &[cmd, ("le", "+Inf")], durations.calls());
    exposition.sample(family, "_sum", &[cmd], Duration::from_nanos(durations.nanos()).as_secs_f64());
    exposition.sample(family, "_count", &[cmd], durations.calls());
}

/// Error replies by the first word of their text.
pub(super) fn errors(exposition: &mut Exposition, facts: &Facts<'_>) {
    const ERRORS: Family = Family::counter("kvd_errors_total", "Replies that were errors, by their code.");
    exposition.begin(ERRORS);
    for (code, count) in facts.engine.stats().errors() {
        exposition.sample(ERRORS, "", &[("err", &code)], count);
    }
}

/// How many commands the logs of remarkable ones hold.
pub(super) fn logs(exposition: &mut Exposition, facts: &Facts<'_>) {
    const LENGTH: Family = Family::gauge("kvd_commandlog_length", "Entries in a log of COMMANDLOG.");
    exposition.begin(LENGTH);
    let logs = facts.engine.command_logs();
    for (kind, name) in [
        (LogKind::Slow, "slow"),
        (LogKind::LargeRequest, "large-request"),
        (LogKind::LargeReply, "large-reply"),
    ] {
        exposition.sample(LENGTH, "", &[("type", name)], logs.of(kind).len());
    }
}

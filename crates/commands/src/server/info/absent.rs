//! Fields of what kvd doesn't have yet. Monitoring expects them, and their values are true as long as that is so: no file
//! is written. Whoever builds a part takes its fields from here.

use super::report::Report;

pub(super) const CLIENTS: &[(&str, &str)] = &[("cluster_connections", "0")];

pub(super) const PERSISTENCE: &[(&str, &str)] = &[
    ("rdb_bgsave_in_progress", "0"),
    ("rdb_saves", "0"),
    ("aof_enabled", "0"),
    ("aof_rewrite_in_progress", "0"),
    ("aof_rewrite_scheduled", "0"),
    ("aof_rewrites", "0"),
];

pub(super) const STATS: &[(&str, &str)] =
    &[("sync_full", "0"), ("sync_partial_ok", "0"), ("sync_partial_err", "0"), ("evicted_keys", "0")];

pub(super) const REPLICATION: &[(&str, &str)] =
    &[("role", "master"), ("connected_slaves", "0"), ("master_failover_state", "no-failover")];

pub(super) fn write(report: &mut Report, fields: &[(&str, &str)]) {
    fields.iter().for_each(|(name, value)| report.field(name, value));
}

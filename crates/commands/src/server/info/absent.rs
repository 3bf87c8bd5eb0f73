//! Fields of what kvd doesn't have yet. Monitoring expects them, and their values are true as long as that is so: no file
//! is written. Whoever builds a part takes its fields from here.

use super::report::Report;

pub(super) const CLIENTS: &[(&str, &str)] = &[("cluster_connections", "0")];

pub(super) const STATS: &[(&str, &str)] = &[
    ("sync_full", "0"),
    ("sync_partial_ok", "0"),
    ("sync_partial_err", "0"),
    ("total_net_repl_input_bytes", "0"),
    ("total_net_repl_output_bytes", "0"),
    ("instantaneous_input_repl_kbps", "0.00"),
    ("instantaneous_output_repl_kbps", "0.00"),
    ("evicted_scripts", "0"),
    ("migrate_cached_sockets", "0"),
    ("slave_expires_tracked_keys", "0"),
    ("active_defrag_hits", "0"),
    ("active_defrag_misses", "0"),
    ("active_defrag_key_hits", "0"),
    ("active_defrag_key_misses", "0"),
    ("total_active_defrag_time", "0"),
    ("current_active_defrag_time", "0"),
    ("unexpected_error_replies", "0"),
    // What is due is known, and gone within milliseconds.
    ("expired_stale_perc", "0.00"),
    ("expired_keys_with_volatile_items_stale_perc", "0.00"),
];

pub(super) const REPLICATION: &[(&str, &str)] = &[
    ("role", "master"),
    ("connected_slaves", "0"),
    ("replicas_waiting_psync", "0"),
    ("master_failover_state", "no-failover"),
];

/// Buffers, scripts and interpreters that aren't there take nothing.
pub(super) const MEMORY: &[(&str, &str)] = &[
    ("used_memory_lua", "0"),
    ("used_memory_lua_human", "0B"),
    ("used_memory_vm_eval", "0"),
    ("used_memory_vm_functions", "0"),
    ("used_memory_vm_total", "0"),
    ("used_memory_vm_total_human", "0B"),
    ("used_memory_scripts_eval", "0"),
    ("used_memory_functions", "0"),
    ("used_memory_scripts", "0"),
    ("used_memory_scripts_human", "0B"),
    ("number_of_cached_scripts", "0"),
    ("number_of_functions", "0"),
    ("number_of_libraries", "0"),
    ("mem_not_counted_for_evict", "0"),
    ("mem_replication_backlog", "0"),
    ("mem_total_replication_buffers", "0"),
    ("mem_replica_full_sync_buffer", "0"),
    ("mem_replicas_repl_buffer", "0"),
    ("mem_clients_slaves", "0"),
    ("mem_cluster_links", "0"),
    ("mem_cluster_slot_export", "0"),
    ("mem_cluster_slot_import", "0"),
    ("active_defrag_running", "0"),
];

pub(super) fn write(report: &mut Report, fields: &[(&str, &str)]) {
    fields.iter().for_each(|(name, value)| report.field(name, value));
}

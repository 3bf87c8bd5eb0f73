//! The metrics say what INFO, LATENCY HISTOGRAM and the logs say.

mod engine_under_test;

use std::collections::BTreeMap;

use engine_under_test::{EngineUnderTest, START_MS};
use kvd_commands::metrics;

/// Fields of INFO and what must show the same.
const SAME: [(&str, &str); 46] = [
    ("uptime_in_seconds", "kvd_uptime_in_seconds"),
    ("kvd_threads", "kvd_threads"),
    ("connected_clients", "kvd_connected_clients"),
    ("connected_clients", "kvd_clients{class=\"normal\"}"),
    ("maxclients", "kvd_max_clients"),
    ("blocked_clients", "kvd_blocked_clients"),
    ("clients_in_timeout_table", "kvd_clients_in_timeout_table"),
    ("total_blocking_keys", "kvd_total_blocking_keys"),
    ("tracking_clients", "kvd_tracking_clients"),
    ("pubsub_clients", "kvd_pubsub_clients"),
    ("watching_clients", "kvd_watching_clients"),
    ("used_memory_startup", "kvd_memory_used_startup_bytes"),
    ("maxmemory", "kvd_memory_max_bytes"),
    ("total_system_memory", "kvd_total_system_memory_bytes"),
    ("lazyfree_pending_objects", "kvd_lazyfree_pending_objects"),
    ("lazyfreed_objects", "kvd_lazyfreed_objects_total"),
    ("total_connections_received", "kvd_connections_received_total"),
    ("rejected_connections", "kvd_rejected_connections_total"),
    ("total_commands_processed", "kvd_commands_processed_total"),
    ("total_error_replies", "kvd_error_replies_total"),
    ("total_net_input_bytes", "kvd_net_input_bytes_total"),
    ("total_net_output_bytes", "kvd_net_output_bytes_total"),
    ("total_reads_processed", "kvd_reads_processed_total"),
    ("total_writes_processed", "kvd_writes_processed_total"),
    ("keyspace_hits", "kvd_keyspace_hits_total"),
    ("keyspace_misses", "kvd_keyspace_misses_total"),
    ("expired_keys", "kvd_expired_keys_total"),
    ("evicted_keys", "kvd_evicted_keys_total"),
    ("expired_fields", "kvd_expired_fields_total"),
    ("expired_time_cap_reached_count", "kvd_expired_time_cap_reached_total"),
    ("rdb_changes_since_last_save", "kvd_rdb_changes_since_last_save"),
    ("acl_access_denied_auth", "kvd_acl_access_denied_auth_total"),
    ("acl_access_denied_cmd", "kvd_acl_access_denied_cmd_total"),
    ("acl_access_denied_key", "kvd_acl_access_denied_key_total"),
    ("acl_access_denied_channel", "kvd_acl_access_denied_channel_total"),
    ("acl_access_denied_db", "kvd_acl_access_denied_db_total"),
    ("evicted_clients", "kvd_evicted_clients_total"),
    ("client_query_buffer_limit_disconnections", "kvd_client_query_buffer_limit_disconnections_total"),
    ("client_output_buffer_limit_disconnections", "kvd_client_output_buffer_limit_disconnections_total"),
    ("pubsub_channels", "kvd_pubsub_channels"),
    ("pubsub_patterns", "kvd_pubsub_patterns"),
    ("pubsubshard_channels", "kvd_pubsubshard_channels"),
    ("tracking_total_keys", "kvd_tracking_total_keys"),
    ("tracking_total_items", "kvd_tracking_total_items"),
    ("tracking_total_prefixes", "kvd_tracking_total_prefixes"),
    ("total_commands_processed", "kvd_worker_commands_total{worker=\"0\"}"),
];

/// Values by name and labels.
fn samples(t: &EngineUnderTest, ms: u64) -> BTreeMap<String, f64> {
    let text = metrics(t.engine(), engine::Moment::from_unix_millis(START_MS + ms));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.rsplit_once(' ').expect("a sample has a value"));
    pairs.map(|(name, value)| (name.to_owned(), value.parse().expect("a number"))).collect()
}

fn info(t: &mut EngineUnderTest) -> BTreeMap<String, String> {
    let text = t.run("INFO everything");
    let fields = text.split("\r\n").filter_map(|line| line.split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The number behind `name=` in the value of a field.
fn part(value: &str, name: &str) -> f64 {
    let found = value.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    found.expect("the part is there").parse().expect("a number")
}

fn busy() -> EngineUnderTest {
    let mut t = EngineUnderTest::with_config("slowlog-log-slower-than 0");
    for command in [
        "SET a 1",
        "SET b 2 PX 5000",
        "SET c 3 PX 1000",
        "GET a",
        "GET nosuch",
        "HSET h f v g w",
        "HPEXPIRE h 1000 FIELDS 1 f",
        "LPUSH a 1",
        "GET",
        "AUTH wrong pass",
        "SELECT 3",
        "SET x 1",
        "SELECT 20",
        "CLIENT TRACKING ON",
        "GET x",
        "CONFIG GET port",
        "WATCH x",
        "SUBSCRIBE news",
    ] {
        t.run(command);
    }
    t.pass(1500);
    t.tick();
    t
}

#[test]
fn numbers_are_those_of_info() {
    let mut t = busy();
    t.run("UNSUBSCRIBE");
    let samples = samples(&t, 1500);
    let info = info(&mut t);
    let mut not_zero = 0;
    for (field, metric) in SAME {
        let shown: f64 = info[field].parse().expect("a number");
        assert_eq!(samples[metric], shown, "{field}");
        not_zero += usize::from(shown > 0.0);
    }
    assert!(not_zero > 15, "{not_zero} of the fields say something");
    assert!(samples["kvd_memory_used_bytes"] >= samples["kvd_memory_used_startup_bytes"]);
}

#[test]
fn databases_are_those_of_info_and_an_empty_one_is_there_all_the_same() {
    let mut t = busy();
    t.run("UNSUBSCRIBE");
    let samples = samples(&t, 1500);
    let info = info(&mut t);
    for db in ["db0", "db3"] {
        let of = |metric: &str| samples[&format!("kvd_{metric}{{db=\"{db}\"}}")];
        assert_eq!(of("db_keys"), part(&info[db], "keys"));
        assert_eq!(of("db_keys_expiring"), part(&info[db], "expires"));
        assert_eq!(of("db_keys_with_expiring_fields"), part(&info[db], "subexpiry"));
        assert_eq!(of("db_avg_ttl_seconds"), part(&info[db], "avg_ttl") / 1000.0);
    }
    assert_eq!(samples["kvd_db_keys{db=\"db0\"}"], 3.0);
    assert_eq!(samples["kvd_db_avg_ttl_seconds{db=\"db0\"}"], 3.5);
    assert_eq!(samples["kvd_db_keys{db=\"db15\"}"], 0.0);
    assert!(!samples.contains_key("kvd_db_keys{db=\"db16\"}"));
}

#[test]
fn commands_and_errors_are_those_of_info() {
    let mut t = busy();
    t.run("UNSUBSCRIBE");
    let samples = samples(&t, 1500);
    let info = info(&mut t);
    let mut seen = 0;
    for (field, value) in &info {
        if let Some(cmd) = field.strip_prefix("cmdstat_").filter(|cmd| *cmd != "info") {
            let of = |metric: &str| samples[&format!("kvd_commands_{metric}{{cmd=\"{cmd}\"}}")];
            assert_eq!(of("total"), part(value, "calls"), "{cmd}");
            assert_eq!((of("duration_seconds_total") * 1e6).floor(), part(value, "usec"), "{cmd}");
            assert_eq!(of("failed_calls_total"), part(value, "failed_calls"), "{cmd}");
            assert_eq!(of("rejected_calls_total"), part(value, "rejected_calls"), "{cmd}");
            seen += 1;
        }
        if let Some(err) = field.strip_prefix("errorstat_") {
            assert_eq!(samples[&format!("kvd_errors_total{{err=\"{err}\"}}")], part(value, "count"));
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
    assert_eq!(samples["kvd_commands_failed_calls_total{cmd=\"lpush\"}"], 1.0);
    assert_eq!(samples["kvd_errors_total{err=\"WRONGTYPE\"}"], 1.0);
    assert!(samples.contains_key("kvd_commands_total{cmd=\"config|get\"}"));
}

#[test]
fn latencies_count_every_call_once_and_only_while_they_are_tracked() {
    let mut t = busy();
    t.run("UNSUBSCRIBE");
    t.run("CONFIG SET latency-tracking no");
    (0..5).for_each(|_| drop(t.run("GET a")));
    let samples = samples(&t, 1500);
    let buckets: Vec<f64> = (8..=32)
        .map(|power| {
            let bound = (1_u64 << power) as f64 / 1e9;
            samples[&format!("kvd_commands_latency_seconds_bucket{{cmd=\"get\",le=\"{bound}\"}}")]
        })
        .collect();
    assert!(buckets.is_sorted());
    // The clock of this test stands while commands run.
    assert_eq!((buckets[0], samples["kvd_commands_latency_seconds_sum{cmd=\"get\"}"]), (3.0, 0.0));
    assert_eq!(samples["kvd_commands_latency_seconds_bucket{cmd=\"get\",le=\"+Inf\"}"], 3.0);
    assert_eq!(samples["kvd_commands_latency_seconds_count{cmd=\"get\"}"], 3.0);
    assert_eq!(samples["kvd_commands_total{cmd=\"get\"}"], 8.0);
}

#[test]
fn the_logs_have_their_lengths() {
    let mut t = busy();
    t.run("UNSUBSCRIBE");
    t.run("CONFIG SET slowlog-log-slower-than -1");
    let length: f64 = t.run("SLOWLOG LEN").trim_matches([':', '\r', '\n']).parse().expect("a number");
    let samples = samples(&t, 1500);
    assert!(length > 5.0);
    assert_eq!(samples["kvd_slowlog_length"], length);
    assert_eq!(samples["kvd_commandlog_length{type=\"slow\"}"], length);
    assert_eq!(samples["kvd_commandlog_length{type=\"large-reply\"}"], 0.0);
}

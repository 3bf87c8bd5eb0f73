//! What the metrics say.

use std::io::Write;

use kvd_tests::wire;

use super::client::{Server, reply};
use super::strict::Metrics;

fn scrape(server: &Server) -> Metrics {
    Metrics::parse(&server.get("/metrics").body)
}

/// Commands of many kinds, some of which fail.
fn work(server: &Server) {
    let mut database = server.database();
    for round in 0..50 {
        let (key, value) = (format!("key:{round}"), "v".repeat(round * 100));
        for words in [
            &["SET", &key, &value][..],
            &["GET", &key],
            &["GET", "nosuch"],
            &["EXPIRE", &key, "1000"],
            &["INCR", "n"],
            &["LPUSH", "n", "x"],
            &["NOSUCH"],
            &["HSET", "h", &key, "1"],
        ] {
            database.get_mut().write_all(&wire::encode(words)).unwrap();
            if reply(&mut database).starts_with('$') && words[0] == "GET" && words[1] != "nosuch" {
                reply(&mut database);
            }
        }
    }
}

#[test]
fn the_text_is_without_fault_and_counters_only_grow() {
    let server = Server::start(&[]);
    let mut before = scrape(&server).growing();
    assert!(before.len() > 25, "{before:?}");
    for _ in 0..3 {
        work(&server);
        let now = scrape(&server).growing();
        for (series, value) in &before {
            assert!(now[series] >= *value, "{series} was {value} and is {}", now[series]);
        }
        before = now;
    }
    assert!(before.len() > 200, "{}", before.len());
}

#[test]
fn numbers_lie_between_those_of_info_before_and_after() {
    let server = Server::start(&[]);
    work(&server);
    let (before, metrics, after) = (server.info(), scrape(&server), server.info());
    for (field, metric) in [
        ("uptime_in_seconds", "kvd_uptime_in_seconds"),
        ("total_connections_received", "kvd_connections_received_total"),
        ("total_commands_processed", "kvd_commands_processed_total"),
        ("total_net_input_bytes", "kvd_net_input_bytes_total"),
        ("total_net_output_bytes", "kvd_net_output_bytes_total"),
        ("total_reads_processed", "kvd_reads_processed_total"),
        ("total_writes_processed", "kvd_writes_processed_total"),
        ("total_error_replies", "kvd_error_replies_total"),
        ("keyspace_hits", "kvd_keyspace_hits_total"),
        ("keyspace_misses", "kvd_keyspace_misses_total"),
        ("rdb_changes_since_last_save", "kvd_rdb_changes_since_last_save"),
        ("used_cpu_user", "kvd_cpu_user_seconds_total"),
        ("used_cpu_sys", "kvd_cpu_sys_seconds_total"),
        ("used_memory_peak", "kvd_memory_used_peak_bytes"),
        ("maxclients", "kvd_max_clients"),
        ("total_system_memory", "kvd_total_system_memory_bytes"),
    ] {
        let value = metrics.value(metric, &[]);
        let (low, high): (f64, f64) = (before[field].parse().unwrap(), after[field].parse().unwrap());
        assert!(low <= value && value <= high, "{metric}: {low} <= {value} <= {high}");
    }
    let db = [("db", "db0")];
    assert_eq!(metrics.value("kvd_db_keys", &db), 52.0);
    assert_eq!(metrics.value("kvd_db_keys_expiring", &db), 50.0);
    assert_eq!(metrics.value("kvd_commands_total", &[("cmd", "set")]), 50.0);
    assert_eq!(metrics.value("kvd_commands_failed_calls_total", &[("cmd", "lpush")]), 50.0);
    assert_eq!(metrics.value("kvd_errors_total", &[("err", "WRONGTYPE")]), 50.0);
    assert_eq!(metrics.value("kvd_commands_latency_seconds_count", &[("cmd", "get")]), 100.0);
    assert!(metrics.value("kvd_memory_used_rss_bytes", &[]) > 1e6);
    let version = env!("CARGO_PKG_VERSION");
    let instance = &metrics.families["kvd_instance_info"].samples[0];
    assert!(instance.labels.contains(&("version".to_owned(), version.to_owned())), "{instance:?}");
}

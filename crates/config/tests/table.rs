//! The table against the list of what the peers have, and every default against the rules of its row.

use std::collections::BTreeSet;

use kvd_config::{Config, Flags, Origin, PARAMETERS, ParameterId, Status, id};

/// Every parameter of Redis 8.2.3 and Valkey 9.1.2: name, whose (`8`, `v` or both), and their defaults.
const PEERS: &str = include_str!("golden/parameters.txt");

/// Whose defaults are not the peers', and why: the folder is known at the start, the name is kvd's own, a seed is
/// made at random.
const OWN_DEFAULTS: [&str; 3] = ["dir", "syslog-ident", "hash-seed"];

struct Row<'a> {
    name: &'a str,
    peers: &'a str,
    default: &'a str,
    hidden: bool,
    refused: bool,
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    PEERS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, peers, hidden, refused, default] = fields[..] else { panic!("five fields: {line}") };
        Row { name, peers, default, hidden: hidden == "hidden", refused: refused == "refused" }
    })
}

#[test]
fn rows_are_sorted_and_names_are_unique() {
    assert!(PARAMETERS.is_sorted_by(|a, b| a.name < b.name));
    let names: Vec<_> = PARAMETERS.iter().flat_map(|row| [Some(row.name), row.alias]).flatten().collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert_eq!(id::ZSET_MAX_LISTPACK_VALUE.row().name, "zset-max-listpack-value");
    assert_eq!(id::ACL_PUBSUB_DEFAULT.row().name, "acl-pubsub-default");
}

#[test]
fn everything_that_the_peers_have_is_there_with_their_default() {
    let config = Config::default();
    let mut seen = 0;
    for Row { name, peers, default, hidden, .. } in rows() {
        let id = ParameterId::named(name.as_bytes()).unwrap_or_else(|| panic!("no {name}"));
        seen += 1;
        let row = id.row();
        assert!(row.peers.redis || !peers.contains('8'), "{name} is in Redis");
        assert!(row.peers.valkey || !peers.contains('v'), "{name} is in Valkey");
        assert!(hidden == row.flags.hidden, "{name} hidden");
        if !OWN_DEFAULTS.contains(&row.name) {
            assert_eq!(
                String::from_utf8(config.show(id)).expect("what tests give is valid"),
                default,
                "{name}"
            );
        }
    }
    assert!(seen > 250, "{seen}");
}

#[test]
fn clients_may_set_what_the_peers_let_them_set() {
    for Row { name, refused, .. } in rows() {
        let id = ParameterId::named(name.as_bytes()).expect("what tests give is valid");
        let Flags { immutable, protected, .. } = id.row().flags;
        assert_eq!(immutable || protected, refused, "{name}");
    }
}

#[test]
fn what_is_shown_can_be_set_and_changes_nothing() {
    let mut config = Config::default();
    for id in ParameterId::all() {
        let shown = config.show(id);
        // A list of nothing is nothing, but no primary is written `no one`.
        let value = if id == id::REPLICAOF { b"no one".to_vec() } else { shown };
        let empty_is_no_value = value.is_empty() && id == id::SHUTDOWN_ON_SIGINT;
        assert!(!empty_is_no_value);
        let changed = config.set(&[(id.row().name.as_bytes(), &value)], Origin::File);
        let reread = if id.row().flags.rereads { vec![id] } else { Vec::new() };
        assert_eq!(changed, Ok(reread), "{}", id.row().name);
    }
    assert_eq!(config, Config::default());
}

#[test]
fn aliases_are_shown_beside_their_names_and_hidden_parameters_are_not() {
    let config = Config::default();
    let names = |pattern: fn(&str) -> bool| {
        config.names(pattern).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    let of_hash_value = names(|name| name.starts_with("hash-max-") && name.ends_with("-value"));
    assert_eq!(of_hash_value, ["hash-max-listpack-value", "hash-max-ziplist-value"]);
    assert_eq!(names(|name| name == "key-load-delay"), [""; 0]);
    assert!(ParameterId::named(b"Key-Load-Delay").is_some());
}

#[test]
fn values_that_ask_for_nothing_are_values() {
    for row in PARAMETERS {
        let Some(idle) = row.idle else { continue };
        let mut config = Config::default();
        let value = if row.name == "replicaof" { "no one" } else { idle };
        config.set(&[(row.name.as_bytes(), value.as_bytes())], Origin::File).expect("a value of its kind");
        let id = ParameterId::named(row.name.as_bytes()).expect("it is in the table");
        assert_eq!(config.show(id), idle.as_bytes(), "{}", row.name);
    }
}

/// The parameters that kvd acts on.
const ACTIVE: [&str; 92] = [
    "acl-pubsub-default",
    "aclfile",
    "acllog-max-len",
    "aof-load-truncated",
    "aof-timestamp-enabled",
    "aof-use-rdb-preamble",
    "appenddirname",
    "appendfilename",
    "appendfsync",
    "appendonly",
    "auto-aof-rewrite-min-size",
    "auto-aof-rewrite-percentage",
    "availability-zone",
    "bind",
    "client-output-buffer-limit",
    "client-query-buffer-limit",
    "commandlog-execution-slower-than",
    "commandlog-large-reply-max-len",
    "commandlog-large-request-max-len",
    "commandlog-reply-larger-than",
    "commandlog-request-larger-than",
    "commandlog-slow-execution-max-len",
    "databases",
    "dbfilename",
    "dir",
    "disable-thp",
    "enable-debug-command",
    "enable-protected-configs",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "hll-sparse-max-bytes",
    "http-bind",
    "http-port",
    "latency-monitor-threshold",
    "latency-tracking",
    "latency-tracking-info-percentiles",
    "lfu-decay-time",
    "lfu-log-factor",
    "list-max-listpack-size",
    "logfile",
    "loglevel",
    "maxclients",
    "maxmemory",
    "maxmemory-clients",
    "maxmemory-eviction-tenacity",
    "maxmemory-policy",
    "maxmemory-samples",
    "no-appendfsync-on-rewrite",
    "notify-keyspace-events",
    "pidfile",
    "port",
    "protected-mode",
    "proto-max-bulk-len",
    "rdb-key-save-delay",
    "rdb-version",
    "rdbchecksum",
    "rdbcompression",
    "requirepass",
    "save",
    "set-max-intset-entries",
    "set-max-listpack-entries",
    "set-max-listpack-value",
    "shutdown-on-sigint",
    "shutdown-on-sigterm",
    "snapshot-memory-max",
    "stop-writes-on-bgsave-error",
    "stream-node-max-bytes",
    "stream-node-max-entries",
    "stripes",
    "supervised",
    "tcp-backlog",
    "tcp-keepalive",
    "threads",
    "timeout",
    "tls-auth-clients",
    "tls-ca-cert-dir",
    "tls-ca-cert-file",
    "tls-cert-file",
    "tls-ciphers",
    "tls-ciphersuites",
    "tls-key-file",
    "tls-port",
    "tls-prefer-server-ciphers",
    "tls-protocols",
    "tls-session-cache-size",
    "tls-session-cache-timeout",
    "tls-session-caching",
    "tracking-table-max-keys",
    "unixsocket",
    "unixsocketperm",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
];

#[test]
fn only_parameters_with_an_effect_are_active() {
    let active: Vec<_> =
        PARAMETERS.iter().filter(|row| row.status == Status::Active).map(|row| row.name).collect();
    assert_eq!(active, ACTIVE);
}

#[test]
fn files_that_may_have_changed_are_told_when_they_are_set_to_the_same_name() {
    let mut config = Config::default();
    let pairs: [(&[u8], &[u8]); 2] = [(b"tls-cert-file", b"/a.crt"), (b"timeout", b"7")];
    assert_eq!(config.set(&pairs, Origin::Client), Ok(vec![id::TLS_CERT_FILE, id::TIMEOUT]));
    assert_eq!(config.set(&pairs, Origin::Client), Ok(vec![id::TLS_CERT_FILE]));
}

//! kvd with the configuration that other people wrote: Debian's own file, and what the packages of other systems set.

use std::process::Command;
use std::{fs, io};

use config::{Config, Origin};
use kvd_tests::process::{self, skipped};

use super::service::{self, Service};

/// The file of Debian's package redis-server.
const DEBIAN: &str = "/etc/redis/redis.conf";

/// What packages set beside the defaults of Redis and Valkey, in files or on command lines.
const ALPINE: &str = "\
bind 127.0.0.1 -::1
protected-mode yes
port 6379
unixsocket /run/redis/redis.sock
unixsocketperm 770
daemonize no
pidfile /run/redis/redis.pid
loglevel notice
logfile /var/log/redis/redis.log
always-show-logo no
set-proc-title yes
proc-title-template \"{title} {listen-addr} {server-mode}\"
dir /var/lib/redis
";
const FEDORA: &str = "\
bind 127.0.0.1 -::1
supervised auto
pidfile /run/valkey/valkey.pid
logfile /var/log/valkey/valkey.log
dir /var/lib/valkey
locale-collate \"\"
save 3600 1 300 100 60 10000
oom-score-adj no
oom-score-adj-values 0 200 800
disable-thp yes
";
const DOCKER: &str = "\
protected-mode no
save \"\"
appendonly yes
maxmemory 100mb
maxmemory-policy allkeys-lru
";

#[test]
fn debians_own_file_starts_kvd() {
    match debians_file() {
        Ok(text) => serves(&text),
        Err(error) => skipped("Debian's redis.conf", format!("{DEBIAN}: {error}")),
    }
}

/// The package lets only root and the user redis read it, so another user asks sudo.
fn debians_file() -> io::Result<Vec<u8>> {
    fs::read(DEBIAN).or_else(|error| match Command::new("sudo").args(["-n", "cat", DEBIAN]).output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        _ => Err(error),
    })
}

#[test]
fn files_as_other_systems_have_them_start_kvd() {
    for text in [ALPINE, FEDORA, DOCKER] {
        serves(text.as_bytes());
    }
}

#[test]
fn the_stock_files_of_later_packages_start_kvd() {
    let files =
        [include_str!("redis-8.0.conf"), include_str!("valkey-8.1.conf"), include_str!("valkey-9.1.conf")];
    for text in files {
        serves(text.as_bytes());
    }
}

#[test]
fn kvds_own_file_says_nothing_that_has_no_effect() {
    let text = fs::read(process::repository().join("dist/kvd.conf")).unwrap();
    let service = Service::start(&text, &[]);
    // The lines that are there as comments would be good, too.
    let text = String::from_utf8(text).unwrap();
    let offered: Vec<&str> = text.lines().filter_map(|line| offered(line)).collect();
    assert!(offered.len() > 5, "{offered:?}");
    let mut config = Config::default();
    config.load(offered.join("\n").as_bytes(), "kvd.conf", &mut |_| Ok(Vec::new())).unwrap();
    assert_eq!(warned(&service.stop()), Vec::<String>::new());
}

/// Starts kvd with a configuration, asks it something and stops it. Each parameter without effect is named in the log, once, and no other.
fn serves(text: &[u8]) {
    let service = Service::start(text, &[]);
    assert_eq!(service.ask("SET a 1"), "+OK");
    assert_eq!(service.ask("INCR a"), ":2");
    let log = service.stop();
    let mut config = Config::default();
    config.load(text, "it", &mut |_| Ok(Vec::new())).unwrap();
    let overridden = service::OVERRIDES.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    config.set(&overridden, Origin::CommandLine).unwrap();
    let without_effect: Vec<&str> = config.given_without_effect().map(|id| id.row().name).collect();
    assert_eq!(warned(&log), without_effect, "{log}");
}

/// The parameters that the log says to be without effect.
fn warned(log: &str) -> Vec<String> {
    let phrases = ["has no effect", "is not obeyed", "is not read"];
    let lines = log.lines().filter(|line| phrases.iter().any(|phrase| line.contains(phrase)));
    let quoted = lines.filter_map(|line| line.split('\'').nth(1)?.split(' ').next());
    quoted.map(str::to_owned).collect()
}

/// The parameter of a line such as `#timeout 300`.
fn offered(line: &str) -> Option<&str> {
    line.strip_prefix('#').filter(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
}

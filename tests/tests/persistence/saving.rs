//! `SAVE`, `BGSAVE`, `LASTSAVE`, save points, and what `INFO` says meanwhile.

use std::fs;

use kvd_tests::patience::wait_until;
use kvd_tests::wire::Frame;

use super::server::{Server, kvd};

/// Slow enough to look at, for whoever has as many keys; cut short by taking the delay away.
const KEYS: u32 = 1_000;
pub(crate) const DELAY: &str = "CONFIG SET rdb-key-save-delay 50000";

/// A server with data that take a minute to be saved, as long as nobody takes the delay away.
pub(crate) fn slow(more: &[&str]) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), more);
    server.run(&format!("DEBUG POPULATE {KEYS}"));
    server.run(DELAY);
    (folder, server)
}

/// Takes the delay away.
pub(crate) fn hurry(server: &mut Server) {
    server.run("CONFIG SET rdb-key-save-delay 0");
}

fn number(server: &mut Server, name: &str) -> u64 {
    let value = server.field(name);
    value.parse().unwrap_or_else(|error| panic!("{name}:{value}: {error}"))
}

#[test]
fn a_snapshot_is_counted_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("MSET a 1 b 2");
    assert_eq!(number(&mut server, "rdb_changes_since_last_save"), 2);
    assert_eq!(
        (server.field("rdb_saves"), server.field("rdb_last_bgsave_time_sec")),
        ("0".into(), "-1".into())
    );
    let began: u64 = server.text("LASTSAVE").parse().unwrap();
    assert_eq!(server.text("SAVE"), "OK");
    assert!(folder.path().join("dump.rdb").exists());
    assert_eq!(
        (server.field("rdb_saves"), number(&mut server, "rdb_changes_since_last_save")),
        ("1".into(), 0)
    );
    assert!(server.text("LASTSAVE").parse::<u64>().unwrap() >= began);
    assert_eq!(server.text("LASTSAVE"), server.field("rdb_last_save_time"));
    server.run("SET c 3");
    assert_eq!(number(&mut server, "rdb_changes_since_last_save"), 1);
    assert_eq!(server.text("BGSAVE"), "Background saving started");
    server.wait_for("rdb_saves", "2");
    server.wait_for("rdb_bgsave_in_progress", "0");
    assert_eq!(server.field("rdb_last_bgsave_status"), "ok");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &[]);
    assert_eq!(again.text("DBSIZE"), "3");
    assert_eq!(number(&mut again, "rdb_last_load_keys_loaded"), 3);
    assert_eq!(number(&mut again, "rdb_changes_since_last_save"), 0, "what was loaded is no change");
}

#[test]
fn one_snapshot_is_written_at_a_time() {
    let (folder, mut server) = slow(&[]);
    assert_eq!(server.text("BGSAVE"), "Background saving started");
    assert_eq!(server.field("rdb_bgsave_in_progress"), "1");
    for request in ["BGSAVE", "SAVE", "BGSAVE SCHEDULE"] {
        assert_eq!(server.text(request), "-ERR Background save already in progress", "{request}");
    }
    wait_until(|| number(&mut server, "current_save_keys_processed") > 0, "keys are written");
    assert_eq!(number(&mut server, "current_save_keys_total"), u64::from(KEYS));
    // The data are those of the instant, whatever happens meanwhile.
    server.run("FLUSHALL");
    server.run("SET after 1");
    hurry(&mut server);
    server.wait_for("rdb_bgsave_in_progress", "0");
    assert_eq!(server.field("rdb_last_bgsave_status"), "ok");
    assert!(number(&mut server, "rdb_changes_since_last_save") > 0);
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &[]);
    assert_eq!((again.text("DBSIZE"), again.text("GET after")), (KEYS.to_string(), "(nil)".to_owned()));
}

#[test]
fn a_snapshot_can_be_given_up() {
    let (folder, mut server) = slow(&[]);
    server.run("BGSAVE");
    assert_eq!(server.text("BGSAVE CANCEL"), "Background saving cancelled");
    server.wait_for("rdb_bgsave_in_progress", "0");
    assert_eq!(
        server.text("BGSAVE CANCEL"),
        "-ERR Background saving is currently not in progress or scheduled"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
    assert_eq!(
        (server.field("rdb_saves"), server.field("rdb_last_bgsave_status")),
        ("0".into(), "ok".into())
    );
    hurry(&mut server);
    assert_eq!(server.text("SAVE"), "OK");
}

#[test]
fn a_client_of_save_that_goes_away_leaves_the_server_whole() {
    let (_folder, mut server) = slow(&[]);
    let mut other = server.connect();
    other.request(&["SAVE"]).unwrap();
    server.wait_for("rdb_bgsave_in_progress", "1");
    drop(other);
    hurry(&mut server);
    server.wait_for("rdb_saves", "1");
    assert_eq!(server.text("SAVE"), "OK");
}

#[test]
fn save_answers_when_it_is_done_and_others_are_served_meanwhile() {
    let (_folder, mut server) = slow(&[]);
    let mut other = server.connect();
    other.request(&["SAVE"]).unwrap();
    server.wait_for("rdb_bgsave_in_progress", "1");
    server.run("SET meanwhile 1");
    assert_eq!(server.field("rdb_saves"), "0");
    hurry(&mut server);
    assert_eq!(other.frame().unwrap(), Frame::Status(b"OK".to_vec()));
    assert_eq!(server.field("rdb_saves"), "1");
}

#[test]
fn a_snapshot_waits_for_the_log_to_be_written_anew_if_it_may() {
    let (_folder, mut server) = slow(&[]);
    hurry(&mut server);
    server.run("CONFIG SET appendonly yes");
    server.wait_for_log();
    server.run(DELAY);
    assert_eq!(server.text("BGREWRITEAOF"), "Background append only file rewriting started");
    let refused = server.text("BGSAVE");
    assert_eq!(
        refused,
        "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE \
         whenever possible."
    );
    assert_eq!(server.text("BGSAVE SCHEDULE"), "Background saving scheduled");
    assert_eq!(server.text("BGSAVE CANCEL"), "Scheduled background saving cancelled");
    assert_eq!(server.text("BGSAVE SCHEDULE"), "Background saving scheduled");
    assert_eq!(server.field("rdb_saves"), "0");
    hurry(&mut server);
    server.wait_for("rdb_saves", "1");
    assert_eq!(server.field("aof_rewrites"), "2");
}

#[test]
fn save_points_save_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &["--save", "1 2"]);
    server.run("SET a 1");
    server.run("SET b 1");
    server.wait_for("rdb_saves", "1");
    server.wait_for("rdb_bgsave_in_progress", "0");
    assert_eq!(server.field("rdb_changes_since_last_save"), "0");
    // One change isn't enough, until the rule says so.
    server.run("SET c 1");
    let changed = server.ask_bytes(&[b"CONFIG", b"SET", b"save", b"1 1"]);
    assert_eq!(changed, Frame::Status(b"OK".to_vec()));
    server.wait_for("rdb_saves", "2");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &[]);
    assert_eq!(again.text("DBSIZE"), "3");
}

//! A directory that goes away while kvd runs, and another one in its place.

use std::fs;

use kvd_tests::patience::wait_until;
use kvd_tests::wire::Frame;

use super::server::{Server, kvd};

const MISCONF: &str = "-MISCONF kvd is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify \
                       the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails \
                       (stop-writes-on-bgsave-error option). Please check the kvd logs for details about the RDB error.";

#[test]
fn writes_stop_while_snapshots_fail() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut server = Server::start(&kvd(), &data, &["--save", "3600 1"]);
    server.run("SET a 1");
    fs::remove_dir(&data).unwrap();
    server.run("BGSAVE");
    server.wait_for("rdb_last_bgsave_status", "err");
    wait_until(|| server.text("SET b 2") == MISCONF, "writes are refused");
    assert_eq!(server.text("PING"), MISCONF);
    assert_eq!(server.text("GET a"), "1");
    assert!(server.process.log().contains("the snapshot could not be written"), "{}", server.process.log());
    // Whoever doesn't mind says so, at run time too.
    server.run("CONFIG SET stop-writes-on-bgsave-error no");
    assert_eq!(server.text("SET b 3"), "OK");
    server.run("CONFIG SET stop-writes-on-bgsave-error yes");
    assert_eq!(server.text("SET b 4"), MISCONF);
    server.ask_bytes(&[b"CONFIG", b"SET", b"save", b""]);
    assert_eq!(server.text("SET b 5"), "OK");
    server.ask_bytes(&[b"CONFIG", b"SET", b"save", b"3600 1"]);
    assert_eq!(server.text("SET b 6"), MISCONF);
    fs::create_dir(&data).unwrap();
    assert_eq!(server.text("SAVE"), "OK");
    assert_eq!(server.text("SET b 7"), "OK", "at once");
    assert_eq!(server.text("PING"), "PONG");
    assert_eq!(server.field("rdb_last_bgsave_status"), "ok");
}

#[test]
fn whoever_hears_of_a_failure_himself_stops_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut server = Server::start(&kvd(), &data, &["--save", "3600 1"]);
    server.run("SET a 1");
    fs::remove_dir(&data).unwrap();
    for request in ["SAVE", "SHUTDOWN", "DEBUG RELOAD"] {
        assert!(server.text(request).starts_with("-ERR "), "{request}");
        assert_eq!(server.text("SET a 2"), "OK", "after {request}");
        assert_eq!(server.field("rdb_last_bgsave_status"), "ok");
    }
}

#[test]
fn writes_go_on_where_nobody_counts_on_snapshots() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut server = Server::start(&kvd(), &data, &[]);
    fs::remove_dir(&data).unwrap();
    let refused = server.text("SAVE");
    assert!(refused.starts_with("-ERR the snapshot was not written: "), "{refused}");
    assert!(refused.contains("temp-") && refused.contains("No such file"), "{refused}");
    assert_eq!(server.field("rdb_last_bgsave_status"), "ok", "who asked was told");
    server.run("BGSAVE");
    server.wait_for("rdb_last_bgsave_status", "err");
    for at in 0..20 {
        assert_eq!(server.text(&format!("SET a {at}")), "OK");
        server.field("loading");
    }
}

#[test]
fn snapshots_go_where_dir_and_dbfilename_say() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Server::start(&kvd(), first.path(), &[]);
    server.run("SET a 1");
    server.run(&format!("CONFIG SET dir {}", second.path().to_str().unwrap()));
    server.run("SAVE");
    assert!(second.path().join("dump.rdb").exists() && !first.path().join("dump.rdb").exists());
    server.run("CONFIG SET dbfilename other.rdb");
    server.run("SAVE");
    assert!(second.path().join("other.rdb").exists());
    let refused = server.text("CONFIG SET dir /nosuch/folder");
    assert!(refused.contains("No such file or directory"), "{refused}");
    let mut again = Server::start(&kvd(), second.path(), &["--dbfilename", "other.rdb"]);
    assert_eq!(again.text("GET a"), "1");
}

#[test]
fn a_relative_dir_is_told_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let sub = dir.join("sub");
    fs::create_dir(&sub).unwrap();
    let mut server = Server::start(&kvd(), &dir, &[]);
    server.run("SET a 1");
    server.run("CONFIG SET dir sub");
    let told =
        |dir: &str| Frame::Array(vec![Frame::Bulk(b"dir".to_vec()), Frame::Bulk(dir.as_bytes().to_vec())]);
    assert_eq!(server.run("CONFIG GET dir"), told(sub.to_str().unwrap()));
    server.run("CONFIG SET appendonly yes");
    server.wait_for_log();
    // Another directory is none of the log's.
    let other = tempfile::tempdir().unwrap();
    server.run(&format!("CONFIG SET dir {}", other.path().display()));
    server.run("SET b 1");
    server.rewrite();
    server.run("WAITAOF 1 0 0");
    server.kill();
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    let mut again = Server::start(&kvd(), &sub, &["--appendonly", "yes"]);
    assert_eq!(again.run("EXISTS a b"), Frame::Integer(2));
    // What is refused as a whole leaves it where it was.
    assert!(again.text("CONFIG SET dir / maxclients 4000000000").starts_with("-ERR CONFIG SET failed"));
    again.run("SAVE");
    assert!(sub.join("dump.rdb").exists());
}

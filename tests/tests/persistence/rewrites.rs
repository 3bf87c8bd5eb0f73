//! `BGREWRITEAOF`, and rewrites that nobody asked for.

use kvd_tests::patience::wait_until;
use kvd_tests::wire::Frame;

use super::saving::{DELAY, hurry, slow};
use super::server::{Server, kvd};

const RUNNING: &str = "-ERR Background append only file rewriting already in progress";

#[test]
fn a_rewrite_waits_for_the_snapshot_that_is_being_written() {
    let (folder, mut server) = slow(&["--appendonly", "yes"]);
    server.run("BGSAVE");
    assert_eq!(server.text("BGREWRITEAOF"), "Background append only file rewriting scheduled");
    assert_eq!(server.field("aof_rewrite_scheduled"), "1");
    assert_eq!(server.text("BGREWRITEAOF"), RUNNING);
    server.run("SET meanwhile 1");
    hurry(&mut server);
    server.wait_for("aof_rewrites", "1");
    server.wait_for_log();
    assert_eq!(server.field("rdb_saves"), "1");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    assert_eq!((again.text("DBSIZE"), again.text("GET meanwhile")), ("1001".to_owned(), "1".to_owned()));
}

#[test]
fn one_rewrite_is_made_at_a_time() {
    let (folder, mut server) = slow(&["--appendonly", "yes", "--appendfsync", "always"]);
    // What DEBUG POPULATE makes is in no log, but in the base of the next one.
    hurry(&mut server);
    server.rewrite();
    server.run(DELAY);
    assert_eq!(server.text("BGREWRITEAOF"), "Background append only file rewriting started");
    assert_eq!(server.field("aof_rewrite_in_progress"), "1");
    assert_eq!(server.text("BGREWRITEAOF"), RUNNING);
    // What is written meanwhile is kept, whether the rewrite ends or not.
    server.run("SET meanwhile 1");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    assert_eq!((again.text("DBSIZE"), again.text("GET meanwhile")), ("1001".to_owned(), "1".to_owned()));
    again.rewrite();
    assert_eq!(again.field("aof_rewrites"), "1");
}

#[test]
fn a_log_that_has_grown_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let options = [
        "--appendonly",
        "yes",
        "--auto-aof-rewrite-min-size",
        "4096",
        "--auto-aof-rewrite-percentage",
        "100",
    ];
    let mut server = Server::start(&kvd(), folder.path(), &options);
    let value = "x".repeat(1_000);
    for _ in 0..20 {
        server.run(&format!("SET same {value}"));
    }
    server.wait_for_log();
    wait_until(|| server.field("aof_rewrites") != "0", "the log is written anew");
    server.wait_for_log();
    let size: u64 = server.field("aof_base_size").parse().unwrap();
    assert!(size < 20_000, "{size}");
    // Zero percent: never.
    server.run("CONFIG SET auto-aof-rewrite-percentage 0");
    server.wait_for_log();
    let rewrites = server.field("aof_rewrites");
    for _ in 0..20 {
        server.run(&format!("SET same {value}"));
    }
    server.run("WAITAOF 1 0 0");
    assert_eq!(server.field("aof_rewrites"), rewrites);
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    assert_eq!(again.text("GET same"), value);
}

#[test]
fn a_snapshot_that_waits_for_a_rewrite_is_given_up_alone() {
    let (_folder, mut server) = slow(&["--appendonly", "yes"]);
    server.run("BGREWRITEAOF");
    server.wait_for("aof_rewrite_in_progress", "1");
    let mut other = server.connect();
    other.request(&["SAVE"]).unwrap();
    server.wait_for("rdb_bgsave_in_progress", "1");
    assert_eq!(server.text("BGSAVE CANCEL"), "Background saving cancelled");
    let refused = Frame::Error(b"ERR the snapshot was not written: it was cancelled".to_vec());
    assert_eq!(other.frame().unwrap(), refused);
    assert_eq!(
        (server.field("rdb_bgsave_in_progress"), server.field("aof_rewrite_in_progress")),
        ("0".into(), "1".into())
    );
    hurry(&mut server);
    server.wait_for_log();
    let keys = (server.field("current_save_keys_processed"), server.field("current_save_keys_total"));
    assert_eq!(keys, ("0".into(), "0".into()), "nothing is being written");
}

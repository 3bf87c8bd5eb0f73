//! The log begun and ended at run time, `appendfsync`, `WAITAOF`, and where a log begins when there is only a snapshot.

use kvd_tests::patience::wait_until;
use kvd_tests::wire::Frame;

use super::server::{Server, kvd, refusal};

const LOG: [&str; 2] = ["--appendonly", "yes"];

fn counts(local: i64) -> Frame {
    Frame::Array(vec![Frame::Integer(local), Frame::Integer(0)])
}

#[test]
fn a_log_begun_at_run_time_holds_all_data() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SET before 1");
    server.run("CONFIG SET appendonly yes");
    server.run("SET during 1");
    server.wait_for_log();
    server.run("SET after 1");
    assert_eq!(server.run("WAITAOF 1 0 0"), counts(1));
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.run("EXISTS before during after"), Frame::Integer(3));
}

#[test]
fn a_log_ended_at_run_time_says_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    server.run("SET logged 1");
    server.run("CONFIG SET appendonly no");
    server.wait_for("aof_enabled", "0");
    server.run("SET unlogged 1");
    assert_eq!(
        server.text("WAITAOF 1 0 0"),
        "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."
    );
    server.kill();
    let mut without = Server::start(&kvd(), folder.path(), &[]);
    assert_eq!(without.text("DBSIZE"), "0");
    without.kill();
    let mut with = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(with.run("EXISTS logged unlogged"), Frame::Integer(1));
    // Begun again it has everything anew.
    with.run("CONFIG SET appendonly no");
    with.wait_for("aof_enabled", "0");
    with.run("SET unlogged 2");
    with.run("CONFIG SET appendonly yes");
    with.wait_for_log();
    with.kill();
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.run("EXISTS logged unlogged"), Frame::Integer(2));
}

#[test]
fn the_policy_of_fsync_may_change_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    for round in 0..3 {
        for policy in ["always", "everysec", "no"] {
            server.run(&format!("CONFIG SET appendfsync {policy}"));
            server.run(&format!("SET {policy}:{round} 1"));
        }
    }
    server.run("CONFIG SET appendfsync always");
    server.run("SET last 1");
    server.wait_for("aof_pending_bio_fsync", "0");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.text("DBSIZE"), "10");
}

#[test]
fn waitaof_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(server.run("WAITAOF 0 0 0"), counts(1), "nothing was written, and all of it is durable");
    server.run("SET a 1");
    assert_eq!(server.run("WAITAOF 1 0 0"), counts(1));
    // Nobody is a replica.
    assert_eq!(server.run("WAITAOF 1 1 20"), counts(1));
    // Without fsync nobody can promise anything.
    server.run("CONFIG SET appendfsync no");
    wait_until(
        || {
            server.run("SET a 1");
            server.run("WAITAOF 1 0 20") == counts(0)
        },
        "a write that isn't durable",
    );
    // The wait ends with the policy, and with the log.
    let mut other = server.connect();
    other.ask(&["SET", "b", "1"]).unwrap();
    other.request(&["WAITAOF", "1", "0", "0"]).unwrap();
    server.run("CONFIG SET appendfsync always");
    server.run("SET c 1");
    assert_eq!(other.frame().unwrap(), counts(1));
    server.run("CONFIG SET appendfsync no");
    let refused = loop {
        other.ask(&["SET", "b", "2"]).unwrap();
        other.request(&["WAITAOF", "1", "0", "0"]).unwrap();
        server.run("CONFIG SET appendonly no");
        match other.frame().unwrap() {
            // The kernel was quick.
            Frame::Array(_) => server.run("CONFIG SET appendonly yes"),
            refused => break refused,
        };
    };
    let text = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
    assert_eq!(refused, Frame::Error(text.into()));
}

#[test]
fn waitaof_waits_for_the_base_of_a_log_that_is_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("DEBUG POPULATE 100000");
    server.run("CONFIG SET appendonly yes");
    assert_eq!(server.run("WAITAOF 1 0 0"), counts(1));
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.run("DBSIZE"), Frame::Integer(100_000));
}

#[test]
fn waitaof_in_a_transaction_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[&LOG[..], &["--appendfsync", "no"]].concat());
    server.run("SET before 1");
    server.run("MULTI");
    for request in ["SET a 1", "WAITAOF 1 0 0", "WAITAOF 0 1 0"] {
        server.run(request);
    }
    let ok = Frame::Status(b"OK".to_vec());
    assert_eq!(server.run("EXEC"), Frame::Array(vec![ok, counts(0), counts(0)]));
}

#[test]
fn a_log_begins_with_the_snapshot_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SET a 1");
    server.run("SAVE");
    server.kill();
    for _ in 0..2 {
        let mut server = Server::start(&kvd(), folder.path(), &LOG);
        server.wait_for_log();
        assert_eq!(server.text("GET a"), "1", "the peers would start empty");
        server.kill();
    }
    // From now on the log says what there is.
    std::fs::remove_file(folder.path().join("dump.rdb")).unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(server.text("GET a"), "1");
}

#[test]
fn a_log_belongs_to_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    server.run("SET a 1");
    let (code, said) = refusal(folder.path(), &LOG);
    assert_eq!(code, 1, "{said}");
    let log = folder.path().join("appendonlydir");
    assert!(said.contains(&format!("{} is in use by another server", log.display())), "{said}");
    // Without a log they are told apart by nothing; one that is to be begun here is refused, too.
    let mut other = Server::start(&kvd(), folder.path(), &[]);
    other.run("CONFIG SET appendonly yes");
    wait_until(|| other.process.log().contains("is in use by another server"), "the refusal");
    assert_eq!(other.field("aof_enabled"), "0");
    server.run("WAITAOF 1 0 0");
    // However it ends, the lock is gone with it.
    server.kill();
    other.kill();
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.text("GET a"), "1");
    // And with the log.
    again.run("CONFIG SET appendonly no");
    again.wait_for("aof_enabled", "0");
    let mut other = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(other.text("GET a"), "1");
}

/// More clients than any system has descriptors for.
const TOO_MANY: &str = "maxclients 4000000000";

#[test]
fn a_configuration_that_is_refused_as_a_whole_leaves_the_log_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SET a 1");
    let refused = server.text(&format!("CONFIG SET appendonly yes {TOO_MANY}"));
    assert!(refused.starts_with("-ERR CONFIG SET failed"), "{refused}");
    // What the saver was asked for before is done by now.
    server.run("SAVE");
    assert!(!folder.path().join("appendonlydir").exists(), "a log was begun");
    server.run("CONFIG SET appendonly yes");
    server.wait_for_log();
    let before = names(&folder.path().join("appendonlydir"));
    let refused = server.text(&format!("CONFIG SET appendonly no {TOO_MANY}"));
    assert!(refused.starts_with("-ERR CONFIG SET failed"), "{refused}");
    server.run("SAVE");
    assert_eq!(names(&folder.path().join("appendonlydir")), before, "another log was begun");
}

fn names(folder: &std::path::Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

//! `SHUTDOWN` and signals: what is saved before the end, and an end that is called off.

use std::fs;
use std::path::Path;

use kvd_tests::patience::wait_until;
use kvd_tests::wire::Frame;

use super::saving::{hurry, slow};
use super::server::{Server, kvd};

fn keys_of(folder: &Path, more: &[&str]) -> String {
    Server::start(&kvd(), folder, more).text("DBSIZE")
}

#[test]
fn what_is_saved_depends_on_who_asks() {
    let rules = ["--save", "3600 1"];
    for (options, how, expected) in [
        (&[][..], "SAVE", "1"),
        (&[], "NOSAVE", "0"),
        (&[], "NOW", "0"),
        (&rules[..], "NOW", "1"),
        (&rules, "NOSAVE", "0"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(&kvd(), folder.path(), options);
        server.run("SET a 1");
        server.shut_down(how);
        assert_eq!(keys_of(folder.path(), &[]), expected, "{options:?} {how}");
    }
}

#[test]
fn the_log_is_whole_after_any_end_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = ["--appendonly", "yes", "--appendfsync", "no"];
    let mut server = Server::start(&kvd(), folder.path(), &log);
    server.run("SET a 1");
    server.shut_down("NOSAVE");
    assert_eq!(keys_of(folder.path(), &log), "1");
}

#[test]
fn signals_stop_as_the_configuration_says() {
    for (signal, parameter, value, expected) in [
        ("TERM", "shutdown-on-sigterm", "save", "1"),
        ("TERM", "shutdown-on-sigterm", "nosave", "0"),
        ("TERM", "shutdown-on-sigterm", "default", "0"),
        ("INT", "shutdown-on-sigint", "save now", "1"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(&kvd(), folder.path(), &[]);
        let words: [&[u8]; 4] = [b"CONFIG", b"SET", parameter.as_bytes(), value.as_bytes()];
        assert_eq!(server.ask_bytes(&words), Frame::Status(b"OK".to_vec()));
        server.run("SET a 1");
        server.process.signal(signal).unwrap();
        assert!(server.process.wait().unwrap().success());
        assert_eq!(keys_of(folder.path(), &[]), expected, "{signal} {value}");
    }
}

#[test]
fn a_server_that_cannot_save_does_not_stop_unless_it_must() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut server = Server::start(&kvd(), &data, &[]);
    server.run("SET a 1");
    fs::remove_dir(&data).unwrap();
    for _ in 0..2 {
        assert_eq!(server.text("SHUTDOWN SAVE"), "-ERR Errors trying to SHUTDOWN. Check logs.");
        assert_eq!(server.text("SET a 2"), "OK", "it goes on");
    }
    let log = server.process.log();
    assert!(log.contains("the server does not stop: cannot create"), "{log}");
    let log = server.shut_down("SAVE FORCE");
    assert!(log.contains("stopping although"), "{log}");
}

#[test]
fn a_signal_after_an_end_that_failed_is_another_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut server = Server::start(&kvd(), &data, &["--shutdown-on-sigterm", "save"]);
    server.run("SET a 1");
    fs::remove_dir(&data).unwrap();
    server.process.signal("TERM").unwrap();
    wait_until(|| server.process.log().contains("the server does not stop"), "the stop fails");
    fs::create_dir(&data).unwrap();
    server.process.signal("TERM").unwrap();
    assert!(server.process.wait().unwrap().success(), "{}", server.process.log());
    assert_eq!(keys_of(&data, &[]), "1");
}

#[test]
fn an_end_can_be_called_off() {
    let (_folder, mut server) = slow(&[]);
    assert_eq!(server.text("SHUTDOWN ABORT"), "-ERR No shutdown in progress.");
    let mut other = server.connect();
    other.request(&["SHUTDOWN", "SAVE"]).unwrap();
    server.wait_for("rdb_bgsave_in_progress", "1");
    assert_eq!(server.text("SHUTDOWN ABORT"), "OK");
    let refused = other.frame().unwrap();
    assert_eq!(refused, Frame::Error(b"ERR Errors trying to SHUTDOWN. Check logs.".to_vec()));
    assert_eq!(server.text("SET a 1"), "OK");
    hurry(&mut server);
    assert_eq!(server.text("SAVE"), "OK");
}

#[test]
fn who_does_not_want_to_wait_for_the_last_snapshot_asks_again() {
    let (folder, mut server) = slow(&[]);
    let mut other = server.connect();
    other.request(&["SHUTDOWN", "SAVE"]).unwrap();
    server.wait_for("rdb_bgsave_in_progress", "1");
    server.shut_down("NOSAVE");
    assert_eq!(keys_of(folder.path(), &[]), "0");
}

#[test]
fn an_end_does_not_wait_for_a_snapshot_under_way() {
    let (folder, mut server) = slow(&[]);
    server.run("BGSAVE");
    server.shut_down("NOSAVE");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

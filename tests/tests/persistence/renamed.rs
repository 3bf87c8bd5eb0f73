//! Logs of servers whose commands have other names (`rename-command`): they hold the commands' own.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use kvd_tests::patience::wait_until;
use kvd_tests::wire;

use super::server::{PEERS, Server, find, kvd, refusal};

const LOGGED: [&str; 2] = ["--appendonly", "yes"];

#[rustfmt::skip]
const RENAMED: [&str; 12] = [
    "--rename-command", "SET", "put",
    "--rename-command", "DEL", "",
    "--rename-command", "SELECT", "use",
    "--rename-command", "RPUSH", "add",
];

fn options<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&LOGGED[..], more].concat()
}

/// Has a server with renamed commands leave a log with a base, a transaction in two databases, and the removal of an expired key.
fn write(folder: &Path, preamble: &str) {
    let more = [&RENAMED[..], &["--aof-use-rdb-preamble", preamble, "--rdb-version", "10"]].concat();
    let mut writer = Server::start(&kvd(), folder, &options(&more));
    writer.run("put base 1");
    writer.run("add list a b");
    writer.rewrite();
    writer.run("put a 1");
    writer.run("put gone 1 PX 1");
    for request in ["MULTI", "put b 2", "use 3", "put c 3", "add list c", "EXEC"] {
        writer.run(request);
    }
    writer.run("put d 4");
    writer.run("use 0");
    wait_until(|| writer.text("EXISTS gone") == "0", "the key expires");
    writer.run("APPEND a 0");
    writer.shut_down("NOSAVE");
}

fn check(server: &mut Server, select: &str, who: &str) {
    for (key, value) in [("base", "1"), ("a", "10"), ("b", "2"), ("gone", "(nil)")] {
        assert_eq!(server.text(&format!("GET {key}")), value, "{key}, {who}");
    }
    server.run(&format!("{select} 3"));
    for (request, reply) in [("GET c", "3"), ("GET d", "4"), ("LLEN list", "1")] {
        assert_eq!(server.text(request), reply, "{request}, {who}");
    }
}

/// The increment of a log's folder.
fn increment(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("appendonlydir")).unwrap().map(|entry| entry.unwrap().path());
    let mut increments = files.filter(|path| path.to_str().unwrap().contains(".incr."));
    increments.next().unwrap()
}

#[test]
fn a_log_is_read_whatever_commands_are_called() {
    for preamble in ["yes", "no"] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), preamble);
        for (names, select) in [(&RENAMED[..], "use"), (&[][..], "SELECT")] {
            let mut server = Server::start(&kvd(), folder.path(), &options(names));
            check(&mut server, select, &format!("{names:?}, preamble {preamble}"));
            server.shut_down("NOSAVE");
        }
        for peer in PEERS {
            let Some(program) = find(peer) else { continue };
            let mut server = Server::start(&program, folder.path(), &options(&[]));
            check(&mut server, "SELECT", &format!("{peer:?}, preamble {preamble}"));
            server.kill();
        }
    }
}

#[test]
fn a_log_with_names_of_its_servers_own_is_read_by_that() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "yes");
    let mut increment = OpenOptions::new().append(true).open(increment(folder.path())).unwrap();
    increment.write_all(&wire::encode(&[&b"use"[..], b"0"])).unwrap();
    increment.write_all(&wire::encode(&[&b"put"[..], b"b", b"2"])).unwrap();
    drop(increment);
    let (_, said) = refusal(folder.path(), &LOGGED);
    assert!(said.contains("no server has the command 'use 0'"), "{said}");
    let mut server = Server::start(&kvd(), folder.path(), &options(&RENAMED));
    check(&mut server, "use", "a log with their names");
}

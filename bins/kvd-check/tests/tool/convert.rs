//! `kvd-check convert`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::files::{EMPTY, TWICE, all_golden, contents, folder, golden, mixed, small};
use crate::run::{run, run_with};

#[test]
fn what_is_converted_holds_the_same() {
    let folder = folder(&[]);
    for from in all_golden() {
        let from = from.to_str().unwrap();
        // Redis 12 and Valkey 80 hold everything that servers wrote.
        for version in ["12", "80"] {
            let to = folder.path().join("to.rdb");
            let to = to.to_str().unwrap();
            run(&["convert", from, to, "--to", version, "--force"]).ended(0);
            run(&["rdb", to]).ended(0).says(if version == "12" { "REDIS0012" } else { "VALKEY080" });
            run(&["diff", from, to]).ended(0).says("no difference");
        }
    }
    let (from, to) = (golden("r7.rdb"), folder.path().join("old.rdb"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    run(&["convert", from, to, "--to", "10", "--compress", "no"]).ended(0).says("(REDIS0010,");
    run(&["diff", from, to]).ended(0);
    assert!(fs::metadata(to).unwrap().len() > fs::metadata(from).unwrap().len());
}

#[test]
fn what_a_version_cannot_hold_is_an_error_that_names_the_key() {
    let folder = folder(&[]);
    let (from, to) = (golden("vk.rdb"), folder.path().join("to.rdb"));
    for version in ["10", "11"] {
        let ran = run(&["convert", from.to_str().unwrap(), to.to_str().unwrap(), "--to", version]).ended(2);
        ran.warns("key \"hash:expiring\" of database 0 can't be converted: REDIS001");
    }
    assert_eq!(contents(folder.path()), []);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = folder(&[("from.rdb", &small(true)), ("to.rdb", b"precious")]);
    let (from, to) = (folder.path().join("from.rdb"), folder.path().join("to.rdb"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    let before = contents(folder.path());
    run(&["convert", from, to, "--to", "11"]).ended(2).warns("is there already; --force replaces it");
    assert_eq!(contents(folder.path()), before);
    fs::set_permissions(from, fs::Permissions::from_mode(0o640)).unwrap();
    run(&["convert", from, to, "--to", "11", "--force"]).ended(0);
    assert!(fs::read(to).unwrap().starts_with(b"REDIS0011"));
    assert_eq!(fs::metadata(to).unwrap().permissions().mode() & 0o777, 0o640);
    // A file may be converted into its own place.
    run(&["convert", to, to, "--to", "80", "--force"]).ended(0);
    assert!(fs::read(to).unwrap().starts_with(b"VALKEY080"));
    assert_eq!(contents(folder.path()).len(), 2);
}

#[test]
fn a_damaged_file_is_not_converted() {
    let mut file = small(true);
    *file.last_mut().unwrap() ^= 1;
    let folder = folder(&[("from.rdb", &file), ("to.rdb", b"precious")]);
    let before = contents(folder.path());
    let (from, to) = (folder.path().join("from.rdb"), folder.path().join("to.rdb"));
    let ran =
        run(&["convert", from.to_str().unwrap(), to.to_str().unwrap(), "--to", "11", "--force"]).ended(1);
    ran.warns("wrong checksum");
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn values_that_no_server_takes_are_not_converted() {
    for (file, reason) in [(TWICE, "is there twice"), (EMPTY, "a collection without elements")] {
        let folder = folder(&[("from.rdb", file)]);
        let (from, to) = (folder.path().join("from.rdb"), folder.path().join("to.rdb"));
        let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
        let ran = run(&["convert", from, to, "--to", "12"]).ended(1);
        ran.warns(&format!("{from}: damaged: "))
            .warns(reason)
            .warns("in the value of key \"k\" of database 0");
        assert_eq!(contents(folder.path()).len(), 1);
    }
}

#[test]
fn a_log_is_not_converted_without_its_commands() {
    let other = [small(true), b"more".to_vec()].concat();
    let folder = folder(&[("mixed.aof", &mixed()), ("more.rdb", &other)]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let ran = run(&["convert", &path("mixed.aof"), &path("to.rdb"), "--to", "12"]).ended(2);
    ran.warns("mixed.aof is a log: 52 bytes of commands follow the snapshot");
    assert_eq!(contents(folder.path()).len(), 2);
    let ran = run(&["convert", &path("more.rdb"), &path("to.rdb"), "--to", "12"]).ended(0);
    ran.says("note: 4 bytes follow the end of the snapshot").says("8 keys");
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = folder(&[("from.rdb", &small(true)), ("precious", b"precious")]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    symlink(path("precious"), path("link")).unwrap();
    symlink("/nowhere", path("dangling")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    for to in ["link", "dangling", "socket"] {
        let ran = run(&["convert", &path("from.rdb"), &path(to), "--to", "12", "--force"]).ended(2);
        ran.warns(&format!("{} is no file", path(to)));
        assert!(!fs::symlink_metadata(path(to)).unwrap().is_file());
    }
    drop(socket);
    assert_eq!(fs::read(path("precious")).unwrap(), b"precious");
}

#[test]
fn a_file_may_come_through_a_pipe() {
    let folder = folder(&[]);
    let to = folder.path().join("to.rdb");
    run_with(&["convert", "-", to.to_str().unwrap(), "--to", "12"], &small(true)).ended(0).says("8 keys");
    assert!(fs::read(&to).unwrap().starts_with(b"REDIS0012"));
    // As any program would create it.
    fs::write(folder.path().join("plain"), "").unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("to.rdb"), mode("plain"));
}

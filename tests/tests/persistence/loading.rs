//! While the data are being loaded.

use kvd_tests::wire::Frame;

use super::server::{Server, kvd};

/// Keys that take a moment to load. On a machine that is too fast to be seen loading there are more.
const KEYS: u32 = 300_000;
const ATTEMPTS: u32 = 5;

/// Saves so many keys.
fn saved(keys: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run(&format!("DEBUG POPULATE {keys} key 100"));
    server.run("SAVE");
    server.kill();
    folder
}

/// Looks at a server that loads; `None` if it was done too soon.
fn look(server: &mut Server) -> Option<()> {
    let Frame::Bulk(info) = server.run("INFO persistence") else { panic!("INFO") };
    let info = String::from_utf8(info).unwrap();
    let refused = server.text("GET a");
    if refused == "(nil)" || !info.contains("loading:1\r\n") {
        return None;
    }
    assert_eq!(refused, "-LOADING kvd is loading the dataset in memory");
    for field in [
        "loading_start_time:",
        "loading_total_bytes:",
        "loading_loaded_bytes:",
        "loading_loaded_perc:",
        "loading_eta_seconds:",
    ] {
        assert!(info.contains(field), "{field} is not in {info}");
    }
    Some(())
}

#[test]
fn clients_are_told_that_data_are_being_loaded() {
    let mut keys = KEYS;
    for _ in 0..ATTEMPTS {
        let folder = saved(keys);
        let mut server = Server::begin(&kvd(), folder.path(), &[]);
        let seen = look(&mut server);
        server.wait_for("loading", "0");
        assert_eq!(server.text("DBSIZE"), keys.to_string());
        if seen.is_some() {
            return;
        }
        keys *= 2;
    }
    panic!("{keys} keys were loaded too soon to be seen");
}

#[test]
fn a_server_that_loads_can_be_stopped() {
    let mut keys = KEYS;
    for _ in 0..ATTEMPTS {
        let folder = saved(keys);
        let mut server = Server::begin(&kvd(), folder.path(), &["--save", "3600 1"]);
        let before = std::fs::read(folder.path().join("dump.rdb")).unwrap();
        let seen = look(&mut server);
        server.process.signal("TERM").unwrap();
        assert!(server.process.wait().unwrap().success(), "{}", server.process.log());
        // What was not loaded whole is not saved.
        let after = std::fs::read(folder.path().join("dump.rdb")).unwrap();
        assert!(seen.is_none() || after == before);
        if seen.is_some() && !server.process.log().contains(&format!("loaded {keys} keys")) {
            return;
        }
        keys *= 2;
    }
    panic!("{keys} keys were loaded before the server stopped");
}

//! `DEBUG RELOAD` and `DEBUG LOADAOF`.

use std::fs;

use super::data::{Contents, assert_same, fill, tell};
use super::saving::{hurry, slow};
use super::server::{Server, kvd};

#[test]
fn all_data_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    fill(&mut server, Contents { streams: true, field_ttl: true });
    let told = tell(&mut server);
    assert_eq!(server.text("DEBUG RELOAD"), "OK");
    assert_same(&tell(&mut server), &told, "reloaded");
}

#[test]
fn nosave_reads_the_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SET saved 1");
    server.run("SAVE");
    server.run("SET unsaved 1");
    assert_eq!(server.text("DEBUG RELOAD NOSAVE"), "OK");
    assert_eq!((server.text("GET saved"), server.text("GET unsaved")), ("1".to_owned(), "(nil)".to_owned()));
    // What is there stays, but for what the file says otherwise.
    server.run("MSET saved 2 unsaved 2");
    assert_eq!(server.text("DEBUG RELOAD NOSAVE NOFLUSH MERGE"), "OK");
    assert_eq!((server.text("GET saved"), server.text("GET unsaved")), ("1".to_owned(), "2".to_owned()));
    // Without MERGE a key that is there twice is an error; the peers stop.
    let refused = server.text("DEBUG RELOAD NOSAVE NOFLUSH");
    assert!(
        refused.starts_with("-ERR Error trying to load the data again") && refused.contains("'saved'"),
        "{refused}"
    );
    assert_eq!(server.text("GET unsaved"), "2");
}

#[test]
fn a_snapshot_that_was_given_up_is_none_of_a_reloads() {
    let (_folder, mut server) = slow(&[]);
    server.run("BGSAVE");
    assert_eq!(server.text("BGSAVE CANCEL"), "Background saving cancelled");
    server.wait_for("rdb_bgsave_in_progress", "0");
    hurry(&mut server);
    assert_eq!(server.text("DEBUG RELOAD"), "OK");
}

#[test]
fn without_its_file_nothing_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SET a 1");
    for request in ["DEBUG RELOAD NOSAVE", "DEBUG LOADAOF"] {
        let refused = server.text(request);
        assert!(refused.starts_with("-ERR "), "{request}: {refused}");
        assert_eq!(server.text("GET a"), "1", "{request}");
    }
    fs::remove_dir(folder.path()).unwrap();
    let refused = server.text("DEBUG RELOAD");
    assert!(refused.starts_with("-ERR "), "{refused}");
    assert_eq!(server.text("GET a"), "1");
}

#[test]
fn the_log_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    fill(&mut server, Contents { streams: false, field_ttl: true });
    server.rewrite();
    server.run("SET after 1");
    let told = tell(&mut server);
    assert_eq!(server.text("DEBUG LOADAOF"), "OK", "{}", server.process.log());
    assert_same(&tell(&mut server), &told, "the log read again");
    // And it goes on.
    server.run("SET later 1");
    server.run("WAITAOF 1 0 0");
    let told = tell(&mut server);
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    assert_same(&tell(&mut again), &told, "what came after it");
}

#[test]
fn a_reload_with_a_log_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    server.run("SET saved 1");
    server.run("SAVE");
    server.run("SET unsaved 1");
    assert_eq!(server.text("DEBUG RELOAD NOSAVE"), "OK");
    server.wait_for_log();
    server.run("SET later 1");
    server.run("WAITAOF 1 0 0");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    assert_eq!((again.text("DBSIZE"), again.text("GET unsaved")), ("2".to_owned(), "(nil)".to_owned()));
}

#[test]
fn the_log_that_is_written_is_read_again_wherever_dir_leads_now() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Server::start(&kvd(), folder.path(), &["--appendonly", "yes"]);
    server.run("SET a 1");
    server.run(&format!("CONFIG SET dir {}", other.path().to_str().unwrap()));
    assert_eq!(server.text("DEBUG LOADAOF"), "OK");
    assert_eq!(server.text("GET a"), "1");
    // A log whose files were taken away can't be read.
    fs::remove_dir_all(folder.path().join("appendonlydir")).unwrap();
    let refused = server.text("DEBUG LOADAOF");
    assert!(refused.starts_with("-ERR Error trying to load the data again"), "{refused}");
    assert_eq!(server.text("GET a"), "1");
}

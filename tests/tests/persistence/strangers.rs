//! What kvd doesn't run is kept, or put aside.

use std::fs;
use std::path::Path;

use kvd_tests::process::Peer;
use kvd_tests::wire::Frame;
use rdb::{Item, ReadOptions, Reader};

use super::server::{Server, find, kvd};

const LIBRARY: &str = "#!lua name=mine\nredis.register_function('one', function(keys, args) return 1 end)\n";

/// The libraries in a snapshot file.
fn libraries(path: &Path) -> Vec<String> {
    let file = fs::read(path).unwrap();
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Function(source) = item {
            found.push(String::from_utf8(source.to_vec()).unwrap());
        }
    }
    found
}

#[test]
fn functions_of_a_peer_survive() {
    for peer in [Peer::Redis7, Peer::Redis8] {
        let Some(program) = find(peer) else { continue };
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Server::start(&program, folder.path(), &[]);
        writer.run("SET a 1");
        assert_eq!(
            writer.ask_bytes(&[b"FUNCTION", b"LOAD", LIBRARY.as_bytes()]),
            Frame::Bulk(b"mine".to_vec())
        );
        writer.run("SAVE");
        writer.kill();
        let mut server = Server::start(&kvd(), folder.path(), &["--rdb-version", "10"]);
        server.run("SET b 2");
        server.run("SAVE");
        assert!(
            server.process.log().contains("1 libraries of functions are kept"),
            "{}",
            server.process.log()
        );
        assert_eq!(libraries(&folder.path().join("dump.rdb")), [LIBRARY]);
        // A log begins with them, too.
        server.run("CONFIG SET appendonly yes");
        server.wait_for_log();
        server.kill();
        let mut reader =
            Server::start(&kvd(), folder.path(), &["--appendonly", "yes", "--rdb-version", "10"]);
        reader.run("DEBUG RELOAD");
        reader.wait_for_log();
        assert_eq!(libraries(&folder.path().join("dump.rdb")), [LIBRARY]);
        reader.kill();
        for log in ["no", "yes"] {
            let mut again = Server::start(&program, folder.path(), &["--appendonly", log]);
            assert_eq!(again.run("FCALL one 0"), Frame::Integer(1), "{peer:?}, appendonly {log}");
            assert_eq!(again.text("GET b"), "2");
        }
    }
}

#[test]
fn a_file_with_values_of_modules_is_put_aside() {
    let Some(program) = find(Peer::Redis8) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Server::start(&program, folder.path(), &[]);
    writer.run("VADD vectors VALUES 3 1 2 3 element");
    writer.run("SET a 1");
    writer.run("SAVE");
    writer.kill();
    let file = folder.path().join("dump.rdb");
    let before = fs::read(&file).unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    let log = server.process.log();
    assert!(log.contains("left out 1 values of the module type 'vectorset'"), "{log}");
    assert_eq!((server.text("DBSIZE"), server.text("GET a")), ("1".to_owned(), "1".to_owned()));
    for _ in 0..2 {
        assert_eq!(server.text("SAVE"), "OK");
        let aside: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        let aside: Vec<_> = aside.iter().filter(|path| **path != file).collect();
        let [aside] = aside[..] else { panic!("{aside:?}") };
        let name = aside.file_name().unwrap().to_str().unwrap();
        assert!(name.strip_prefix("dump.rdb.before-").unwrap().parse::<u64>().is_ok(), "{name}");
        assert_eq!(fs::read(aside).unwrap(), before);
        assert_ne!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn a_base_with_values_of_modules_stays_beside_the_log() {
    let Some(program) = find(Peer::Redis8) else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = ["--appendonly", "yes"];
    let mut writer = Server::start(&program, folder.path(), &options);
    writer.run("VADD vectors VALUES 3 1 2 3 element");
    writer.run("SET a 1");
    writer.rewrite();
    writer.kill();
    let log = folder.path().join("appendonlydir");
    let bases = || {
        let files = fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.to_str().unwrap().contains(".base.")).collect::<Vec<_>>()
    };
    let [base] = &bases()[..] else { panic!("{:?}", bases()) };
    let before = fs::read(base).unwrap();
    // A start without a rewrite leaves it in its place, and the next one still knows what it holds.
    for rewrites in [0, 1, 2] {
        let mut server = Server::start(&kvd(), folder.path(), &options);
        assert_eq!(server.text("GET a"), "1");
        for _ in 0..rewrites {
            server.rewrite();
        }
        let told = server.process.log();
        assert_eq!(told.contains("left out 1 values of the module type 'vectorset'"), rewrites < 2, "{told}");
        assert_eq!(told.contains("stays there, and is part of the log no more"), rewrites == 1, "{told}");
        server.kill();
        assert_eq!(fs::read(base).unwrap(), before);
        assert_eq!(bases().len(), if rewrites == 0 { 1 } else { 2 });
    }
    // Nor does a log that is ended and begun again take it along.
    let mut server = Server::start(&kvd(), folder.path(), &options);
    server.run("CONFIG SET appendonly no");
    server.wait_for("aof_enabled", "0");
    server.run("CONFIG SET appendonly yes");
    server.wait_for_log();
    assert_eq!((fs::read(base).unwrap(), bases().len()), (before, 2));
}

#[test]
fn a_base_with_values_of_modules_outlasts_a_log_that_is_switched_off_and_on() {
    let Some(program) = find(Peer::Redis8) else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = ["--appendonly", "yes"];
    let mut writer = Server::start(&program, folder.path(), &options);
    writer.run("VADD vectors VALUES 3 1 2 3 element");
    writer.rewrite();
    writer.kill();
    let base = folder.path().join("appendonlydir/appendonly.aof.2.base.rdb");
    let before = fs::read(&base).unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &options);
    server.run("CONFIG SET appendonly no");
    server.wait_for("aof_enabled", "0");
    server.run("CONFIG SET appendonly yes");
    server.wait_for_log();
    assert_eq!(fs::read(&base).unwrap(), before);
}

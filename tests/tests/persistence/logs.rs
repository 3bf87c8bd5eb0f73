//! Logs between kvd and the peers.

use std::fs;
use std::path::Path;

use kvd_tests::process::{Peer, Program};

use super::data::{Contents, Told, assert_same, change, fill, tell};
use super::server::{PEERS, Server, find, kvd};

const LOGGED: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

fn options<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&LOGGED[..], more].concat()
}

/// Has a server write a base with data, and changes behind it. It ends by a crash.
fn write(program: &Program, folder: &Path, contents: Contents, more: &[&str]) -> Told {
    let mut writer = Server::start(program, folder, &options(more));
    writer.wait_for_log();
    fill(&mut writer, contents);
    writer.rewrite();
    change(&mut writer, contents);
    let told = tell(&mut writer);
    writer.kill();
    told
}

/// What a server makes of the log that it left. A base of commands has no place for a pending entry whose message is gone: XCLAIM drops it.
fn read_again(program: &Program, folder: &Path) -> Told {
    let mut reader = Server::start(program, folder, &options(&[]));
    let told = tell(&mut reader);
    reader.kill();
    told
}

/// Which data, and in which version, kvd and a peer share.
fn shared(peer: Peer) -> (Contents, &'static str) {
    let version = match peer {
        Peer::Redis7 => "10",
        Peer::Redis8 => "auto",
        Peer::Valkey9 => "80",
    };
    (Contents::of(peer, version), version)
}

#[test]
fn logs_go_from_kvd_to_peers_and_back() {
    for peer in PEERS {
        let Some(program) = find(peer) else { continue };
        let (contents, version) = shared(peer);
        let folder = tempfile::tempdir().unwrap();
        let told = write(&kvd(), folder.path(), contents, &["--rdb-version", version]);
        let mut reader = Server::start(&program, folder.path(), &options(&[]));
        assert_same(&tell(&mut reader), &told, &format!("{peer:?} reads kvd's log"));
        // It goes on with it, writes it anew, and kvd reads that.
        reader.run("SET string:new again");
        reader.rewrite();
        reader.run("RPUSH list:small last");
        let told = tell(&mut reader);
        reader.kill();
        let mut again = Server::start(&kvd(), folder.path(), &options(&[]));
        assert_same(&tell(&mut again), &told, &format!("kvd reads what {peer:?} went on with"));
    }
}

#[test]
fn logs_go_from_peers_to_kvd_and_back() {
    for peer in PEERS {
        let Some(program) = find(peer) else { continue };
        let (contents, version) = shared(peer);
        for preamble in ["yes", "no"] {
            let folder = tempfile::tempdir().unwrap();
            write(&program, folder.path(), contents, &["--aof-use-rdb-preamble", preamble]);
            let told = read_again(&program, folder.path());
            let mut reader = Server::start(&kvd(), folder.path(), &options(&["--rdb-version", version]));
            assert_same(
                &tell(&mut reader),
                &told,
                &format!("kvd reads the log of {peer:?}, preamble {preamble}"),
            );
            reader.run("SET string:new again");
            reader.rewrite();
            reader.run("RPUSH list:small last");
            let told = tell(&mut reader);
            reader.kill();
            let mut again = Server::start(&program, folder.path(), &options(&[]));
            assert_same(&tell(&mut again), &told, &format!("{peer:?} reads what kvd went on with"));
        }
    }
}

#[test]
fn an_old_log_of_one_file_is_taken_over() {
    let Some(program) = find(Peer::Redis7) else { return };
    let contents = Contents { streams: true, field_ttl: false };
    for has_preamble in [true, false] {
        // What a rewrite makes is what such a file began with.
        let written = tempfile::tempdir().unwrap();
        let preamble = if has_preamble { "yes" } else { "no" };
        write(&program, written.path(), contents, &["--aof-use-rdb-preamble", preamble]);
        let mut files: Vec<_> = fs::read_dir(written.path().join("appendonlydir"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.retain(|path| !path.ends_with("appendonly.aof.manifest"));
        files.sort();
        assert_eq!(files.len(), 2, "{files:?}");
        let whole: Vec<u8> = files.iter().flat_map(|path| fs::read(path).unwrap()).collect();
        assert_eq!(whole.starts_with(b"REDIS"), has_preamble);
        let told = read_again(&program, written.path());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("appendonly.aof"), whole).unwrap();
        let mut reader = Server::start(&kvd(), folder.path(), &options(&["--rdb-version", "10"]));
        assert_same(&tell(&mut reader), &told, &format!("one file, preamble {preamble}"));
        assert!(!folder.path().join("appendonly.aof").exists());
        reader.run("SET string:new again");
        let told = tell(&mut reader);
        reader.kill();
        let mut again = Server::start(&program, folder.path(), &options(&[]));
        assert_same(&tell(&mut again), &told, "the peer reads what was taken over");
    }
}

//! Snapshot files between kvd and the peers.

use std::fs;

use kvd_tests::process::{Peer, Program};
use kvd_tests::wire::Frame;

use super::data::{Contents, assert_same, change, digest, encodings, fill, tell};
use super::server::{Server, find, kvd};

/// What kvd's `rdb-version` may be for a peer.
const VERSIONS: [(Peer, &[&str]); 3] = [
    (Peer::Redis7, &["auto", "10"]),
    (Peer::Redis8, &["auto", "10", "11", "12"]),
    (Peer::Valkey9, &["auto", "10", "11", "80"]),
];

/// Has a server fill itself and save, and the other one load that.
fn hand_over(from: &Program, to: &Program, contents: Contents, options: &[&str], what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Server::start(from, folder.path(), options);
    fill(&mut writer, contents);
    change(&mut writer, contents);
    assert_eq!(writer.text("SAVE"), "OK", "{what}: {}", writer.process.log());
    let expected = tell(&mut writer);
    let whole = digest(&mut writer, contents);
    let forms = encodings(&mut writer);
    // The reader has a copy: it may write a file of its own.
    let copy = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join("dump.rdb"), copy.path().join("dump.rdb")).unwrap();
    let mut reader = Server::start(to, copy.path(), &[]);
    assert_same(&tell(&mut reader), &expected, what);
    if let (Some(read), Some(written)) = (digest(&mut reader, contents), whole) {
        assert_eq!(read, written, "{what}: the whole");
    }
    if [&from.server, &to.server].iter().any(|server| server.version.0 == 8) {
        assert_eq!(encodings(&mut reader), forms, "{what}: forms");
    }
    assert_eq!(reader.text("SAVE"), "OK", "{what}");
}

#[test]
fn peers_load_what_kvd_saves() {
    for (peer, versions) in VERSIONS {
        let Some(program) = find(peer) else { continue };
        for version in versions {
            let contents = Contents::of(peer, version);
            let compression = if *version == "10" { "no" } else { "yes" };
            let options = ["--rdb-version", *version, "--rdbcompression", compression];
            hand_over(&kvd(), &program, contents, &options, &format!("{peer:?} reads version {version}"));
        }
    }
}

#[test]
fn kvd_loads_what_peers_save() {
    for (peer, _) in VERSIONS {
        let Some(program) = find(peer) else { continue };
        let contents = Contents { streams: true, field_ttl: peer != Peer::Redis7 };
        for compression in ["yes", "no"] {
            let options = ["--rdbcompression", compression];
            hand_over(&program, &kvd(), contents, &options, &format!("kvd reads what {peer:?} wrote"));
        }
    }
}

#[test]
fn kvd_loads_what_it_saves() {
    for version in ["auto", "12", "80"] {
        let contents = Contents { streams: true, field_ttl: true };
        hand_over(&kvd(), &kvd(), contents, &["--rdb-version", version], &format!("kvd's version {version}"));
    }
}

#[test]
fn how_keys_were_used_goes_with_them() {
    // Access counts stand still, and nobody is idle for longer than the test may take.
    for (policy, question, given, most) in
        [("allkeys-lfu", "FREQ", 77, 78), ("allkeys-lru", "IDLETIME", 50_000, 50_900)]
    {
        for peer in super::server::PEERS {
            let Some(program) = find(peer) else { continue };
            let options = ["--maxmemory-policy", policy, "--lfu-decay-time", "0", "--maxmemory", "1gb"];
            for (from, to) in [(&kvd(), &program), (&program, &kvd())] {
                let folder = tempfile::tempdir().unwrap();
                let mut writer = Server::start(from, folder.path(), &options);
                writer.run("SET other value");
                let Frame::Bulk(payload) = writer.run("DUMP other") else { panic!("a payload") };
                let usage = given.to_string();
                let words: [&[u8]; 6] =
                    [b"RESTORE", b"used", b"0", &payload, question.as_bytes(), usage.as_bytes()];
                assert_eq!(writer.ask_bytes(&words), Frame::Status(b"OK".to_vec()));
                writer.run("SAVE");
                writer.kill();
                let mut reader = Server::start(to, folder.path(), &options);
                let Frame::Integer(found) = reader.run(&format!("OBJECT {question} used")) else {
                    panic!("a number")
                };
                assert!(
                    (given..=most).contains(&found),
                    "{found} {policy} {:?} {:?}",
                    from.server,
                    to.server
                );
            }
        }
    }
}

#[test]
fn a_version_without_room_for_the_data_is_refused_and_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &["--rdb-version", "11"]);
    server.run("SET a 1");
    server.run("SAVE");
    let before = fs::read(folder.path().join("dump.rdb")).unwrap();
    server.run("HSET hash:here f v");
    server.run("HPEXPIRE hash:here 10000000 FIELDS 1 f");
    let reply = server.text("SAVE");
    assert!(reply.starts_with("-ERR the snapshot was not written: "), "{reply}");
    assert!(reply.contains("expire"), "{reply}");
    server.run("BGSAVE");
    server.wait_for("rdb_last_bgsave_status", "err");
    assert_eq!(fs::read(folder.path().join("dump.rdb")).unwrap(), before);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["dump.rdb"]);
    server.run("CONFIG SET rdb-version auto");
    assert_eq!(server.text("SAVE"), "OK");
    assert_eq!(server.field("rdb_last_bgsave_status"), "ok");
}

#[test]
fn a_key_that_the_version_has_no_place_for_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &["--rdb-version", "10"]);
    server.run("HSET a f v");
    server.run("HSET other f v g w");
    server.run("HEXPIRE other 1000 FIELDS 1 g");
    let Frame::Error(reason) = server.ask("SAVE") else { panic!("it was saved") };
    let reason = String::from_utf8(reason).unwrap();
    let expected = "key \"other\": REDIS0010 has no fields that expire (see 'rdb-version')";
    assert!(reason.contains(expected), "{reason}");
}

//! Bases of logs in the form of commands (`aof-use-rdb-preamble no`) go from kvd to the peers and back.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use kvd_tests::hostile::client::Client;
use kvd_tests::patience::{comes_true, wait_until};
use kvd_tests::process::{self, Peer, Process, Program, skipped};
use kvd_tests::wire::Frame;

const PEERS: [Peer; 3] = [Peer::Redis7, Peer::Redis8, Peer::Valkey9];
/// More than one request holds, and than is saved at once.
const MANY: usize = 3000;

fn found(program: Result<Program, process::Missing>) -> Option<Program> {
    program.map_err(|missing| skipped("bases of commands", missing)).ok()
}

fn start(program: &Program, folder: &Path) -> Process {
    let folder = folder.to_str().unwrap();
    let process = program
        .start_with(&[
            "--dir",
            folder,
            "--appendonly",
            "yes",
            "--aof-use-rdb-preamble",
            "no",
            "--appendfsync",
            "always",
        ])
        .unwrap();
    let mut client = Client::connect(process.address).unwrap();
    let has_loaded = || !matches!(client.ask(&["DBSIZE"]).unwrap(), Frame::Error(_));
    assert!(comes_true(has_loaded), "{}", process.log());
    process
}

/// A client that minds errors.
struct Asking(Client);

impl Asking {
    fn of(process: &Process) -> Self {
        Self(Client::connect(process.address).unwrap())
    }

    fn ask(&mut self, words: &[&str]) -> Frame {
        let reply = self.0.ask(words).unwrap();
        assert!(!matches!(reply, Frame::Error(_)), "{words:?}: {reply:?}");
        reply
    }

    fn run(&mut self, line: &str) -> Frame {
        self.ask(&line.split(' ').collect::<Vec<_>>())
    }

    /// One request with many items.
    fn run_many(&mut self, front: &str, item: impl Fn(usize) -> Vec<String>) {
        let items: Vec<String> = (0..MANY).flat_map(item).collect();
        let words: Vec<&str> = front.split(' ').chain(items.iter().map(String::as_str)).collect();
        self.ask(&words);
    }

    /// Has the log written anew, and waits for it.
    fn rewrite(&mut self) {
        self.run("BGREWRITEAOF");
        let is_done = || {
            let Frame::Bulk(info) = self.run("INFO persistence") else { panic!("INFO") };
            let info = String::from_utf8(info).unwrap();
            assert!(!info.contains("aof_last_bgrewrite_status:err"), "{info}");
            info.contains("aof_rewrite_in_progress:0") && info.contains("aof_rewrite_scheduled:0")
        };
        wait_until(is_done, "the log is rewritten");
    }
}

/// Values of all types, small and large, in two databases. If `is_new` with what Redis 7 hasn't: fields that expire, and scores whose digest is that of
/// their shortest text.
fn fill(process: &Process, is_new: bool) {
    let mut client = Asking::of(process);
    let long = "x".repeat(100_000);
    for (db, expiry) in [("0", "4000000000123"), ("5", "4000000000456")] {
        client.run(&format!("SELECT {db}"));
        // For the sake of time: one fsync for all.
        client.run("MULTI");
        client.run("SET number -12");
        client.run("SET text some");
        client.ask(&["SET", "long", &long]);
        client.run("RPUSH list a 2 c");
        client.ask(&["RPUSH", "list", &long]);
        client.run_many("RPUSH large-list", |index| vec![format!("element {index}")]);
        client.run("SADD numbers 5 -7 70000");
        client.run("SADD set a b 3");
        client.run_many("SADD large-set", |index| vec![format!("member {index}")]);
        client.run("ZADD sorted 0.5 a -inf b 1024 c 3 d");
        client.run_many("ZADD large-sorted", |index| {
            vec![format!("{}", index as f64 / 8.0), format!("m{index}")]
        });
        client.run("HSET hash f v g 5");
        client.run_many("HSET large-hash", |index| vec![format!("field {index}"), format!("value {index}")]);
        if is_new {
            client.run("ZADD sorted 0.1 x 1e300 y 1e-7 z -0.3333333333333333 w");
            client.run("HPEXPIREAT hash 4000000000777 FIELDS 1 f");
            client.ask(&["HPEXPIREAT", "large-hash", "4000000000888", "FIELDS", "1", "field 17"]);
        }
        fill_streams(&mut client);
        for key in ["text", "list", "large-set", "sorted", "hash", "stream"] {
            client.run(&format!("PEXPIREAT {key} {expiry}"));
        }
        let Frame::Array(replies) = client.run("EXEC") else { panic!("EXEC") };
        assert!(!replies.iter().any(|reply| matches!(reply, Frame::Error(_))), "{replies:?}");
    }
}

fn fill_streams(client: &mut Asking) {
    for index in 1..300 {
        client.run(&format!("XADD stream {index}-1 f{} {index} g w", index % 3));
    }
    client.run("XGROUP CREATE stream readers 0");
    client.run("XGROUP CREATE stream late 290-1");
    client.run("XREADGROUP GROUP readers one COUNT 100 STREAMS stream >");
    client.run("XREADGROUP GROUP readers two COUNT 7 STREAMS stream >");
    client.run("XGROUP CREATECONSUMER stream readers idle");
    client.run("XDEL stream 250-1 299-1");
    client.run("XADD emptied 7-7 f v");
    client.run("XDEL emptied 7-7");
    client.run("XGROUP CREATE never group 0 MKSTREAM");
}

/// What is compared between servers. Whether fields expire is no part of Valkey's digest.
fn fingerprint(process: &Process, is_new: bool) -> Vec<Frame> {
    let mut client = Asking::of(process);
    let mut found = vec![client.run("DEBUG DIGEST")];
    for db in ["0", "5"] {
        client.run(&format!("SELECT {db}"));
        found.push(client.run("DBSIZE"));
        found.push(client.run("XPENDING stream readers"));
        found.push(client.run("XPENDING stream late"));
        found.push(client.run("XPENDING stream readers - + 200 one").without_idle());
        for key in ["stream", "emptied", "never"] {
            let Frame::Array(told) = client.run(&format!("XINFO STREAM {key}")) else { panic!("XINFO") };
            // Length, last number, greatest deleted one, how many were added, first number, groups.
            for name in [
                "length",
                "last-generated-id",
                "max-deleted-entry-id",
                "entries-added",
                "recorded-first-entry-id",
                "groups",
            ] {
                let at = told.iter().position(|word| *word == Frame::Bulk(name.into())).unwrap();
                found.push(told[at + 1].clone());
            }
        }
        for group in groups(&client.run("XINFO GROUPS stream")) {
            found.extend(group);
        }
        if is_new {
            found.push(client.run("HPEXPIRETIME hash FIELDS 2 f g"));
            found.push(client.ask(&["HPEXPIRETIME", "large-hash", "FIELDS", "1", "field 17"]));
        }
    }
    found
}

fn groups(reply: &Frame) -> Vec<Vec<Frame>> {
    let Frame::Array(groups) = reply else { panic!("XINFO GROUPS: {reply:?}") };
    let words = |group: &Frame| match group {
        Frame::Array(words) => words.clone(),
        other => panic!("a group: {other:?}"),
    };
    groups.iter().map(words).collect()
}

trait Idle {
    /// Pending entries without how long they have been.
    fn without_idle(self) -> Self;
}

impl Idle for Frame {
    fn without_idle(self) -> Self {
        let Self::Array(mut entries) = self else { panic!("XPENDING: {self:?}") };
        for entry in &mut entries {
            if let Self::Array(words) = entry {
                words.remove(2);
            }
        }
        Self::Array(entries)
    }
}

/// The base in a server's folder.
fn base(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("appendonlydir")).unwrap().map(|entry| entry.unwrap().path());
    let mut bases: Vec<_> = files.filter(|path| path.to_string_lossy().contains(".base.")).collect();
    assert_eq!(bases.len(), 1, "{bases:?}");
    bases.remove(0)
}

/// A copy of a server's log.
fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("appendonlydir")).unwrap();
    for entry in fs::read_dir(folder.join("appendonlydir")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join("appendonlydir").join(entry.file_name())).unwrap();
    }
    copy
}

/// Fills a server, rewrites its log, changes some more, and ends it.
fn written_by(program: &Program, folder: &Path, is_new: bool) -> Vec<Frame> {
    let process = start(program, folder);
    fill(&process, is_new);
    let mut client = Asking::of(&process);
    client.rewrite();
    client.run("APPEND text more");
    client.run("SELECT 5");
    client.run("RPUSH large-list last");
    client.run("XACK stream readers 3-1");
    let base = base(folder);
    assert!(base.to_string_lossy().ends_with(".base.aof"), "{}", base.display());
    assert!(fs::read(&base).unwrap().starts_with(b"*2\r\n$6\r\nSELECT\r\n"));
    fingerprint(&process, is_new)
}

#[test]
fn kvd_and_the_peers_load_what_kvd_writes() {
    let Some(kvd) = found(process::kvd()) else { return };
    for is_new in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let expected = written_by(&kvd, folder.path(), is_new);
        let copy = copy_of(folder.path());
        let again = start(&kvd, folder.path());
        assert_eq!(fingerprint(&again, is_new), expected);
        // What was loaded is written as it was.
        Asking::of(&again).rewrite();
        drop(again);
        assert_eq!(fingerprint(&start(&kvd, folder.path()), is_new), expected);
        for peer in PEERS.into_iter().filter(|peer| !is_new || *peer != Peer::Redis7) {
            let Some(program) = found(peer.find()) else { continue };
            let copy = copy_of(copy.path());
            let found = fingerprint(&start(&program, copy.path()), is_new);
            let first = usize::from(is_new && peer == Peer::Valkey9);
            assert_eq!(found[first..], expected[first..], "{peer:?}");
        }
    }
}

#[test]
fn kvd_loads_what_the_peers_write() {
    let Some(kvd) = found(process::kvd()) else { return };
    for peer in PEERS {
        let Some(program) = found(peer.find()) else { continue };
        let folder = tempfile::tempdir().unwrap();
        let is_new = peer != Peer::Redis7;
        let expected = written_by(&program, folder.path(), is_new);
        let found = fingerprint(&start(&kvd, folder.path()), is_new);
        let first = usize::from(peer == Peer::Valkey9);
        assert_eq!(found[first..], expected[first..], "{peer:?}");
    }
}

#[test]
fn a_base_of_no_data_is_an_empty_file() {
    let Some(kvd) = found(process::kvd()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let process = start(&kvd, folder.path());
    let mut client = Asking::of(&process);
    client.run("SET a b");
    client.run("DEL a");
    client.rewrite();
    client.run("SET c d");
    drop(process);
    assert_eq!(fs::metadata(base(folder.path())).unwrap().len(), 0);
    for program in PEERS.map(Peer::find).into_iter().chain([process::kvd()]).filter_map(found) {
        let copy = copy_of(folder.path());
        let process = start(&program, copy.path());
        assert_eq!(Asking::of(&process).run("DBSIZE"), Frame::Integer(1), "{:?}", program.server);
    }
}

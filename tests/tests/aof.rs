//! Logs go from kvd's crate to the peers and back.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use aof::{
    AofError, BaseFormat, Directory, Ending, FileKind, Found, Limits, Location, Log, Next, Opening, Options,
    Record, SegmentFile, TailCause, UnixMillis, repair, until,
};
use disk::{Fault, FaultyDisk, Operation, OsDisk, Outcome};
use journal::{Batch, Effects, Offset};
use kvd_tests::hostile::client::Client;
use kvd_tests::patience::{comes_true, wait_until};
use kvd_tests::process::{Peer, Process, Program, skipped};
use kvd_tests::wire::Frame;

const PEERS: [Peer; 3] = [Peer::Redis7, Peer::Redis8, Peer::Valkey9];
/// A name with a blank, which the manifest must quote.
const FILE_NAME: &str = "my log.aof";
const NOW: UnixMillis = UnixMillis(1_795_000_000_000);

/// Keys of databases and their values, as far as these tests use them.
type Data = BTreeMap<(u32, String), String>;

fn peers() -> Vec<Program> {
    let found = PEERS.iter().map(|peer| peer.find());
    found.filter_map(|found| found.map_err(|missing| skipped("logs of peers", missing)).ok()).collect()
}

fn arguments(folder: &Path) -> [&str; 8] {
    let folder = folder.to_str().unwrap();
    ["--dir", folder, "--appendonly", "yes", "--appendfilename", FILE_NAME, "--appenddirname", "log"]
}

/// Whether a peer ends instead of loading the log below this folder. It has one attempt: after it has cut a file it may find nothing wrong.
fn is_refused(program: &Program, folder: &Path) -> bool {
    let mut command = Command::new(&program.path);
    command.args(["--port", "0", "--save", ""]).args(arguments(folder));
    let mut process =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut status = None;
    let has_ended = comes_true(|| {
        status = process.try_wait().unwrap();
        status.is_some()
    });
    if !has_ended {
        process.kill().unwrap();
        process.wait().unwrap();
    }
    status.is_some_and(|status| !status.success())
}

/// Starts a peer with the log below this folder.
fn start(program: &Program, folder: &Path, more: &[&str]) -> Process {
    let process = program.start_with(&[&arguments(folder)[..], more].concat()).unwrap();
    let mut client = Client::connect(process.address).unwrap();
    let has_loaded = || !matches!(client.ask(&["DBSIZE"]).unwrap(), Frame::Error(_));
    assert!(comes_true(has_loaded), "{}", process.log());
    process
}

fn connect(process: &Process) -> Client {
    Client::connect(process.address).unwrap()
}

/// All of a peer's strings in databases 0 and 3.
fn data_of(process: &Process) -> Data {
    let mut client = connect(process);
    let mut data = Data::new();
    for db in [0, 3] {
        client.ask(&["SELECT", &db.to_string()]).unwrap();
        let Frame::Array(keys) = client.ask(&["KEYS", "*"]).unwrap() else { panic!("KEYS") };
        for key in keys {
            let Frame::Bulk(key) = key else { panic!("a key") };
            let key = String::from_utf8(key).unwrap();
            let Frame::Bulk(value) = client.ask(&["GET", &key]).unwrap() else { panic!("GET {key}") };
            data.insert((db, key), String::from_utf8(value).unwrap());
        }
    }
    data
}

fn location(folder: &Path) -> Location {
    Location::new(folder, "log", FILE_NAME)
}

fn open(folder: &Path) -> (Directory, Opening) {
    Directory::open(Arc::new(OsDisk), location(folder)).unwrap()
}

/// What the commands of a log make of SET and DEL, how its last file ends, and how often `MULTI` occurs.
fn replay(opening: &Opening) -> (Data, Ending, usize) {
    let (mut data, mut last, mut transactions) = (Data::new(), Ending::Clean { length: 0 }, 0);
    for step in &opening.plan {
        let mut file = SegmentFile::open(&OsDisk, &step.path, 0, Limits::DEFAULT).unwrap();
        let mut db = 0;
        last = loop {
            let command = match file.next_record().unwrap() {
                Next::Record(Record::Command(command)) => command,
                Next::Record(Record::Annotation(_)) => continue,
                Next::End(ending) => break ending,
            };
            let words: Vec<String> =
                command.words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
            match (words[0].to_ascii_uppercase().as_str(), words.get(1), words.get(2)) {
                ("SELECT", Some(number), _) => db = number.parse().unwrap(),
                ("SET", Some(key), Some(value)) => drop(data.insert((db, key.clone()), value.clone())),
                ("DEL", Some(key), _) => drop(data.remove(&(db, key.clone()))),
                ("MULTI", ..) => transactions += 1,
                ("EXEC", ..) => {}
                _ => panic!("{words:?}"),
            }
        };
        step.check(last).unwrap();
    }
    (data, last, transactions)
}

/// Entries that each set these keys of a database, behind others.
fn batch(end: &mut Offset, entries: &[(u32, &[&str])]) -> Batch {
    let effects = entries.iter().map(|(db, keys)| {
        let mut effects = Effects::default();
        for key in *keys {
            effects.push(&[b"SET", key.as_bytes(), format!("value of {key}").as_bytes()]);
        }
        (*db, effects)
    });
    let effects: Vec<_> = effects.collect();
    let batch = Batch::new(*end, effects.iter().map(|(db, effects)| (*db, effects)));
    *end = batch.end();
    batch
}

fn expected(keys: &[(u32, &str)]) -> Data {
    keys.iter().map(|(db, key)| ((*db, (*key).to_owned()), format!("value of {key}"))).collect()
}

#[test]
fn peers_load_what_the_log_writes() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, opening) = open(folder.path());
        assert_eq!(opening.found, Found::Nothing);
        let options = Options { timestamps: true, ..Options::DEFAULT };
        let mut log = Log::open(directory, 0, options, Offset(0), NOW).unwrap();
        let mut end = Offset(0);
        log.append(&batch(&mut end, &[(0, &["a"]), (3, &["b", "c"])]), NOW).unwrap();
        let data = expected(&[(0, "a"), (3, "b"), (3, "c")]);
        assert_eq!(
            data_of(&start(&program, folder.path(), &[])),
            data,
            "{:?}: an increment alone",
            program.server
        );

        let mut base = log.begin_rewrite(end, BaseFormat::Commands, 0, NOW).unwrap();
        let later = UnixMillis(NOW.0 + 5000);
        log.append(&batch(&mut end, &[(3, &["d", "e"]), (0, &["f"])]), later).unwrap();
        let more = expected(&[(0, "a"), (3, "b"), (3, "c"), (3, "d"), (3, "e"), (0, "f")]);
        assert_eq!(
            data_of(&start(&program, folder.path(), &[])),
            more,
            "{:?}: in the middle of a rewrite",
            program.server
        );

        let mut bytes = Vec::new();
        for ((db, key), value) in &data {
            resp::write_request(&mut bytes, &["SELECT", &db.to_string()]);
            resp::write_request(&mut bytes, &["SET", key, value]);
        }
        base.write_all(&bytes).unwrap();
        log.commit_rewrite(base.finish().unwrap()).unwrap();
        drop(log);
        assert_eq!(data_of(&start(&program, folder.path(), &[])), more, "{:?}: after it", program.server);
        let (_, opening) = open(folder.path());
        assert_eq!(replay(&opening).0, more, "a peer left it as it was");
    }
}

/// Has a peer write a log with a base of commands, transactions and timestamps.
fn written_by(program: &Program, folder: &Path) -> Data {
    let options =
        ["--aof-timestamp-enabled", "yes", "--aof-use-rdb-preamble", "no", "--appendfsync", "always"];
    let process = start(program, folder, &options);
    let mut client = connect(&process);
    let mut run = |words: &[&str]| {
        let reply = client.ask(words).unwrap();
        assert!(!matches!(reply, Frame::Error(_)), "{words:?}: {reply:?}");
        reply
    };
    run(&["SET", "a", "value of a"]);
    run(&["SET", "x", "1"]);
    run(&["SELECT", "3"]);
    run(&["SET", "b", "value of b"]);
    run(&["BGREWRITEAOF"]);
    let is_rewritten = || {
        let Frame::Bulk(info) = run(&["INFO", "persistence"]) else { panic!("INFO") };
        let info = String::from_utf8(info).unwrap();
        info.contains("aof_rewrite_in_progress:0") && info.contains("aof_rewrite_scheduled:0")
    };
    wait_until(is_rewritten, "the log is rewritten");
    run(&["MULTI"]);
    run(&["SET", "c", "value of c"]);
    run(&["SELECT", "0"]);
    run(&["DEL", "x"]);
    run(&["EXEC"]);
    run(&["SET", "d", "value of d"]);
    expected(&[(0, "a"), (3, "b"), (3, "c"), (0, "d")])
}

#[test]
fn what_peers_write_is_read_and_gone_on_with() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let data = written_by(&program, folder.path());
        let (directory, opening) = open(folder.path());
        assert_eq!((opening.found, &opening.strangers), (Found::Log, &Vec::new()), "{opening:?}");
        let kinds: Vec<FileKind> = opening.plan.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [FileKind::Base, FileKind::Increment]);
        let (read, ending, transactions) = replay(&opening);
        assert_eq!((read, transactions), (data.clone(), 1), "{:?}", program.server);
        assert!(matches!(ending, Ending::Clean { .. }));
        // Every second of a peer is later than 1, and none than the end of time.
        assert!(until(&OsDisk, &opening.plan, 1, Limits::DEFAULT).is_err());
        assert_eq!(until(&OsDisk, &opening.plan, u64::MAX, Limits::DEFAULT).unwrap(), None);

        let mut end = Offset(0);
        let mut log = Log::open(directory, ending.good(), Options::DEFAULT, end, NOW).unwrap();
        log.append(&batch(&mut end, &[(3, &["e"])]), NOW).unwrap();
        drop(log);
        let mut more = data;
        more.extend(expected(&[(3, "e")]));
        assert_eq!(data_of(&start(&program, folder.path(), &[])), more, "{:?}", program.server);
    }
}

#[test]
fn a_torn_end_is_cut_where_peers_cut_it() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let mut data = written_by(&program, folder.path());
        data.remove(&(0, "d".to_owned()));
        let (_, opening) = open(folder.path());
        let last = opening.plan.last().unwrap();
        let file = fs::OpenOptions::new().write(true).open(&last.path).unwrap();
        file.set_len(last.bytes - 3).unwrap();
        let (read, ending, _) = replay(&opening);
        assert_eq!(read, data);
        let Ending::Truncated(tail) = ending else { panic!("{ending:?}") };
        assert_eq!((tail.length, tail.cause), (last.bytes - 3, TailCause::Command));
        // The peer cuts a copy.
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("log")).unwrap();
        for entry in fs::read_dir(folder.path().join("log")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join("log").join(entry.file_name())).unwrap();
        }
        assert_eq!(data_of(&start(&program, copy.path(), &[])), data, "{:?}", program.server);
        let cut = fs::metadata(copy.path().join("log").join(last.path.file_name().unwrap())).unwrap().len();
        // A peer also writes the second and the database that it goes on with.
        assert!(cut >= tail.good && cut < tail.good + 100, "{cut} and {}", tail.good);
        repair(&OsDisk, &last.path, tail.good).unwrap();
        assert_eq!(data_of(&start(&program, folder.path(), &[])), data, "{:?}: repaired", program.server);
    }
}

#[test]
fn a_log_of_a_single_file_is_upgraded_as_peers_do() {
    for program in peers() {
        let old = || {
            let folder = tempfile::tempdir().unwrap();
            let mut bytes = Vec::new();
            resp::write_request(&mut bytes, &["SELECT", "3"]);
            resp::write_request(&mut bytes, &["SET", "a", "value of a"]);
            fs::write(folder.path().join(FILE_NAME), bytes).unwrap();
            folder
        };
        let data = expected(&[(3, "a")]);
        let theirs = old();
        assert_eq!(data_of(&start(&program, theirs.path(), &[])), data);
        let (directory, opening) = open(theirs.path());
        assert_eq!((replay(&opening).0, opening.found), (data.clone(), Found::Log));
        let ours = old();
        let (upgraded, opening) = open(ours.path());
        assert_eq!((replay(&opening).0, opening.found), (data.clone(), Found::Upgraded));
        let log = Log::open(upgraded, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
        assert_eq!(log.directory().manifest().base, directory.manifest().base, "{:?}", program.server);
        assert_eq!(replay(&open(ours.path()).1).0, data);
        drop(log);
        assert_eq!(data_of(&start(&program, ours.path(), &[])), data, "{:?}", program.server);
    }
}

#[test]
fn a_log_that_was_being_switched_on_hides_no_other_from_anybody() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, _) = open(folder.path());
        let switched_on =
            Log::switch_on(directory, Offset(0), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap();
        drop(switched_on);
        assert_eq!(
            fs::read(folder.path().join("log").join(format!("{FILE_NAME}.manifest"))).unwrap(),
            b"# no files\n"
        );
        let real = folder.path().join("elsewhere");
        let mut bytes = Vec::new();
        resp::write_request(&mut bytes, &["SET", "a", "value of a"]);
        fs::write(&real, bytes).unwrap();
        // A link, for good measure.
        std::os::unix::fs::symlink(&real, folder.path().join(FILE_NAME)).unwrap();
        let data = expected(&[(0, "a")]);
        let (_, opening) = open(folder.path());
        assert_eq!((replay(&opening).0, opening.found), (data.clone(), Found::Upgraded));
        assert_eq!(data_of(&start(&program, folder.path(), &[])), data, "{:?}", program.server);
        let (_, opening) = open(folder.path());
        assert_eq!((replay(&opening).0, opening.found), (data, Found::Log));
    }
}

#[test]
fn peers_load_what_is_left_after_failed_fsyncs() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let faulty = FaultyDisk::new(Arc::new(OsDisk));
        let (directory, _) = Directory::open(Arc::new(faulty.clone()), location(folder.path())).unwrap();
        let mut log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
        let mut end = Offset(0);
        log.append(&batch(&mut end, &[(0, &["a"])]), NOW).unwrap();
        log.sync(NOW).unwrap();
        log.append(&batch(&mut end, &[(3, &["b", "c"])]), NOW).unwrap();
        faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
        assert!(log.sync(NOW).is_err());
        assert_eq!(
            data_of(&start(&program, folder.path(), &[])),
            expected(&[(0, "a")]),
            "{:?}",
            program.server
        );
        log.retry(NOW).unwrap();
        let data = expected(&[(0, "a"), (3, "b"), (3, "c")]);
        assert_eq!(data_of(&start(&program, folder.path(), &[])), data, "{:?}", program.server);
        log.sync(NOW).unwrap();

        // The manifest is in place, and the log ends in the middle of what is written next.
        faulty.add(Fault::once(Operation::SyncDirectory, Outcome::IO_ERROR).on("log").after(1));
        let base = log.begin_rewrite(end, BaseFormat::Commands, 0, NOW);
        let lengths = || -> Vec<u64> { open(folder.path()).1.plan.iter().map(|step| step.bytes).collect() };
        let before = lengths();
        log.append(&batch(&mut end, &[(0, &["d"])]), NOW).unwrap();
        let grown = lengths().iter().zip(before).position(|(now, before)| *now > before).unwrap();
        drop((log, base));
        let step = &open(folder.path()).1.plan[grown];
        fs::OpenOptions::new().write(true).open(&step.path).unwrap().set_len(step.bytes - 3).unwrap();
        assert_eq!(replay(&open(folder.path()).1).0, data);
        assert_eq!(data_of(&start(&program, folder.path(), &[])), data, "{:?}: torn", program.server);
    }
}

#[test]
fn a_base_that_is_torn_in_front_of_an_increment_is_refused_as_by_peers() {
    for program in peers() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, _) = open(folder.path());
        let (mut log, mut base) =
            Log::switch_on(directory, Offset(0), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap();
        let mut bytes = Vec::new();
        resp::write_request(&mut bytes, &["SET", "a", "value of a"]);
        base.write_all(&bytes).unwrap();
        log.commit_rewrite(base.finish().unwrap()).unwrap();
        drop(log);
        let (_, opening) = open(folder.path());
        let base = &opening.plan[0];
        assert_eq!((opening.plan.len(), base.kind, base.bytes), (2, FileKind::Base, bytes.len() as u64));
        fs::OpenOptions::new().write(true).open(&base.path).unwrap().set_len(base.bytes - 3).unwrap();
        let torn = &open(folder.path()).1.plan[0];
        let mut file = SegmentFile::open(&OsDisk, &torn.path, 0, Limits::DEFAULT).unwrap();
        let Next::End(ending) = file.next_record().unwrap() else { panic!("it was the only command") };
        assert!(matches!(torn.check(ending), Err(AofError::Torn { .. })));
        assert!(is_refused(&program, folder.path()), "{:?}", program.server);
    }
}

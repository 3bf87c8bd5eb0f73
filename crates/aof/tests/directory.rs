//! What is found at start-up, repairs, and points in time.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{
    Disk, Fault, FaultyDisk, Kind, Operation, OsDisk, Outcome, SimulatedDisk, Writes, read, write_all,
};
use journal::Offset;
use kvd_aof::{
    AofError, BaseFormat, Directory, FileKind, Found, Limits, Listed, Location, Log, Manifest, Opening,
    Options, RewriteError, SEQ_MAX, UnixMillis, repair, until,
};

const FOLDER: &str = "/data/appendonlydir/";
const NOW: UnixMillis = UnixMillis(0);
const SET: &[u8] = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";

fn location() -> Location {
    Location::new(Path::new("/data"), "appendonlydir", "appendonly.aof")
}

fn put(disk: &dyn Disk, path: &str, bytes: &[u8]) {
    let mut file = disk.create_new(Path::new(path)).unwrap();
    write_all(&mut *file, bytes).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir(Path::new(path).parent().unwrap()).unwrap();
}

/// A disk with `/data`, and these files in the log's directory.
fn disk_with(files: &[(&str, &[u8])]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    for folder in ["/data", "/data/appendonlydir"] {
        disk.create_dir(Path::new(folder)).unwrap();
        disk.sync_dir(Path::new(folder).parent().unwrap()).unwrap();
    }
    for (name, bytes) in files {
        put(&disk, &format!("{FOLDER}{name}"), bytes);
    }
    disk
}

fn open(disk: &SimulatedDisk) -> Result<(Directory, Opening), AofError> {
    Directory::open(Arc::new(disk.clone()), location())
}

fn names(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn an_empty_place_holds_nothing() {
    let disk = SimulatedDisk::default();
    let (directory, _) = open(&disk).unwrap();
    let error = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap_err().to_string();
    assert!(error.starts_with("cannot create the directory /data/appendonlydir"), "{error}");
    disk.create_dir(Path::new("/data")).unwrap();
    let (directory, opening) = open(&disk).unwrap();
    assert_eq!((opening.found, opening.plan.len()), (Found::Nothing, 0));
    assert_eq!(directory.manifest(), &Manifest::default());
    assert_eq!(disk.list(Path::new("/data")).unwrap(), []);
}

#[test]
fn files_are_loaded_in_the_manifests_order_and_leftovers_go() {
    let manifest = b"file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.1.incr.aof seq 1 type h\n\
        file gone seq 9 type h\nfile appendonly.aof.2.incr.aof seq 2 type i\nfile odd seq 7 type i k v\nfile last seq 8 type i\n";
    let disk = disk_with(&[
        ("appendonly.aof.manifest", manifest),
        ("appendonly.aof.2.base.rdb", b"REDIS"),
        ("appendonly.aof.1.incr.aof", b"old"),
        ("appendonly.aof.2.incr.aof", b"abc"),
        ("odd", b"de"),
        ("last", b""),
        ("temp-appendonly.aof.manifest", b"x"),
        ("temp-appendonly.aof.17.rewrite", b"x"),
        ("temp-appendonly.aof.incr", b"x"),
        ("temp-other.manifest", b"x"),
        ("temp-other.17.rewrite", b"x"),
        ("temp-rewriteaof-bg-17.aof", b"x"),
        ("notes.txt", b"x"),
        ("appendonly.aof.9.incr.aof", b"x"),
    ]);
    let (directory, opening) = open(&disk).unwrap();
    assert_eq!(opening.found, Found::Log);
    let plan: Vec<_> = opening
        .plan
        .iter()
        .map(|step| (step.path.to_str().unwrap(), step.kind, step.bytes, step.last))
        .collect();
    assert_eq!(
        plan,
        [
            ("/data/appendonlydir/appendonly.aof.2.base.rdb", FileKind::Base, 5, false),
            ("/data/appendonlydir/appendonly.aof.2.incr.aof", FileKind::Increment, 3, false),
            ("/data/appendonlydir/odd", FileKind::Increment, 2, true),
            ("/data/appendonlydir/last", FileKind::Increment, 0, false),
        ]
    );
    let leftovers = [
        "temp-appendonly.aof.17.rewrite",
        "temp-appendonly.aof.incr",
        "temp-appendonly.aof.manifest",
        "appendonly.aof.1.incr.aof",
    ];
    assert_eq!(names(&opening.leftovers), leftovers);
    let strangers = [
        "appendonly.aof.9.incr.aof",
        "notes.txt",
        "temp-other.17.rewrite",
        "temp-other.manifest",
        "temp-rewriteaof-bg-17.aof",
    ];
    assert_eq!(names(&opening.strangers), strangers);
    assert_eq!(opening, open(&disk).unwrap().1, "nothing is changed before the log was loaded");

    let log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    assert!(leftovers.iter().all(|name| disk.kind(&Path::new(FOLDER).join(name)).unwrap().is_none()));
    assert!(strangers.iter().all(|name| disk.kind(&Path::new(FOLDER).join(name)).unwrap().is_some()));
    let directory = log.into_directory();
    assert_eq!(directory.manifest().history, []);
    let text = read(&disk, &location().manifest(), 1000).unwrap();
    assert_eq!(Manifest::parse(&text).unwrap(), *directory.manifest());
    assert!(String::from_utf8(text).unwrap().contains("file odd seq 7 type i k v\n"));
}

#[test]
fn a_file_that_is_missing_and_a_bad_manifest_are_errors() {
    let disk = disk_with(&[("appendonly.aof.manifest", b"file x seq 1 type b\n")]);
    assert_eq!(
        open(&disk).unwrap_err().to_string(),
        "/data/appendonlydir/x is named in the manifest and doesn't exist"
    );
    let disk = disk_with(&[("appendonly.aof.manifest", b"file x seq 1 type b\nfoo\n")]);
    let error = open(&disk).unwrap_err().to_string();
    assert_eq!(error, "bad manifest /data/appendonlydir/appendonly.aof.manifest: line 2: a key has no value");
}

#[test]
fn a_manifest_cannot_have_itself_or_a_temporary_file_removed() {
    for name in ["appendonly.aof.manifest", "temp-appendonly.aof.manifest", "temp-appendonly.aof.1.rewrite"] {
        let manifest = format!("file {name} seq 1 type h\n");
        let disk = disk_with(&[
            ("appendonly.aof.manifest", manifest.as_bytes()),
            ("temp-appendonly.aof.1.rewrite", b"x"),
        ]);
        assert!(matches!(open(&disk), Err(AofError::ReservedName { .. })), "{name}");
        assert_eq!(disk.list(Path::new(FOLDER)).unwrap().len(), 2);
    }
}

#[test]
fn a_log_without_its_manifest_is_not_taken_for_none() {
    let disk = disk_with(&[("appendonly.aof.3.incr.aof", SET)]);
    assert_eq!(open(&disk).unwrap().1.found, Found::ManifestLost);
    // An empty one is what a crash leaves between creating a file and naming it.
    let disk = disk_with(&[("appendonly.aof.3.incr.aof", b"")]);
    assert_eq!(open(&disk).unwrap().1.found, Found::Nothing);
}

#[test]
fn an_upgraded_log_without_its_manifest_is_not_taken_for_none() {
    let disk = disk_with(&[("appendonly.aof", SET)]);
    assert_eq!(open(&disk).unwrap().1.found, Found::ManifestLost);
    // Were the one beside it moved, it would take its place.
    put(&disk, "/data/appendonly.aof", b"");
    assert_eq!(open(&disk).unwrap().1.found, Found::ManifestLost);
    put(&disk, &format!("{FOLDER}appendonly.aof.manifest"), b"# no files\n");
    let error = open(&disk).unwrap_err();
    assert!(
        matches!(&error, AofError::NameTaken { path } if path.ends_with("appendonlydir/appendonly.aof")),
        "{error}"
    );
    assert_eq!(read(&disk, Path::new("/data/appendonlydir/appendonly.aof"), 100).unwrap(), SET);
}

/// Every file, with what it holds.
fn everything(disk: &SimulatedDisk) -> Vec<(PathBuf, Vec<u8>)> {
    let files = ["/data", FOLDER].iter().flat_map(|folder| {
        let found = disk.list(Path::new(folder)).unwrap().into_iter();
        found.filter(|found| found.kind == Kind::File).map(move |found| Path::new(folder).join(found.name))
    });
    files.map(|path| (path.clone(), read(disk, &path, 1000).unwrap())).collect()
}

#[test]
fn a_log_that_is_refused_is_left_as_it_was() {
    let missing =
        b"file a.2.base.aof seq 2 type b\nfile a.1.base.aof seq 1 type h\nfile a.1.incr.aof seq 1 type h\n";
    let cases: [&[(&str, &[u8])]; 4] = [
        &[("appendonly.aof.manifest", missing), ("a.1.base.aof", SET), ("a.1.incr.aof", SET)],
        &[("appendonly.aof.manifest", b"file x seq 1 type b\nfoo\n")],
        &[("appendonly.aof.1.incr.aof", SET)],
        &[("appendonly.aof.manifest", b"# no files\n"), ("appendonly.aof", SET)],
    ];
    for files in cases {
        let disk = disk_with(files);
        put(&disk, &format!("{FOLDER}temp-appendonly.aof.manifest"), b"x");
        put(&disk, "/data/appendonly.aof", SET);
        let before = everything(&disk);
        assert!(open(&disk).map_or(true, |(_, opening)| opening.found == Found::ManifestLost));
        assert_eq!(everything(&disk), before);
    }
    // Another length than was read: it is told before anything is removed.
    let manifest = b"file a.1.incr.aof seq 2 type i\nfile a.0.incr.aof seq 1 type h\n";
    let disk =
        disk_with(&[("appendonly.aof.manifest", manifest), ("a.1.incr.aof", SET), ("a.0.incr.aof", SET)]);
    let before = everything(&disk);
    let (directory, _) = open(&disk).unwrap();
    assert!(Log::open(directory, 1, Options::DEFAULT, Offset(0), NOW).is_err());
    assert_eq!(everything(&disk), before);
}

#[test]
fn a_manifest_without_files_does_not_hide_a_log_of_a_single_file() {
    for manifest in [&b"# no files\n"[..], b"file gone seq 1 type h\n", b"file appendonly.aof seq 1 type h\n"]
    {
        let disk = disk_with(&[("appendonly.aof.manifest", manifest)]);
        assert_eq!(open(&disk).unwrap().1.found, Found::Nothing);
        put(&disk, "/data/appendonly.aof", SET);
        let (directory, opening) = open(&disk).unwrap();
        assert_eq!(
            (opening.found, names(&[opening.plan[0].path.clone()])),
            (Found::Upgraded, vec!["appendonly.aof"])
        );
        let log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
        assert_eq!(log.directory().manifest().base, Some(Listed::new("appendonly.aof", 1)));
        assert_eq!(open(&disk).unwrap().1.plan[0].bytes, SET.len() as u64);
    }
    // In the middle of an upgrade, with history.
    let manifest = b"file appendonly.aof seq 1 type b\nfile gone seq 1 type h\n";
    let disk = disk_with(&[("appendonly.aof.manifest", manifest)]);
    put(&disk, "/data/appendonly.aof", SET);
    assert_eq!(open(&disk).unwrap().1.found, Found::Upgraded);
}

#[test]
fn a_log_of_a_single_file_is_still_there_when_another_is_switched_on_and_the_machine_stops() {
    let disk = disk_with(&[]);
    put(&disk, "/data/appendonly.aof", SET);
    let (directory, _) = open(&disk).unwrap();
    let (mut log, base) =
        Log::switch_on(directory, Offset(1), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap();
    assert_eq!(open(&disk.kill()).unwrap().1.found, Found::Upgraded);
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(open(&disk).unwrap().1.found, Found::Log);
    // And it is left alone from then on.
    drop(Log::open(log.into_directory(), 0, Options::DEFAULT, Offset(1), NOW).unwrap());
    assert_eq!(read(&disk, Path::new("/data/appendonly.aof"), 100).unwrap(), SET);
}

#[test]
fn a_base_may_be_torn_only_if_no_increment_follows() {
    let torn = &SET[..20];
    let manifest = b"file a.2.base.aof seq 2 type b\nfile a.2.incr.aof seq 2 type i\n";
    let disk =
        disk_with(&[("appendonly.aof.manifest", manifest), ("a.2.base.aof", torn), ("a.2.incr.aof", b"")]);
    let plan = open(&disk).unwrap().1.plan;
    assert_eq!(plan.iter().map(|step| step.last).collect::<Vec<_>>(), [false, true]);
    let alone = disk_with(&[("appendonly.aof.manifest", b"file b seq 1 type b\n"), ("b", torn)]);
    assert!(open(&alone).unwrap().1.plan[0].last);
    // An increment is cut, empty ones behind it or not; a base that is empty is none.
    let manifest = b"file b seq 2 type b\nfile i seq 2 type i\nfile j seq 3 type i\n";
    let disk = disk_with(&[("appendonly.aof.manifest", manifest), ("b", b""), ("i", torn), ("j", b"")]);
    let plan = open(&disk).unwrap().1.plan;
    assert_eq!(plan.iter().map(|step| step.last).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn links_are_followed_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let location = || Location::new(folder.path(), "appendonlydir", "appendonly.aof");
    let open = || Directory::open(Arc::new(OsDisk), location()).unwrap();
    std::fs::write(at("real"), SET).unwrap();
    std::os::unix::fs::symlink("real", at("appendonly.aof")).unwrap();
    for _ in 0..2 {
        let (directory, opening) = open();
        assert_eq!((opening.found, opening.plan[0].bytes), (Found::Upgraded, SET.len() as u64));
        let error = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap_err();
        assert!(
            matches!(&error, AofError::RelativeLink { path } if *path == at("appendonly.aof")),
            "{error}"
        );
        assert_eq!(std::fs::read(at("appendonly.aof")).unwrap(), SET, "it stays where it leads somewhere");
    }
    std::fs::remove_file(at("appendonly.aof")).unwrap();
    std::os::unix::fs::symlink(at("real"), at("appendonly.aof")).unwrap();
    drop(Log::open(open().0, 0, Options::DEFAULT, Offset(0), NOW).unwrap());
    let (_, opening) = open();
    assert_eq!((opening.found, opening.plan[0].bytes), (Found::Log, SET.len() as u64));
    // A link of the log whose file is gone isn't an empty file, nor none.
    std::fs::remove_file(at("real")).unwrap();
    assert!(matches!(Directory::open(Arc::new(OsDisk), location()), Err(AofError::Missing { .. })));
    std::fs::remove_file(at("appendonlydir/appendonly.aof.manifest")).unwrap();
    assert_eq!(open().1.found, Found::ManifestLost);
}

#[test]
fn the_directory_above_is_not_listed() {
    let simulated = disk_with(&[("appendonly.aof.manifest", b"file i seq 1 type i\n"), ("i", SET)]);
    let faulty = FaultyDisk::new(Arc::new(simulated));
    // The log's own, and no other.
    faulty.add(Fault::always(Operation::List, Outcome::IO_ERROR).after(1));
    let (directory, _) = Directory::open(Arc::new(faulty.clone()), location()).unwrap();
    faulty.clear();
    faulty.add(Fault::always(Operation::List, Outcome::IO_ERROR));
    let mut log = Log::open(directory, SET.len() as u64, Options::DEFAULT, Offset(0), NOW).unwrap();
    let base = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    assert_eq!(log.commit_rewrite(base.finish().unwrap()).unwrap().removed.len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_base_that_may_only_be_read_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("log");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("a.manifest"), "file b seq 1 type b\n").unwrap();
    // Root may write whatever a file's mode says, but not a program that runs.
    let program = std::env::current_exe().unwrap();
    assert!(OsDisk.open_append(&program).is_err());
    std::os::unix::fs::symlink(&program, inside.join("b")).unwrap();
    let location = Location::new(folder.path(), "log", "a");
    let (directory, _) = Directory::open(Arc::new(OsDisk), location).unwrap();
    Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
}

#[test]
fn a_log_is_written_by_one_process() {
    let disk = disk_with(&[]);
    let open = |disk: &SimulatedDisk| Directory::open_to_write(Arc::new(disk.clone()), location());
    let (directory, _) = open(&disk).unwrap();
    let log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    let refused = open(&disk).unwrap_err();
    assert!(matches!(&refused, AofError::InUse { path } if path == Path::new(FOLDER)), "{refused}");
    // Whoever only reads is welcome, and finds nothing strange.
    let (_, opening) = Directory::open(Arc::new(disk.clone()), location()).unwrap();
    assert_eq!((opening.strangers, opening.leftovers), (vec![], vec![]));
    // A process that was killed has no lock.
    assert!(open(&disk.kill()).is_ok());
    drop(log.into_directory());
    let (directory, _) = open(&disk).unwrap();
    assert!(directory.unlocked().is_none());
    // A log that is begun where there was no directory is locked when that is made.
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/data")).unwrap();
    let (first, _) = open(&disk).unwrap();
    let (second, _) = open(&disk).unwrap();
    let _log = Log::open(first, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    let refused = Log::open(second, 0, Options::DEFAULT, Offset(0), NOW).unwrap_err();
    assert!(matches!(refused, AofError::InUse { .. }), "{refused}");
}

#[test]
fn two_logs_in_one_directory_leave_each_other_alone() {
    let disk = disk_with(&[]);
    let other = || Location::new(Path::new("/data"), "appendonlydir", "other");
    let start = |location: Location| {
        let (directory, _) = Directory::open(Arc::new(disk.clone()), location).unwrap();
        let length = directory
            .manifest()
            .increments
            .last()
            .map_or(0, |last| disk.length(&Path::new(FOLDER).join(&last.name)).unwrap().unwrap());
        Log::open(directory, length, Options::DEFAULT, Offset(0), NOW).unwrap()
    };
    let mut one = start(location());
    let mut base = one.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    let mut two = start(other());
    let another = two.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    std::io::Write::write_all(&mut base, SET).unwrap();
    one.commit_rewrite(base.finish().unwrap()).unwrap();
    two.commit_rewrite(another.finish().unwrap()).unwrap();
    let lengths = [location(), other()].map(|location| {
        Directory::open(Arc::new(disk.clone()), location)
            .unwrap()
            .1
            .plan
            .iter()
            .map(|step| step.bytes)
            .sum::<u64>()
    });
    assert_eq!(lengths, [SET.len() as u64, 0]);
}

#[test]
fn every_name_can_be_that_of_a_log() {
    for name in ["temp-rewriteaof-x", "temp-x", "temp-.1.rewrite", "x.manifest", "temp-x.1.rewrite"] {
        let disk = disk_with(&[]);
        let open = || {
            Directory::open(Arc::new(disk.clone()), Location::new(Path::new("/data"), "appendonlydir", name))
        };
        drop(Log::open(open().unwrap().0, 0, Options::DEFAULT, Offset(0), NOW).unwrap());
        assert_eq!(open().unwrap().1.found, Found::Log, "{name}");
    }
}

#[test]
fn a_name_that_is_listed_is_not_given_to_another_file() {
    let names = ["appendonly.aof.8.incr.aof", "appendonly.aof.1.base.aof"];
    let history = names.map(|name| format!("file {name} seq 7 type h\n")).concat();
    let disk = disk_with(&[("appendonly.aof.manifest", history.as_bytes())]);
    let (directory, _) = open(&disk).unwrap();
    let mut log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    assert_eq!(log.directory().manifest().increments, [Listed::new("appendonly.aof.9.incr.aof", 9)]);
    let base = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(open(&disk).unwrap().1.plan.len(), 2);
}

#[test]
fn the_last_number_leads_nowhere_and_stops_nothing() {
    let manifest = format!("file b seq {SEQ_MAX} type b\nfile i seq {SEQ_MAX} type i\n");
    let disk = disk_with(&[("appendonly.aof.manifest", manifest.as_bytes()), ("b", SET), ("i", SET)]);
    let (directory, _) = open(&disk).unwrap();
    let mut log = Log::open(directory, SET.len() as u64, Options::DEFAULT, Offset(0), NOW).unwrap();
    let error = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap_err();
    assert!(matches!(error, RewriteError::Aof(AofError::NoName { .. })), "{error}");
    drop(log);
    let (_, opening) = open(&disk).unwrap();
    assert_eq!((opening.found, opening.plan.len(), opening.strangers.len()), (Found::Log, 2, 0));
}

#[test]
fn a_log_of_a_single_file_is_moved_into_the_directory_whenever_the_machine_stops() {
    let fresh = || {
        let disk = SimulatedDisk::default();
        disk.create_dir(Path::new("/data")).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        put(&disk, "/data/appendonly.aof", SET);
        disk
    };
    let disk = fresh();
    let (directory, opening) = open(&disk).unwrap();
    assert_eq!(opening.found, Found::Upgraded);
    assert_eq!(opening.plan.len(), 1);
    assert!(opening.plan[0].last && opening.plan[0].path == Path::new("/data/appendonly.aof"));
    assert_eq!(open(&disk).unwrap().1.found, Found::Upgraded, "nothing is changed yet");
    let log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    assert_eq!(log.directory().manifest().base, Some(Listed::new("appendonly.aof", 1)));
    assert_eq!(open(&disk).unwrap().1.found, Found::Log);
    assert_eq!(disk.list(Path::new("/data")).unwrap().len(), 1);
    let mut upgraded = 0;
    for changes in 0..16 {
        for seed in 0..20 {
            let disk = fresh();
            let faulty = FaultyDisk::losing_pages(&disk);
            faulty.halt_after(changes);
            let opened = Directory::open(Arc::new(faulty), location());
            let opened =
                opened.and_then(|(directory, _)| Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW));
            let finished = opened.is_ok();
            let found = disk.crash(&mut fastrand::Rng::with_seed(seed), Writes::InOrder);
            let (_, opening) = open(&found).unwrap();
            upgraded += usize::from(opening.found == Found::Upgraded && !finished);
            assert_eq!(
                read(&found, &opening.plan[0].path, 100).unwrap(),
                SET,
                "after {changes} changes, seed {seed}"
            );
        }
    }
    assert!(upgraded > 50);
}

#[test]
fn what_is_cut_is_kept_beside() {
    let disk = disk_with(&[("log", b"good, and more")]);
    let path = PathBuf::from(format!("{FOLDER}log"));
    let done = repair(&disk, &path, 4).unwrap();
    assert_eq!((done.good, done.bytes), (4, 10));
    assert_eq!(done.kept, Some(PathBuf::from(format!("{FOLDER}log.cut-at-4"))));
    assert_eq!(read(&disk, &path, 100).unwrap(), b"good");
    assert_eq!(read(&disk, &done.kept.unwrap(), 100).unwrap(), b", and more");
    assert_eq!(repair(&disk, &path, 4).unwrap().kept, None);
    write_all(&mut *disk.open_append(&path).unwrap(), b"again").unwrap();
    let again = repair(&disk, &path, 4).unwrap();
    assert_eq!(again.kept, Some(PathBuf::from(format!("{FOLDER}log.cut-at-4.1"))), "the older one stays");
    assert_eq!(read(&disk, &PathBuf::from(format!("{FOLDER}log.cut-at-4")), 100).unwrap(), b", and more");
    let crashed = disk.crash(&mut fastrand::Rng::with_seed(3), Writes::AnyOrder);
    assert_eq!(read(&crashed, &path, 100).unwrap(), b"good");
    assert_eq!(read(&crashed, &again.kept.unwrap(), 100).unwrap(), b"again");
}

#[test]
fn a_cut_that_cannot_be_kept_is_not_made() {
    let disk = SimulatedDisk::with_capacity(20);
    put(&disk, "/log", b"good, and more");
    assert!(repair(&disk, Path::new("/log"), 4).is_err());
    assert_eq!(read(&disk, Path::new("/log"), 100).unwrap(), b"good, and more");
    assert_eq!(disk.list(Path::new("/")).unwrap().len(), 1);
}

fn timed() -> SimulatedDisk {
    let manifest = b"file b seq 1 type b\nfile i seq 1 type i\nfile j seq 2 type i\n";
    let multi = b"*1\r\n$5\r\nMULTI\r\n";
    let exec = b"*1\r\n$4\r\nEXEC\r\n";
    let one = [b"#TS:100\r\n", SET, b"#TS:101\r\n", SET, multi, SET, b"#TS:103\r\n", SET, exec].concat();
    let other = [SET, b"#TS:105\r\n", SET].concat();
    disk_with(&[("appendonly.aof.manifest", manifest), ("b", b"REDIS0011"), ("i", &one), ("j", &other)])
}

#[test]
fn a_point_in_time_is_found_by_the_timestamps() {
    let disk = timed();
    let (_, opening) = open(&disk).unwrap();
    let find = |second| until(&disk, &opening.plan, second, Limits::DEFAULT);
    let line = SET.len() as u64;
    let cut = find(100).unwrap().unwrap();
    assert_eq!((cut.offset, names(&cut.later)), (9 + line, vec!["j"]));
    assert!(cut.path.ends_with("i"));
    // 103 stands within a transaction, which is cut as a whole.
    assert_eq!(find(102).unwrap().unwrap().offset, 18 + 2 * line);
    let cut = find(104).unwrap().unwrap();
    assert!(cut.path.ends_with("j") && cut.offset == line && cut.later.is_empty());
    assert_eq!(find(105).unwrap(), None);
    assert_eq!(find(99).unwrap_err().to_string(), "the log can't go back to 99, its first timestamp is 100");
    let plain = disk_with(&[("appendonly.aof.manifest", b"file i seq 1 type i\n"), ("i", SET)]);
    let (_, opening) = open(&plain).unwrap();
    assert!(matches!(until(&plain, &opening.plan, 1, Limits::DEFAULT), Err(AofError::NoTimestamps)));
}

#[test]
fn a_log_that_was_cut_ends_at_the_point_in_time() {
    let disk = timed();
    let (mut directory, opening) = open(&disk).unwrap();
    let cut = until(&disk, &opening.plan, 101, Limits::DEFAULT).unwrap().unwrap();
    put(&disk, &format!("{FOLDER}j.cut-at-0"), b"of an earlier cut");
    let repair = directory.cut(&cut).unwrap();
    assert_eq!(names(&repair.moved), ["j.cut-at-0.1"]);
    let (_, opening) = open(&disk).unwrap();
    assert_eq!(names(&opening.plan.iter().map(|step| step.path.clone()).collect::<Vec<_>>()), ["b", "i"]);
    assert_eq!(opening.plan[1].bytes, cut.offset);
    let cut_name = format!("i.cut-at-{}", cut.offset);
    let kept = [cut_name.as_str(), "j.cut-at-0", "j.cut-at-0.1"];
    assert_eq!(names(&opening.strangers), kept, "nothing is thrown away");
    let later = read(&disk, &repair.moved[0], 1 << 20).unwrap();
    assert!(later.ends_with(SET) && disk.length(&cut.later[0]).unwrap().is_none());
    assert_eq!(until(&disk, &opening.plan, 101, Limits::DEFAULT).unwrap(), None);
}

#[test]
fn a_full_disk_leaves_a_log_that_was_to_be_cut_as_it_was() {
    let disk = FaultyDisk::new(Arc::new(timed()));
    let open = || Directory::open(Arc::new(disk.clone()), location()).unwrap();
    let (mut directory, opening) = open();
    let cut = until(&disk, &opening.plan, 101, Limits::DEFAULT).unwrap().unwrap();
    for operation in [Operation::Create, Operation::Write, Operation::Sync, Operation::Rename] {
        for after in 0..2 {
            disk.add(Fault::once(operation, Outcome::NO_SPACE).after(after));
            let result = directory.cut(&cut);
            disk.clear();
            let error = result.unwrap_err();
            if (operation, after) != (Operation::Rename, 1) {
                assert_eq!(open().1, opening, "{error}");
                continue;
            }
            // The manifest is there, and the later file can't have its new name: the same leads on.
            let plan = open().1.plan;
            assert_eq!(plan.len(), 2);
            let cut = until(&disk, &plan, 101, Limits::DEFAULT).unwrap().unwrap();
            Directory::open(Arc::new(disk.clone()), location()).unwrap().0.cut(&cut).unwrap();
        }
    }
    assert_eq!(open().1.plan[1].bytes, cut.offset);
}

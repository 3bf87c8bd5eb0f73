//! What is found at start-up, repairs, and points in time.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, SimulatedDisk, Writes, read, write_all};
use kvd_aof::{
    AofError, Directory, FileKind, Found, Limits, Listed, Location, Manifest, Opening, repair, until,
};

const FOLDER: &str = "/data/appendonlydir/";
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
    assert!(open(&disk).unwrap_err().to_string().starts_with("cannot list the directory /data"));
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
        ("temp-rewriteaof-bg-17.aof", b"x"),
        ("temp-appendonly.aof.incr", b"x"),
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
    assert_eq!(
        names(&opening.removed),
        [
            "temp-appendonly.aof.incr",
            "temp-appendonly.aof.manifest",
            "temp-rewriteaof-bg-17.aof",
            "appendonly.aof.1.incr.aof"
        ]
    );
    assert_eq!(names(&opening.strangers), ["appendonly.aof.9.incr.aof", "notes.txt"]);
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
    for name in ["appendonly.aof.manifest", "temp-appendonly.aof.manifest", "temp-rewriteaof-bg-1.aof"] {
        let manifest = format!("file {name} seq 1 type h\n");
        let disk = disk_with(&[
            ("appendonly.aof.manifest", manifest.as_bytes()),
            ("temp-rewriteaof-bg-1.aof", b"x"),
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
    assert_eq!(directory.manifest().base, Some(Listed::new("appendonly.aof", 1)));
    assert_eq!(opening.plan.len(), 1);
    assert!(opening.plan[0].last);
    assert_eq!(open(&disk).unwrap().1.found, Found::Log);
    let mut upgraded = 0;
    for changes in 0..12 {
        for seed in 0..20 {
            let disk = fresh();
            let faulty = disk::FaultyDisk::losing_pages(&disk);
            faulty.halt_after(changes);
            let finished = Directory::open(Arc::new(faulty), location()).is_ok();
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
    directory.cut(&cut).unwrap();
    let (_, opening) = open(&disk).unwrap();
    assert_eq!(names(&opening.plan.iter().map(|step| step.path.clone()).collect::<Vec<_>>()), ["b", "i"]);
    assert_eq!(opening.plan[1].bytes, cut.offset);
    let cut_name = format!("i.cut-at-{}", cut.offset);
    assert_eq!(names(&opening.strangers), [cut_name.as_str(), "j"], "nothing is thrown away");
    assert_eq!(until(&disk, &opening.plan, 101, Limits::DEFAULT).unwrap(), None);
}

/// Every file below `/data` with what it holds.
fn contents(disk: &SimulatedDisk) -> Vec<(String, Vec<u8>)> {
    let files = |folder: &str| {
        let found = disk.list(Path::new(folder)).unwrap().into_iter();
        let paths = found.filter(|found| found.kind == disk::Kind::File);
        let paths = paths.map(|found| format!("{folder}{}", found.name.to_str().unwrap()));
        paths.map(|path| (path.clone(), read(disk, Path::new(&path), 1000).unwrap())).collect::<Vec<_>>()
    };
    [files("/data/"), files(FOLDER)].concat()
}

#[test]
fn who_only_looks_sees_what_would_be_opened_and_changes_nothing() {
    let manifest =
        b"file appendonly.aof.1.base.rdb seq 1 type h\nfile appendonly.aof.2.base.rdb seq 2 type b\n\
        file appendonly.aof.2.incr.aof seq 2 type i\n";
    let disk = disk_with(&[
        ("appendonly.aof.manifest", manifest),
        ("appendonly.aof.1.base.rdb", b"old"),
        ("appendonly.aof.2.base.rdb", b"REDIS"),
        ("appendonly.aof.2.incr.aof", SET),
        ("temp-appendonly.aof.incr", b"x"),
        ("notes.txt", b"x"),
    ]);
    let before = contents(&disk);
    let (_, seen) = Directory::inspect(Arc::new(disk.clone()), location()).unwrap();
    assert_eq!(contents(&disk), before);
    let (_, mut opened) = open(&disk).unwrap();
    assert_ne!(contents(&disk), before);
    opened.removed.sort();
    assert_eq!(seen, opened);
}

#[test]
fn who_only_looks_moves_no_log_of_a_single_file() {
    let disk = disk_with(&[]);
    put(&disk, "/data/appendonly.aof", SET);
    let before = contents(&disk);
    let (_, seen) = Directory::inspect(Arc::new(disk.clone()), location()).unwrap();
    assert_eq!((seen.found, contents(&disk)), (Found::Upgraded, before));
    let [step] = &seen.plan[..] else { panic!("{seen:?}") };
    assert_eq!(
        (step.path.to_str(), step.bytes, step.last),
        (Some("/data/appendonly.aof"), SET.len() as u64, true)
    );
    let (_, opened) = open(&disk).unwrap();
    assert_eq!(names(&[opened.plan[0].path.clone()]), ["appendonly.aof"]);
}

#[test]
fn who_only_looks_is_told_of_a_lost_manifest() {
    let disk = disk_with(&[("appendonly.aof.1.incr.aof", SET)]);
    let (_, seen) = Directory::inspect(Arc::new(disk.clone()), location()).unwrap();
    assert_eq!(
        (seen.found, names(&seen.strangers)),
        (Found::ManifestLost, vec!["appendonly.aof.1.incr.aof"])
    );
}

//! The real disk and the simulated one do the same; crashes leave what they may leave; faults strike as planned.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use kvd_disk::{
    Disk, Fault, FaultyDisk, Kind, Operation, OsDisk, Outcome, SimulatedDisk, Writes, read, replace,
    write_all,
};

/// The same acts on a disk, told as text.
fn acts(disk: &dyn Disk, root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let mut tell = |what: &str, kind: Result<(), io::ErrorKind>| told.push(format!("{what}: {kind:?}"));
    let kind = |result: Result<(), kvd_disk::DiskError>| result.map_err(|error| error.kind());
    let (one, other, below) = (root.join("one"), root.join("other"), root.join("below"));
    tell("open what is not there", kind(disk.open_append(&one).map(drop)));
    tell("create", kind(disk.create_new(&one).map(drop)));
    tell("create again", kind(disk.create_new(&one).map(drop)));
    let mut file = disk.open_append(&one).unwrap();
    write_all(&mut *file, b"hello world").unwrap();
    file.truncate(5).unwrap();
    write_all(&mut *file, b"!").unwrap();
    file.sync_data().unwrap();
    assert_eq!((file.length().unwrap(), file.path()), (6, one.as_path()));
    let mut piece = [0; 4];
    assert_eq!((file.read_at(3, &mut piece).unwrap(), &piece), (3, b"lo!\0"));
    assert_eq!(file.read_at(6, &mut piece).unwrap(), 0);
    tell("rename", kind(disk.rename(&one, &other)));
    tell("rename what is not there", kind(disk.rename(&one, &other)));
    tell("remove what is not there", kind(disk.remove(&one)));
    tell("directory", kind(disk.create_dir(&below)));
    assert_eq!(
        [&below, &other, &one].map(|path| disk.kind(path).unwrap()),
        [Some(Kind::Directory), Some(Kind::File), None]
    );
    let mut reader = disk.open_read(&other).unwrap();
    tell("sync what is only read", kind(reader.sync_data()));
    tell("directory again", kind(disk.create_dir(&below)));
    tell("directory nowhere", kind(disk.create_dir(&root.join("no/where"))));
    tell("file nowhere", kind(disk.create_new(&root.join("no/where")).map(drop)));
    tell("list nowhere", kind(disk.list(&root.join("no")).map(drop)));
    tell("sync directory", kind(disk.sync_dir(root)));
    tell("read too much", kind(read(disk, &other, 5).map(drop)));
    assert_eq!(read(disk, &other, 6).unwrap(), b"hello!");
    replace(disk, &other, &root.join("temp"), b"new").unwrap();
    assert_eq!((disk.length(&other).unwrap(), disk.length(&one).unwrap()), (Some(3), None));
    assert!(disk.free_space(root).unwrap() > 0);
    for found in disk.list(root).unwrap() {
        told.push(format!("{:?} {:?} {}", found.name, found.kind, found.length));
    }
    told
}

#[test]
fn the_simulated_disk_does_what_the_real_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let real = acts(&OsDisk, folder.path());
    let simulated = SimulatedDisk::default();
    simulated.create_dir(Path::new("/root")).unwrap();
    assert_eq!(real, acts(&simulated, Path::new("/root")));
    assert!(real.iter().any(|line| line.contains("\"below\" Directory 0")), "{real:?}");
}

#[test]
fn a_crash_keeps_what_was_synced_and_a_kill_what_was_written() {
    let path = Path::new("/file");
    let mut lengths = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = SimulatedDisk::default();
        let mut file = disk.create_new(path).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        write_all(&mut *file, b"durable").unwrap();
        file.sync_data().unwrap();
        write_all(&mut *file, b"1234").unwrap();
        write_all(&mut *file, b"5678").unwrap();
        let whole = b"durable12345678";
        assert_eq!(read(&disk.kill(), path, 100).unwrap(), whole);

        let found = read(&disk.crash(&mut Rng::with_seed(seed), Writes::InOrder), path, 100).unwrap();
        let torn = found.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        assert!(found.starts_with(b"durable") && whole.starts_with(&found[..torn]), "{found:?}");
        lengths.insert(torn);

        let found = read(&disk.crash(&mut Rng::with_seed(seed), Writes::AnyOrder), path, 100).unwrap();
        assert!(found.iter().zip(whole).all(|(found, written)| found == written || *found == 0), "{found:?}");
        // The crashed disk's own files are durable.
        let crashed = disk.crash(&mut Rng::with_seed(seed), Writes::AnyOrder);
        let again = crashed.crash(&mut Rng::with_seed(seed + 1), Writes::AnyOrder);
        assert_eq!(read(&crashed, path, 100).unwrap(), read(&again, path, 100).unwrap());
    }
    assert_eq!(lengths, (7..=15).collect());
}

#[test]
fn a_name_is_safe_after_its_directory_was_synced() {
    let (old, new) = (Path::new("/d/old"), Path::new("/d/new"));
    let mut seen = [0; 4];
    for seed in 0..200 {
        let disk = SimulatedDisk::default();
        disk.create_dir(Path::new("/d")).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        disk.create_new(old).unwrap();
        let crashed = disk.crash(&mut Rng::with_seed(seed), Writes::InOrder);
        seen[usize::from(crashed.length(old).unwrap().is_some())] += 1;
        disk.sync_dir(Path::new("/d")).unwrap();
        disk.rename(old, new).unwrap();
        let crashed = disk.crash(&mut Rng::with_seed(seed), Writes::InOrder);
        let names: Vec<bool> =
            [old, new].iter().map(|path| crashed.length(path).unwrap().is_some()).collect();
        assert!(
            names == [true, false] || names == [false, true],
            "a rename is whole or not there: {names:?}"
        );
        seen[2 + usize::from(names[1])] += 1;
        disk.sync_dir(Path::new("/d")).unwrap();
        assert_eq!(
            disk.crash(&mut Rng::with_seed(seed), Writes::InOrder).list(Path::new("/d")).unwrap().len(),
            1
        );
    }
    assert!(seen.iter().all(|count| *count > 20), "all four are possible: {seen:?}");
}

#[test]
fn files_of_a_directory_that_was_never_synced_can_be_lost_with_it() {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/d")).unwrap();
    disk.create_new(Path::new("/d/f")).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    let lost = (0..50).filter(|seed| {
        let found = disk.crash(&mut Rng::with_seed(*seed), Writes::InOrder);
        found.length(Path::new("/d/f")).unwrap().is_none()
    });
    assert!((5..45).contains(&lost.count()));
}

#[test]
fn what_a_failed_fsync_dropped_is_read_until_the_crash_and_then_gone() {
    let disk = SimulatedDisk::default();
    let faulty = FaultyDisk::losing_pages(&disk);
    let path = Path::new("/file");
    let mut file = faulty.create_new(path).unwrap();
    faulty.sync_dir(Path::new("/")).unwrap();
    write_all(&mut *file, b"lost").unwrap();
    faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
    assert_eq!(
        file.sync_data().unwrap_err().to_string(),
        "cannot fsync /file: Input/output error (os error 5)"
    );
    file.sync_data().unwrap();
    assert_eq!(read(&disk.kill(), path, 9).unwrap(), b"lost");
    assert_eq!(read(&disk.crash(&mut Rng::with_seed(1), Writes::InOrder), path, 9).unwrap(), b"");
}

#[test]
fn a_full_disk_writes_what_fits() {
    let disk = SimulatedDisk::with_capacity(6);
    let mut file = disk.create_new(Path::new("/file")).unwrap();
    assert_eq!(file.write(b"1234").unwrap(), 4);
    assert_eq!(disk.free_space(Path::new("/")).unwrap(), 2);
    assert_eq!(file.write(b"5678").unwrap(), 2);
    assert_eq!(file.write(b"78").unwrap_err().kind(), io::ErrorKind::StorageFull);
    file.truncate(1).unwrap();
    assert_eq!(file.write(b"78").unwrap(), 2);
    disk.remove(Path::new("/file")).unwrap();
    assert_eq!(disk.free_space(Path::new("/")).unwrap(), 6);
}

#[test]
fn faults_strike_as_planned() {
    let disk = FaultyDisk::new(Arc::new(SimulatedDisk::default()));
    let mut file = disk.create_new(Path::new("/log")).unwrap();
    let mut other = disk.create_new(Path::new("/other")).unwrap();
    disk.add(Fault::once(Operation::Write, Outcome::Short(3)).on("log").after(1));
    disk.add(Fault::once(Operation::Write, Outcome::NO_SPACE).on("log"));
    assert_eq!(other.write(b"12345").unwrap(), 5);
    assert_eq!(file.write(b"12345").unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.write(b"12345").unwrap(), 3);
    assert_eq!(file.write(b"12345").unwrap(), 5);

    disk.add(Fault::always(Operation::Rename, Outcome::IO_ERROR));
    assert!(disk.rename(Path::new("/log"), Path::new("/b")).is_err());
    assert!(disk.rename(Path::new("/log"), Path::new("/b")).is_err());
    disk.clear();
    disk.rename(Path::new("/log"), Path::new("/b")).unwrap();

    let waited = Arc::new(AtomicU64::new(0));
    let sum = Arc::clone(&waited);
    disk.wait_with(move |duration| {
        sum.fetch_add(duration.as_secs(), Ordering::Relaxed);
    });
    disk.add(Fault::once(Operation::Sync, Outcome::Slow(Duration::from_secs(90))));
    file.sync_data().unwrap();
    assert_eq!(waited.load(Ordering::Relaxed), 90);
}

#[test]
fn a_machine_that_halts_does_nothing_more() {
    let simulated = SimulatedDisk::default();
    let disk = FaultyDisk::losing_pages(&simulated);
    disk.halt_after(2);
    let mut file = disk.create_new(Path::new("/log")).unwrap();
    file.write(b"written").unwrap();
    assert!(disk.is_halted());
    assert!(file.sync_data().is_err() && disk.list(Path::new("/")).is_err());
    assert_eq!(read(&simulated, Path::new("/log"), 9).unwrap(), b"written");
    assert_eq!(disk.changes(), 2);
    assert_eq!(simulated.list(Path::new("/")).unwrap().first().map(|found| found.kind), Some(Kind::File));
    assert_eq!(simulated.list(Path::new("/")).unwrap()[0].name, PathBuf::from("log").into_os_string());
}

#[test]
fn a_file_that_goes_while_its_directory_is_listed_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stays"), b"12").unwrap();
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            for number in 0..2000 {
                let path = folder.path().join(format!("goes-{}", number % 50));
                std::fs::write(&path, b"x").unwrap();
                std::fs::remove_file(&path).unwrap();
            }
        });
        while !busy.is_finished() {
            let found = OsDisk.list(folder.path()).unwrap();
            assert!(found.iter().any(|found| found.name == "stays" && found.length == 2), "{found:?}");
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_whose_directories_cannot_be_synced_is_taken_as_it_is() {
    OsDisk.sync_dir(Path::new("/proc/self")).unwrap();
    assert_eq!(OsDisk.sync_dir(Path::new("/no/where")).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_link_is_what_it_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let [file, link, nowhere] = ["file", "link", "nowhere"].map(|name| folder.path().join(name));
    std::fs::write(&file, b"123").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    std::os::unix::fs::symlink("gone", &nowhere).unwrap();
    assert_eq!((OsDisk.kind(&link).unwrap(), OsDisk.length(&link).unwrap()), (Some(Kind::File), Some(3)));
    assert_eq!((OsDisk.kind(&nowhere).unwrap(), OsDisk.length(&nowhere).unwrap()), (None, None));
    let found = OsDisk.list(folder.path()).unwrap();
    assert_eq!(found.iter().filter(|found| found.kind == Kind::Other).count(), 2, "a list doesn't follow");
}

#[test]
fn a_file_that_is_not_replaced_leaves_nothing_beside_it() {
    let (path, temporary) = (Path::new("/file"), Path::new("/temp"));
    for operation in [Operation::Write, Operation::Sync, Operation::Rename] {
        let disk = FaultyDisk::new(Arc::new(SimulatedDisk::default()));
        replace(&disk, path, temporary, b"old").unwrap();
        disk.add(Fault::once(operation, Outcome::NO_SPACE));
        assert_eq!(replace(&disk, path, temporary, b"new").unwrap_err().operation, operation);
        assert_eq!(disk.kind(temporary).unwrap(), None, "{operation}");
        assert_eq!(read(&disk, path, 9).unwrap(), b"old");
    }
}

#[test]
fn a_second_name_leads_to_the_same_file_and_takes_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = SimulatedDisk::with_capacity(10);
    simulated.create_dir(Path::new("/d")).unwrap();
    for (disk, root) in [(&OsDisk as &dyn Disk, folder.path()), (&simulated, Path::new("/d"))] {
        let (one, other) = (root.join("one"), root.join("other"));
        assert_eq!(disk.link(&one, &other).unwrap_err().kind(), io::ErrorKind::NotFound);
        write_all(&mut *disk.create_new(&one).unwrap(), b"kept").unwrap();
        disk.link(&one, &other).unwrap();
        assert_eq!(disk.link(&one, &other).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        write_all(&mut *disk.create_new(&root.join("new")).unwrap(), b"newer").unwrap();
        disk.rename(&root.join("new"), &one).unwrap();
        assert_eq!(read(disk, &one, 9).unwrap(), b"newer");
        assert_eq!(read(disk, &other, 9).unwrap(), b"kept");
    }
}

#[test]
fn a_lock_is_taken_once_until_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = SimulatedDisk::default();
    simulated.create_dir(Path::new("/d")).unwrap();
    for (disk, root) in [(&OsDisk as &dyn Disk, folder.path()), (&simulated, Path::new("/d"))] {
        let (path, other) = (root.join("lock"), root.join("other"));
        let missing = disk.lock(&root.join("missing/lock")).unwrap_err();
        assert_eq!((missing.operation, missing.kind()), (Operation::Lock, io::ErrorKind::NotFound));
        let lock = disk.lock(&path).unwrap();
        assert!(lock.is_some() && disk.lock(&path).unwrap().is_none());
        assert!(disk.lock(&other).unwrap().is_some(), "another lock");
        drop(lock);
        assert!(disk.lock(&path).unwrap().is_some());
        assert_eq!(disk.length(&path).unwrap().unwrap_or(0), 0);
    }
    let path = Path::new("/d/lock");
    let lock = simulated.lock(path).unwrap();
    assert!(simulated.kill().lock(path).unwrap().is_some(), "a killed process has no locks");
    drop(lock);
}

#[test]
fn a_pipe_is_no_file_and_nobody_waits_for_its_other_end() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("dump.rdb");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for opened in [OsDisk.open_read(&pipe), OsDisk.open_append(&pipe)] {
        let error = opened.map(drop).unwrap_err();
        assert_eq!((error.kind(), error.path.as_path()), (io::ErrorKind::InvalidInput, pipe.as_path()));
    }
}

//! What the writer writes, and what it does when the disk fails.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, Fault, FaultyDisk, Operation, Outcome, SimulatedDisk, Writes, read};
use fastrand::Rng;
use journal::{Batch, Effects, Offset};
use kvd_aof::{
    BaseFormat, BaseWriter, Directory, Found, Location, Log, LogError, Options, Policy, RewriteError,
    UnixMillis,
};

const NOW: UnixMillis = UnixMillis(5_000_000);

fn location() -> Location {
    Location::new(Path::new("/data"), "aof", "a")
}

fn disk() -> (SimulatedDisk, FaultyDisk) {
    let simulated = SimulatedDisk::default();
    simulated.create_dir(Path::new("/data")).unwrap();
    simulated.sync_dir(Path::new("/")).unwrap();
    let faulty = FaultyDisk::losing_pages(&simulated);
    (simulated, faulty)
}

fn begin(disk: &FaultyDisk, options: Options) -> Log {
    let (directory, _) = Directory::open(Arc::new(disk.clone()), location()).unwrap();
    Log::open(directory, 0, options, Offset(0), NOW).unwrap()
}

/// Entries of one DEL each, of the keys `from` to `to`. All before are in front of it.
fn entries(from: u64, to: u64) -> Batch {
    let effects: Vec<Effects> = (from..to).map(|number| effects(number, 1)).collect();
    Batch::new(at(from), effects.iter().map(|effects| (0, effects)))
}

/// The place behind so many entries of one DEL each.
fn at(count: u64) -> Offset {
    Offset((0..count).map(|number| effects(number, 1).wire().len() as u64).sum())
}

fn effects(number: u64, count: usize) -> Effects {
    let mut effects = Effects::default();
    for _ in 0..count {
        effects.push(&[b"DEL", number.to_string().as_bytes()]);
    }
    effects
}

fn text(disk: &dyn Disk, name: &str) -> String {
    let bytes = read(disk, &Path::new("/data/aof").join(name), 1 << 20).unwrap();
    String::from_utf8(bytes).unwrap().replace("\r\n", " ")
}

/// The same with commands for their words only.
fn brief(disk: &dyn Disk, name: &str) -> String {
    let text = text(disk, name);
    let words = text.split(' ').filter(|word| !word.starts_with(['*', '$']) && !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn names(disk: &dyn Disk) -> Vec<String> {
    let found = disk.list(Path::new("/data/aof")).unwrap().into_iter();
    found.map(|found| found.name.into_string().unwrap()).collect()
}

#[test]
fn databases_transactions_and_seconds_are_written_as_the_peers_do() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options { timestamps: true, ..Options::DEFAULT });
    let one = |number| effects(number, 1);
    let (two, none) = (|number| effects(number, 2), effects(4, 0));
    let first = Batch::new(Offset(0), [(0, &one(0)), (0, &one(1)), (7, &two(2)), (7, &one(3)), (7, &none)]);
    let second = Batch::new(first.end(), [(7, &one(5))]);
    let third = Batch::new(second.end(), [(7, &two(6))]);
    log.append(&first, NOW).unwrap();
    log.append(&second, UnixMillis(NOW.0 + 999)).unwrap();
    log.append(&third, UnixMillis(NOW.0 + 1000)).unwrap();
    assert_eq!(
        brief(&simulated, "a.1.incr.aof"),
        "#TS:5000 SELECT 0 DEL 0 DEL 1 MULTI SELECT 7 DEL 2 DEL 2 EXEC DEL 3 DEL 5 #TS:5001 MULTI DEL 6 DEL 6 EXEC"
    );
    assert_eq!(text(&simulated, "a.manifest"), "file a.1.incr.aof seq 1 type i\n");
    assert_eq!((log.written(), log.durable()), (third.end(), Offset(0)));
    assert_eq!(log.size(), read(&simulated, Path::new("/data/aof/a.1.incr.aof"), 1000).unwrap().len() as u64);
}

#[test]
fn a_log_goes_on_where_it_ended_and_not_behind_what_nobody_read() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 1), NOW).unwrap();
    let length = log.size();
    let directory = log.into_directory();
    let error = Log::open(directory, length - 1, Options::DEFAULT, at(1), NOW).unwrap_err();
    assert!(
        error.to_string().ends_with(&format!("a.1.incr.aof has {length} bytes, {} were read", length - 1))
    );
    let (directory, _) = Directory::open(Arc::new(faulty.clone()), location()).unwrap();
    let mut log = Log::open(directory, length, Options::DEFAULT, at(1), NOW).unwrap();
    assert_eq!(log.durable(), at(1));
    log.append(&entries(1, 2), NOW).unwrap();
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0 SELECT 0 DEL 1", "each opening selects");
}

#[test]
fn what_is_appended_during_an_fsync_of_somebody_else_is_not_durable_with_it() {
    let (_, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    let later = UnixMillis(NOW.0 + 5000);
    assert!(log.begin_sync(NOW).unwrap().is_none(), "there is nothing to make durable");
    log.append(&entries(0, 1), NOW).unwrap();
    let syncing = log.begin_sync(NOW).unwrap().unwrap();
    log.append(&entries(1, 2), NOW).unwrap();
    assert!(log.begin_sync(later).unwrap().is_none() && !log.poll_sync(later), "one at a time");
    assert_eq!((log.end_sync().unwrap(), log.durable()), (false, Offset(0)));
    std::thread::scope(|scope| _ = scope.spawn(|| syncing.run()));
    assert_eq!((log.end_sync().unwrap(), log.written(), log.durable()), (true, at(2), at(1)));
    assert!(log.poll_sync(later));
    // One that nobody runs is none, and whoever must know waits for one that somebody runs.
    drop(log.begin_sync(later).unwrap().unwrap());
    assert_eq!((log.end_sync().unwrap(), log.durable()), (true, at(1)));
    let syncing = log.begin_sync(later).unwrap().unwrap();
    log.append(&entries(2, 3), NOW).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| syncing.run());
        log.sync(later).unwrap();
    });
    assert_eq!((log.is_syncing(), log.durable()), (false, at(3)));
}

#[test]
fn nothing_is_appended_behind_what_an_fsync_of_somebody_else_lost() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 1), NOW).unwrap();
    log.sync(NOW).unwrap();
    log.append(&entries(1, 2), NOW).unwrap();
    faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
    log.begin_sync(NOW).unwrap().unwrap().run();
    assert!(log.append(&entries(2, 3), NOW).is_err());
    assert_eq!((log.written(), log.durable(), log.is_syncing()), (at(1), at(1), false));
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0");
    log.retry(NOW).unwrap();
    log.sync(NOW).unwrap();
    assert_eq!(brief(&simulated, "a.2.incr.aof"), "SELECT 0 DEL 1 DEL 2");
    assert_eq!(log.durable(), at(3));
}

#[test]
fn the_policy_says_when_a_sync_is_due() {
    let (_, faulty) = disk();
    let mut log = begin(&faulty, Options { no_sync_on_rewrite: true, ..Options::DEFAULT });
    let set = |log: &mut Log, policy| log.set_options(Options { policy, ..log.options() });
    let later = |millis| UnixMillis(NOW.0 + millis);
    assert!(!log.poll_sync(later(5000)), "nothing was written");
    log.append(&entries(0, 1), NOW).unwrap();
    assert!(!log.poll_sync(later(999)) && log.poll_sync(later(1000)));
    assert!(log.poll_sync(UnixMillis(NOW.0 - 1)), "the clock was set back");
    set(&mut log, Policy::Always);
    assert!(log.poll_sync(NOW));
    set(&mut log, Policy::No);
    assert!(!log.poll_sync(later(1 << 30)));
    set(&mut log, Policy::Always);
    log.sync(later(1000)).unwrap();
    assert_eq!((log.durable(), log.poll_sync(later(9000))), (at(1), false));
    let _base = log.begin_rewrite(at(1), BaseFormat::Rdb, 0, NOW).unwrap();
    log.append(&entries(1, 2), NOW).unwrap();
    assert!(!log.poll_sync(later(9000)), "no-appendfsync-on-rewrite");
    log.abort_rewrite().unwrap();
    assert!(log.poll_sync(later(9000)));
}

#[test]
fn a_write_that_went_in_partly_is_cut_and_written_again() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 1), NOW).unwrap();
    faulty.add(Fault::once(Operation::Write, Outcome::Short(9)));
    faulty.add(Fault::once(Operation::Write, Outcome::NO_SPACE));
    let error = log.append(&entries(1, 3), NOW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write to /data/aof/a.1.incr.aof: No space left on device (os error 28)"
    );
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0");
    assert_eq!(log.failing().map(|failing| (failing.since, failing.lost)), Some((NOW, false)));
    assert!(
        matches!(log.append(&entries(3, 4), NOW), Err(LogError::Failing(_))),
        "what comes meanwhile is kept"
    );
    // What was written before can still be made durable.
    assert_eq!((log.written(), log.durable()), (at(1), Offset(0)));
    assert!(log.poll_sync(UnixMillis(NOW.0 + 5000)));
    log.sync(NOW).unwrap();
    assert_eq!((log.durable(), log.poll_sync(UnixMillis(NOW.0 + 9000))), (at(1), false));
    assert!(log.failing().is_some() && log.begin_rewrite(at(1), BaseFormat::Rdb, 0, NOW).is_err());
    log.retry(NOW).unwrap();
    assert!(log.failing().is_none());
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0 DEL 1 DEL 2 DEL 3");
    assert_eq!(log.written(), at(4));
}

#[test]
fn nothing_is_written_behind_a_torn_entry() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    faulty.add(Fault::once(Operation::Write, Outcome::Short(9)));
    faulty.add(Fault::once(Operation::Write, Outcome::IO_ERROR));
    faulty.add(Fault { times: 2, ..Fault::always(Operation::Truncate, Outcome::IO_ERROR) });
    assert!(log.append(&entries(0, 2), NOW).is_err());
    assert_eq!(text(&simulated, "a.1.incr.aof"), "*2 $6 S");
    let error = log.retry(UnixMillis(NOW.0 + 1)).unwrap_err();
    assert!(error.to_string().starts_with("cannot truncate"), "{error}");
    assert_eq!(log.failing().unwrap().since, NOW);
    assert_eq!(text(&simulated, "a.1.incr.aof"), "*2 $6 S");
    log.retry(NOW).unwrap();
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0 DEL 1");
}

#[test]
fn what_is_kept_while_the_disk_fails_has_a_bound() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options { retained_bytes_max: 500, ..Options::DEFAULT });
    faulty.add(Fault::always(Operation::Write, Outcome::NO_SPACE));
    assert!(matches!(log.append(&entries(0, 1), NOW), Err(LogError::Failing(_))));
    let mut taken = 1;
    let full = loop {
        match log.append(&entries(taken, taken + 1), NOW) {
            Err(LogError::Failing(_)) => taken += 1,
            other => break other,
        }
    };
    assert!(matches!(full, Err(LogError::Full(_))) && (3..9).contains(&taken), "{taken}");
    faulty.clear();
    log.retry(NOW).unwrap();
    assert_eq!(log.written(), at(taken));
    log.append(&entries(taken, taken + 1), NOW).unwrap();
    assert!(brief(&simulated, "a.1.incr.aof").ends_with(&format!("DEL {taken}")));
}

#[test]
fn after_a_failed_fsync_everything_not_durable_goes_to_a_new_file() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 2), NOW).unwrap();
    log.sync(NOW).unwrap();
    log.append(&entries(2, 4), NOW).unwrap();
    faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
    assert!(matches!(log.sync(NOW), Err(LogError::Failing(_))));
    assert_eq!((log.written(), log.durable()), (at(2), at(2)));
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0 DEL 1", "what may be gone isn't shown");
    assert!(log.sync(NOW).is_err() && !log.poll_sync(UnixMillis(NOW.0 + 5000)), "first it is written again");
    log.retry(NOW).unwrap();
    log.sync(NOW).unwrap();
    assert_eq!(log.durable(), at(4));
    for seed in 0..30 {
        let found = simulated.crash(&mut Rng::with_seed(seed), Writes::AnyOrder);
        assert_eq!(brief(&found, "a.1.incr.aof"), "SELECT 0 DEL 0 DEL 1");
        assert_eq!(brief(&found, "a.2.incr.aof"), "SELECT 0 DEL 2 DEL 3");
        assert_eq!(
            text(&found, "a.manifest"),
            "file a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n"
        );
    }
}

#[test]
fn a_disk_that_never_syncs_fills_no_directory() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 2), NOW).unwrap();
    for _ in 0..20 {
        // The cut's own fsync passes, the next one of the log doesn't.
        faulty.clear();
        faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR).on("incr"));
        assert!(log.sync(NOW).is_err());
        log.retry(NOW).unwrap();
    }
    assert_eq!(names(&simulated).len(), 2, "{:?}", names(&simulated));
    log.sync(NOW).unwrap();
    assert_eq!(log.durable(), at(2));
}

#[test]
fn a_gap_that_cannot_be_filled_is_told() {
    let (simulated, faulty) = disk();
    let options = Options { policy: Policy::No, retained_bytes_max: 300, ..Options::DEFAULT };
    let mut log = begin(&faulty, options);
    log.append(&entries(0, 20), NOW).unwrap();
    faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
    assert!(matches!(log.sync(NOW), Err(LogError::Lost(_))));
    assert!(matches!(log.retry(NOW), Err(LogError::Lost(_))));
    assert!(matches!(log.append(&entries(20, 21), NOW), Err(LogError::Lost(_))));
    let (mut log, mut base) =
        Log::switch_on(log.into_directory(), at(20), BaseFormat::Rdb, options, NOW).unwrap();
    base.write_all(b"everything").unwrap();
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(log.durable(), at(20));
    assert_eq!(text(&simulated, "a.1.base.rdb"), "everything");
}

#[test]
fn a_rewrite_puts_a_new_base_in_the_place_of_what_was_before() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 2), NOW).unwrap();
    assert!(matches!(
        log.begin_rewrite(at(1), BaseFormat::Rdb, 0, NOW),
        Err(RewriteError::OtherOffset { asked, written }) if (asked, written) == (at(1), at(2))
    ));
    let mut base = log.begin_rewrite(at(2), BaseFormat::Rdb, 100, NOW).unwrap();
    assert!(matches!(log.begin_rewrite(at(2), BaseFormat::Rdb, 0, NOW), Err(RewriteError::InProgress)));
    assert_eq!(
        text(&simulated, "a.manifest"),
        "file a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n"
    );
    log.append(&entries(2, 3), NOW).unwrap();
    let large = "x".repeat(300_000);
    write!(base, "REDIS").unwrap();
    base.write_all(large.as_bytes()).unwrap();
    write!(base, "end").unwrap();
    let base = base.finish().unwrap();
    assert_eq!(base.bytes, 300_008);
    let committed = log.commit_rewrite(base).unwrap();
    assert_eq!(committed.removed, [PathBuf::from("/data/aof/a.1.incr.aof")]);
    assert!(committed.leftover.is_none());
    assert_eq!(
        text(&simulated, "a.manifest"),
        "file a.1.base.rdb seq 1 type b\nfile a.2.incr.aof seq 2 type i\n"
    );
    assert_eq!(text(&simulated, "a.1.base.rdb"), format!("REDIS{large}end"));
    assert_eq!(brief(&simulated, "a.2.incr.aof"), "SELECT 0 DEL 2");
    assert_eq!(names(&simulated), ["a.1.base.rdb", "a.2.incr.aof", "a.manifest"]);
    assert_eq!(log.size(), log.rewritten_size());

    // The second one, aborted: one increment more, and nothing else.
    let base = log.begin_rewrite(at(3), BaseFormat::Commands, 0, NOW).unwrap();
    drop(base);
    log.abort_rewrite().unwrap();
    assert!(matches!(log.abort_rewrite(), Err(RewriteError::NotInProgress)));
    assert_eq!(names(&simulated), ["a.1.base.rdb", "a.2.incr.aof", "a.3.incr.aof", "a.manifest"]);
}

#[test]
fn a_rewrite_for_which_there_is_no_room_does_not_begin() {
    let simulated = SimulatedDisk::with_capacity(5000);
    simulated.create_dir(Path::new("/data")).unwrap();
    let (directory, _) = Directory::open(Arc::new(simulated.clone()), location()).unwrap();
    let mut log = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW).unwrap();
    let error = log.begin_rewrite(Offset(0), BaseFormat::Rdb, 6000, NOW).unwrap_err();
    assert!(error.to_string().starts_with("a rewrite needs 6000 bytes of disk, 49"), "{error}");
    assert_eq!(names(&simulated).len(), 2);
}

#[test]
fn a_log_that_is_switched_on_counts_when_its_base_is_there() {
    let (simulated, faulty) = disk();
    let (directory, _) = Directory::open(Arc::new(faulty.clone()), location()).unwrap();
    let (mut log, base) =
        Log::switch_on(directory, at(9), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap();
    log.append(&entries(9, 10), NOW).unwrap();
    log.sync(NOW).unwrap();
    assert_eq!((log.written(), log.durable()), (at(10), Offset(0)));
    assert_eq!(text(&simulated, "a.manifest"), "# no files\n");
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(log.durable(), at(10));
    assert_eq!(
        text(&simulated, "a.manifest"),
        "file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n"
    );
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 9");

    // Switched off and on again, and given up.
    let before = names(&simulated);
    let (log, _base) =
        Log::switch_on(log.into_directory(), at(10), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap();
    assert_eq!(names(&simulated).len(), before.len() + 2);
    drop(log.into_directory());
    assert_eq!(names(&simulated), before);
}

#[test]
fn a_base_is_taken_for_its_own_rewrite_only() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 1), NOW).unwrap();
    let mut late = log.begin_rewrite(at(1), BaseFormat::Commands, 0, NOW).unwrap();
    write!(late, "one").unwrap();
    log.abort_rewrite().unwrap();
    log.append(&entries(1, 2), NOW).unwrap();
    let mut base = log.begin_rewrite(at(2), BaseFormat::Commands, 0, NOW).unwrap();
    write!(base, "two").unwrap();
    assert!(matches!(log.commit_rewrite(late.finish().unwrap()), Err(RewriteError::NotInProgress)));
    assert!(log.is_rewriting(), "the other one goes on");
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(text(&simulated, "a.1.base.aof"), "two");

    // Nor is it taken when the log is switched on twice.
    let on = |log: Log| {
        Log::switch_on(log.into_directory(), at(2), BaseFormat::Commands, Options::DEFAULT, NOW).unwrap()
    };
    let (log, late) = on(log);
    let (mut log, base) = on(log);
    assert!(matches!(log.commit_rewrite(late.finish().unwrap()), Err(RewriteError::NotInProgress)));
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(names(&simulated), ["a.2.base.aof", "a.4.incr.aof", "a.manifest"]);
}

#[test]
fn an_aborted_base_that_cannot_be_removed_is_in_nobodys_way() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    let mut late = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    faulty.add(Fault::once(Operation::Remove, Outcome::IO_ERROR).on(".rewrite"));
    log.abort_rewrite().unwrap();
    let mut base = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    write!(base, "base").unwrap();
    write!(late, "late").unwrap();
    late.flush().unwrap();
    log.commit_rewrite(base.finish().unwrap()).unwrap();
    assert_eq!(text(&simulated, "a.1.base.aof"), "base");
    let (_, opening) = Directory::open(Arc::new(faulty), location()).unwrap();
    assert_eq!(opening.leftovers, [PathBuf::from("/data/aof/temp-a.1.rewrite")]);
}

#[test]
fn a_base_of_which_something_is_missing_cannot_be_finished() {
    static LARGE: [u8; 200_000] = [b'x'; 200_000];
    for (operation, writes) in [(Operation::Write, 1), (Operation::Sync, 22)] {
        for last in ["write", "flush", "finish"] {
            let (_, faulty) = disk();
            let mut log = begin(&faulty, Options::DEFAULT);
            let mut base = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
            faulty.add(Fault::once(operation, Outcome::IO_ERROR));
            let failed = (0..writes).filter(|_| base.write_all(&LARGE).is_err());
            assert!(failed.count() > 0, "{operation}");
            let error = match last {
                "write" => base.write_all(b"y").unwrap_err().to_string(),
                "flush" => base.flush().unwrap_err().to_string(),
                _ => base.finish().unwrap_err().to_string(),
            };
            assert!(error.ends_with("what was to be written before is missing"), "{error}");
        }
    }
    // What stood in the buffer alone.
    let (_, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    let mut base = log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).unwrap();
    write!(base, "small").unwrap();
    faulty.add(Fault::once(Operation::Write, Outcome::NO_SPACE));
    assert!(base.flush().is_err());
    assert!(base.finish().is_err());
}

/// A disk, a log with one durable entry on it, and a second one whose manifest is in place and may not survive a crash.
fn unsettled() -> (SimulatedDisk, FaultyDisk, Log, BaseWriter) {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 1), NOW).unwrap();
    // The first is that of the new file's name, the second that of the manifest's.
    faulty.add(Fault::once(Operation::SyncDirectory, Outcome::IO_ERROR).on("/aof").after(1));
    let base = log.begin_rewrite(at(1), BaseFormat::Commands, 0, NOW).unwrap();
    (simulated, faulty, log, base)
}

#[test]
fn a_log_goes_on_in_the_file_that_its_manifest_names() {
    let (simulated, _, mut log, _base) = unsettled();
    log.append(&entries(1, 2), NOW).unwrap();
    assert_eq!(brief(&simulated, "a.1.incr.aof"), "SELECT 0 DEL 0");
    assert_eq!(
        brief(&simulated, "a.2.incr.aof"),
        "SELECT 0 DEL 1",
        "nothing is torn in front of an empty file"
    );
    log.sync(NOW).unwrap();
    for seed in 0..30 {
        let found = simulated.crash(&mut Rng::with_seed(seed), Writes::InOrder);
        let manifest = text(&found, "a.manifest");
        assert_eq!(manifest, "file a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n");
        assert_eq!(brief(&found, "a.2.incr.aof"), "SELECT 0 DEL 1");
    }
}

#[test]
fn nothing_is_durable_before_the_manifest_is() {
    let (_, faulty, mut log, _base) = unsettled();
    log.append(&entries(1, 2), NOW).unwrap();
    faulty.add(Fault { times: 3, ..Fault::always(Operation::SyncDirectory, Outcome::IO_ERROR) });
    assert!(matches!(log.sync(NOW), Err(LogError::Failing(_))));
    assert_eq!((log.durable(), log.poll_sync(UnixMillis(NOW.0 + 5000))), (at(1), false));
    assert!(log.sync(NOW).is_err() && log.retry(NOW).is_err() && log.retry(NOW).is_err());
    log.retry(NOW).unwrap();
    log.sync(NOW).unwrap();
    assert_eq!(log.durable(), at(2));
}

#[test]
fn a_rewrite_whose_manifest_is_in_place_is_done() {
    for (operation, after) in [(Operation::SyncDirectory, 1), (Operation::Length, 3)] {
        let (simulated, faulty) = disk();
        let mut log = begin(&faulty, Options::DEFAULT);
        log.append(&entries(0, 9), NOW).unwrap();
        let mut base = log.begin_rewrite(at(9), BaseFormat::Commands, 0, NOW).unwrap();
        write!(base, "base").unwrap();
        let base = base.finish().unwrap();
        faulty.add(Fault { times: 9, ..Fault::always(operation, Outcome::IO_ERROR).after(after).on("/aof") });
        let committed = log.commit_rewrite(base).unwrap();
        assert_eq!(committed.leftover.is_some(), operation == Operation::SyncDirectory);
        assert_eq!(text(&simulated, "a.1.base.aof"), "base");
        if operation == Operation::SyncDirectory {
            assert_eq!((log.size(), log.rewritten_size()), (4, 4));
            assert!(names(&simulated).contains(&"a.1.incr.aof".to_owned()), "the manifest before names it");
        }
        // The next one removes what stayed.
        faulty.clear();
        let base = log.begin_rewrite(at(9), BaseFormat::Commands, 0, NOW).unwrap();
        log.commit_rewrite(base.finish().unwrap()).unwrap();
        assert_eq!(names(&simulated), ["a.2.base.aof", "a.3.incr.aof", "a.manifest"]);
    }
}

#[test]
fn room_is_asked_of_the_logs_own_directory() {
    let (_, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    faulty.add(Fault::always(Operation::FreeSpace, Outcome::IO_ERROR).on("/data/aof"));
    assert!(log.begin_rewrite(Offset(0), BaseFormat::Commands, 0, NOW).is_err());
}

#[test]
fn a_file_stays_while_a_crash_could_bring_its_line_back() {
    let (simulated, faulty) = disk();
    let mut log = begin(&faulty, Options::DEFAULT);
    log.append(&entries(0, 2), NOW).unwrap();
    faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR));
    assert!(log.sync(NOW).is_err());
    // The new file's name is durable, the manifest isn't.
    faulty.add(Fault::always(Operation::SyncDirectory, Outcome::IO_ERROR).after(1));
    assert!(log.retry(NOW).is_err());
    assert_eq!(text(&simulated, "a.manifest"), "file a.2.incr.aof seq 2 type i\n");
    for seed in 0..30 {
        let found = simulated.crash(&mut Rng::with_seed(seed), Writes::InOrder);
        Directory::open(Arc::new(found), location()).unwrap();
    }
}

#[test]
fn a_new_log_is_written_to_when_its_manifest_is_durable() {
    for after in 0..8 {
        let (simulated, faulty) = disk();
        faulty.add(Fault::once(Operation::SyncDirectory, Outcome::IO_ERROR).after(after));
        let (directory, _) = Directory::open(Arc::new(faulty.clone()), location()).unwrap();
        if let Ok(mut log) = Log::open(directory, 0, Options::DEFAULT, Offset(0), NOW) {
            log.append(&entries(0, 2), NOW).unwrap();
        }
        for seed in 0..30 {
            let found = simulated.crash(&mut Rng::with_seed(seed), Writes::InOrder);
            let (_, opening) = Directory::open(Arc::new(found), location()).unwrap();
            assert_ne!(opening.found, Found::ManifestLost, "after {after}");
        }
    }
}

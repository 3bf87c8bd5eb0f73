//! What clients are told while a disk fails, and how kvd goes on when it is well again.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use disk::{Disk, Fault, FaultyDisk, Operation, Outcome, SimulatedDisk};
use engine::Clock;
use kvd_tests::failing::{FastClock, Link, Machine};
use kvd_tests::patience::{PATIENCE, wait_until};
use kvd_tests::wire::{Frame, encode};

const ALWAYS: &str = "appendfsync always";
const EVERYSEC: &str = "appendfsync everysec";
const LOG: &str = "/data/appendonlydir";
const MEBIBYTE: usize = 1 << 20;

struct Bench {
    disk: SimulatedDisk,
    faulty: FaultyDisk,
    machine: Machine,
}

fn start(lines: &str) -> Bench {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let faulty = FaultyDisk::losing_pages(&disk);
    let machine = Machine::start(Arc::new(faulty.clone()), lines).unwrap();
    Bench { disk, faulty, machine }
}

impl Bench {
    /// What somebody finds who starts after the process was killed now.
    fn found(&self, lines: &str) -> Machine {
        Machine::start(Arc::new(self.disk.kill()), lines).unwrap()
    }

    /// Whether the log's file has it, durable or not.
    fn log_has(&self, word: &str) -> bool {
        let file = Path::new(LOG).join("appendonly.aof.1.incr.aof");
        let log = disk::read(&self.disk, &file, MEBIBYTE).unwrap();
        log.windows(word.len()).any(|bytes| bytes == word.as_bytes())
    }

    fn fails(&self, operation: Operation, outcome: Outcome) {
        self.faulty.add(Fault::always(operation, outcome));
    }
}

fn ok(link: &mut Link, words: &[&str]) {
    let reply = link.ask(words);
    assert!(!matches!(reply, Frame::Error(_)), "{words:?}: {reply:?}");
}

fn text(reply: Frame) -> String {
    match reply {
        Frame::Status(text) | Frame::Error(text) | Frame::Bulk(text) => String::from_utf8(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn is_misconf(link: &mut Link) -> bool {
    matches!(link.ask(&["PING"]), Frame::Error(text) if text.starts_with(b"MISCONF"))
}

fn names(disk: &SimulatedDisk) -> Vec<String> {
    let found = disk.list(Path::new(LOG)).unwrap();
    found.into_iter().map(|found| found.name.into_string().unwrap()).collect()
}

#[test]
fn what_comes_during_a_long_fsync_is_written() {
    let bench = start(EVERYSEC);
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    // The first one takes until the test ends.
    bench.faulty.wait_with(move |_| _ = released.lock().unwrap().recv());
    bench.faulty.add(Fault::once(Operation::Sync, Outcome::Slow(Duration::ZERO)).on(".incr.aof"));
    let mut link = bench.machine.connect();
    for number in 0..5 {
        let key = format!("key:{number}");
        ok(&mut link, &["SET", &key, "1"]);
        wait_until(|| bench.log_has(&key), "it is written, though nothing is durable");
        // Of this clock a second.
        let begun = FastClock.now();
        wait_until(|| FastClock.now().nanos_since(begun) > 1_100_000_000, "an fsync is due");
    }
    let counts = |local| Frame::Array(vec![Frame::Integer(local), Frame::Integer(0)]);
    assert_eq!(link.ask(&["WAITAOF", "1", "0", "20"]), counts(0));
    release.send(()).unwrap();
    assert_eq!(link.ask(&["WAITAOF", "1", "0", "0"]), counts(1));
}

/// What is asked for while an fsync hangs that belongs to another policy.
#[test]
fn always_waits_for_an_fsync_that_hangs_since_everysec() {
    let bench = start(EVERYSEC);
    let (release, released) = channel::<()>();
    let (begin, begun) = channel::<()>();
    let released = Mutex::new(released);
    bench.faulty.wait_with(move |_| {
        begin.send(()).unwrap();
        _ = released.lock().unwrap().recv();
    });
    bench.faulty.add(Fault::once(Operation::Sync, Outcome::Slow(Duration::ZERO)).on(".incr.aof"));
    let (mut link, mut other) = (bench.machine.connect(), bench.machine.connect());
    ok(&mut link, &["SET", "a", "1"]);
    begun.recv_timeout(PATIENCE).unwrap();
    ok(&mut other, &["CONFIG", "SET", "appendfsync", "always"]);
    link.send(&encode(&["INCR", "a"]));
    wait_until(|| bench.log_has("INCR"), "it is written");
    let begun = FastClock.now();
    wait_until(|| FastClock.now().nanos_since(begun) > 1_100_000_000, "there was time for an fsync");
    assert_eq!(link.poll(), None);
    release.send(()).unwrap();
    assert_eq!(link.reply(), Some(Frame::Integer(2)));
    let lost_power = bench.disk.crash(&mut fastrand::Rng::with_seed(3), disk::Writes::InOrder);
    let found = Machine::start(Arc::new(lost_power), ALWAYS).unwrap();
    assert_eq!(text(found.connect().ask(&["GET", "a"])), "2");
}

#[test]
fn a_full_disk_refuses_writes_and_nothing_else() {
    let bench = start(EVERYSEC);
    let mut link = bench.machine.connect();
    ok(&mut link, &["SET", "a", "1"]);
    bench.fails(Operation::Write, Outcome::NO_SPACE);
    ok(&mut link, &["SET", "b", "2"]);
    wait_until(|| is_misconf(&mut link), "PING says that the disk is full");
    let reply = text(link.ask(&["SET", "c", "3"]));
    assert!(reply.starts_with("MISCONF") && reply.contains("No space left on device"), "{reply}");
    ok(&mut link, &["MULTI"]);
    assert!(text(link.ask(&["INCR", "c"])).starts_with("MISCONF"));
    assert!(text(link.ask(&["EXEC"])).starts_with("EXECABORT"));
    assert_eq!(text(link.ask(&["GET", "b"])), "2");
    assert_eq!(link.ask(&["EXISTS", "c"]), Frame::Integer(0));
    assert_eq!(link.info("aof_last_write_status"), "err");
    assert_ne!(link.info("aof_buffer_length"), "0");
    bench.faulty.clear();
    wait_until(|| !is_misconf(&mut link), "PING is well again");
    ok(&mut link, &["SET", "c", "3"]);
    assert_eq!(
        link.ask(&["WAITAOF", "1", "0", "0"]),
        Frame::Array(vec![Frame::Integer(1), Frame::Integer(0)])
    );
    assert_eq!(link.info("aof_last_write_status"), "ok");
    let machine = bench.found(EVERYSEC);
    let mut link = machine.connect();
    for (key, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
        assert_eq!(text(link.ask(&["GET", key])), value);
    }
}

#[test]
fn with_always_a_reply_waits_until_the_disk_is_well() {
    for (operation, outcome) in [
        (Operation::Write, Outcome::NO_SPACE),
        (Operation::Write, Outcome::IO_ERROR),
        (Operation::Sync, Outcome::IO_ERROR),
    ] {
        let bench = start(ALWAYS);
        let (mut writer, mut reader) = (bench.machine.connect(), bench.machine.connect());
        ok(&mut writer, &["SET", "a", "1"]);
        bench.fails(operation, outcome);
        writer.send(&encode(&["INCR", "a"]));
        wait_until(|| is_misconf(&mut reader), "PING says that the disk fails");
        // Whoever is shown what isn't durable waits with it.
        reader.send(&encode(&["GET", "a"]));
        assert_eq!((writer.poll(), reader.poll()), (None, None));
        let mut other = bench.machine.connect();
        assert!(text(other.ask(&["SET", "b", "2"])).starts_with("MISCONF"));
        assert_eq!(other.info("aof_last_write_status"), "err");
        let found = bench.found(ALWAYS);
        assert!(matches!(text(found.connect().ask(&["GET", "a"])).as_str(), "1" | "2"));
        bench.faulty.clear();
        let mut replies = (None, None);
        let mut have_come = || {
            replies =
                (replies.0.take().or_else(|| writer.poll()), replies.1.take().or_else(|| reader.poll()));
            replies.0.is_some() && replies.1.is_some()
        };
        wait_until(&mut have_come, "the replies leave");
        assert_eq!(replies, (Some(Frame::Integer(2)), Some(Frame::Bulk(b"2".to_vec()))));
        let lost_power = bench.disk.crash(&mut fastrand::Rng::with_seed(1), disk::Writes::InOrder);
        let found = Machine::start(Arc::new(lost_power), ALWAYS).unwrap();
        assert_eq!(text(found.connect().ask(&["GET", "a"])), "2");
    }
}

#[test]
fn waitaof_waits_for_the_fsync() {
    let bench = start(EVERYSEC);
    let mut link = bench.machine.connect();
    bench.fails(Operation::Sync, Outcome::IO_ERROR);
    ok(&mut link, &["SET", "a", "1"]);
    let counts = |local| Frame::Array(vec![Frame::Integer(local), Frame::Integer(0)]);
    assert_eq!(link.ask(&["WAITAOF", "1", "0", "20"]), counts(0));
    link.send(&encode(&["WAITAOF", "1", "0", "0"]));
    let mut other = bench.machine.connect();
    wait_until(|| is_misconf(&mut other), "the fsync has failed");
    assert_eq!(link.poll(), None);
    bench.faulty.clear();
    assert_eq!(link.reply(), Some(counts(1)));
}

/// Has the log written anew. Returns how INFO says it ended.
fn rewrite(link: &mut Link) -> String {
    ok(link, &["BGREWRITEAOF"]);
    wait_until(|| link.info("aof_rewrite_in_progress") == "0", "the rewrite ends");
    link.info("aof_last_bgrewrite_status")
}

#[test]
fn a_rewrite_that_fails_leaves_the_log_as_it_was() {
    let faults = [
        Fault::always(Operation::Write, Outcome::NO_SPACE).on(".rewrite"),
        Fault::always(Operation::Sync, Outcome::IO_ERROR).on(".rewrite"),
        Fault::always(Operation::Create, Outcome::NO_SPACE).on(".rewrite"),
        Fault::always(Operation::Rename, Outcome::IO_ERROR).on(".rewrite"),
        Fault::always(Operation::Rename, Outcome::IO_ERROR).on("manifest"),
        Fault::always(Operation::SyncDirectory, Outcome::IO_ERROR),
        // The directory has vanished.
        Fault::always(Operation::Create, Outcome::Error(2)),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let bench = start(ALWAYS);
        let mut link = bench.machine.connect();
        ok(&mut link, &["SET", "a", "1"]);
        assert_eq!(rewrite(&mut link), "ok");
        ok(&mut link, &["SET", "b", "2"]);
        let base = |names: Vec<String>| names.into_iter().find(|name| name.ends_with(".base.rdb"));
        let before = base(names(&bench.disk));
        bench.faulty.add(fault.clone());
        assert_eq!(rewrite(&mut link), "err", "fault {number}");
        assert_ne!(link.info("aof_rewrites_consecutive_failures"), "0");
        assert_eq!(base(names(&bench.disk)), before, "fault {number}");
        let found = bench.found(ALWAYS);
        assert_eq!(found.connect().ask(&["EXISTS", "a", "b"]), Frame::Integer(2), "fault {number}");
        bench.faulty.clear();
        wait_until(|| !is_misconf(&mut link), "writes are taken");
        ok(&mut link, &["SET", "c", "3"]);
        assert_eq!(rewrite(&mut link), "ok", "fault {number}");
        assert_eq!(link.info("aof_rewrites_consecutive_failures"), "0");
        let found = bench.found(ALWAYS);
        assert_eq!(found.connect().ask(&["EXISTS", "a", "b", "c"]), Frame::Integer(3), "fault {number}");
    }
}

/// More is written than the log keeps in memory, and then the fsync fails: what isn't durable can't be written again.
#[test]
fn a_log_with_a_gap_gets_a_new_base() {
    // The first attempts at a new base fail, too, in one of several ways.
    let more = [
        None,
        Some(Fault { times: 1, ..Fault::always(Operation::Write, Outcome::NO_SPACE).on(".rewrite") }),
        Some(Fault { times: 1, ..Fault::always(Operation::Sync, Outcome::IO_ERROR).on(".rewrite") }),
        Some(Fault { times: 1, ..Fault::always(Operation::Rename, Outcome::IO_ERROR) }),
        // It is in its place, and its length can't be asked.
        Some(Fault::once(Operation::Length, Outcome::IO_ERROR).on(".base.").after(1)),
    ];
    for (number, more) in more.into_iter().enumerate() {
        let bench = start("appendfsync no\nauto-aof-rewrite-percentage 0");
        let mut link = bench.machine.connect();
        let value = "x".repeat(MEBIBYTE);
        for number in 0..70 {
            ok(&mut link, &["SET", &format!("k{}", number % 3), &value]);
        }
        ok(&mut link, &["INCR", "a"]);
        wait_until(|| link.info("aof_buffer_length") == "0", "all is written");
        bench.faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR).on("incr"));
        bench.faulty.add(Fault::always(Operation::Create, Outcome::NO_SPACE).on(".rewrite"));
        let mut other = bench.machine.connect();
        link.send(&encode(&["WAITAOF", "1", "0", "0"]));
        ok(&mut other, &["CONFIG", "SET", "appendfsync", "always"]);
        wait_until(|| is_misconf(&mut other), "the gap is noticed");
        assert_eq!(link.poll(), None, "fault {number}");
        bench.faulty.clear();
        more.into_iter().for_each(|fault| bench.faulty.add(fault));
        wait_until(|| !is_misconf(&mut other), "the log has a new base");
        bench.faulty.clear();
        ok(&mut other, &["SET", "b", "2"]);
        let durable = Frame::Array(vec![Frame::Integer(1), Frame::Integer(0)]);
        assert_eq!(link.poll(), Some(durable), "fault {number}");
        let lost_power = bench.disk.crash(&mut fastrand::Rng::with_seed(2), disk::Writes::InOrder);
        let found = Machine::start(Arc::new(lost_power), ALWAYS).unwrap();
        let mut link = found.connect();
        assert_eq!(text(link.ask(&["GET", "a"])), "1", "fault {number}");
        assert_eq!(link.ask(&["EXISTS", "k0", "k1", "k2", "b"]), Frame::Integer(4), "fault {number}");
    }
}

/// A log whose fsync has failed when more was written than it keeps in memory, and that gets no new base.
fn with_a_gap() -> (Bench, Link) {
    let bench = start("appendfsync no\nauto-aof-rewrite-percentage 0");
    let mut link = bench.machine.connect();
    let value = "x".repeat(MEBIBYTE);
    for number in 0..70 {
        ok(&mut link, &["SET", &format!("k{}", number % 3), &value]);
    }
    wait_until(|| link.info("aof_buffer_length") == "0", "all is written");
    bench.faulty.add(Fault::once(Operation::Sync, Outcome::IO_ERROR).on("incr"));
    bench.faulty.add(Fault::always(Operation::Sync, Outcome::IO_ERROR).on(".rewrite"));
    ok(&mut link, &["CONFIG", "SET", "appendfsync", "everysec"]);
    let has_failed = |link: &mut Link| link.info("aof_rewrites_consecutive_failures") != "0";
    wait_until(|| has_failed(&mut link), "a new base fails");
    (bench, link)
}

/// What a `SHUTDOWN` says that doesn't stop the server.
fn refused_stop(bench: &Bench, link: &mut Link, words: &[&str]) -> Option<Frame> {
    link.send(&encode(words));
    let mut reply = None;
    wait_until(
        || {
            reply = link.poll();
            reply.is_some() || bench.machine.has_stopped()
        },
        "an end, or none",
    );
    reply
}

#[test]
fn a_log_with_a_gap_does_not_stop_in_good_order() {
    let (bench, mut link) = with_a_gap();
    assert_eq!(link.info("aof_last_write_status"), "err");
    let refused = Frame::Error(b"ERR Errors trying to SHUTDOWN. Check logs.".to_vec());
    assert_eq!(refused_stop(&bench, &mut link, &["SHUTDOWN"]), Some(refused));
    assert!(is_misconf(&mut link));
    // Elsewhere there is no log of this server.
    ok(&mut link, &["CONFIG", "SET", "dir", "/elsewhere"]);
    bench.faulty.clear();
    wait_until(|| !is_misconf(&mut link), "the log has a new base");
    assert_eq!(refused_stop(&bench, &mut link, &["SHUTDOWN"]), None);
    let found = bench.found(EVERYSEC);
    assert_eq!(found.connect().ask(&["EXISTS", "k0", "k1", "k2"]), Frame::Integer(3));
}

#[test]
fn a_snapshot_that_fails_stops_writes_and_leaves_the_old_one() {
    for operation in [Operation::Write, Operation::Sync, Operation::Create, Operation::Rename] {
        let bench = start("appendonly no\nsave 3600 1000000");
        let mut link = bench.machine.connect();
        let save = |link: &mut Link| {
            ok(link, &["BGSAVE"]);
            wait_until(|| link.info("rdb_bgsave_in_progress") == "0", "the snapshot ends");
            link.info("rdb_last_bgsave_status")
        };
        ok(&mut link, &["SET", "a", "1"]);
        assert_eq!(save(&mut link), "ok");
        ok(&mut link, &["SET", "b", "2"]);
        bench.fails(operation, Outcome::NO_SPACE);
        assert_eq!(save(&mut link), "err", "{operation:?}");
        wait_until(|| is_misconf(&mut link), "PING says that snapshots fail");
        assert!(text(link.ask(&["SET", "c", "3"])).starts_with("MISCONF"), "{operation:?}");
        assert_eq!(text(link.ask(&["GET", "b"])), "2");
        let found = bench.found("appendonly no");
        assert_eq!(found.connect().ask(&["EXISTS", "a", "b"]), Frame::Integer(1), "{operation:?}");
        bench.faulty.clear();
        assert_eq!(save(&mut link), "ok", "{operation:?}");
        wait_until(|| !is_misconf(&mut link), "PING is well again");
        ok(&mut link, &["SET", "c", "3"]);
    }
}

/// Nobody was promised anything before there was a log: while its first base is written, clients are served.
#[test]
fn a_log_that_is_switched_on_has_nobody_wait() {
    let bench = start("appendonly no\nappendfsync always\nrdb-key-save-delay 20000");
    let mut link = bench.machine.connect();
    for number in 0..400 {
        ok(&mut link, &["SET", &format!("k{number}"), "x"]);
    }
    ok(&mut link, &["CONFIG", "SET", "appendonly", "yes"]);
    wait_until(|| link.info("aof_rewrite_in_progress") == "1", "the first base is being written");
    ok(&mut link, &["SET", "b", "2"]);
    assert_eq!(link.info("aof_rewrite_in_progress"), "1", "the reply waited for the base");
    ok(&mut link, &["CONFIG", "SET", "rdb-key-save-delay", "0"]);
    wait_until(|| link.info("aof_rewrite_in_progress") == "0", "the first base is written");
    ok(&mut link, &["SET", "c", "3"]);
    let found = bench.found(ALWAYS);
    assert_eq!(found.connect().ask(&["EXISTS", "k0", "b", "c"]), Frame::Integer(3));
}

/// An administrator gets rid of a disk that fails at once, whatever else is going on.
#[test]
fn a_log_that_fails_is_ended_while_a_snapshot_is_written() {
    let bench = start(EVERYSEC);
    let mut link = bench.machine.connect();
    fill_slowly(&mut link);
    bench.faulty.add(Fault::always(Operation::Write, Outcome::NO_SPACE).on("incr"));
    ok(&mut link, &["SET", "a", "1"]);
    wait_until(|| is_misconf(&mut link), "PING says that the disk is full");
    ok(&mut link, &["BGSAVE"]);
    ok(&mut link, &["CONFIG", "SET", "appendonly", "no"]);
    wait_until(|| !is_misconf(&mut link), "writes are taken");
    assert_eq!((link.info("aof_enabled"), link.info("rdb_bgsave_in_progress")), ("0".into(), "1".into()));
    ok(&mut link, &["CONFIG", "SET", "rdb-key-save-delay", "0"]);
    wait_until(|| link.info("rdb_bgsave_in_progress") == "0", "the snapshot ends");
    assert_eq!(link.info("rdb_last_bgsave_status"), "ok");
}

#[test]
fn a_log_that_is_ended_while_it_is_written_anew_is_no_failure() {
    let bench = start(EVERYSEC);
    let mut link = bench.machine.connect();
    fill_slowly(&mut link);
    ok(&mut link, &["BGREWRITEAOF"]);
    ok(&mut link, &["CONFIG", "SET", "appendonly", "no"]);
    wait_until(|| link.info("aof_rewrite_in_progress") == "0", "the rewrite ends");
    assert_eq!((link.info("aof_enabled"), link.info("aof_last_bgrewrite_status")), ("0".into(), "ok".into()));
}

/// Nothing changes while writes are refused, so no save point may ever be reached again.
#[test]
fn a_snapshot_that_failed_is_tried_again_whatever_the_save_points_say() {
    let bench = start("appendonly no\nsave 1000000 1000000");
    let mut link = bench.machine.connect();
    ok(&mut link, &["SET", "a", "1"]);
    bench.fails(Operation::Sync, Outcome::IO_ERROR);
    ok(&mut link, &["BGSAVE"]);
    wait_until(|| is_misconf(&mut link), "PING says that snapshots fail");
    bench.faulty.clear();
    wait_until(|| !is_misconf(&mut link), "the snapshot is tried again");
    assert_eq!(link.info("rdb_last_bgsave_status"), "ok");
}

#[test]
fn what_the_parameters_say_of_failed_snapshots_holds_while_the_saver_works() {
    let bench = start("save 1000000 1000000");
    let mut link = bench.machine.connect();
    fill_slowly(&mut link);
    bench.faulty.add(Fault::always(Operation::Create, Outcome::NO_SPACE).on("temp-4711.rdb"));
    ok(&mut link, &["BGSAVE"]);
    wait_until(|| is_misconf(&mut link), "PING says that snapshots fail");
    ok(&mut link, &["BGREWRITEAOF"]);
    wait_until(|| link.info("aof_rewrite_in_progress") == "1", "the saver is at work");
    ok(&mut link, &["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"]);
    ok(&mut link, &["SET", "a", "1"]);
    assert_eq!(link.info("aof_rewrite_in_progress"), "1");
    ok(&mut link, &["CONFIG", "SET", "stop-writes-on-bgsave-error", "yes"]);
    assert!(is_misconf(&mut link));
    ok(&mut link, &["CONFIG", "SET", "save", ""]);
    ok(&mut link, &["SET", "a", "1"]);
    assert_eq!(link.info("aof_rewrite_in_progress"), "1");
}

/// With save points a crash doesn't bring back what was flushed, and nobody writes what isn't wanted any more.
#[test]
fn what_flushall_removes_is_in_no_snapshot_afterwards() {
    let bench = start("appendonly no\nsave 1000000 1000000");
    let mut link = bench.machine.connect();
    ok(&mut link, &["SET", "a", "1"]);
    ok(&mut link, &["SAVE"]);
    fill_slowly(&mut link);
    ok(&mut link, &["BGSAVE"]);
    ok(&mut link, &["FLUSHALL"]);
    wait_until(|| link.info("rdb_saves") == "2", "the empty snapshot");
    assert_eq!(link.info("rdb_bgsave_in_progress"), "0");
    let found = bench.found("appendonly no");
    assert_eq!(found.connect().ask(&["DBSIZE"]), Frame::Integer(0));
    // Whoever wants another one doesn't hear of it.
    ok(&mut link, &["FLUSHALL"]);
    ok(&mut link, &["SAVE"]);
    // As in the peers it stops nobody if it fails.
    bench.fails(Operation::Create, Outcome::NO_SPACE);
    ok(&mut link, &["FLUSHALL"]);
    assert!(text(link.ask(&["SAVE"])).starts_with("ERR"));
    ok(&mut link, &["SET", "a", "1"]);
}

#[test]
fn without_save_points_flushall_writes_nothing() {
    let bench = start("appendonly no");
    let mut link = bench.machine.connect();
    ok(&mut link, &["SET", "a", "1"]);
    ok(&mut link, &["SAVE"]);
    ok(&mut link, &["FLUSHALL"]);
    // What was asked for before is done by then.
    ok(&mut link, &["SAVE"]);
    assert_eq!(link.info("rdb_saves"), "2");
}

/// A base is shorter than the memory that its data take: only trying shows whether it fits.
#[test]
fn a_log_is_begun_where_less_is_free_than_memory_is_used() {
    let disk = SimulatedDisk::with_capacity(64 * 1024);
    disk.create_dir(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let machine = Machine::start(Arc::new(disk.clone()), "appendonly no").unwrap();
    let mut link = machine.connect();
    ok(&mut link, &["SET", "a", &"v".repeat(MEBIBYTE)]);
    ok(&mut link, &["SAVE"]);
    drop((link, machine));
    let machine = Machine::start(Arc::new(disk), EVERYSEC).unwrap();
    let mut link = machine.connect();
    assert_eq!(link.ask(&["STRLEN", "a"]), Frame::Integer(MEBIBYTE as i64));
    ok(&mut link, &["CONFIG", "SET", "appendonly", "no"]);
    wait_until(|| link.info("aof_enabled") == "0", "the log is ended");
    ok(&mut link, &["CONFIG", "SET", "appendonly", "yes"]);
    wait_until(|| link.info("aof_enabled") == "1" && link.info("aof_rewrite_in_progress") == "0", "a log");
    assert_eq!(link.info("aof_last_bgrewrite_status"), "ok");
}

/// A fault of kvd itself, as far as its log's thread can tell.
#[test]
fn without_the_thread_that_writes_the_log_the_server_ends() {
    for lines in [EVERYSEC, ALWAYS] {
        let bench = start(lines);
        let (mut link, mut other) = (bench.machine.connect(), bench.machine.connect());
        ok(&mut link, &["SET", "a", "1"]);
        bench.faulty.wait_with(|_| panic!("meant by the test"));
        bench.fails(Operation::Write, Outcome::Slow(Duration::ZERO));
        link.send(&encode(&["SET", "b", "2"]));
        wait_until(|| bench.machine.has_stopped(), "the end");
        assert!(is_misconf(&mut other));
        assert_eq!(bench.machine.ended(), "a thread panicked");
    }
}

#[test]
fn a_file_system_without_locks_is_taken_as_it_is() {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let faulty = FaultyDisk::new(Arc::new(disk));
    faulty.add(Fault::always(Operation::Lock, Outcome::IO_ERROR));
    for _ in 0..2 {
        let machine = Machine::start(Arc::new(faulty.clone()), EVERYSEC).unwrap();
        ok(&mut machine.connect(), &["SET", "a", "1"]);
    }
}

/// A snapshot with a key and a value of a module that kvd doesn't know, without a checksum.
const WITH_A_MODULE: &[u8] =
    b"REDIS0011\xfe\x00\x00\x01a\x011\x07\x01m\x81\0\0\0\0\0\0\0\0\x00\xff\0\0\0\0\0\0\0\0";
const SNAPSHOT: &str = "/data/dump.rdb";

/// A file that holds what the next one can't is put aside: wherever that is interrupted, there is a snapshot to start with, and
/// what was put aside is whole.
#[test]
fn a_snapshot_that_is_put_aside_leaves_no_moment_without_one() {
    for has_links in [true, false] {
        let mut is_over = false;
        for changes in 0.. {
            let disk = SimulatedDisk::default();
            disk.create_dir(Path::new("/data")).unwrap();
            disk.sync_dir(Path::new("/")).unwrap();
            let temporary = Path::new("/data/temp");
            disk::replace(&disk, Path::new(SNAPSHOT), temporary, WITH_A_MODULE).unwrap();
            let faulty = FaultyDisk::new(Arc::new(disk.clone()));
            let machine = Machine::start(Arc::new(faulty.clone()), "appendonly no").unwrap();
            let mut link = machine.connect();
            assert_eq!(text(link.ask(&["GET", "a"])), "1");
            if !has_links {
                faulty.add(Fault::always(Operation::Link, Outcome::IO_ERROR));
            }
            faulty.halt_after(changes);
            link.send(&encode(&["SAVE"]));
            is_over = link.reply().expect("SAVE ends") == Frame::Status(b"OK".to_vec());
            for found in
                [disk.kill(), disk.crash(&mut fastrand::Rng::with_seed(changes), disk::Writes::InOrder)]
            {
                let Ok(now) = disk::read(&found, Path::new(SNAPSHOT), 1 << 20) else {
                    panic!("there is no snapshot after {changes} changes")
                };
                let files = found.list(Path::new("/data")).unwrap();
                let aside = files.iter().find(|found| found.name.to_str().unwrap().contains(".before-"));
                if now != WITH_A_MODULE {
                    let aside = Path::new("/data").join(&aside.unwrap().name);
                    assert_eq!(disk::read(&found, &aside, 1 << 20).unwrap(), WITH_A_MODULE);
                }
            }
            if is_over {
                break;
            }
        }
        assert!(is_over);
    }
}

/// Keys that take minutes to be saved, as long as nobody takes the delay away.
fn fill_slowly(link: &mut Link) {
    for number in 0..1000 {
        ok(link, &["SET", &format!("k{number}"), "x"]);
    }
    ok(link, &["CONFIG", "SET", "rdb-key-save-delay", "50000"]);
}

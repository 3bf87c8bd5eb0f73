//! What can be asked while a disk fails and replies that depend on data wait (`appendfsync always`).

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;
use std::sync::Arc;

use disk::{Disk, Fault, FaultyDisk, Operation, Outcome, SimulatedDisk};
use kvd_tests::failing::{Link, Machine};
use kvd_tests::patience::wait_until;
use kvd_tests::wire::{Frame, encode};

/// A machine whose disk is about to be full.
fn start() -> (Machine, FaultyDisk) {
    let disk = SimulatedDisk::default();
    disk.create_dir(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let faulty = FaultyDisk::losing_pages(&disk);
    let machine = Machine::start(Arc::new(faulty.clone()), "appendfsync always").unwrap();
    (machine, faulty)
}

fn fill(faulty: &FaultyDisk) {
    faulty.add(Fault::always(Operation::Write, Outcome::NO_SPACE));
}

/// Changes something that can't be kept, and waits until that is known.
fn lose(machine: &Machine) -> Link {
    let mut writer = machine.connect();
    writer.send(&encode(&["RPUSH", "list", "a"]));
    let mut other = machine.connect();
    let fails =
        |frame: Frame| matches!(frame, Frame::Error(text) if text.starts_with(b"MISCONF Errors writing"));
    wait_until(|| fails(other.ask(&["PING"])), "PING says that the disk fails");
    assert_eq!(writer.poll(), None);
    writer
}

fn error(frame: Frame) -> String {
    let Frame::Error(text) = frame else { panic!("{frame:?}") };
    String::from_utf8(text).unwrap()
}

#[test]
fn who_is_told_nothing_of_data_is_answered() {
    let (machine, faulty) = start();
    let mut blocked = machine.connect();
    let Frame::Integer(id) = blocked.ask(&["CLIENT", "ID"]) else { panic!("CLIENT ID") };
    blocked.send(&encode(&["BLPOP", "other", "0"]));
    fill(&faulty);
    let _writer = lose(&machine);
    let ask = |words: &[&str]| machine.connect().ask(words);
    assert_eq!(ask(&["XREAD", "BLOCK", "100", "STREAMS", "s", "$"]), Frame::NilArray);
    assert_eq!(ask(&["CLIENT", "UNBLOCK", &id.to_string()]), Frame::Integer(1));
    assert_eq!(blocked.poll(), Some(Frame::NilArray));
    assert_eq!(error(ask(&["EXEC"])), "ERR EXEC without MULTI");
    assert!(error(ask(&["SAVE"])).starts_with("ERR the snapshot was not written"));
    assert!(error(ask(&["SHUTDOWN"])).starts_with("ERR"), "it does not stop");
    for words in [&["INFO"][..], &["MEMORY", "DOCTOR"], &["CONFIG", "GET", "dir"], &["CLIENT", "LIST"]] {
        assert!(!matches!(ask(words), Frame::Error(_)), "{words:?}");
    }
    // Data are another matter.
    let mut reader = machine.connect();
    reader.send(&encode(&["LLEN", "list"]));
    assert_eq!(reader.poll(), None);
    let mut block = machine.connect();
    for (words, reply) in [(&["MULTI"][..], "OK"), (&["LLEN", "list"], "QUEUED")] {
        assert_eq!(block.ask(words), Frame::Status(reply.into()));
    }
    block.send(&encode(&["EXEC"]));
    assert_eq!(block.poll(), None);
}

#[test]
fn who_is_given_what_can_be_lost_waits_for_it() {
    let (machine, faulty) = start();
    let mut waiter = machine.connect();
    waiter.send(&encode(&["BLPOP", "list", "0"]));
    fill(&faulty);
    let mut writer = lose(&machine);
    assert_eq!(waiter.poll(), None);
    faulty.clear();
    let mut heard = Vec::new();
    let mut has_come = |link: &mut Link| {
        heard.extend(link.poll());
        !heard.is_empty()
    };
    wait_until(|| has_come(&mut waiter), "it has what was pushed");
    let pair = [&b"list"[..], b"a"].map(|text| Frame::Bulk(text.to_vec()));
    assert_eq!(heard, [Frame::Array(pair.to_vec())]);
    wait_until(|| writer.poll() == Some(Frame::Integer(1)), "the push is answered");
}

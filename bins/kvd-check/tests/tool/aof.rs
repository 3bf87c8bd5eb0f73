//! `kvd-check aof`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use aof::{Directory, Location};
use disk::OsDisk;
use tempfile::TempDir;

use crate::files::{contents, folder, log, small};
use crate::run::{Ran, run, run_with};

const MANIFEST: &str = "appendonlydir/appendonly.aof.manifest";
const BASE: &str = "appendonlydir/appendonly.aof.1.base.rdb";
const FIRST: &str = "appendonlydir/appendonly.aof.1.incr.aof";
const SECOND: &str = "appendonlydir/appendonly.aof.2.incr.aof";
const LISTED: &[u8] =
    b"file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n\
    file appendonly.aof.2.incr.aof seq 2 type i\n";

/// A log of a base and two increments.
fn three(first: &[u8], second: &[u8]) -> TempDir {
    folder(&[(MANIFEST, LISTED), (BASE, &small(true)), (FIRST, first), (SECOND, second)])
}

fn check(folder: &Path, words: &[&str]) -> Ran {
    let path = folder.to_str().unwrap();
    run(&[&["aof", path], words].concat())
}

/// Checks that nothing on the disk is changed meanwhile. The lock's empty file may be made.
fn look(folder: &Path, words: &[&str]) -> Ran {
    let contents = || {
        let mut contents = contents(folder);
        contents.retain(|(path, _)| !path.ends_with("appendonly.aof.lock"));
        contents
    };
    let before = contents();
    let ran = check(folder, words);
    assert_eq!(contents(), before);
    ran
}

/// What a file of the folder holds.
fn bytes(folder: &TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn a_log_is_found_by_any_of_its_paths() {
    let folder = three(&log(&["SELECT 0", "SET a 1"]), &log(&["#TS:1795000000", "MULTI", "INCR a", "EXEC"]));
    for name in ["", "appendonlydir", MANIFEST] {
        let ran = look(&folder.path().join(name), &[]).ended(0);
        let ran =
            ran.says("1 base, 2 increments").says("a snapshot (REDIS0010) of 8 keys").says("2 commands\n");
        ran.says("3 commands, from 2026-11-18T").says("the log is fine");
    }
    look(&folder.path().join(FIRST), &[]).ended(0).says("2 commands");
    look(&folder.path().join(BASE), &[]).ended(0).says("of 8 keys");
}

#[test]
fn a_check_changes_nothing() {
    let folder = three(&log(&["SET a 1"]), &log(&["SET b"])[..10]);
    for (name, bytes) in [
        ("appendonlydir/temp-appendonly.aof.7.rewrite", "x"),
        ("appendonlydir/appendonly.aof.1.incr.aof.cut-at-7", "x"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let ran = look(folder.path(), &[]).ended(1);
    ran.says("temp-appendonly.aof.7.rewrite is a leftover").says("cut-at-7 is no part of the log");
}

#[test]
fn a_torn_end_is_told_and_cut_with_a_copy() {
    let (whole, torn) = (log(&["SET a 1", "SET b 2"]), log(&["SET c 3"]));
    for end in 1..torn.len() {
        let folder = three(&whole, &[&whole, &torn[..end]].concat());
        let ran = look(folder.path(), &[]).ended(1);
        let good = whole.len();
        ran.warns(&format!("ends in the middle of a command; {end} bytes follow the last whole one, which ends at byte {good}"))
            .warns("--fix cuts it");
        if end % 5 == 0 {
            look(folder.path(), &["--fix"])
                .ended(2)
                .warns("nothing was changed: there is no terminal to ask at");
            check(folder.path(), &["--fix", "--yes"]).ended(0).says(&format!("cut to {good} bytes"));
            assert_eq!(bytes(&folder, SECOND), whole);
            assert_eq!(bytes(&folder, &format!("{SECOND}.cut-at-{good}")), &torn[..end]);
            look(folder.path(), &[]).ended(0);
        }
    }
}

#[test]
fn a_log_that_a_server_writes_is_not_changed() {
    let whole = log(&["SET a 1"]);
    let folder = three(&whole, &[whole.clone(), log(&["SET c 3"])[..9].to_vec()].concat());
    let server = Directory::open_to_write(
        Arc::new(OsDisk),
        Location::new(folder.path(), "appendonlydir", "appendonly.aof"),
    );
    for words in [["--fix", "--yes"], ["--until", "1"]] {
        look(folder.path(), &words).ended(2).warns("a server writes this log: stop it first");
    }
    look(folder.path(), &[]).ended(1).warns("--fix cuts it");
    drop(server);
    check(folder.path(), &["--fix", "--yes"]).ended(0);
    assert_eq!(bytes(&folder, SECOND), whole);
}

#[test]
fn a_transaction_without_its_end_is_cut_as_a_whole() {
    let whole = log(&["SET a 1"]);
    let folder = three(&whole, &[whole.clone(), log(&["MULTI", "SET b 2"])].concat());
    look(folder.path(), &[]).ended(1).warns("in the middle of a transaction");
    check(folder.path(), &["--fix", "-y"]).ended(0);
    assert_eq!(bytes(&folder, SECOND), whole);
}

#[test]
fn zeros_at_the_end_are_told_as_such() {
    let whole = log(&["SET a 1"]);
    let folder = three(&whole, &[whole.clone(), vec![0; 4096]].concat());
    look(folder.path(), &[]).ended(1).warns("with zeros that were never written over; 4096 bytes follow");
    check(folder.path(), &["--fix", "-y"]).ended(0);
    assert_eq!(bytes(&folder, SECOND), whole);
}

#[test]
fn damage_in_the_middle_is_never_cut() {
    let mut bad = log(&["SET a 1", "SET b 2", "SET c 3"]);
    let at = bad.len() / 3;
    bad[at] = b'?';
    for (first, second) in [(&bad[..], &b""[..]), (b"", &bad[..])] {
        let folder = three(first, second);
        for words in [&[][..], &["--fix", "--yes"]] {
            let ran = look(folder.path(), words).ended(1);
            let reason = format!("damaged at byte {at}: a command begins with neither '*' nor '#'");
            ran.warns(&reason).warns(&format!("the last whole command ends at byte {at}"));
        }
    }
    // The end of the last file isn't cut either while something else is wrong.
    let folder = three(&bad, &log(&["SET a 1"])[..9]);
    look(folder.path(), &["--fix", "--yes"]).ended(1).warns("not cut, since there is other damage");
    // A torn end of a file that others follow is damage.
    let folder = three(&log(&["SET a 1"])[..9], &log(&["SET a 1"]));
    look(folder.path(), &["--fix", "--yes"])
        .ended(1)
        .warns("in the middle of a command and isn't the last file");
}

#[test]
fn damage_of_base_and_manifest_is_told() {
    let folder = three(b"", b"");
    let mut base = small(true);
    *base.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join(BASE), base).unwrap();
    look(folder.path(), &["--fix", "-y"]).ended(1).warns("base.rdb: damaged at byte").warns("wrong checksum");
    fs::remove_file(folder.path().join(BASE)).unwrap();
    look(folder.path(), &[]).ended(1).warns("it is named in the manifest and doesn't exist");
    fs::write(folder.path().join(MANIFEST), "file x seq 1 type q\n").unwrap();
    look(folder.path(), &[]).ended(1).warns("manifest: damaged: line 1: the type is none of b, h and i");
    fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    fs::write(folder.path().join(FIRST), "x").unwrap();
    let lost = "files of a log are there, and no manifest names them";
    look(&folder.path().join("appendonlydir"), &[]).ended(1).warns(lost);
    look(folder.path(), &[]).ended(1).warns(lost);
}

#[test]
fn where_no_log_is_that_is_said() {
    let folder = folder(&[("a/x", b""), ("one/a.manifest", b""), ("two/a.manifest", b"")]);
    run(&["aof", "/nowhere"]).ended(2).warns("cannot open /nowhere");
    look(&folder.path().join("a"), &[]).ended(2).warns("holds no log");
    look(folder.path(), &[]).ended(2).warns("several logs are there, name one: ");
}

#[test]
fn a_single_file_may_have_a_snapshot_at_its_front() {
    let commands = log(&["SET a 1"]);
    let file = [small(true), commands.clone()].concat();
    let folder = folder(&[("appendonly.aof", &file), ("plain.aof", &commands)]);
    let path = folder.path().join("appendonly.aof");
    for path in [path.as_path(), folder.path()] {
        look(path, &[]).ended(0).says("a snapshot (REDIS0010) of 8 keys, 1 commands");
    }
    look(&folder.path().join("plain.aof"), &[]).ended(0).says("1 commands");
    fs::write(&path, &file[..file.len() - 3]).unwrap();
    let good = small(true).len();
    look(&path, &[]).ended(1).warns(&format!("which ends at byte {good}"));
    // A server would move the file before it uses it; here it is repaired where it is.
    check(folder.path(), &["--fix", "-y"]).ended(0);
    assert_eq!(fs::read(&path).unwrap(), small(true));
    assert!(!folder.path().join("appendonlydir").exists());
    // Damage of the snapshot is not the end of a log.
    fs::write(&path, &file[..100]).unwrap();
    look(&path, &["--fix", "-y"]).ended(1).warns("damaged at byte 100: the bytes end too early");
}

#[test]
fn a_log_goes_back_to_a_point_in_time() {
    let (early, late) = (log(&["#TS:1795000000", "SET a 1"]), log(&["#TS:1795000010", "SET a 2"]));
    let first = [early.clone(), late.clone()].concat();
    let folder = three(&first, &log(&["#TS:1795000020", "SET a 3"]));
    look(folder.path(), &["--until", "1795000005"]).ended(2).warns("nothing was changed");
    look(folder.path(), &["--until", "1794999999", "-y"]).ended(2).warns("can't go back to 1794999999");
    let ran = look(folder.path(), &["--until", "1795000020", "-y"]).ended(0);
    ran.says("nothing in the log is later than 2026-11-18T");
    // History is kept: an operator may still want it.
    let manifest = [LISTED, b"file old.rdb seq 1 type h\n"].concat();
    fs::write(folder.path().join(MANIFEST), manifest).unwrap();
    fs::write(folder.path().join("appendonlydir/old.rdb"), "old").unwrap();
    let ran = check(folder.path(), &["--until", "2026-11-18T11:06:45Z", "--yes"]).ended(0);
    let ran = ran.says("will no longer be part of the log").says(&format!("cut to {} bytes", early.len()));
    let ran = ran.says("the log is fine");
    assert_eq!(bytes(&folder, FIRST), early);
    assert_eq!(bytes(&folder, &format!("{FIRST}.cut-at-{}", early.len())), late);
    // Under its own name a server would write its next increment over it.
    let second = ran.out.lines().find(|line| line.contains(".cut-at-0: what is no longer part of the log"));
    assert!(second.is_some() && !folder.path().join(SECOND).exists(), "{ran:?}");
    assert_eq!(bytes(&folder, &format!("{SECOND}.cut-at-0")), log(&["#TS:1795000020", "SET a 3"]));
    assert!(folder.path().join("appendonlydir/old.rdb").exists());
    let manifest = String::from_utf8(bytes(&folder, MANIFEST)).unwrap();
    assert!(!manifest.contains("2.incr") && manifest.contains("type h"), "{manifest}");
}

#[test]
fn going_back_passes_over_what_is_behind() {
    let early = log(&["#TS:1795000000", "SET a 1"]);
    let file = [early.clone(), log(&["#TS:1795000010"]), b"?".to_vec()].concat();
    let folder = folder(&[("appendonly.aof", &file)]);
    let path = folder.path().join("appendonly.aof");
    look(&path, &[]).ended(1);
    check(&path, &["--until", "1795000005", "-y"]).ended(0);
    assert_eq!(fs::read(&path).unwrap(), early);
    let plain = log(&["SET a 1"]);
    fs::write(&path, plain).unwrap();
    look(&path, &["--until", "1795000005", "-y"]).ended(2).warns("the log has no timestamps");
}

#[test]
fn flipped_bytes_never_end_it_otherwise() {
    let file = log(&["SELECT 0", "#TS:1795000000", "SET key value", "MULTI", "INCR a", "EXEC", "DEL key"]);
    let mut found = 0;
    for at in 0..file.len() {
        for mask in [0x01, 0xFF] {
            let mut bad = file.clone();
            bad[at] ^= mask;
            let folder = folder(&[("a.aof", &bad)]);
            let ran = look(&folder.path().join("a.aof"), &["-q"]);
            assert!(ran.code < 2, "byte {at} ^ {mask}: {ran:?}");
            found += ran.code;
        }
    }
    // What is left are flips within words.
    assert!(found as usize > file.len(), "only {found} were found");
}

#[test]
fn an_answer_is_asked_for_at_a_terminal_only() {
    let folder = three(b"", &log(&["SET a 1"])[..9]);
    let path = folder.path().to_str().unwrap();
    run_with(&["aof", path, "--fix"], b"y\n").ended(2).warns("no --yes");
}

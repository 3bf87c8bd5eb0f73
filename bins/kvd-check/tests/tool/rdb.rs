//! `kvd-check rdb`.

use std::fs;

use rdb::{Dialect, Meta, WriteOptions, Writer};

use crate::files::{all_golden, folder, golden, packed, small};
use crate::run::{run, run_with};

#[test]
fn files_of_all_servers_are_fine() {
    for path in all_golden() {
        let path = path.to_str().unwrap();
        run(&["rdb", path]).ended(0).says(&format!("{path}: fine"));
    }
}

#[test]
fn it_tells_what_is_in_a_file() {
    let path = golden("r8.rdb");
    let ran = run(&["rdb", path.to_str().unwrap()]).ended(0);
    let ran = ran.says("REDIS0012, 29742 bytes").says("aux \"redis-ver\" \"8.2.3\"").says("checksum: ok");
    ran.says("1 libraries of functions").says("module vectorset: 1 values, 0 records");
    let path = golden("vk-cluster.rdb");
    run(&["rdb", path.to_str().unwrap()]).ended(0).says("VALKEY080");
    let path = golden("r8-cluster.rdb");
    run(&["rdb", path.to_str().unwrap()]).ended(0).says("cluster: sizes of");
    let path = golden("r7-plain.rdb");
    run(&["rdb", path.to_str().unwrap()]).ended(0).says("checksum: disabled by the writer (rdbchecksum no)");
}

#[test]
fn a_file_may_come_from_standard_input() {
    run_with(&["rdb", "-"], &small(true)).ended(0).says("-: fine");
    run_with(&["rdb", "-"], &small(true)[..100])
        .ended(1)
        .warns("-: damaged at byte 100: the bytes end too early");
}

#[test]
fn quiet_says_nothing_of_what_is_fine_and_tells_damage() {
    let good = golden("r7.rdb");
    let ran = run(&["rdb", "-q", good.to_str().unwrap()]).ended(0);
    assert_eq!(ran.out + &ran.err, "");
    let ran = run_with(&["--quiet", "rdb", "-"], b"REDIS0011\xfa").ended(1);
    assert_eq!(ran.out, "");
    ran.warns("damaged at byte 10: the bytes end too early; no key was read before");
}

#[test]
fn damage_is_told_with_offset_reason_and_key() {
    let file = small(true);
    let at = file.windows(4).position(|bytes| bytes == b"list").unwrap();
    // The packed list behind the name, the number of nodes, the kind of the node and the length.
    let mut bad = file.clone();
    bad[at + 4 + 1 + 1 + 1 + 6] ^= 0xFF;
    let ran = run_with(&["rdb", "-"], &bad).ended(1);
    ran.warns("malformed packed value").warns("; in the value of key \"list\" of database 0");
    let mut bad = file.clone();
    *bad.last_mut().unwrap() ^= 1;
    let ran = run_with(&["rdb", "-"], &bad).ended(1);
    let offset = file.len() - 8;
    ran.warns(&format!("damaged at byte {offset}: wrong checksum"))
        .warns("; behind key \"stream\" of database 0");
}

#[test]
fn values_that_no_server_wrote_are_damage() {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(11))).unwrap();
    writer.select_db(3).unwrap();
    writer.entry(b"twins", Meta::default()).unwrap().set_packed(packed(&["a", "a"]).view()).unwrap();
    let ran = run_with(&["rdb", "-"], &writer.finish().unwrap()).ended(1);
    ran.warns("a member, field or consumer is there twice; in the value of key \"twins\" of database 3");
}

#[test]
fn every_flipped_byte_of_a_file_with_checksum_is_found() {
    let file = small(true);
    let version = 5..9;
    for at in 0..file.len() {
        for mask in [0x01, 0x80, 0xFF] {
            let mut bad = file.clone();
            bad[at] ^= mask;
            let ran = run_with(&["-q", "rdb", "-"], &bad);
            // A version before 5 has no checksum.
            assert!(ran.code == 1 || version.contains(&at), "byte {at} ^ {mask}: {ran:?}");
        }
    }
}

#[test]
fn flipped_bytes_of_a_file_without_checksum_never_end_it_otherwise() {
    let file = small(false);
    let mut found = 0;
    for at in 0..file.len() {
        let mut bad = file.clone();
        bad[at] ^= 0xFF;
        let ran = run_with(&["-q", "rdb", "-"], &bad);
        found += ran.code;
        assert!(ran.code < 2, "byte {at}: {ran:?}");
    }
    assert!(found as usize > file.len() / 3, "only {found} of {} were found", file.len());
}

#[test]
fn every_cut_is_found() {
    let file = small(false);
    for end in 0..file.len() {
        let ran = run_with(&["-q", "rdb", "-"], &file[..end]).ended(1);
        ran.warns(&format!("damaged at byte {end}: the bytes end too early"));
    }
}

#[test]
fn what_follows_the_end_is_told() {
    let file = [small(true), b"*1\r\n$4\r\nPING\r\n".to_vec()].concat();
    let ran = run_with(&["rdb", "-"], &file).ended(0);
    ran.says("14 bytes follow the end of the snapshot; they look like commands of a log: see kvd-check aof");
}

#[test]
fn what_cannot_be_read_is_no_damage() {
    run(&["rdb", "/nowhere/dump.rdb"]).ended(2).warns("cannot open /nowhere/dump.rdb: No such file");
    let folder = folder(&[("a", b"")]);
    run(&["rdb", folder.path().to_str().unwrap()]).ended(2).warns("is a directory");
    let empty = folder.path().join("a");
    run(&["rdb", empty.to_str().unwrap()]).ended(1).warns("damaged at byte 0: the bytes end too early");
    fs::write(&empty, b"neither nor").unwrap();
    run(&["rdb", empty.to_str().unwrap()]).ended(1).warns("neither a file of Redis nor of Valkey");
}

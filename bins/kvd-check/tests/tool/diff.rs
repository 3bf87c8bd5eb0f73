//! `kvd-check diff` of files.

use rdb::{Dialect, Element, Field, Meta, WriteOptions, Writer};

use crate::files::{EMPTY, TWICE, all_golden, folder, golden, log, mixed, packed, small};
use crate::run::{Ran, run, run_with};

type Out = Writer<Vec<u8>>;

/// A file with what `write` writes.
fn file(dialect: Dialect, write: impl FnOnce(&mut Out)) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(dialect)).unwrap();
    writer.select_db(0).unwrap();
    write(&mut writer);
    writer.finish().unwrap()
}

fn string(writer: &mut Out, key: &str, value: &str, expires_at_ms: Option<i64>) {
    let meta = Meta { expires_at_ms, ..Meta::default() };
    writer.entry(key.as_bytes(), meta).unwrap().string(value.as_bytes()).unwrap();
}

fn diff(a: &[u8], b: &[u8], words: &[&str]) -> Ran {
    let folder = folder(&[("a.rdb", a), ("b.rdb", b)]);
    let (a, b) = (folder.path().join("a.rdb"), folder.path().join("b.rdb"));
    run(&[&["diff", a.to_str().unwrap(), b.to_str().unwrap()], words].concat())
}

#[test]
fn a_file_is_as_itself() {
    for path in all_golden() {
        let path = path.to_str().unwrap();
        run(&["diff", path, path]).ended(0).says("no difference");
    }
}

#[test]
fn forms_orders_and_versions_make_no_difference() {
    let a = file(Dialect::Redis(11), |out| {
        let mut set = out.entry(b"set", Meta::default()).unwrap().set(3).unwrap();
        for member in [3, 1, 2] {
            set.member(member).unwrap();
        }
        out.entry(b"words", Meta::default()).unwrap().set_packed(packed(&["x", "y"]).view()).unwrap();
        out.entry(b"hash", Meta::default())
            .unwrap()
            .hash_packed(packed(&["f", "1", "g", "2"]).view())
            .unwrap();
        out.entry(b"zset", Meta::default())
            .unwrap()
            .sorted_set_packed(packed(&["a", "1.5", "b", "inf"]).view())
            .unwrap();
        out.entry(b"list", Meta::default())
            .unwrap()
            .list(1)
            .unwrap()
            .packed(packed(&["a", "1", "c"]).view())
            .unwrap();
        string(out, "number", "12", None);
    });
    let b = file(Dialect::Valkey(80), |out| {
        string(out, "number", "12", None);
        let mut list = out.entry(b"list", Meta::default()).unwrap().list_elements(3).unwrap();
        for item in [b"a", b"1", b"c"] {
            list.element(item).unwrap();
        }
        let mut zset = out.entry(b"zset", Meta::default()).unwrap().sorted_set(2).unwrap();
        zset.member(b"b", f64::INFINITY).unwrap();
        zset.member(b"a", 1.5).unwrap();
        let mut hash = out.entry(b"hash", Meta::default()).unwrap().hash(2).unwrap();
        hash.field(Field::new(b"g", 2)).unwrap();
        hash.field(Field::new(b"f", b"1")).unwrap();
        let mut set = out.entry(b"words", Meta::default()).unwrap().set(2).unwrap();
        set.member(b"y").unwrap();
        set.member(b"x").unwrap();
        let mut integers = out.entry(b"set", Meta::default()).unwrap().set(3).unwrap();
        for member in [b"1", b"2", b"3"] {
            integers.member(member).unwrap();
        }
    });
    diff(&a, &b, &[]).ended(0).says("no difference");
}

#[test]
fn every_kind_of_difference_is_told() {
    let a = file(Dialect::Redis(12), |out| {
        string(out, "same", "x", Some(1_999_999_999_999));
        string(out, "here", "x", None);
        string(out, "type", "x", None);
        string(out, "value", "hello", None);
        string(out, "expiry", "x", Some(1_999_999_999_999));
        let mut hash =
            out.entry(b"fields", Meta::default()).unwrap().hash_expiring(1, 1_999_999_999_000).unwrap();
        let field = Field { expires_at_ms: Some(1_999_999_999_000), ..Field::new(b"f", b"v") };
        hash.field(field).unwrap();
        let mut list = out.entry(b"list", Meta::default()).unwrap().list_elements(2).unwrap();
        list.element(b"a").unwrap();
        list.element(b"b").unwrap();
    });
    let b = file(Dialect::Redis(10), |out| {
        let mut list = out.entry(b"list", Meta::default()).unwrap().list_elements(2).unwrap();
        list.element(b"b").unwrap();
        list.element(b"a").unwrap();
        let mut hash = out.entry(b"fields", Meta::default()).unwrap().hash(1).unwrap();
        hash.field(Field::new(b"f", b"v")).unwrap();
        string(out, "expiry", "x", None);
        string(out, "value", "help", None);
        out.entry(b"type", Meta::default()).unwrap().set_packed(packed(&["x"]).view()).unwrap();
        string(out, "there", "x", None);
        string(out, "same", "x", Some(1_999_999_999_999));
    });
    let ran = diff(&a, &b, &[]).ended(1);
    let ran = ran.says("a.rdb: 7 keys").says("b.rdb: 7 keys");
    let ran = ran.says("only in A  db 0  \"here\"").says("only in B  db 0  \"there\"");
    let ran = ran.says("type  db 0  \"type\": string in A, set in B");
    let ran = ran.says("value  db 0  \"value\": string differs at byte 3: from byte 0 on \"hello\" in A");
    let ran = ran.says("value  db 0  \"list\": list element 0 is \"a\" in A, \"b\" in B");
    let ran = ran.says("field \"f\" is \"v\" until 2033-05-18T03:33:19Z in A, \"v\" in B");
    let ran =
        ran.says("expiry  db 0  \"expiry\": 2033-05-18T03:33:19.999Z (1999999999999 ms) in A, never in B");
    ran.says("1 keys only in A, 1 only in B; 1 types, 3 values, 1 expiries differ");
    let ran = diff(&a, &b, &["--limit", "2"]).ended(1).says("… and 5 more");
    assert_eq!(ran.out.matches("  db 0  ").count(), 2);
    assert_eq!(diff(&a, &b, &["-q"]).ended(1).out, "");
}

#[test]
fn databases_are_apart() {
    let write = |db| {
        file(Dialect::Redis(10), |out| {
            out.select_db(db).unwrap();
            string(out, "k", "v", None);
        })
    };
    let ran = diff(&write(1), &write(2), &[]).ended(1);
    ran.says("only in A  db 1  \"k\"").says("only in B  db 2  \"k\"");
}

#[test]
fn streams_are_compared_with_their_groups() {
    // Deliveries of the two recordings were at different times; all else is the same.
    let (a, b) = (golden("r7.rdb"), golden("r7-plain.rdb"));
    let ran = run(&["diff", a.to_str().unwrap(), b.to_str().unwrap()]).ended(1);
    ran.says("\"stream\": stream pending entry 5-2 of group \"group\" is delivered at")
        .says("1 values, 0 expiries differ");
}

#[test]
fn values_too_long_to_keep_are_told_without_the_place() {
    let long = |last: char| {
        let value = "x".repeat(5 << 20) + &last.to_string();
        let options = WriteOptions { compress: false, ..WriteOptions::new(Dialect::Redis(10)) };
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        string(&mut writer, "long", &value, None);
        writer.finish().unwrap()
    };
    diff(&long('a'), &long('b'), &[]).ended(1).says("\"long\": string too much to tell where");
    diff(&long('a'), &long('a'), &[]).ended(0);
}

#[test]
fn a_log_is_compared_if_it_is_a_snapshot() {
    let manifest = b"file a.base.rdb seq 1 type b\nfile a.incr.aof seq 1 type i\n";
    let commands = log(&["SET a 1"]);
    let folder = folder(&[
        ("snapshot.rdb", &small(true)),
        ("log/a.manifest", manifest),
        ("log/a.base.rdb", &small(false)),
        ("log/a.incr.aof", b""),
        ("more/a.manifest", manifest),
        ("more/a.base.rdb", &small(false)),
        ("more/a.incr.aof", &commands),
    ]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    run(&["diff", &path("snapshot.rdb"), &path("log")]).ended(0).says("no difference");
    run(&["diff", &path("log/a.manifest"), &path("snapshot.rdb")]).ended(0);
    let ran = run(&["diff", &path("snapshot.rdb"), &path("more")]).ended(2);
    ran.warns("the log has commands behind its snapshot, which can't be compared with data");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let good = golden("r7.rdb");
    let good = good.to_str().unwrap();
    run(&["diff", good, "/nowhere"]).ended(2).warns("/nowhere: no such file, and no HOST:PORT");
    run(&["diff", good, "rediss://localhost"]).ended(2).warns("TLS is not supported");
    run(&["diff", good, "127.0.0.1:1"]).ended(2).warns("127.0.0.1:1: cannot connect");
    let mut bad = small(true);
    *bad.last_mut().unwrap() ^= 1;
    diff(&small(true), &bad, &[]).ended(1).warns("b.rdb: damaged at byte").warns("wrong checksum");
    let element: Element<'_> = 1.into();
    assert_eq!(element, Element::Bytes(b"1"));
}

#[test]
fn a_log_of_one_file_is_not_compared_without_its_commands() {
    diff(&mixed(), &small(true), &[]).ended(2).warns("a.rdb is a log: 52 bytes of commands follow");
    diff(&small(true), &mixed(), &[]).ended(2).warns("b.rdb is a log: 52 bytes of commands follow");
    let other = [small(true), b"more".to_vec()].concat();
    diff(&other, &small(true), &[]).ended(0).says("note: 4 bytes follow the end of the snapshot");
}

#[test]
fn damaged_values_are_no_equal_values() {
    for (file, reason) in [(TWICE, "is there twice"), (EMPTY, "a collection without elements")] {
        let ran = diff(file, file, &[]).ended(1).warns(reason);
        ran.warns("a.rdb: damaged at byte ").warns("in the value of key \"k\" of database 0");
    }
}

#[test]
fn what_can_be_read_once_only_is_refused() {
    let good = golden("r7.rdb");
    let ran = run_with(&["diff", good.to_str().unwrap(), "/dev/stdin"], &small(true)).ended(2);
    ran.warns("/dev/stdin is no file, and what is compared may be read twice");
}

//! `kvd-check stats`.

use serde_json::Value;

use crate::files::{golden, mixed, small};
use crate::run::{run, run_with};

fn json(words: &[&str], input: &[u8]) -> Value {
    let ran = run_with(&[&["stats", "--json", "-"], words].concat(), input).ended(0);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn types_keys_and_bytes_add_up() {
    let file = small(true);
    let told = json(&[], &file);
    assert_eq!(
        (told["version"].as_str(), told["bytes"].as_u64()),
        (Some("REDIS0010"), Some(file.len() as u64))
    );
    assert_eq!(told["total"]["keys"], 8);
    let types = told["types"].as_array().unwrap();
    let sum = |name: &str| types.iter().map(|form| form[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("keys"), Some(sum("bytes"))), (8, told["total"]["bytes"].as_u64()));
    let list = types.iter().find(|form| form["type"] == "list").unwrap();
    assert_eq!(
        (&list["form"], &list["keys"], &list["elements"]),
        (&"quicklist".into(), &1.into(), &3.into())
    );
    // All but magic, aux field, selected database, sizes, end and checksum is in keys.
    let front = 9 + (1 + 10 + 7) + 2 + 3;
    assert_eq!(sum("bytes"), (file.len() - front - 1 - 8) as u64);
    assert_eq!(told["largest_collections"][0]["key"], "list");
    assert_eq!(told["biggest_keys"].as_array().unwrap().len(), 8);
    let expiring: Vec<_> =
        told["expiries"].as_array().unwrap().iter().filter(|bucket| bucket["keys"] == 1).collect();
    assert_eq!(expiring.len(), 1);
    assert_eq!(told["expiries"][0]["keys"], 7);
}

#[test]
fn prefixes_are_cut_at_the_delimiter() {
    use rdb::{Dialect, Meta, WriteOptions, Writer};
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    for key in ["a:b:1", "a:b:2", "a:c", "b", "x/y/z", "a:b:c:d"] {
        writer.entry(key.as_bytes(), Meta::default()).unwrap().string(b"v").unwrap();
    }
    let file = writer.finish().unwrap();
    let prefixes = |words: &[&str]| {
        let told = json(words, &file);
        let prefixes = told["prefixes"].as_array().unwrap().iter();
        let mut prefixes: Vec<_> = prefixes
            .map(|row| (row["prefix"].as_str().unwrap_or("-").to_owned(), row["keys"].as_u64().unwrap()))
            .collect();
        prefixes.sort();
        (prefixes, told["other_prefixes"]["keys"].as_u64().unwrap())
    };
    let owned = |rows: &[(&str, u64)]| {
        rows.iter().map(|(name, keys)| ((*name).to_owned(), *keys)).collect::<Vec<_>>()
    };
    assert_eq!(prefixes(&[]), (owned(&[("-", 2), ("a", 4)]), 0));
    assert_eq!(prefixes(&["--depth", "2"]), (owned(&[("-", 2), ("a", 1), ("a:b", 3)]), 0));
    assert_eq!(prefixes(&["--delimiter", "/"]), (owned(&[("-", 5), ("x", 1)]), 0));
    assert_eq!(prefixes(&["--top", "1"]), (owned(&[("a", 4)]), 2));
}

#[test]
fn tables_tell_the_same() {
    let path = golden("r8.rdb");
    let ran = run(&["stats", path.to_str().unwrap(), "--top", "1"]).ended(0);
    let ran =
        ran.says("REDIS0012, 29742 bytes (29.04 KiB), 42 keys").says("\nTypes\n  type ").says("(other)");
    ran.says("\"string:16k\"")
        .says("Expiries, from when the file was saved (2026-")
        .says("fields of hashes expire too");
}

#[test]
fn damage_ends_it() {
    let mut file = small(true);
    file.truncate(150);
    run_with(&["stats", "-"], &file).ended(1).warns("damaged at byte 150");
}

#[test]
fn keys_that_look_alike_are_told_apart() {
    use rdb::{Dialect, Meta, WriteOptions, Writer};
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    for key in [&b"\\xff:a"[..], b"\xff:a"] {
        writer.entry(key, Meta::default()).unwrap().string(b"v").unwrap();
    }
    let told = json(&[], &writer.finish().unwrap());
    for (list, name, hex) in [("biggest_keys", "key", "ff3a61"), ("prefixes", "prefix", "ff")] {
        let rows = told[list].as_array().unwrap();
        let key = &rows[0][name];
        assert!(rows.len() == 2 && rows[1][name] == *key, "{rows:?}");
        let hexes: Vec<_> = rows.iter().filter_map(|row| row[format!("{name}_hex")].as_str()).collect();
        assert_eq!(hexes, [hex]);
    }
}

#[test]
fn commands_behind_a_snapshot_are_told() {
    let told = json(&[], &mixed());
    assert_eq!((&told["following_bytes"], &told["total"]["keys"]), (&52.into(), &8.into()));
    let ran = run_with(&["stats", "-"], &mixed()).ended(0);
    ran.says("note: 52 bytes follow the end of the snapshot; they look like commands of a log");
}

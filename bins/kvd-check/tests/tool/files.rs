//! Files to check.

use std::fs;
use std::path::{Path, PathBuf};

use kvd_tests::process::repository;
use listpack::{Element, Listpack};
use rdb::{
    Consumer, Dialect, Field, Group, Meta, Pending, StreamId, StreamMetadata, StreamPart, WriteError,
    WriteOptions, Writer,
};
use tempfile::TempDir;

/// The snapshots that servers saved.
pub(crate) fn golden(name: &str) -> PathBuf {
    repository().join("crates/rdb/tests/golden").join(name)
}

/// All of them.
pub(crate) fn all_golden() -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(golden("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rdb"));
    paths.sort();
    assert_eq!(paths.len(), 15);
    paths
}

/// A folder with these files in it.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Names and contents of all files of a folder, or of one file.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    if folder.is_file() {
        return vec![(folder.display().to_string(), fs::read(folder).unwrap())];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

pub(crate) fn packed(elements: &[&str]) -> Listpack {
    let mut list = Listpack::new();
    list.append(elements.iter().map(|element| Element::Bytes(element.as_bytes()))).unwrap();
    list
}

/// A few bytes of every type.
pub(crate) fn small(checksum: bool) -> Vec<u8> {
    let options = WriteOptions { checksum, ..WriteOptions::new(Dialect::Redis(10)) };
    write_small(options).unwrap()
}

fn write_small(options: WriteOptions) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(Vec::new(), options)?;
    writer.aux(b"redis-ver", b"7.0.15")?;
    writer.select_db(0)?;
    writer.resize_db(8, 1)?;
    let expiring = Meta { expires_at_ms: Some(1_999_999_999_999), ..Meta::default() };
    writer.entry(b"text", expiring)?.string(b"hello")?;
    writer.entry(b"long", Meta::default())?.string(b"abcdabcdabcdabcdabcdabcdabcdabcdabcd")?;
    writer.entry(b"list", Meta::default())?.list(1)?.packed(packed(&["a", "17", "b"]).view())?;
    writer.entry(b"pairs", Meta::default())?.hash_packed(packed(&["f", "1", "g", "2"]).view())?;
    let mut hash = writer.entry(b"hash", Meta::default())?.hash(2)?;
    hash.field(Field::new(b"f", 1))?;
    hash.field(Field::new(b"g", b"x"))?;
    let mut set = writer.entry(b"set", Meta::default())?.set(2)?;
    set.member(b"m")?;
    set.member(-1_000_000)?;
    writer.entry(b"zset", Meta::default())?.sorted_set_packed(packed(&["a", "1", "b", "2.5"]).view())?;
    write_stream(writer.entry(b"stream", Meta::default())?)?;
    writer.finish()
}

fn write_stream(value: rdb::ValueWriter<'_, Vec<u8>>) -> Result<(), WriteError> {
    let id = StreamId { ms: 7, seq: 1 };
    let entries = packed(&["1", "0", "1", "f", "0", "2", "0", "0", "v", "4"]);
    let name = Element::Bytes(b"g");
    let metadata = StreamMetadata {
        length: 1,
        last_id: id,
        first_id: Some(id),
        max_deleted_id: StreamId::default(),
        entries_added: 1,
        groups: 1,
    };
    let mut writer = value.stream(1)?;
    for part in [
        StreamPart::Node { id, packed: entries.view() },
        StreamPart::Metadata(metadata),
        StreamPart::Group(Group { name, last_id: id, entries_read: Some(1), pending: 1 }),
        StreamPart::Pending(Pending { id, delivered_at_ms: 5, deliveries: 1 }),
        StreamPart::Consumers(1),
        StreamPart::Consumer(Consumer { name, seen_at_ms: 5, active_at_ms: Some(5), pending: 1 }),
        StreamPart::Owned(id),
    ] {
        writer.part(part)?;
    }
    Ok(())
}

/// A set that has a member twice, which every server refuses.
pub(crate) const TWICE: &[u8] = b"REDIS0010\xfe\x00\x02\x01k\x02\x01a\x01a\xff\0\0\0\0\0\0\0\0";
/// A set without members.
pub(crate) const EMPTY: &[u8] = b"REDIS0010\xfe\x00\x02\x01k\x00\xff\0\0\0\0\0\0\0\0";

/// A log of one file, with a snapshot at its front.
pub(crate) fn mixed() -> Vec<u8> {
    [small(true), log(&["SELECT 0", "SET new x"])].concat()
}

/// A command as it stands in a log.
pub(crate) fn logged(words: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    resp::write_request(&mut bytes, &words.split(' ').collect::<Vec<_>>());
    bytes
}

/// Commands one after the other; those that begin with `#` are annotations.
pub(crate) fn log(commands: &[&str]) -> Vec<u8> {
    let line = |command: &&str| match command.strip_prefix('#') {
        Some(_) => format!("{command}\r\n").into_bytes(),
        None => logged(command),
    };
    commands.iter().flat_map(line).collect()
}

//! Files and payloads that `rdb` wrote, loaded by the peers; and forms that nobody writes any more, to prove that ours are real ones.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

extern crate rdb as kvd_rdb;

use std::fs;
use std::path::Path;

use kvd_rdb::dump::Payload;
use kvd_rdb::{
    CopyError, Dialect, Item, ReadOptions, Reader, Scratch, ValueType, WriteError, WriteOptions, Writer,
};
use kvd_tests::hostile::client::Client;
use kvd_tests::process::{self, Peer, Process};
use kvd_tests::wire::Frame;
use tempfile::TempDir;
use told::legacy::{legacy, sealed};
use told::{Way, tell};

#[path = "../../crates/rdb/tests/told/mod.rs"]
mod told;

const PEERS: [(Peer, &[Dialect]); 3] = [
    (Peer::Redis7, &[Dialect::Redis(10)]),
    (Peer::Redis8, &[Dialect::Redis(10), Dialect::Redis(11), Dialect::Redis(12)]),
    (Peer::Valkey9, &[Dialect::Redis(10), Dialect::Redis(11), Dialect::Valkey(80)]),
];

fn start(peer: Peer, arguments: &[&str]) -> Option<Process> {
    match peer.find() {
        Ok(program) => Some(program.start_with(arguments).unwrap()),
        Err(missing) => {
            process::skipped("rdb", missing);
            None
        }
    }
}

fn golden(name: &str) -> Vec<u8> {
    fs::read(process::repository().join(format!("crates/rdb/tests/golden/{name}.rdb"))).unwrap()
}

fn ask(client: &mut Client, words: &[&[u8]]) -> Frame {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend_from_slice(&[format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat());
    }
    client.send(&request).unwrap();
    client.frame().unwrap()
}

/// The file for a dialect, without what it, or the peer, can't hold.
fn converted(file: &[u8], options: WriteOptions, peer: Peer) -> Vec<u8> {
    let mut reader = Reader::new(file, ReadOptions::default()).unwrap();
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Entry(entry) = &item
            && entry.value_type() == ValueType::Module
            && peer != Peer::Redis8
        {
            continue;
        }
        match writer.copy(item) {
            Err(CopyError::Write(WriteError::FieldTtl(_))) => {}
            other => other.unwrap(),
        }
    }
    writer.finish().unwrap()
}

/// What a file tells, without what differs between servers: times of consumers, which version 10 doesn't hold all of.
fn comparable(file: &[u8]) -> String {
    let told = tell(file, Way::Streamed).unwrap();
    assert_eq!(told, tell(file, Way::Raw).unwrap());
    told.lines().filter(|line| !line.starts_with("  consumer ")).map(|line| format!("{line}\n")).collect()
}

/// What a peer that started with a file saves, and its digest of the data.
fn loaded(peer: Peer, file: &[u8]) -> Option<(Vec<u8>, Frame)> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("dump.rdb");
    fs::write(&path, file).unwrap();
    let process = start(peer, &["--dir", folder.path().to_str().unwrap(), "--dbfilename", "dump.rdb"])?;
    let mut client = Client::connect(process.address).unwrap();
    let digest = ask(&mut client, &[b"DEBUG", b"DIGEST"]);
    assert_eq!(ask(&mut client, &[b"SAVE"]), Frame::Status(b"OK".to_vec()), "{}", process.log());
    Some((read(&path), digest))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn peers_load_what_was_written_for_them() {
    for (peer, dialects) in PEERS {
        for name in ["r7", "r8", "vk"] {
            let file = golden(name);
            let mut digests = Vec::new();
            for &dialect in dialects {
                for compress in [true, false] {
                    let options = WriteOptions { dialect, compress, checksum: compress };
                    let converted = converted(&file, options, peer);
                    let Some((saved, digest)) = loaded(peer, &converted) else { continue };
                    assert_eq!(comparable(&saved), comparable(&converted), "{name} {dialect} {peer:?}");
                    assert!(matches!(digest, Frame::Status(_)));
                    digests.push((dialect.has_field_ttl(), digest));
                }
            }
            // Where fields that expire have a place there are more keys.
            for (has_field_ttl, digest) in &digests {
                assert!(digests.iter().all(|(other, found)| other != has_field_ttl || found == digest));
            }
        }
    }
}

#[test]
fn peers_restore_forms_of_old() {
    for (peer, dialects) in PEERS {
        let Some(process) = start(peer, &[]) else { continue };
        let mut client = Client::connect(process.address).unwrap();
        let newest = dialects.iter().map(|dialect| dialect.version()).filter(|version| *version < 80).max();
        let mut restored = 0;
        for legacy in legacy() {
            if legacy.version > u16::from(newest.unwrap()) {
                continue;
            }
            let payload = sealed(&legacy.bytes, legacy.version);
            let reply = ask(&mut client, &[b"RESTORE", b"key", b"0", &payload, b"REPLACE"]);
            assert_eq!(reply, Frame::Status(b"OK".to_vec()), "{} {peer:?}", legacy.name);
            let Frame::Bulk(dumped) = ask(&mut client, &[b"DUMP", b"key"]) else { panic!() };
            let mut scratch = Scratch::new();
            let mut decoding = Payload::parse(&dumped).unwrap().value().unwrap().decode(&mut scratch);
            let (kind, lines) = told::value(decoding.value().unwrap()).unwrap();
            // The oldest streams don't say how much a group has read; peers work it out.
            let told = |line: &str| match legacy.bytes[0] {
                15 if line.starts_with("group ") => "group \"g\" 5-1".to_owned(),
                _ => line.to_owned(),
            };
            let lines: Vec<_> = lines.iter().map(|line| told(line)).collect();
            let expected: Vec<_> = legacy.told.1.iter().map(|line| told(line)).collect();
            assert_eq!((kind.as_str(), lines), (legacy.told.0, expected), "{} {peer:?}", legacy.name);
            restored += 1;
        }
        assert!(restored >= 17);
    }
}

#[test]
fn peers_restore_what_was_dumped_for_them() {
    for (peer, dialects) in PEERS {
        let Some(process) = start(peer, &[]) else { continue };
        let mut client = Client::connect(process.address).unwrap();
        for &dialect in dialects {
            for legacy in legacy() {
                let mut scratch = Scratch::new();
                let payload = sealed(&legacy.bytes, legacy.version);
                let mut decoding = Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
                let copy = kvd_rdb::dump::write(dialect, |value| value.copy(decoding.value()?));
                let payload = match copy {
                    Err(CopyError::Write(WriteError::FieldTtl(_))) => continue,
                    other => other.unwrap(),
                };
                let reply = ask(&mut client, &[b"RESTORE", b"key", b"0", &payload, b"REPLACE"]);
                assert_eq!(reply, Frame::Status(b"OK".to_vec()), "{} {dialect} {peer:?}", legacy.name);
                let Frame::Bulk(dumped) = ask(&mut client, &[b"DUMP", b"key"]) else { panic!() };
                let mut decoding = Payload::parse(&dumped).unwrap().value().unwrap().decode(&mut scratch);
                let (_, lines) = told::value(decoding.value().unwrap()).unwrap();
                assert_eq!(lines, legacy.told.1, "{} {dialect} {peer:?}", legacy.name);
            }
        }
    }
}

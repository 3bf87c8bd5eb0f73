//! Files that servers saved, read here: what is in them is what the servers said it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::told::{Way, tell};
use kvd_rdb::{
    Checker, Dialect, Element, ErrorKind, Item, ReadOptions, Reader, Trailer, WriteOptions, Writer,
};

/// The recorded files and what was said of them.
fn golden() -> Vec<(PathBuf, Vec<u8>, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rdb"));
    files.sort();
    let told = |path: &PathBuf| fs::read_to_string(path.with_extension("txt")).unwrap();
    files.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap(), told(&path))).collect()
}

/// Gives one byte at a time.
struct Drip<'a>(&'a [u8]);

impl std::io::Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(1);
        std::io::Read::read(&mut self.0, &mut into[..len])
    }
}

/// The file written anew for a dialect.
fn converted(file: &[u8], options: WriteOptions) -> Vec<u8> {
    let mut reader = Reader::new(file, ReadOptions::default()).unwrap();
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        writer.copy(item).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn there_are_files_of_all_servers() {
    assert_eq!(golden().len(), 15);
}

#[test]
fn files_hold_what_servers_said() {
    for (path, file, told) in golden() {
        assert_eq!(tell(&file[..], Way::Streamed).unwrap(), told, "{}", path.display());
        assert_eq!(tell(&file[..], Way::Raw).unwrap(), told, "{}", path.display());
        assert_eq!(tell(Drip(&file), Way::Streamed).unwrap(), told, "{}", path.display());
    }
}

#[test]
fn every_value_that_servers_wrote_is_found_good() {
    for (path, file, _) in golden() {
        let mut checker = Checker::new();
        let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
        while let Some(item) = reader.next_item().unwrap() {
            let Item::Entry(entry) = item else { continue };
            let key = entry.key().escape_ascii().to_string();
            let checked =
                checker.check(entry).unwrap_or_else(|error| panic!("{}: {key}: {error}", path.display()));
            assert!(checked.elements > 0 || checked.groups > 0 || key.starts_with("stream"), "{key}");
            assert!(!checked.is_partial);
        }
    }
}

#[test]
fn values_that_are_not_read_are_passed_over() {
    for (path, file, told) in golden() {
        let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
        let (mut entries, mut trailer) = (0, None);
        while let Some(item) = reader.next_item().unwrap() {
            match item {
                Item::Entry(_) => entries += 1,
                Item::End(end) => trailer = Some(end),
                _ => {}
            }
        }
        assert_eq!(
            entries,
            told.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count()
        );
        let is_plain = path.to_string_lossy().contains("plain");
        assert_eq!(trailer, Some(if is_plain { Trailer::Omitted } else { Trailer::Verified }));
        assert_eq!(reader.offset(), file.len() as u64);
    }
}

#[test]
fn every_prefix_is_truncated() {
    for (path, file, _) in golden() {
        // Of long files a few hundred prefixes must do.
        let step = if file.len() > 1000 { 211 } else { 1 };
        for len in (0..file.len()).step_by(step) {
            for way in [Way::Streamed, Way::Raw] {
                let error = tell(&file[..len], way).unwrap_err();
                assert!(matches!(error.kind, ErrorKind::Truncated), "{} {len}: {error}", path.display());
                assert_eq!(error.offset, len as u64);
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed_or_changes_the_data() {
    for (path, file, _) in golden() {
        if file.len() > 1000 || path.to_string_lossy().contains("plain") {
            continue;
        }
        for bit in 0..file.len() * 8 {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            // The checksum covers all; only the magic's version decides whether there is one.
            let options = ReadOptions { checksum: false, ..ReadOptions::default() };
            let mut reader = Reader::new(&file[..], options);
            while let Ok(Some(_)) = reader.as_mut().map_or(Ok(None), Reader::next_item) {}
            let told = tell(&file[..], Way::Streamed);
            assert!(told.is_err() || bit < 9 * 8, "{} bit {bit}", path.display());
        }
    }
}

#[test]
fn flipped_bits_of_large_files_never_panic() {
    for (_, file, _) in golden() {
        for at in (0..file.len()).step_by(61) {
            let mut file = file.clone();
            file[at] ^= 1 << (at % 8);
            let options = ReadOptions { checksum: false, ..ReadOptions::default() };
            let Ok(mut reader) = Reader::new(&file[..], options) else { continue };
            let mut writer = Writer::new(std::io::sink(), WriteOptions::new(Dialect::Redis(12))).unwrap();
            while let Ok(Some(item)) = reader.next_item() {
                if writer.copy(item).is_err() {
                    break;
                }
            }
        }
    }
}

#[test]
fn files_are_converted_to_every_dialect_that_holds_them() {
    for (path, file, told) in golden() {
        let has_field_ttl = told.contains("\"hash:expiring\"");
        for dialect in [Dialect::Redis(10), Dialect::Redis(11), Dialect::Redis(12), Dialect::Valkey(80)] {
            if has_field_ttl && !dialect.has_field_ttl() {
                continue;
            }
            for compress in [false, true] {
                let file = converted(&file, WriteOptions { dialect, compress, checksum: true });
                let again = tell(&file[..], Way::Streamed).unwrap();
                let is_told = |text: &str| match dialect {
                    // Consumers' activity is lost.
                    Dialect::Redis(10) => text
                        .lines()
                        .filter(|line| !line.contains("  consumer"))
                        .collect::<Vec<_>>()
                        .join("\n"),
                    _ => text.to_owned(),
                };
                assert_eq!(is_told(&again), is_told(&told), "{} {dialect}", path.display());
            }
        }
    }
}

#[test]
fn what_cannot_be_held_is_refused() {
    for name in ["r8", "vk"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.rdb"));
        let file = fs::read(path).unwrap();
        let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
        let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(11))).unwrap();
        let mut refused = Vec::new();
        while let Some(item) = reader.next_item().unwrap() {
            let key = if let Item::Entry(entry) = &item { entry.key().to_vec() } else { Vec::new() };
            if let Err(error) = writer.copy(item) {
                assert!(error.to_string().contains("REDIS0011 has no fields that expire"), "{error}");
                refused.push(String::from_utf8(key).unwrap());
                break;
            }
        }
        assert!(refused[0].starts_with("hash:expiring"), "{refused:?}");
    }
}

#[test]
fn slots_of_clusters_are_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/r8-cluster.rdb");
    let file = fs::read(path).unwrap();
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    let mut slots = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::SlotInfo { slot, keys, expiring } = item {
            slots.push((slot, keys, expiring));
        }
    }
    slots.sort();
    assert_eq!(slots, [(3300, 1, 1), (7365, 1, 0), (15495, 1, 0)]);
}

#[test]
fn the_writer_of_a_file_is_told() {
    for (path, file, _) in golden() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (dialect, key, version) = match &name[..2] {
            "r7" => (Dialect::Redis(10), &b"redis-ver"[..], &b"7.0.15"[..]),
            "r8" => (Dialect::Redis(12), b"redis-ver".as_slice(), b"8.2.3".as_slice()),
            _ => (Dialect::Valkey(80), b"valkey-ver".as_slice(), b"9.1.2".as_slice()),
        };
        let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
        assert_eq!(reader.dialect(), dialect);
        match reader.next_item().unwrap() {
            Some(Item::Aux { key: found, value }) => {
                assert_eq!((found, value), (Element::Bytes(key), Element::Bytes(version)));
            }
            other => panic!("{other:?}"),
        }
    }
}

//! Bytes that nobody wrote.

use kvd_rdb::dump::Payload;
use kvd_rdb::{
    Dialect, ErrorKind, Item, Limit, RawValue, ReadOptions, Reader, Scratch, Unsupported, ValueType,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::told::{Way, legacy, tell};

fn file(body: &[u8]) -> Vec<u8> {
    [b"REDIS0012", body].concat()
}

fn fault(bytes: &[u8]) -> String {
    tell(bytes, Way::Streamed).unwrap_err().to_string()
}

#[test]
fn files_that_are_none_are_refused() {
    assert_eq!(fault(b""), "the bytes end too early at byte 0");
    assert_eq!(fault(b"REDIS001"), "the bytes end too early at byte 8");
    assert_eq!(fault(b"*1\r\n$4\r\nPING\r\n"), "neither a file of Redis nor of Valkey at byte 0");
    assert_eq!(fault(b"REDIS0013\xff"), "version 13 is not supported at byte 0");
    assert_eq!(fault(b"VALKEY011\xff"), "version 11 is not supported at byte 0");
}

#[test]
fn unknown_things_are_refused_with_their_place() {
    assert_eq!(fault(&file(b"\xf6\x01x")), "functions of before Redis 7.0 are not supported at byte 9");
    assert_eq!(fault(&file(b"\xfe\x00\xf3\x01x")), "type or opcode 243 is not supported at byte 11");
    assert_eq!(fault(&file(b"\x1a\x01x")), "type or opcode 26 is not supported at byte 9");
    assert_eq!(
        fault(&file(b"\x06\x01x")),
        "values of modules of before Redis 4.0 are not supported at byte 9"
    );
    assert!(fault(&file(b"\xff12345678")).starts_with("wrong checksum: "));
    assert!(fault(&file(b"\xff12345678")).ends_with("instead of 3837363534333231 at byte 10"));
}

#[test]
fn old_files_have_no_checksum() {
    assert_eq!(
        tell(&b"REDIS0003\xfe\x00\xfd\x01\0\0\0\x00\x01a\x01b\xff"[..], Way::Streamed).unwrap(),
        "0 \"a\" expires 1000 string\n  \"b\"\n"
    );
}

#[test]
fn what_modules_and_clusters_leave_is_read() {
    let body = b"\xf7\x81\xbd\xe7\x2d\xa2\xbb\x1e\xb4\x00\x02\x01\x05\x03abc\x00\xf3\x02ab\x02\x00\x05\x07\x41\x00\xff\0\0\0\0\0\0\0\0";
    let bytes = [b"VALKEY080", &body[..]].concat();
    let mut reader = Reader::new(&bytes[..], ReadOptions::default()).unwrap();
    let Some(Item::ModuleAux(module)) = reader.next_item().unwrap() else { panic!() };
    assert_eq!(module.id().name(), "vectorset");
    let Some(Item::SlotImport(import)) = reader.next_item().unwrap() else { panic!() };
    let ranges: Vec<_> = import.ranges.iter().map(|range| (range.first, range.last)).collect();
    assert_eq!(ranges, [(0, 5), (7, 256)]);
    assert!(matches!(reader.next_item().unwrap(), Some(Item::End(kvd_rdb::Trailer::Omitted))));
}

#[test]
fn limits_are_kept() {
    let options = ReadOptions { text_bytes_max: 3, ..ReadOptions::default() };
    let bytes = file(b"\x00\x03key\x04long\xff\0\0\0\0\0\0\0\0");
    let mut reader = Reader::new(&bytes[..], options).unwrap();
    let Some(Item::Entry(entry)) = reader.next_item().unwrap() else { panic!() };
    let error = entry.value().unwrap_err();
    assert!(matches!((error.offset, error.kind), (14, ErrorKind::Limit(Limit::Text(4)))));
    // What isn't read has no limit.
    assert!(matches!(reader.next_item().unwrap(), Some(Item::End(_))));
}

#[test]
fn a_version_says_which_types_there_are() {
    let payload = legacy::sealed(b"\x18\0\0\0\0\0\0\0\0\x01\x01f\x01v", 80);
    let error = Payload::parse(&payload).unwrap().value().unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unsupported(Unsupported::Type(24))));
    assert_eq!(Payload::parse(&payload).unwrap().dialect(), Dialect::Valkey(80));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(number in 0..26_u8, bytes in vec(any::<u8>(), 0..200)) {
        for dialect in [Dialect::Redis(12), Dialect::Valkey(80)] {
            if let Some(value_type) = ValueType::of_number(number, dialect) {
                let _ = read(value_type, &bytes);
            }
        }
    }

    #[test]
    fn changed_values_are_read_or_refused(index in 0..20_usize, at in any::<prop::sample::Index>(), byte: u8) {
        let mut legacy = legacy::legacy().swap_remove(index);
        let len = legacy.bytes.len();
        legacy.bytes[1 + at.index(len - 1)] = byte;
        let value_type = ValueType::of_number(legacy.bytes[0], Dialect::Redis(12)).unwrap();
        let _ = read(value_type, &legacy.bytes[1..]);
    }
}

/// Reads all parts without making sense of them.
fn read(value_type: ValueType, bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let mut scratch = Scratch::new();
    let raw = RawValue::new(value_type, bytes, 0);
    let _ = raw.decode(&mut scratch).skip();
    let mut decoding = raw.decode(&mut scratch);
    kvd_rdb::dump::write(Dialect::Redis(12), |value| value.copy(decoding.value()?))?;
    Ok(())
}

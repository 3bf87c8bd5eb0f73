//! Payloads: those of servers byte for byte, those of old forms, and those that are refused.

use crate::told::legacy::{legacy, sealed};
use kvd_rdb::dump::{self, DumpError, Payload};
use kvd_rdb::{
    Dialect, Element, Error, ErrorKind, Fault, Field, IntsetRef, ListpackRef, Scratch, Unsupported, Value,
    ValueWriter, WriteError,
};

fn told(payload: &[u8]) -> Result<(String, Vec<String>), Error> {
    let mut scratch = Scratch::new();
    crate::told::value(Payload::parse(payload).unwrap().value()?.decode(&mut scratch).value()?)
}

fn fault(bytes: &[u8], version: u16) -> String {
    told(&sealed(bytes, version)).unwrap_err().to_string()
}

fn body(dialect: Dialect, write: impl FnOnce(ValueWriter<'_, Vec<u8>>) -> Result<(), WriteError>) -> Vec<u8> {
    let mut payload = dump::write(dialect, write).unwrap();
    payload.truncate(payload.len() - 10);
    payload
}

#[test]
fn old_forms_are_read() {
    for legacy in legacy() {
        let (kind, lines) = told(&sealed(&legacy.bytes, legacy.version)).unwrap();
        assert_eq!(
            (kind.as_str(), lines.iter().map(String::as_str).collect()),
            legacy.told,
            "{}",
            legacy.name
        );
    }
}

#[test]
fn a_payload_is_that_of_the_server() {
    let payload = b"\x00\x05hello\x0a\x00\x63\x72\xdf\x76\x65\x34\x20\x0a";
    assert_eq!(dump::write(Dialect::Redis(10), |value| value.string(b"hello")).unwrap(), payload);
    assert_eq!(told(payload).unwrap().1, ["\"hello\""]);
    assert_eq!(Payload::parse(payload).unwrap().dialect(), Dialect::Redis(10));
}

#[test]
fn strings_are_written_as_servers_write_them() {
    let string = |text: &[u8]| body(Dialect::Redis(10), |value| value.string(text))[1..].to_vec();
    assert_eq!(string(b"12"), b"\xc0\x0c");
    assert_eq!(string(b"-129"), b"\xc1\x7f\xff");
    assert_eq!(string(b"2147483647"), b"\xc2\xff\xff\xff\x7f");
    assert_eq!(string(b"-2147483648"), b"\xc2\0\0\0\x80");
    assert_eq!(string(b"2147483648"), b"\x0a2147483648");
    for text in [&b"007"[..], b"+1", b"-0", b"", b"1 "] {
        assert_eq!(string(text), [&[text.len() as u8], text].concat());
    }
    assert_eq!(string(&[b'a'; 20]), [&[20], &[b'a'; 20][..]].concat());
    let packed = string(&[b'a'; 25]);
    assert_eq!(packed[..3], [0xC3, packed.len() as u8 - 3, 25]);
    assert_eq!(string(&[b'a'; 63])[0], 0xC3);
    let integer = |value: i64| body(Dialect::Redis(10), |writer| writer.string(value))[1..].to_vec();
    assert_eq!(integer(12), b"\xc0\x0c");
    assert_eq!(integer(1 << 31), b"\x0a2147483648");
}

#[test]
fn packed_values_are_written_as_they_are() {
    let zset = b"\x14\0\0\0\x04\0\x81a\x02\x831.5\x04\x81b\x02\x02\x01\xff";
    let list = ListpackRef::new(zset).unwrap();
    let written = body(Dialect::Redis(10), |value| value.sorted_set_packed(list));
    assert_eq!(written, [b"\x11\x14", &zset[..]].concat());
    let list = b"\x0f\0\0\0\x03\0\x81a\x02\x01\x01\xc1\x2c\x02\xff";
    let packed = ListpackRef::new(list).unwrap();
    let written = body(Dialect::Redis(10), |value| value.list(1)?.packed(packed));
    assert_eq!(written, [b"\x12\x01\x02\x0f", &list[..]].concat());
    let written = body(Dialect::Redis(11), |value| value.set_packed(packed));
    assert_eq!(written, [b"\x14\x0f", &list[..]].concat());
    let written = body(Dialect::Redis(10), |value| value.set_packed(packed));
    assert_eq!(written, b"\x02\x03\x01a\xc0\x01\xc1\x2c\x01");
    let integers = b"\x02\0\0\0\x03\0\0\0\xfb\xff\x01\0\x02\0";
    let set = IntsetRef::new(integers).unwrap();
    let written = body(Dialect::Redis(10), |value| value.intset(set));
    assert_eq!(written, [b"\x0b\x0e", &integers[..]].concat());
}

/// f = v, g = w at 1999999999123, k = u at 1999999999999: as Redis 8.2 packs it, as it writes it unpacked, and as Valkey 9.1 does.
const PACKED: &[u8] = b"\x19\x93\x1c\x4a\xa9\xd1\x01\0\0\x2f\x2f\0\0\0\x09\0\x81g\x02\x81w\x02\xf4\x93\x1c\x4a\xa9\xd1\x01\0\0\x09\
    \x81k\x02\x81u\x02\xf4\xff\x1f\x4a\xa9\xd1\x01\0\0\x09\x81f\x02\x81v\x02\0\x01\xff";
const UNPACKED: &[u8] = b"\x18\x93\x1c\x4a\xa9\xd1\x01\0\0\x03\x43\x6d\x01k\x01u\0\x01f\x01v\x01\x01g\x01w";
const VALKEY: &[u8] =
    b"\x16\x03\x01f\x01v\xff\xff\xff\xff\xff\xff\xff\xff\x01g\x01w\x93\x1c\x4a\xa9\xd1\x01\0\0\
    \x01k\x01u\xff\x1f\x4a\xa9\xd1\x01\0\0";

#[test]
fn fields_that_expire_are_read_and_written() {
    let lines = ["\"f\" \"v\"", "\"g\" \"w\" 1999999999123", "\"k\" \"u\" 1999999999999"];
    for (bytes, version) in [(PACKED, 12), (UNPACKED, 12), (VALKEY, 80)] {
        assert_eq!(told(&sealed(bytes, version)).unwrap().1, lines);
    }
    let field = |name: &'static [u8], value: &'static [u8], expires_at_ms| Field {
        expires_at_ms,
        ..Field::new(Element::Bytes(name), Element::Bytes(value))
    };
    let fields = [
        field(b"f", b"v", None),
        field(b"g", b"w", Some(1_999_999_999_123)),
        field(b"k", b"u", Some(1_999_999_999_999)),
    ];
    let write = |dialect, order: [usize; 3]| {
        body(dialect, |value| {
            let mut hash = value.hash_expiring(3, 1_999_999_999_123)?;
            order.into_iter().try_for_each(|index| hash.field(fields[index]))
        })
    };
    assert_eq!(write(Dialect::Redis(12), [2, 0, 1]), UNPACKED);
    assert_eq!(write(Dialect::Valkey(80), [0, 1, 2]), VALKEY);
    let triples = ListpackRef::new(&PACKED[10..]).unwrap();
    let packed = dump::Dumper::new(kvd_rdb::WriteOptions {
        dialect: Dialect::Redis(12),
        compress: false,
        checksum: true,
    });
    let mut packed = packed.unwrap();
    let payload = packed.write(|value| value.hash_packed_expiring(triples)).unwrap();
    assert_eq!(&payload[..PACKED.len()], PACKED);
    assert_eq!(body(Dialect::Valkey(80), |value| value.hash_packed_expiring(triples)), {
        body(Dialect::Valkey(80), |value| {
            let mut hash = value.hash_expiring(3, 0)?;
            [1, 2, 0].into_iter().try_for_each(|index: usize| hash.field(fields[index]))
        })
    });
    let refused = dump::write(Dialect::Redis(11), |value| value.hash_packed_expiring(triples));
    assert!(matches!(refused, Err(WriteError::FieldTtl(Dialect::Redis(11)))));
}

#[test]
fn early_forms_of_fields_that_expire_are_read() {
    let lines = ["\"f\" \"v\" 1000", "\"g\" \"w\""];
    assert_eq!(told(&sealed(b"\x16\x02\x43\xe8\x01f\x01v\0\x01g\x01w", 12)).unwrap().1, lines);
    let list = b"\x17\x18\x18\0\0\0\x06\0\x81f\x02\x81v\x02\xc3\xe8\x02\x81g\x02\x81w\x02\0\x01\xff";
    assert_eq!(told(&sealed(list, 12)).unwrap().1, lines);
}

#[test]
fn values_of_modules_are_opaque() {
    let id = b"\x81\xbd\xe7\x2d\xa2\xbb\x1e\xb4\0";
    let items = b"\x02\x05\x01\x03\x03\0\0\0\0\x04\0\0\0\0\0\0\0\0\x05\x03abc\x05\xc0\x07";
    let payload = sealed(&[b"\x07", &id[..], items, b"\0"].concat(), 12);
    let mut scratch = Scratch::new();
    let mut decoding = Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
    let Value::Module(mut module) = decoding.value().unwrap() else { panic!() };
    assert_eq!((module.id().name().as_str(), module.id().version()), ("vectorset", 0));
    let mut parts = Vec::new();
    while let Some(part) = module.next_part().unwrap() {
        parts.push(part.to_vec());
    }
    assert_eq!(parts.len(), 6);
    assert_eq!(parts.concat(), items);
    assert!(module.next_part().unwrap().is_none());
    let mut decoding = Payload::parse(&payload).unwrap().value().unwrap().decode(&mut scratch);
    let copy = dump::write(Dialect::Redis(12), |value| value.copy(decoding.value().unwrap())).unwrap();
    assert_eq!(copy, payload);
}

#[test]
fn footers_are_checked() {
    let payload = sealed(b"\x00\x01a", 10);
    assert_eq!(Payload::parse(b"").unwrap_err(), DumpError::TooShort);
    assert_eq!(Payload::parse(&payload[..9]).unwrap_err(), DumpError::TooShort);
    let mut zeros = payload.clone();
    zeros[5..].fill(0);
    assert_eq!(Payload::parse(&zeros).unwrap_err(), DumpError::Checksum);
    for version in [1, 9, 12, 80] {
        assert!(Payload::parse(&sealed(b"\x00\x01a", version)).is_ok());
    }
    for version in [0, 13, 79, 81, 256, 65535] {
        assert_eq!(Payload::parse(&sealed(b"\x00\x01a", version)), Err(DumpError::Version(version)));
    }
    assert_eq!(told(&sealed(b"\x00\x01a and more", 10)).unwrap().1, ["\"a\""]);
    assert!(matches!(
        Payload::parse(&sealed(b"", 10)).unwrap().value(),
        Err(Error { offset: 0, kind: ErrorKind::Truncated })
    ));
}

#[test]
fn types_that_a_dialect_does_not_have_are_unsupported() {
    for (number, version) in [(8, 10), (26, 12), (23, 80), (25, 80), (255, 12)] {
        let error = told(&sealed(&[number, 0], version)).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Unsupported(Unsupported::Type(found)) if found == number));
    }
    assert_eq!(fault(b"\x06", 12), "values of modules of before Redis 4.0 are not supported at byte 0");
}

#[test]
fn faults_are_told_with_their_place() {
    assert_eq!(fault(b"\x00\x05hell", 10), "the bytes end too early at byte 6");
    assert_eq!(fault(b"\x00\xc4", 10), "no string begins with 0xc4 at byte 1");
    assert_eq!(fault(b"\x01\xc0\x01", 10), "no length begins with 0xc0 at byte 1");
    assert_eq!(fault(b"\x01\x82", 10), "no length begins with 0x82 at byte 1");
    assert_eq!(fault(b"\x00\xc3\x02\x03\x00a", 10), "compressed bytes of another length than told at byte 4");
    assert_eq!(
        fault(b"\x00\xc3\x01\x80\xff\xff\xff\xff\x00", 10),
        "compressed bytes of another length than told at byte 1"
    );
    assert_eq!(fault(b"\x05\x01\x01a\0\0\0\0\0\0\xf8\x7f", 10), "a score that is no number at byte 2");
    assert_eq!(fault(b"\x03\x01\x01a\xfd", 10), "a score that is no number at byte 2");
    assert_eq!(fault(b"\x12\x01\x03\x01a", 10), "a list's node of unknown kind 3 at byte 2");
    let odd = b"\x0f\0\0\0\x03\0\x81a\x02\x01\x01\xc1\x2c\x02\xff";
    assert_eq!(
        fault(&[b"\x10\x0f", &odd[..]].concat(), 10),
        "a packed value whose elements are no multiple of 2 at byte 1"
    );
    assert_eq!(
        fault(b"\x10\x08\x08\0\0\0\x01\0\x01\xff", 10),
        "malformed packed value (an entry beyond the end at byte 6) at byte 1"
    );
    assert_eq!(
        fault(b"\x0f\x01\x01a\x07\x07\0\0\0\0\0\xff", 10),
        "a stream's node with a malformed key at byte 2"
    );
    assert_eq!(fault(b"\x07\x00\x09", 10), "an item of unknown kind 9 in a module's value at byte 2");
    let error = told(&sealed(b"\x16\x01\x01f\x01v\xfe\xff\xff\xff\xff\xff\xff\xff", 80)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Malformed(Fault::Expiry)));
}

#[test]
fn collections_without_elements_have_no_parts() {
    for bytes in [&b"\x01\0"[..], b"\x02\0", b"\x03\0", b"\x04\0", b"\x05\0", b"\x0e\0", b"\x12\0"] {
        assert!(told(&sealed(bytes, 10)).unwrap().1.is_empty());
    }
    let empty = b"\x07\x07\0\0\0\0\0\xff";
    for number in [16, 17, 20] {
        assert!(told(&sealed(&[&[number], &empty[..]].concat(), 11)).unwrap().1.is_empty());
    }
    assert!(told(&sealed(&[b"\x12\x01\x02", &empty[..]].concat(), 11)).unwrap().1.is_empty());
    assert!(told(&sealed(b"\x0b\x08\x02\0\0\0\0\0\0\0", 11)).unwrap().1.is_empty());
    assert!(told(&sealed(b"\x09\x02\0\xff", 11)).unwrap().1.is_empty());
    assert!(told(&sealed(b"\x0a\x0b\x0b\0\0\0\x0a\0\0\0\0\0\xff", 11)).unwrap().1.is_empty());
}

#[test]
fn parts_are_counted() {
    let missing = dump::write(Dialect::Redis(10), |value| value.set(2)?.member(1));
    assert!(matches!(missing, Err(WriteError::Missing(1))));
    let surplus = dump::write(Dialect::Redis(10), |value| {
        let mut set = value.set(1)?;
        set.member(1)?;
        set.member(2)
    });
    assert!(matches!(surplus, Err(WriteError::Surplus)));
    let nothing = dump::write(Dialect::Redis(10), |_| Ok::<(), WriteError>(()));
    assert!(matches!(nothing, Err(WriteError::Missing(1))));
    let unwritten = dump::write(Dialect::Redis(9), |value| value.string(1));
    assert!(matches!(unwritten, Err(WriteError::Dialect(Dialect::Redis(9)))));
}

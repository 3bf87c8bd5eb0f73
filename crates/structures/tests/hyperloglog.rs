//! HyperLogLogs against plain registers, and against strings that a real server made.

use kvd_structures::hyperloglog::{self, Corrupted, EMPTY, Encoding, Place, REGISTERS, Registers, Sketch};
use proptest::prelude::*;

const SPARSE_BYTES_MAX: usize = 3000;

fn with_elements(count: usize, sparse_bytes_max: usize) -> Vec<u8> {
    let mut bytes = EMPTY.to_vec();
    for number in 0..count {
        let place = Place::of(format!("el:{number}").as_bytes());
        hyperloglog::add(&mut bytes, place, sparse_bytes_max).expect("it is whole");
    }
    bytes
}

fn estimate(bytes: &[u8]) -> u64 {
    Sketch::new(bytes).expect("it is one").estimate().expect("it is whole")
}

#[test]
fn strings_are_those_of_the_peers() {
    let mut bytes = EMPTY.to_vec();
    for element in [b"a", b"b"] {
        assert_eq!(hyperloglog::add(&mut bytes, Place::of(element), SPARSE_BYTES_MAX), Ok(true));
        assert_eq!(hyperloglog::add(&mut bytes, Place::of(element), SPARSE_BYTES_MAX), Ok(false));
    }
    assert_eq!(bytes, b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80q\xa6\x84K\xfb\x80BZ");
    hyperloglog::remember(&mut bytes, 2);
    assert_eq!(bytes, b"HYLL\x01\0\0\0\x02\0\0\0\0\0\0\0q\xa6\x84K\xfb\x80BZ");
    assert_eq!(Sketch::new(&bytes).expect("it is one").remembered(), Some(2));
}

#[test]
fn estimates_are_those_of_the_peers_in_both_encodings() {
    for (count, expected) in [(1000, 999), (1500, 1495), (5000, 4959), (20_000, 20_030)] {
        // Sparse strings of many elements are slow to change.
        for limit in [0, SPARSE_BYTES_MAX, if count > 5000 { 0 } else { 8000 }] {
            assert_eq!(estimate(&with_elements(count, limit)), expected, "{count} {limit}");
        }
    }
}

#[test]
fn registers_that_no_elements_leave_behind_are_counted_as_by_the_peers() {
    let dense = |byte: u8| [&b"HYLL\0\0\0\0\0\0\0\0\0\0\0\x80"[..], &[byte; 12288]].concat();
    for (byte, expected) in [(0xf3, 1_549_082_005), (0x31, 753_422), (0x0c, 33_606), (0xff, 1 << 63)] {
        assert_eq!(estimate(&dense(byte)), expected, "{byte:x}");
    }
}

#[test]
fn what_is_no_hyperloglog_is_refused() {
    for bytes in [&b""[..], b"HYLL", &EMPTY[..15], b"hYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff"] {
        assert!(Sketch::new(bytes).is_none());
    }
    let mut other = EMPTY;
    other[4] = 2;
    assert!(Sketch::new(&other).is_none());
    assert!(Sketch::new(&with_elements(1, 0)[..12303]).is_none());
}

#[test]
fn a_run_that_is_cut_off_is_read_and_changed_as_by_the_peers() {
    let with = |runs: &[u8]| [b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80", runs].concat();
    let mut bytes = with(b"\x7f\xfe\x40");
    assert_eq!(estimate(&bytes), 0);
    assert_eq!(hyperloglog::add(&mut bytes, Place::of(b"a"), SPARSE_BYTES_MAX), Ok(true));
    assert_eq!(bytes, with(b"\x71\xa6\x84\x4e\x56\x40"));
    let mut bytes = with(b"\x60\x00\x5f");
    assert_eq!(Sketch::new(&bytes).expect("it is one").estimate(), Err(Corrupted));
    assert_eq!(hyperloglog::add(&mut bytes, Place::of(b"e7"), SPARSE_BYTES_MAX), Ok(true));
    assert_eq!(bytes, with(b"\x60\x00\x33\x84\x5e"));
    let mut bytes = with(b"\x53");
    assert_eq!(hyperloglog::add(&mut bytes, Place::of(b"a"), SPARSE_BYTES_MAX), Err(Corrupted));
    assert_eq!(bytes, with(b"\x53"));
}

#[test]
fn the_self_test_passes() {
    assert_eq!(hyperloglog::self_test(), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn registers_are_the_greatest_values_met(
        elements in proptest::collection::vec(any::<u32>(), 0..1200),
        limit in prop_oneof![Just(0), Just(40), Just(SPARSE_BYTES_MAX), Just(1 << 20)],
    ) {
        let mut bytes = EMPTY.to_vec();
        let mut twin = vec![0; REGISTERS];
        for element in &elements {
            let place = Place::of(&element.to_le_bytes());
            let is_news = twin[place.index()] < place.value();
            prop_assert_eq!(hyperloglog::add(&mut bytes, place, limit), Ok(is_news));
            twin[place.index()] = twin[place.index()].max(place.value());
        }
        let sketch = Sketch::new(&bytes).expect("it is one");
        prop_assert!(sketch.encoding() == Encoding::Dense || bytes.len() <= limit.max(EMPTY.len()));
        let registers = sketch.registers().expect("it is whole");
        prop_assert_eq!(&registers.values()[..], &twin[..]);
        prop_assert_eq!(sketch.estimate(), Ok(registers.estimate()));
    }

    #[test]
    fn merging_is_adding_all(
        one in proptest::collection::vec(any::<u16>(), 0..800),
        other in proptest::collection::vec(any::<u16>(), 0..800),
        dense in any::<bool>(),
    ) {
        let made = |elements: &mut dyn Iterator<Item = &u16>| {
            let mut bytes = EMPTY.to_vec();
            for element in elements {
                hyperloglog::add(&mut bytes, Place::of(&element.to_le_bytes()), SPARSE_BYTES_MAX).expect("it is whole");
            }
            bytes
        };
        let (mut first, second) = (made(&mut one.iter()), made(&mut other.iter()));
        let mut registers = Registers::default();
        for bytes in [&first, &second] {
            Sketch::new(bytes).expect("it is one").raise(&mut registers).expect("it is whole");
        }
        let encoding = if dense { Encoding::Dense } else { Encoding::Sparse };
        hyperloglog::merge(&mut first, &registers, encoding, SPARSE_BYTES_MAX).expect("it is whole");
        prop_assert_eq!(estimate(&first), estimate(&made(&mut one.iter().chain(&other))));
    }
}

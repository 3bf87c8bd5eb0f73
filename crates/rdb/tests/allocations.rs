//! How much memory reading takes: what the bytes are worth, whatever lengths they claim.
//!
//! Each thread counts its own: the test runner's allocates when it likes.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Read;

use kvd_rdb::dump::{self, Dumper, Payload};
use kvd_rdb::{
    Dialect, Item, Meta, RawValue, ReadOptions, Reader, Scratch, ValueType, WriteError, WriteOptions, Writer,
};

struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
}

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        count(len as isize - layout.size() as isize);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, len) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that was held at once beyond what was before.
fn most(run: impl FnOnce()) -> usize {
    let before = HELD.get();
    MOST.set(before);
    run();
    (MOST.get() - before) as usize
}

/// Reads a file, all values part by part or raw.
fn read(bytes: &[u8], is_raw: bool) {
    let Ok(mut reader) = Reader::new(bytes, ReadOptions::default()) else { return };
    let mut writer = Writer::new(std::io::sink(), WriteOptions::new(Dialect::Redis(12))).unwrap();
    while let Ok(Some(item)) = reader.next_item() {
        match item {
            Item::Entry(mut entry) if is_raw => drop(entry.raw_value(usize::MAX)),
            item => drop(writer.copy(item)),
        }
    }
}

#[test]
fn claims_are_not_believed() {
    let claims = [
        &b"\x80\xff\xff\xff\xff"[..],
        b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\0\0\0\x3f\xff\xff\xff\xff",
    ];
    for len in [0, 1000, 3_000_000] {
        let rest = vec![b'a'; len];
        for number in 0..26 {
            for claim in claims {
                let value = [claim, &rest[..]].concat();
                let file = [&b"REDIS0012"[..], &[number, 1, b'k'], &value].concat();
                for is_raw in [false, true] {
                    let most = most(|| read(&file, is_raw));
                    assert!(most <= 2 * file.len() + (1 << 20), "{number} of {}: {most}", file.len());
                }
                let Some(value_type) = ValueType::of_number(number, Dialect::Redis(12)) else { continue };
                let most = most(|| {
                    let mut scratch = Scratch::new();
                    let _ = RawValue::new(value_type, &value, 0).decode(&mut scratch).value().map(drop);
                });
                assert!(most <= 1 << 20);
            }
        }
        let packed = [&b"REDIS0012\x00\x01k\xc3\x80\x7f\xff\xff\xff\x80\xff\xff\xff\xff"[..], &rest].concat();
        assert!(most(|| read(&packed, false)) <= 2 * packed.len() + (1 << 20));
    }
}

/// A file with one value of this type.
fn file_of(number: u8, key: &[u8], value: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| [&[0x80][..], &u32::try_from(bytes).unwrap().to_be_bytes()].concat();
    let value = if number == 0 { value.to_vec() } else { [&length(value.len())[..], value].concat() };
    [b"REDIS0012", &[number][..], &length(key.len()), key, &value, b"\xff\0\0\0\0\0\0\0\0"].concat()
}

#[test]
fn what_is_whole_takes_what_it_is_worth() {
    const COUNT: usize = 3_000_000;
    let ziplist = |count: usize| {
        let bytes = u32::try_from(11 + 2 * count).unwrap();
        let front = [bytes.to_le_bytes(), (bytes - 3).to_le_bytes()].concat();
        [&front[..], b"\xff\xff\0\xf2", &b"\x02\xf2".repeat(count - 1), b"\xff"].concat()
    };
    let compressed = {
        let length = |bytes: usize| [&[0x80][..], &u32::try_from(bytes).unwrap().to_be_bytes()].concat();
        let packed = [&b"\0a"[..], &b"\xe0\xff\0".repeat(100_000)].concat();
        [b"\xc3", &length(packed.len())[..], &length(1 + 264 * 100_000), &packed].concat()
    };
    let files = [
        (file_of(0, &vec![b'k'; 10 * COUNT], b"\x01v"), 2.0),
        (file_of(9, b"k", &[&[254][..], &[0; 3 * COUNT], &[255]].concat()), 2.4),
        (file_of(10, b"k", &ziplist(COUNT)), 2.0),
        // A little more than a power of two.
        (file_of(10, b"k", &ziplist(1 << 22)), 2.0),
        (file_of(0, b"k", &compressed), 90.0),
    ];
    for (index, (file, times)) in files.iter().enumerate() {
        let mut keys = 0;
        let most = most(|| {
            let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
            while let Some(item) = reader.next_item().unwrap() {
                if let Item::Entry(entry) = item {
                    entry.value().unwrap().facts::<kvd_rdb::Error>(&mut |_| Ok(())).unwrap();
                    keys += 1;
                }
            }
        });
        assert_eq!(keys, 1);
        let allowed = file.len() as f64 * times + f64::from(1 << 18);
        assert!(most as f64 <= allowed, "file {index} of {}: {most}", file.len());
    }
}

#[test]
fn a_large_value_is_never_in_memory_as_a_whole() {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    let mut set = writer.entry(b"key", Meta::default()).unwrap().set(500_000).unwrap();
    (0..500_000).for_each(|member| set.member(member).unwrap());
    let file = writer.finish().unwrap();
    assert!(file.len() > 1 << 20);
    assert!(most(|| read(&file, false)) < 1 << 18);
}

#[test]
fn a_buffer_that_was_needed_once_is_given_back() {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    let long: Vec<u8> =
        (0..20_000_000_u32).map(|index| (index.wrapping_mul(0x9E37_79B1) >> 24) as u8).collect();
    writer.entry(b"long", Meta::default()).unwrap().string(&long[..]).unwrap();
    for index in 0..300_000_i64 {
        writer.entry(&index.to_le_bytes(), Meta::default()).unwrap().string(index).unwrap();
    }
    let file = writer.finish().unwrap();
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    let before = HELD.get();
    while reader.next_item().unwrap().is_some() {}
    assert!(HELD.get() - before <= 2 << 20);
}

/// Counts how often it is read from.
struct Reads<'a>(&'a [u8], &'a Cell<usize>);

impl Read for Reads<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.set(self.1.get() + 1);
        self.0.read(buffer)
    }
}

#[test]
fn a_raw_value_is_read_in_large_pieces() {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    let mut set = writer.entry(b"key", Meta::default()).unwrap().set(200_000).unwrap();
    (0..200_000).for_each(|member| set.member(format!("member:{member}").as_bytes()).unwrap());
    let file = writer.finish().unwrap();
    let reads = Cell::new(0);
    let mut reader = Reader::new(Reads(&file, &reads), ReadOptions::default()).unwrap();
    let mut bytes = 0;
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Entry(mut entry) = item {
            bytes += entry.raw_value(usize::MAX).unwrap().unwrap().bytes().len();
        }
    }
    assert!(bytes > 2 << 20);
    assert!(reads.get() <= file.len() / (64 << 10) + 2, "{} reads of {} bytes", reads.get(), file.len());
}

/// What is kept of memory by the end beyond what was there before.
fn kept(run: impl FnOnce()) -> isize {
    let before = HELD.get();
    run();
    HELD.get() - before
}

#[test]
fn scratch_and_dumper_give_back_what_one_large_value_needed() {
    let large = vec![b'a'; 20_000_000];
    let dumped =
        |text: &[u8]| dump::write::<WriteError>(Dialect::Redis(12), |value| value.string(text)).unwrap();
    let payloads = [dumped(&large), dumped(b"short")];
    let mut scratch = Scratch::new();
    let left = kept(|| {
        for payload in &payloads {
            let mut decoding = Payload::parse(payload).unwrap().value().unwrap().decode(&mut scratch);
            assert!(decoding.value().is_ok());
        }
    });
    assert!(left <= 2 << 20, "{left} bytes are kept");
    let options = WriteOptions { compress: false, ..WriteOptions::new(Dialect::Redis(12)) };
    let mut dumper = Dumper::new(options).unwrap();
    let left = kept(|| {
        for text in [&large[..], b"short"] {
            dumper.write::<WriteError>(|value| value.string(text)).unwrap();
        }
    });
    assert!(left <= 2 << 20, "{left} bytes are kept");
}

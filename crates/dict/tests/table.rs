//! Promises of the table, one by one.

use kvd_dict::{Dict, Entry, HashKey, Item, RefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

fn mix(key: u64) -> u64 {
    let mut x = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[expect(clippy::borrowed_box, reason = "the table's items are boxes, and this is asked about items")]
fn rehash(item: &Box<u64>) -> u64 {
    mix(**item)
}

fn filled(size: u64) -> Dict<Box<u64>> {
    let mut dict = Dict::new();
    for key in 0..size {
        dict.insert(mix(key), Box::new(key), rehash);
    }
    dict
}

#[test]
fn an_empty_table_allocates_nothing() {
    static EMPTY: Dict<Box<u64>> = Dict::new();
    assert_eq!((EMPTY.len(), EMPTY.memory_bytes()), (0, 0));
    assert!(EMPTY.is_empty() && EMPTY.find(7, |_| true).is_none() && EMPTY.sample(7).is_none());
    assert_eq!(EMPTY.scan(7, |_| panic!("an element")), 0);
    EMPTY.prefetch(7);
    EMPTY.prefetch_items(7, 2);
}

#[test]
fn a_table_of_few_elements_is_small() {
    assert!(filled(6).memory_bytes() <= 64 + 32);
    assert!(filled(60).memory_bytes() <= 1024 + 64 + 32);
}

#[test]
fn tables_of_all_sizes_need_few_bytes_per_element() {
    let per_element = |size| filled(size).memory_bytes() as f64 / size as f64;
    assert!(per_element(9766) < 12.5, "{}", per_element(9766));
    // Twelve sizes to the doubling.
    let sizes: Vec<u64> = (0..36).map(|i| (6000.0 * (f64::from(i) / 12.0).exp2()) as u64).collect();
    let measured: Vec<f64> = sizes.iter().map(|&size| per_element(size)).collect();
    let mean = measured.iter().sum::<f64>() / measured.len() as f64;
    assert!(mean < 12.5, "{mean} from {measured:?}");
    assert!(measured.iter().all(|&bytes| bytes < 12.9), "{measured:?}");
}

#[test]
fn a_table_that_lost_most_elements_gives_memory_back() {
    let mut dict = filled(100_000);
    for key in 100..100_000 {
        assert_eq!(dict.remove(mix(key), |item| **item == key).as_deref(), Some(&key));
    }
    dict.check_invariants(rehash);
    assert!(dict.memory_bytes() < 100 * 16 + 1024, "{}", dict.memory_bytes());
    assert!((0..100).all(|key| dict.find(mix(key), |item| **item == key).is_some()));
}

#[test]
fn popping_in_slices_frees_everything() {
    let mut dict = filled(50_000);
    let mut freed = 0;
    loop {
        let slice = dict.pop_some(1000);
        freed += slice;
        if slice == 0 {
            break;
        }
        assert!(slice <= 1000);
        if freed % 10_000 == 0 {
            dict.check_invariants(rehash);
        }
    }
    assert_eq!((freed, dict.len(), dict.memory_bytes()), (50_000, 0, 0));
}

#[test]
fn drain_gives_all_and_drops_what_is_left() {
    let counted = Arc::new(());
    let mut dict = Dict::new();
    for key in 0..1000 {
        dict.insert(mix(key), Box::new((key, counted.clone())), |item| mix(item.0));
    }
    let mut taken: Vec<u64> = dict.drain().take(400).map(|item| item.0).collect();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 400);
    assert_eq!((dict.len(), Arc::strong_count(&counted)), (0, 1));
}

#[test]
fn iter_knows_how_many_are_left() {
    let dict = filled(777);
    let mut keys: Vec<u64> = Vec::new();
    let mut iter = dict.iter();
    while let Some(item) = iter.next() {
        keys.push(**item);
        assert_eq!(iter.len(), 777 - keys.len());
    }
    keys.sort_unstable();
    assert_eq!(keys, (0..777).collect::<Vec<_>>());
    assert!(iter.next().is_none());
}

#[test]
fn arcs_are_kept_and_released() {
    let value = Arc::new(5);
    let mut dict: Dict<Arc<i32>> = Dict::new();
    dict.insert(1, value.clone(), |_| 1);
    let found = dict.find(1, |item| **item == 5).map(|item| Arc::clone(&item));
    assert!(Arc::ptr_eq(&found.expect("inserted"), &value));
    assert_eq!(Arc::strong_count(&value), 2);
    drop(dict);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn an_occupied_entry_can_be_removed_and_a_vacant_one_filled() {
    let mut dict = filled(100);
    match dict.find_or_slot(mix(50), |item| **item == 50) {
        Entry::Occupied(item) => assert_eq!(*RefMut::remove(item), 50),
        Entry::Vacant(_) => panic!("50 was inserted"),
    }
    match dict.find_or_slot(mix(50), |item| **item == 50) {
        Entry::Occupied(_) => panic!("50 was removed"),
        Entry::Vacant(slot) => slot.insert(Box::new(50), rehash),
    }
    assert_eq!(dict.len(), 100);
    dict.check_invariants(rehash);
}

/// An item without memory of its own, so that one may leak without troubling a leak detector.
struct Number(u64);

// SAFETY: the number is the address, which is not 0 and is never read through.
unsafe impl Item for Number {
    fn into_raw(self) -> NonNull<()> {
        NonNull::without_provenance((self.0 as usize + 1).try_into().expect("from 1"))
    }

    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self(raw.addr().get() as u64 - 1)
    }
}

#[test]
fn a_leaked_ref_mut_leaks_its_element_only() {
    let mut dict = Dict::new();
    for key in 0..1000 {
        dict.insert(mix(key), Number(key), |item| mix(item.0));
    }
    for key in (0..1000).step_by(3) {
        let item = dict.find_mut(mix(key), |item| item.0 == key).expect("inserted");
        std::mem::forget(item);
    }
    assert_eq!(dict.len(), 666);
    assert!((0..1000).all(|key| dict.find(mix(key), |item| item.0 == key).is_some() == (key % 3 != 0)));
    for key in 1000..3000 {
        dict.insert(mix(key), Number(key), |item| mix(item.0));
    }
    assert_eq!(dict.iter().count(), 2666);
    for key in (1000..3000).step_by(2) {
        assert!(dict.remove(mix(key), |item| item.0 == key).is_some());
    }
    assert_eq!(dict.pop_some(usize::MAX), 1666);
    assert_eq!(dict.memory_bytes(), 0);
}

#[test]
fn a_panic_in_eq_leaves_the_table_as_it_was() {
    let mut dict = filled(500);
    for key in 0..500 {
        let outcome = catch_unwind(AssertUnwindSafe(|| dict.remove(mix(key), |_| panic!("no"))));
        assert!(outcome.is_err());
    }
    dict.check_invariants(rehash);
    assert_eq!(dict.len(), 500);
}

#[test]
fn a_panic_in_rehash_leaks_items_and_nothing_else() {
    let mut dict = Dict::new();
    let mut panics = 0;
    for key in 0..5000 {
        let insert = || dict.insert(mix(key), Number(key), |_| panic!("no"));
        panics += usize::from(catch_unwind(AssertUnwindSafe(insert)).is_err());
    }
    assert!(panics > 100, "{panics} while the table grew from 128 to 256 buckets");
    dict.check_invariants(|item| mix(item.0));
    assert_eq!(dict.iter().count(), dict.len());
}

#[test]
fn a_table_moves_to_another_thread_and_is_shared() {
    let dict = filled(1000);
    let shared = Arc::new(dict);
    let other = Arc::clone(&shared);
    let worker = std::thread::Builder::new().spawn(move || other.iter().map(|item| **item).sum::<u64>());
    let sum = worker.expect("a thread").join().expect("no panic");
    assert_eq!(sum, shared.iter().map(|item| **item).sum());
}

#[test]
fn samples_are_spread_evenly() {
    for size in [1, 5, 64, 150, 1000] {
        let dict = filled(size);
        let draws = size * 200;
        let mut counts = vec![0_u64; size as usize];
        for draw in 0..draws {
            let item = dict.sample(mix(draw ^ 0xABCD)).expect("not empty");
            counts[**item as usize] += 1;
        }
        let chi_square: f64 = counts.iter().map(|&count| (count as f64 - 200.0).powi(2) / 200.0).sum();
        let freedom = (size - 1) as f64;
        // Five standard deviations.
        assert!(chi_square <= freedom + 5.0 * (2.0 * freedom).sqrt(), "{size}: {chi_square}");
    }
}

#[test]
fn a_sample_is_found_in_a_table_that_is_nearly_empty() {
    let mut dict: Dict<Box<u64>> = Dict::new();
    // One chain holds all: 700 elements in 100 buckets.
    for key in 0..700 {
        dict.insert(3, Box::new(key), |_| 3);
    }
    assert!(dict.sample(1).is_some());
}

#[test]
fn prefetching_changes_nothing() {
    let dict = filled(1000);
    for key in 0..2000 {
        dict.prefetch(mix(key));
        dict.prefetch_items(mix(key), 4);
    }
    dict.check_invariants(rehash);
}

#[test]
fn an_own_item_may_be_any_pointer() {
    struct Bytes(NonNull<[u8; 3]>);
    // SAFETY: the pointer is the value; it is a leaked box.
    unsafe impl Item for Bytes {
        fn into_raw(self) -> NonNull<()> {
            let raw = self.0.cast();
            std::mem::forget(self);
            raw
        }
        unsafe fn from_raw(raw: NonNull<()>) -> Self {
            Self(raw.cast())
        }
    }
    impl Drop for Bytes {
        fn drop(&mut self) {
            // SAFETY: made by a box below, dropped once.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
    let mut dict = Dict::new();
    for byte in 0..=255 {
        let item = Bytes(NonNull::from(Box::leak(Box::new([byte; 3]))));
        dict.insert(mix(byte.into()), item, |_| unreachable!("fewer than 256 buckets"));
    }
    let found = dict.find(mix(9), |_| true).map(|item| item.0);
    // SAFETY: the item is in the table.
    assert_eq!(unsafe { found.expect("inserted").read() }, [9; 3]);
}

#[test]
fn hashes_are_siphash_1_3() {
    let key = HashKey::new(std::array::from_fn(|i| i as u8));
    let twin = siphasher::sip::SipHasher13::new_with_key(&std::array::from_fn(|i| i as u8));
    let bytes: Vec<u8> = (0..=255).collect();
    for length in 0..bytes.len() {
        assert_eq!(key.hash(&bytes[..length]), twin.hash(&bytes[..length]));
    }
    assert_ne!(HashKey::new([0; 16]).hash(b"a"), HashKey::new([1; 16]).hash(b"a"));
}

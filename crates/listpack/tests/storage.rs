//! Lists and sets in places of the caller's own, and the limit on their size.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;

use kvd_listpack::{BYTES_MAX, Element, Intset, Listpack, Storage, TooLarge};

/// The rest of an allocation that begins with a key.
struct AfterKey {
    bytes: Vec<u8>,
    key_len: usize,
}

impl AsRef<[u8]> for AfterKey {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.key_len..]
    }
}

impl AsMut<[u8]> for AfterKey {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.key_len..]
    }
}

impl Storage for AfterKey {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        self.bytes.resize_at(self.key_len + at, removed, inserted);
    }
}

/// A buffer that is copied when somebody else still reads it.
#[derive(Clone, Default)]
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Shared {
    fn as_mut(&mut self) -> &mut [u8] {
        Arc::<Vec<u8>>::make_mut(&mut self.0)
    }
}

impl Storage for Shared {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        Arc::make_mut(&mut self.0).resize_at(at, removed, inserted);
    }
}

/// What the same changes lead to in a vector.
fn changed<S: Storage>(mut list: Listpack<S>) -> S {
    list.append([Element::Bytes(b"a"), Element::Int(300), Element::Bytes(b"b")]).unwrap();
    list.push_front(b"first").unwrap();
    list.delete(list.view().nth(1).unwrap());
    list.replace(list.view().last().unwrap(), b"longer than it was").unwrap();
    list.check_invariants();
    list.into_storage()
}

#[test]
fn a_list_may_live_behind_a_key() {
    let storage = AfterKey { bytes: b"key".to_vec(), key_len: 3 };
    let mut storage = changed(Listpack::empty_in(storage));
    assert_eq!(storage.as_ref(), changed(Listpack::new()));
    assert_eq!(storage.bytes[..3], *b"key");
    Listpack::trusted(&mut storage).clear();
    assert_eq!(storage.bytes, b"key\x07\0\0\0\0\0\xff");
}

#[test]
fn a_set_may_live_behind_a_key() {
    let mut storage = AfterKey { bytes: b"key".to_vec(), key_len: 3 };
    let mut set = Intset::empty_in(&mut storage);
    let mut twin = Intset::new();
    for value in [5, -3, 70_000, 5, i64::MIN] {
        assert_eq!(set.insert(value), twin.insert(value));
    }
    assert_eq!(set.as_bytes(), twin.as_bytes());
    assert_eq!(storage.bytes[..3], *b"key");
}

#[test]
fn a_reader_keeps_what_it_holds() {
    let list = Listpack::<Shared>::default();
    let held = list.clone().into_storage();
    assert_eq!(changed(list).as_ref(), changed(Listpack::new()));
    assert_eq!(held.as_ref(), b"\x07\0\0\0\0\0\xff");
}

#[test]
fn what_would_be_too_large_changes_nothing() {
    let mut list = Listpack::new();
    list.push_back(1).unwrap();
    // Never written to, so these are pages that the system doesn't provide.
    let half = vec![0; BYTES_MAX / 2];
    let twice = [Element::Bytes(&half), Element::Bytes(&half)];
    assert_eq!(list.append(twice), Err(TooLarge));
    assert_eq!(list.insert(list.view().first(), twice), Err(TooLarge));
    let whole = vec![0; BYTES_MAX];
    assert_eq!(list.push_back(&whole[..]), Err(TooLarge));
    assert_eq!(list.replace(list.view().first().unwrap(), &whole[..]), Err(TooLarge));
    list.check_invariants();
    assert_eq!(list.view().iter().collect::<Vec<_>>(), [Element::Int(1)]);
}

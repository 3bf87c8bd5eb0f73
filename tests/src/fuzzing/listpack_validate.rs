//! Any bytes as each packed value: reading them never panics, and what is valid reads the same from both ends and can
//! be changed.
use listpack::{Element, Intset, IntsetRef, Listpack, ListpackRef, ZiplistRef, ZipmapRef};

/// Checks one input.
pub fn listpack_validate(data: &[u8]) {
    let list = ListpackRef::trusted(data);
    let _ =
        (list.iter().count(), list.iter().rev().count(), list.len(), list.find(b"5", 1), list.nth_back(2));
    let _ = list.last().map(|last| (list.prev(last), list.at(last), list.next(last)));
    let set = IntsetRef::trusted(data);
    let _ = (set.iter().count(), set.contains(300), set.last());

    if let Ok(mut list) = Listpack::from_bytes(data.to_vec()) {
        let elements: Vec<Vec<u8>> = list.view().iter().map(Element::to_vec).collect();
        assert_eq!(list.view().len(), elements.len());
        assert!(list.view().iter().rev().map(Element::to_vec).eq(elements.iter().rev().cloned()));
        for (index, text) in elements.iter().enumerate().take(50) {
            let first = elements.iter().position(|other| other == text);
            assert_eq!(list.view().find(text, 0), first.and_then(|first| list.view().nth(first)));
            let position = list.view().nth(index).expect("as many as were counted");
            list.replace(position, &text[..]).expect("the shortest form is not longer");
            list.check_invariants();
        }
        assert!(list.view().iter().map(Element::to_vec).eq(elements));
    }
    if let Ok(mut set) = Intset::from_bytes(data.to_vec()) {
        let integers: Vec<i64> = set.view().iter().collect();
        assert!(integers.iter().all(|&integer| set.view().contains(integer)));
        assert!(integers.iter().all(|&integer| set.remove(integer)) && set.view().is_empty());
    }
    let _ = ZiplistRef::new(data).map(|list| list.iter().count());
    let _ = ZipmapRef::new(data).map(|map| map.iter().count());
}

//! Operations on one listpack, be it a whole list or a part of one.

use listpack::{Element, Listpack, ListpackRef, Position, Storage};

use super::iter::NodeIter;
use super::node::FITS;
use super::{End, Side};

/// Adds an element at an end.
#[inline]
pub(super) fn push<S: Storage>(listpack: &mut Listpack<S>, end: End, text: &[u8]) {
    match end {
        End::Front => listpack.push_front(text).expect(FITS),
        End::Back => listpack.push_back(text).expect(FITS),
    }
}

/// The elements from this one on.
pub(super) fn iter_from(listpack: ListpackRef<'_>, index: usize) -> NodeIter<'_> {
    match listpack.nth(index) {
        Some(position) => NodeIter::Packed(listpack.iter_from(position)),
        None => NodeIter::Plain(None),
    }
}

/// Puts an element into the place of another, which must be there.
pub(super) fn replace<S: Storage>(listpack: &mut Listpack<S>, index: usize, text: &[u8]) {
    if let Some(position) = listpack.view().nth(index) {
        listpack.replace(position, text).expect(FITS);
    }
}

/// Removes elements, the first of which has this index. Returns how many there were.
pub(super) fn remove<S: Storage>(listpack: &mut Listpack<S>, index: usize, count: usize) -> usize {
    match listpack.view().nth(index) {
        Some(position) if count > 0 => listpack.delete_run(position, count),
        _ => 0,
    }
}

/// Removes elements that are this text, at most so many, and counts them.
///
/// Each deletion would move what follows, so several are made in one go: what stays is written anew.
pub(super) fn remove_equal<S: Storage>(
    listpack: &mut Listpack<S>,
    text: &[u8],
    max: usize,
    from: End,
) -> usize {
    let found = positions(listpack.view(), text);
    let count = found.len().min(max);
    let removed = match from {
        End::Front => &found[..count],
        End::Back => &found[found.len() - count..],
    };
    match removed {
        [] => {}
        [position] => {
            listpack.delete(*position);
        }
        several => {
            let kept = without(listpack.view(), several);
            listpack.clear();
            listpack.concat(kept.view()).expect(FITS);
        }
    }
    count
}

/// Where this text stands, in ascending order.
fn positions(listpack: ListpackRef<'_>, text: &[u8]) -> Vec<Position> {
    let next = |from: Position| listpack.find_from(from, text, 0);
    let first = listpack.first().and_then(next);
    std::iter::successors(first, |found| listpack.next(*found).and_then(next)).collect()
}

/// A copy without what stands at these positions, which ascend.
fn without(listpack: ListpackRef<'_>, removed: &[Position]) -> Listpack {
    let mut removed = removed.iter().copied().peekable();
    let mut kept = Vec::with_capacity(listpack.len());
    let mut elements = listpack.iter();
    while let (Some(position), Some(element)) = (elements.position(), elements.next()) {
        if removed.next_if_eq(&position).is_none() {
            kept.push(element);
        }
    }
    let mut copy = Listpack::new();
    copy.append(kept.iter().copied()).expect(FITS);
    copy
}

/// The indexes of the elements that are this text, ascending.
pub(super) fn indexes_of<'a>(
    listpack: ListpackRef<'a>,
    text: &'a [u8],
) -> impl Iterator<Item = usize> + use<'a> {
    let mut next = listpack.first();
    let mut index = 0;
    std::iter::from_fn(move || {
        let (passed, found) = listpack.find_counted(next.take()?, text, 0)?;
        let here = index + passed;
        (next, index) = (listpack.next(found), here + 1);
        Some(here)
    })
}

/// Puts an element beside the first that is `pivot`. Returns whether there is one.
pub(super) fn insert<S: Storage>(listpack: &mut Listpack<S>, pivot: &[u8], side: Side, text: &[u8]) -> bool {
    let Some(found) = listpack.view().find(pivot, 0) else { return false };
    let before = match side {
        Side::Before => Some(found),
        Side::After => listpack.view().next(found),
    };
    listpack.insert(before, [Element::Bytes(text)]).expect(FITS);
    true
}

/// The element at an end.
#[inline]
pub(super) fn at(listpack: ListpackRef<'_>, end: End) -> Option<Element<'_>> {
    let position = match end {
        End::Front => listpack.first(),
        End::Back => listpack.last(),
    };
    listpack.at(position?)
}

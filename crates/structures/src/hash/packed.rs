//! The packed form of hashes with fields that expire: triples in the order of time.

use listpack::{Element, Listpack, ListpackRef, Position, Storage, TooLarge};

use super::field::Found;

/// Elements beside the field in a triple, to be passed over when one looks for fields.
pub(super) const BESIDE_FIELD: usize = 2;

/// The expiry of a field that has none.
const FOREVER: i64 = 0;

/// The triple of a field.
pub(super) fn find(list: ListpackRef<'_>, field: &[u8]) -> Option<Position> {
    list.find(field, BESIDE_FIELD)
}

/// What stands behind the field at this position.
pub(super) fn found(list: ListpackRef<'_>, field: Position) -> Option<Found<'_>> {
    let value = list.next(field)?;
    let expiry = list.at(list.next(value)?)?;
    Some(Found { value: list.at(value)?, expiry_ms: expiry_of(expiry) })
}

/// The triple in front: the one that expires first.
pub(super) fn first(list: ListpackRef<'_>) -> Option<(Element<'_>, Found<'_>)> {
    let field = list.first()?;
    Some((list.at(field)?, found(list, field)?))
}

/// The triple at the end: one that doesn't expire, if there is any.
pub(super) fn last(list: ListpackRef<'_>) -> Option<Found<'_>> {
    found(list, list.nth_back(BESIDE_FIELD)?)
}

pub(super) fn expiry_of(element: Element<'_>) -> Option<i64> {
    element.int().filter(|at_ms| *at_ms != FOREVER)
}

/// The triples of a list of pairs, none of which expires.
pub(super) fn dated<S: Storage + Default>(pairs: ListpackRef<'_>) -> Result<Listpack<S>, TooLarge> {
    let mut triples = Listpack::empty_in(S::default());
    let mut elements = pairs.iter();
    while let (Some(field), Some(value)) = (elements.next(), elements.next()) {
        triples.append([field, value, Element::Int(FOREVER)])?;
    }
    Ok(triples)
}

/// Adds a triple at its place: behind those that expire sooner or at the same time.
pub(super) fn insert<S: Storage>(
    list: &mut Listpack<S>,
    field: &[u8],
    value: Element<'_>,
    expiry_ms: Option<i64>,
) -> Result<(), TooLarge> {
    let triple = [Element::Bytes(field), value, Element::Int(expiry_ms.unwrap_or(FOREVER))];
    let before = expiry_ms.and_then(|at_ms| first_behind(list.view(), at_ms));
    list.insert(before, triple)
}

/// The first triple that expires later, or never.
fn first_behind(list: ListpackRef<'_>, at_ms: i64) -> Option<Position> {
    let mut field = list.first();
    while let Some(position) = field {
        let expiry = list.next(list.next(position)?)?;
        if expiry_of(list.at(expiry)?).is_none_or(|other_ms| other_ms > at_ms) {
            return Some(position);
        }
        field = list.next(expiry);
    }
    None
}

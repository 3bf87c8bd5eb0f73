//! What there is to sort.

use engine::{CommandError, View};
use keyspace::{Key, Object, Set, SortedSet};

/// The elements under a key, in their own order.
pub(super) struct Elements {
    pub(super) texts: Vec<Vec<u8>>,
    /// They have no order of their own: those of a set.
    pub(super) are_unordered: bool,
}

impl Elements {
    /// Those of a list, set or sorted set; none if there is no such key.
    pub(super) fn read(view: &mut View<'_>, key: &Key<'_>) -> Result<Self, CommandError> {
        let Some(entry) = view.read(key) else { return Ok(Self { texts: Vec::new(), are_unordered: false }) };
        match entry.object().as_deref() {
            Some(Object::List(list)) => {
                let texts = list.iter().map(|element| element.to_vec()).collect();
                Ok(Self { texts, are_unordered: false })
            }
            Some(Object::Set(set)) => Ok(Self { texts: of_set(set), are_unordered: true }),
            Some(Object::SortedSet(set)) => Ok(Self { texts: of_sorted_set(set), are_unordered: false }),
            _ => Err(CommandError::WrongType),
        }
    }
}

fn of_set(set: &Set) -> Vec<Vec<u8>> {
    match set {
        Set::Integers(integers) => {
            integers.view().iter().map(|number| number.to_string().into_bytes()).collect()
        }
        Set::Packed(packed) => packed.view().iter().map(|element| element.to_vec()).collect(),
        Set::Large(large) => large.iter().map(<[u8]>::to_vec).collect(),
    }
}

/// In the order of their scores.
fn of_sorted_set(set: &SortedSet) -> Vec<Vec<u8>> {
    match set {
        SortedSet::Packed(packed) => packed.view().iter().step_by(2).map(|member| member.to_vec()).collect(),
        SortedSet::Large(large) => large.iter().map(|member| member.0.to_vec()).collect(),
    }
}

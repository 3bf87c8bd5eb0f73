//! What there is to sort.

use engine::{CommandError, View};
use keyspace::{Key, Object};

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
            Some(Object::Set(set)) => {
                let texts = set.iter().map(|member| member.to_vec()).collect();
                Ok(Self { texts, are_unordered: true })
            }
            Some(Object::SortedSet(set)) => {
                let texts = set.iter().map(|(member, _)| member.to_vec()).collect();
                Ok(Self { texts, are_unordered: false })
            }
            _ => Err(CommandError::WrongType),
        }
    }
}

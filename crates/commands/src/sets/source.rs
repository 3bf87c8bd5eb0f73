//! The sets that a result is made from.

use engine::{CommandError, View};
use keyspace::{Held, Key, Set};

/// The sets under some keys, those keys left out that there are not.
pub(super) struct Sources<'v> {
    pub(super) sets: Vec<Held<'v, Set>>,
    /// Whether nothing is under some key.
    pub(super) is_any_missing: bool,
    /// Whether nothing is under the first.
    pub(super) is_first_missing: bool,
}

impl<'v> Sources<'v> {
    /// Every key must hold a set or nothing.
    pub(super) fn read(view: &'v mut View<'_>, keys: &[Key<'_>]) -> Result<Self, CommandError> {
        let mut sources =
            Self { sets: Vec::with_capacity(keys.len()), is_any_missing: false, is_first_missing: false };
        for (index, entry) in view.read_all(keys).into_iter().enumerate() {
            match entry {
                Some(entry) => sources.sets.push(Held::new(entry).ok_or(CommandError::WrongType)?),
                None => {
                    sources.is_any_missing = true;
                    sources.is_first_missing |= index == 0;
                }
            }
        }
        Ok(sources)
    }

    pub(super) fn refs(&self) -> Vec<&Set> {
        self.sets.iter().map(|set| &**set).collect()
    }
}

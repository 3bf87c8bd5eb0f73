//! Putting a whole entry under a name that may be taken.

use engine::{OVERWRITTEN, TYPE_CHANGED, View};
use keyspace::{Entry, Key};

use super::type_name::type_name;

/// What an entry took the place of.
#[must_use = "listeners are told of what was overwritten, after the change itself"]
pub(super) struct Occupied {
    old_type: Option<&'static str>,
    new_type: &'static str,
}

/// Puts `entry` under `key`, which is its own. As with peers what was there is removed first, so the key counts as new.
pub(super) fn occupy(view: &mut View<'_>, key: &Key<'_>, entry: Entry) -> Occupied {
    let old_type = view.peek(key).map(|old| type_name(&old));
    if old_type.is_some() {
        view.remove(key);
    }
    let new_type = type_name(&entry);
    view.put(key, entry);
    Occupied { old_type, new_type }
}

impl Occupied {
    /// Tells that another value was overwritten, if one was. To be called once the change is recorded.
    pub(super) fn tell(self, view: &mut View<'_>, key: &Key<'_>) {
        let Some(old_type) = self.old_type else { return };
        view.tell(key, OVERWRITTEN);
        if old_type != self.new_type {
            view.tell(key, TYPE_CHANGED);
        }
    }
}

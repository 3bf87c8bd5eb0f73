//! An entry of a table, borrowed for changing a string in place.

use std::ops::{Deref, DerefMut};

use dict::RefMut;

use crate::entry::Entry;
use crate::sizes::{Size, Sizes};

/// An entry of which a string or the clock is changed in place. The table counts its size anew when this is dropped; whoever only looks at it
/// pays nothing for that.
pub struct EntryMut<'t> {
    entry: RefMut<'t, Entry>,
    sizes: &'t mut Sizes,
    /// Its size before the change, if there is one.
    before: Option<Size>,
}

impl<'t> EntryMut<'t> {
    #[inline]
    pub(crate) fn new(entry: RefMut<'t, Entry>, sizes: &'t mut Sizes) -> Self {
        Self { entry, sizes, before: None }
    }
}

impl Deref for EntryMut<'_> {
    type Target = Entry;

    #[inline]
    fn deref(&self) -> &Entry {
        &self.entry
    }
}

impl DerefMut for EntryMut<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Entry {
        if self.before.is_none() {
            self.before = Some(self.entry.size());
        }
        &mut self.entry
    }
}

impl Drop for EntryMut<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(before) = self.before {
            self.sizes.change(before, self.entry.size());
        }
    }
}

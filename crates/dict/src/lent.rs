//! Elements lent out by a table.

use crate::dict::{Dict, Found};
use crate::item::Item;
use crate::slot::{Slot, Tag};
use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// A shared view of an element.
///
/// It holds a bit copy of the item that is never dropped. `MaybeUninit` and not `ManuallyDrop`, so that a `Box` in it makes no
/// claim to be the only way to its value.
pub struct Ref<'a, T: Item> {
    item: MaybeUninit<T>,
    lent: PhantomData<&'a T>,
}

impl<T: Item> Ref<'_, T> {
    /// # Safety
    ///
    /// `raw` is an item that its owner keeps, and nobody changes, during the lifetime of the result.
    #[inline]
    pub(crate) unsafe fn new(raw: NonNull<()>) -> Self {
        // SAFETY: the result is not dropped, and only looked at.
        Self { item: MaybeUninit::new(unsafe { T::from_raw(raw) }), lent: PhantomData }
    }
}

impl<T: Item> Deref for Ref<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `new` has filled it.
        unsafe { self.item.assume_init_ref() }
    }
}

impl<T: Item + fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// An element taken out of its slot to be changed; it goes back when this is dropped.
///
/// The item may become another pointer meanwhile. If this is leaked, the element leaks with it and is no longer in the table.
pub struct RefMut<'a, T: Item> {
    dict: &'a mut Dict<T>,
    found: Found,
    tag: Tag,
    item: ManuallyDrop<T>,
}

impl<'a, T: Item> RefMut<'a, T> {
    #[inline]
    pub(crate) fn new(dict: &'a mut Dict<T>, mut found: Found) -> Self {
        // SAFETY: the bucket belongs to the table, which is borrowed mutably.
        let slot = unsafe { &mut found.bucket.as_mut().slots[found.slot] };
        let tag = slot.tag();
        *slot = Slot::EMPTY;
        dict.len -= 1;
        // SAFETY: the slot, which owned the item, has just been emptied.
        let item = ManuallyDrop::new(unsafe { T::from_raw(found.raw) });
        Self { dict, found, tag, item }
    }

    /// Takes the element out of the table, as [`Dict::remove`] does.
    #[inline]
    pub fn remove(this: Self) -> T {
        let mut this = ManuallyDrop::new(this);
        // `take` counts the element once more, and it closes the gap that `new` left.
        this.dict.len += 1;
        let found = this.found;
        this.dict.take(found);
        this.dict.shrink();
        // SAFETY: `this` is neither used nor dropped after it.
        unsafe { ManuallyDrop::take(&mut this.item) }
    }
}

impl<T: Item> Deref for RefMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.item
    }
}

impl<T: Item> DerefMut for RefMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.item
    }
}

impl<T: Item> Drop for RefMut<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `self` is not used after its drop.
        let item = unsafe { ManuallyDrop::take(&mut self.item) };
        let slot = Slot::item(item.into_raw(), self.tag);
        // SAFETY: the bucket belongs to the table, which has been ours since `new` found it there.
        unsafe { self.found.bucket.as_mut() }.slots[self.found.slot] = slot;
        self.dict.len += 1;
    }
}

impl<T: Item + fmt::Debug> fmt::Debug for RefMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

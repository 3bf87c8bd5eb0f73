//! What a [`Dict`](crate::Dict) holds: values that are one pointer.

use std::ptr::NonNull;
use std::sync::Arc;

/// A value that turns into one pointer and back, so that it fits beside its tag in a slot of eight bytes.
///
/// # Safety
///
/// - `into_raw` gives up ownership and `from_raw` of the same pointer takes it back.
/// - As long as ownership is not taken back, `from_raw` may be called any number of times to look at the value
///   through a shared reference; such copies are never dropped. A type must therefore not rely on being the only
///   bit copy of itself while only shared references to it are used.
/// - The address lies below 2^48, as all user-space addresses of x86-64 and of AArch64 with 48-bit addressing do,
///   and carries no hardware tag. `Dict` asserts it when an item comes in.
pub unsafe trait Item: Sized {
    /// Gives up ownership of the value.
    fn into_raw(self) -> NonNull<()>;

    /// Takes the value back.
    ///
    /// # Safety
    ///
    /// `raw` came from [`Item::into_raw`] and either ownership has not been taken back since, or the result is
    /// only looked at and forgotten while the owner is alive and lent out.
    unsafe fn from_raw(raw: NonNull<()>) -> Self;
}

// SAFETY: a box is its pointer, and the heap lies in user space.
unsafe impl<V> Item for Box<V> {
    #[inline]
    fn into_raw(self) -> NonNull<()> {
        NonNull::from(Box::leak(self)).cast()
    }

    #[inline]
    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: the pointer came from `into_raw`, as the caller promises.
        unsafe { Self::from_raw(raw.cast().as_ptr()) }
    }
}

// SAFETY: `Arc::into_raw` and `Arc::from_raw` are this contract; the heap lies in user space.
unsafe impl<V> Item for Arc<V> {
    #[inline]
    fn into_raw(self) -> NonNull<()> {
        let raw = Self::into_raw(self).cast_mut().cast();
        // SAFETY: an Arc points to its value, never to null.
        unsafe { NonNull::new_unchecked(raw) }
    }

    #[inline]
    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: the pointer came from `into_raw`, as the caller promises.
        unsafe { Self::from_raw(raw.cast().as_ptr()) }
    }
}

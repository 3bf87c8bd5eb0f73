//! One key with its value, expiry and access clock in a single allocation.
//!
//! A table of ten million small keys is mostly these headers, so they are packed by hand:
//!
//! ```text
//!      0            4        5        6                         always
//!     +------------+--------+--------+
//!     | clock u32  | shape  | marks  |
//!     +------------+--------+--------+
//!     | expiry i64      |                                       if shape has EXPIRES
//!     | key length      | u8, or u32 if shape has LONG_KEY
//!     | value           | embedded: length u8, or u32 if shape has LONG_VALUE
//!     |                 | integer:  i64
//!     |                 | shared:   Arc<Vec<u8>>, one pointer
//!     |                 | object:   one pointer, to what the marks say; nothing if shape has PACKED
//!     | key bytes       |
//!     | value bytes     | embedded and packed only
//!     +-----------------+
//! ```
//!
//! A 16-byte key with a 32-byte value takes 56 bytes, with an expiry 64: one cache line either way. Fields after the
//! header are unaligned and read as such. The allocation is rounded up to 16 bytes, the allocator's own grain, so that a
//! value can be overwritten by one of nearly the same length in place. Packed bytes say themselves how many they are; an entry that ends
//! with them takes what the allocator's size class holds.
//!
//! All `unsafe` code of the keyspace that deals with memory layout is in this file.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use smallvec::SmallVec;

use crate::object::{Kind, Object, ObjectRef, Stored, packed_len};
use crate::packed::{Packed, Parts, size_class};
use crate::sizes::{Size, is_of_like_length};
use crate::table::Replaced;
use crate::time::UnixMillis;
use crate::value::{NewValue, Value, decimal_len};

/// Values up to this length live inside their entry; longer ones in a buffer of their own that can be shared with
/// a reply under way.
pub const EMBEDDED_BYTES_MAX: usize = 4096;

/// Longest key or embedded value whose length fits one byte.
const SHORT: usize = u8::MAX as usize;

const CLOCK: usize = 0;
const SHAPE: usize = 4;
const MARKS: usize = 5;
const HEADER: usize = 6;
const GRAIN: usize = 16;

const KIND: u8 = 0b0000_0011;
const KIND_INTEGER: u8 = 0;
const KIND_EMBEDDED: u8 = 1;
const KIND_SHARED: u8 = 2;
const KIND_OBJECT: u8 = 3;
const EXPIRES: u8 = 0b0000_0100;
const LONG_KEY: u8 = 0b0000_1000;
const LONG_VALUE: u8 = 0b0001_0000;
/// Of an object: it is a small collection, of which the bytes are the entry's last.
const PACKED: u8 = 0b0010_0000;

/// To which of two generations the entry belongs: the walk of a snapshot moves the entries of a table from one to the other.
const GENERATION: u8 = 0b0100_0000;

/// Bytes of a [`Head`] that are kept without an allocation.
const HEAD_INLINE: usize = 48;

/// What an entry has before the bytes of a small collection, the key included.
pub(crate) type Head = SmallVec<[u8; HEAD_INLINE]>;

/// Of a string. The value was modified in place once (`APPEND`, `SETRANGE`…): `OBJECT ENCODING` says `raw` from then on.
const MARK_RAW: u8 = 0b0000_0001;

/// An owned entry.
///
/// Invariant: `at` points to an allocation laid out as drawn above, of exactly `self.plan().size()` bytes, that nobody
/// else owns.
pub struct Entry {
    at: NonNull<u8>,
}

// SAFETY: an entry owns its memory outright; the only shared part, `Arc<Vec<u8>>`, is itself Send and Sync.
unsafe impl Send for Entry {}
// SAFETY: as above; `&Entry` gives read access only.
unsafe impl Sync for Entry {}

// SAFETY: the raw pointer is the allocation's address, non-null; user-space addresses are below 2^48 on the supported
// platforms (dict asserts it); round trip is the identity.
unsafe impl dict::Item for Entry {
    #[inline]
    fn into_raw(self) -> NonNull<()> {
        let raw = self.at.cast();
        std::mem::forget(self);
        raw
    }

    #[inline]
    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self { at: raw.cast() }
    }
}

/// Where each part of an entry lies, computed from its shape and lengths.
#[derive(Copy, Clone)]
struct Plan {
    shape: u8,
    key_len: usize,
    value_len: usize,
}

impl Plan {
    fn new(key_len: usize, value: &NewValue<'_>, expires: bool) -> Self {
        let packed_len = |object: &Object| object.packed_bytes().map(<[u8]>::len);
        let (kind, value_len) = match value {
            NewValue::Integer(_) => (KIND_INTEGER, 8),
            NewValue::Bytes(bytes) if bytes.len() <= EMBEDDED_BYTES_MAX => (KIND_EMBEDDED, bytes.len()),
            NewValue::Bytes(_) | NewValue::Shared(_) => (KIND_SHARED, 8),
            NewValue::Object(object) => match packed_len(object) {
                Some(len) => (KIND_OBJECT | PACKED, len),
                None => (KIND_OBJECT, 8),
            },
        };
        let mut shape = kind;
        if expires {
            shape |= EXPIRES;
        }
        if key_len > SHORT {
            shape |= LONG_KEY;
        }
        if kind == KIND_EMBEDDED && value_len > SHORT {
            shape |= LONG_VALUE;
        }
        Self { shape, key_len, value_len }
    }

    #[inline]
    fn key_length_at(self) -> usize {
        HEADER + if self.shape & EXPIRES != 0 { 8 } else { 0 }
    }

    #[inline]
    fn value_field_at(self) -> usize {
        self.key_length_at() + if self.shape & LONG_KEY != 0 { 4 } else { 1 }
    }

    #[inline]
    fn key_at(self) -> usize {
        let field = match self.shape & (KIND | LONG_VALUE | PACKED) {
            KIND_EMBEDDED => 1,
            kind if kind & KIND == KIND_EMBEDDED => 4,
            kind if kind & PACKED != 0 => 0,
            _ => 8,
        };
        self.value_field_at() + field
    }

    #[inline]
    fn embedded_at(self) -> usize {
        self.key_at() + self.key_len
    }

    #[inline]
    fn size(self) -> usize {
        match self.shape & (KIND | PACKED) {
            KIND_EMBEDDED => (self.embedded_at() + self.value_len).next_multiple_of(GRAIN),
            kind if kind & PACKED != 0 => size_class(self.embedded_at() + self.value_len),
            _ => self.embedded_at().next_multiple_of(GRAIN),
        }
    }

    fn layout(self) -> Layout {
        // A key, an embedded value or packed bytes are at most 4 GiB each, so the size can't overflow.
        Layout::from_size_align(self.size(), 8).expect("the size of an entry is far below isize::MAX")
    }
}

impl Entry {
    /// Allocates an entry. Keys are limited to `u32::MAX` bytes by the protocol's bulk limit; longer ones panic.
    pub fn new(key: &[u8], value: NewValue<'_>, expiry: Option<UnixMillis>, clock: u32) -> Self {
        assert!(u32::try_from(key.len()).is_ok(), "a key is at most 4 GiB - 1 long");
        let plan = Plan::new(key.len(), &value, expiry.is_some());
        let layout = plan.layout();
        // SAFETY: the layout's size is at least HEADER + GRAIN rounding, never zero.
        let Some(at) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let mut entry = Self { at };
        // SAFETY: every offset written lies inside the allocation by the construction of the plan; the memory is ours and
        // unshared. After these writes the invariant of `Entry` holds.
        unsafe {
            entry.put::<u8>(SHAPE, plan.shape);
            entry.put::<u8>(MARKS, 0);
            entry.put::<u32>(CLOCK, clock);
            if let Some(expiry) = expiry {
                entry.put::<i64>(HEADER, expiry.0);
            }
            if plan.shape & LONG_KEY != 0 {
                entry.put::<u32>(plan.key_length_at(), plan.key_len as u32);
            } else {
                entry.put::<u8>(plan.key_length_at(), plan.key_len as u8);
            }
            entry.copy_in(plan.key_at(), key);
            entry.put_value(plan, value);
        }
        entry
    }

    /// Writes the value's parts.
    ///
    /// # Safety
    /// `plan` must be the entry's own plan, made for this very value; an old shared buffer must have been dropped.
    unsafe fn put_value(&mut self, plan: Plan, value: NewValue<'_>) {
        // SAFETY: (whole body) offsets come from the entry's own plan.
        unsafe {
            match value {
                NewValue::Integer(number) => self.put::<i64>(plan.value_field_at(), number),
                NewValue::Bytes(bytes) if plan.shape & KIND == KIND_EMBEDDED => {
                    if plan.shape & LONG_VALUE != 0 {
                        self.put::<u32>(plan.value_field_at(), bytes.len() as u32);
                    } else {
                        self.put::<u8>(plan.value_field_at(), bytes.len() as u8);
                    }
                    self.copy_in(plan.embedded_at(), bytes);
                }
                NewValue::Bytes(bytes) => {
                    self.put(plan.value_field_at(), Arc::into_raw(Arc::new(bytes.to_vec())));
                }
                NewValue::Shared(buffer) => self.put(plan.value_field_at(), Arc::into_raw(buffer)),
                NewValue::Object(object) => {
                    let (tag, stored) = object.into_stored();
                    self.put(MARKS, tag);
                    match stored {
                        Stored::Boxed(raw) => self.put(plan.value_field_at(), raw),
                        Stored::Packed(packed) => self.copy_in(plan.embedded_at(), packed.as_ref()),
                    }
                }
            }
        }
    }

    /// The plan but for the length of the value: it is enough for whatever stands before the value's bytes.
    #[inline]
    fn plan_of_head(&self) -> Plan {
        let shape = self.shape();
        let mut plan = Plan { shape, key_len: 0, value_len: 8 };
        // SAFETY: by the invariant the fields that the shape announces are there.
        unsafe {
            plan.key_len = if shape & LONG_KEY != 0 {
                self.take::<u32>(plan.key_length_at()) as usize
            } else {
                usize::from(self.take::<u8>(plan.key_length_at()))
            };
        }
        plan
    }

    #[inline]
    fn plan(&self) -> Plan {
        let mut plan = self.plan_of_head();
        let shape = plan.shape;
        // SAFETY: by the invariant the fields that the shape announces are there, and packed bytes are at least as many as tell their number.
        unsafe {
            if shape & PACKED != 0 {
                let start = plan.embedded_at();
                plan.value_len = packed_len(self.take(MARKS), |at| self.take(start + at));
            } else if shape & KIND == KIND_EMBEDDED {
                plan.value_len = if shape & LONG_VALUE != 0 {
                    self.take::<u32>(plan.value_field_at()) as usize
                } else {
                    usize::from(self.take::<u8>(plan.value_field_at()))
                };
            }
        }
        plan
    }

    #[inline]
    fn shape(&self) -> u8 {
        // SAFETY: the shape byte of an entry is always initialised.
        unsafe { self.take::<u8>(SHAPE) }
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        let plan = self.plan_of_head();
        // SAFETY: the plan's key range lies inside the allocation and was initialised by `new`.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr().add(plan.key_at()), plan.key_len) }
    }

    /// What the value is.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.object().map_or(Kind::String, |object| object.kind())
    }

    /// Whether the value is a short string, as `value` is, and counted alike: the usual case when a value is overwritten, found out without
    /// asking for sizes.
    #[inline]
    pub(crate) fn is_plainly_like(&self, value: &NewValue<'_>) -> bool {
        let plan = Plan { shape: self.shape(), key_len: 0, value_len: 0 };
        match value {
            NewValue::Bytes(bytes) if plan.shape & (KIND | LONG_VALUE) == KIND_EMBEDDED => {
                // SAFETY: the shape says that the field is there.
                let len = unsafe { self.take::<u8>(plan.value_field_at()) };
                is_of_like_length(usize::from(len), bytes.len())
            }
            _ => false,
        }
    }

    /// What the value is and how long it is.
    #[inline(never)]
    pub fn size(&self) -> Size {
        let plan = Plan { shape: self.shape(), key_len: 0, value_len: 0 };
        // SAFETY: the shape says what is there, and where.
        let len = unsafe {
            match plan.shape & (KIND | LONG_VALUE) {
                KIND_EMBEDDED => usize::from(self.take::<u8>(plan.value_field_at())),
                kind if kind & KIND == KIND_EMBEDDED => self.take::<u32>(plan.value_field_at()) as usize,
                KIND_INTEGER => decimal_len(self.take::<i64>(plan.value_field_at())),
                _ => return self.size_outside(),
            }
        };
        Size { kind: Kind::String, len }
    }

    /// The same of what isn't in the entry itself.
    #[inline(never)]
    fn size_outside(&self) -> Size {
        match self.object() {
            Some(object) => object.size(),
            None => Size { kind: Kind::String, len: self.value().len() },
        }
    }

    /// The value, if it is no string.
    #[inline]
    pub fn object(&self) -> Option<ObjectRef<'_>> {
        ObjectRef::of(self)
    }

    /// The object, if there is one, for as long as the caller has the entry.
    ///
    /// # Safety
    /// Either the object is only looked at, or the entry isn't used until [`Entry::put_object`] gives it the object back. It is
    /// dropped only if the entry forgets it.
    #[inline]
    pub(crate) unsafe fn lend_object(&self) -> Option<ManuallyDrop<Object>> {
        let plan = self.plan();
        if plan.shape & KIND != KIND_OBJECT {
            return None;
        }
        // SAFETY: the shape says what is there. The entry's allocation is one that `Packed` could have made: both take the size class of as
        // many bytes.
        let object = unsafe {
            let tag = self.take::<u8>(MARKS);
            if plan.shape & PACKED != 0 {
                let parts = Parts { at: self.at, head: plan.embedded_at(), len: plan.value_len };
                Object::from_packed(tag, Packed::from_parts(parts))
            } else {
                Object::from_boxed(tag, self.take(plan.value_field_at()))
            }
        };
        Some(ManuallyDrop::new(object))
    }

    /// What stands before the bytes of a small collection; nothing if the value is anything else.
    #[inline]
    pub(crate) fn head_of_packed(&self) -> Head {
        let plan = self.plan_of_head();
        let len = if plan.shape & PACKED != 0 { plan.embedded_at() } else { 0 };
        // SAFETY: all before the value's bytes is initialised.
        Head::from_slice(unsafe { std::slice::from_raw_parts(self.at.as_ptr(), len) })
    }

    /// Stores an object that was lent, and may have become another.
    ///
    /// # Safety
    /// The entry must be one from which [`Entry::lend_object`] was called, unchanged since; `head` is what
    /// [`Entry::head_of_packed`] was then.
    #[inline]
    pub(crate) unsafe fn put_object(&mut self, object: Object, head: &Head) {
        if head.is_empty() {
            // SAFETY: the caller's.
            return unsafe { self.put_boxed(object) };
        }
        let whole = match object.into_stored() {
            // SAFETY: the entry has lent its allocation, which is this one or was given up for it.
            (tag, Stored::Packed(packed)) => unsafe { Self::around(tag, packed, head) },
            // SAFETY: they come from `into_stored`.
            (tag, Stored::Boxed(raw)) => Self::after(head, unsafe { Object::from_boxed(tag, raw) }),
        };
        // The entry forgets its allocation, which is the object's, or was.
        std::mem::forget(std::mem::replace(self, whole));
    }

    /// The same for an entry with a pointer.
    ///
    /// # Safety
    /// As there.
    unsafe fn put_boxed(&mut self, object: Object) {
        let field = self.plan().value_field_at();
        match object.into_stored() {
            // SAFETY: the shape doesn't depend on which boxed object it is.
            (tag, Stored::Boxed(raw)) => unsafe {
                self.put::<u8>(MARKS, tag);
                self.put(field, raw);
            },
            (tag, Stored::Packed(packed)) => {
                self.forget_object();
                let object = Object::from_packed(tag, packed);
                *self = self.with_value(NewValue::Object(object));
            }
        }
    }

    /// An entry made of a small collection's allocation, if that has room for this head; else a new one.
    ///
    /// # Safety
    /// `head` must be of an entry with packed bytes.
    #[inline]
    unsafe fn around(tag: u8, packed: Packed, head: &Head) -> Self {
        let bytes = packed.as_ref();
        let first = |at: usize| std::array::from_fn(|byte| bytes.get(at + byte).copied().unwrap_or(0));
        if packed_len(tag, first) != bytes.len() {
            // Left in the middle of a change: the entry would have another size than its allocation, and there is none to go back to.
            std::process::abort();
        }
        let parts = packed.into_parts();
        if parts.head != head.len() {
            // SAFETY: they come from `into_parts`.
            let packed = unsafe { Packed::from_parts(parts) };
            return Self::after(head, Object::from_packed(tag, packed));
        }
        let mut entry = Self { at: parts.at };
        // SAFETY: the allocation begins with `head.len()` bytes that nobody else uses.
        unsafe {
            entry.copy_in(0, head);
            entry.put::<u8>(MARKS, tag);
        }
        entry
    }

    /// A new entry with the key, expiry and clock of which `head` tells.
    #[cold]
    fn after(head: &Head, object: Object) -> Self {
        let seen = ManuallyDrop::new(Self { at: NonNull::from(head.as_slice()).cast() });
        // SAFETY: a head has all that is asked for here. It is not aligned as `Entry::clock` needs it.
        let clock = unsafe { seen.take::<u32>(CLOCK) };
        Self::new(seen.key(), NewValue::Object(object), seen.expiry(), clock).of_generation(seen.generation())
    }

    /// Leaves an integer behind, where a pointer was.
    fn forget_object(&mut self) {
        // SAFETY: the fields are those of every entry; the value's is of the same size.
        unsafe {
            self.put::<u8>(SHAPE, self.shape() & !KIND | KIND_INTEGER);
            self.put::<u8>(MARKS, 0);
        }
    }

    /// The value, if it is a string. [`Value::Object`] stands for any other.
    #[inline]
    pub fn value(&self) -> Value<'_> {
        let plan = self.plan();
        // SAFETY: the shape says which of the fields is there; for a shared buffer the pointer came from
        // `Arc::into_raw` and stays owned by the entry, hence valid as long as `self` is borrowed.
        unsafe {
            match plan.shape & KIND {
                KIND_INTEGER => Value::Integer(self.take::<i64>(plan.value_field_at())),
                KIND_EMBEDDED => Value::Bytes(std::slice::from_raw_parts(
                    self.at.as_ptr().add(plan.embedded_at()),
                    plan.value_len,
                )),
                KIND_SHARED => {
                    let field = self.at.as_ptr().add(plan.value_field_at()).cast::<*const Vec<u8>>();
                    Value::Shared(&*field.read_unaligned())
                }
                _ => Value::Object,
            }
        }
    }

    /// A second owner of the value's buffer, when it has one of its own: for replies that leave without copying.
    pub fn shared(&self) -> Option<Arc<Vec<u8>>> {
        let plan = self.plan();
        if plan.shape & KIND != KIND_SHARED {
            return None;
        }
        // SAFETY: the pointer came from `Arc::into_raw` of the Arc that the entry owns; the count is raised before
        // a second Arc is made from it.
        unsafe {
            let raw = self.take::<*const Vec<u8>>(plan.value_field_at());
            Arc::increment_strong_count(raw);
            Some(Arc::from_raw(raw))
        }
    }

    /// Replaces the value, in place when the new one fits the allocation's grain. The key, expiry and clock stay; the mark
    /// of modified strings is cleared.
    pub fn set_value(&mut self, value: NewValue<'_>) {
        let old = self.plan();
        let new = Plan::new(old.key_len, &value, old.shape & EXPIRES != 0);
        if new.shape == old.shape & !GENERATION && new.size() == old.size() {
            self.drop_owned(old);
            // SAFETY: same shape and size, so `new` is the entry's plan once the value is in; the old one is dropped.
            unsafe {
                self.put::<u8>(MARKS, 0);
                self.put_value(new, value);
            }
            return;
        }
        *self = self.with_value(value);
    }

    /// The same entry with another value.
    fn with_value(&self, value: NewValue<'_>) -> Self {
        Self::new(self.key(), value, self.expiry(), self.clock()).of_generation(self.generation())
    }

    /// Changes the value's bytes in place through `edit`; marks the value as modified (shown as `raw`).
    ///
    /// Short results stay embedded; longer ones move to a buffer of their own, with room to grow, where further edits
    /// cost only what they touch. A buffer that a reply still holds is copied first.
    pub fn edit<R>(&mut self, edit: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let plan = self.plan();
        let result;
        if plan.shape & KIND == KIND_SHARED {
            // SAFETY: the pointer came from `Arc::into_raw` and the entry owns that count, which `ManuallyDrop` leaves to it
            // even if `edit` panics. `make_mut` may have moved to a copy: the field learns the new address before `edit`.
            unsafe {
                let field = plan.value_field_at();
                let mut buffer = ManuallyDrop::new(Arc::from_raw(self.take::<*const Vec<u8>>(field)));
                Arc::make_mut(&mut buffer);
                self.put(field, Arc::as_ptr(&buffer));
                result = edit(Arc::get_mut(&mut buffer).expect("make_mut left one owner"));
            }
        } else {
            let mut bytes = self.value().to_vec();
            result = edit(&mut bytes);
            if bytes.len() <= SHORT {
                self.set_value(NewValue::Bytes(&bytes));
            } else {
                self.set_value(NewValue::Shared(Arc::new(bytes)));
            }
        }
        self.set_edited(true);
        result
    }

    /// A copy of this entry under another key: value (a buffer of its own is shared until one of the two is changed), expiry, mark.
    /// O(size) of an object.
    pub fn copy_under(&self, key: &[u8], clock: u32) -> Self {
        let value = match self.object() {
            Some(object) => NewValue::Object(object.clone()),
            None => self.string_to_store(),
        };
        let mut copy = Self::new(key, value, self.expiry(), clock);
        copy.set_edited(self.is_edited());
        copy
    }

    /// The same value and expiry under another key. O(1).
    pub fn move_under(mut self, key: &[u8], clock: u32) -> Self {
        self.moved(|entry, value| Self::new(key, value, entry.expiry(), clock))
    }

    /// Makes an entry of this one's value, which it gives away.
    fn moved(&mut self, make: impl FnOnce(&Self, NewValue<'_>) -> Self) -> Self {
        let is_edited = self.is_edited();
        let mut moved = match self.take_object() {
            Some(object) => make(self, NewValue::Object(object)),
            None => make(self, self.string_to_store()),
        };
        moved.set_edited(is_edited);
        moved
    }

    /// What the value owns beside the entry, before it is replaced: a second owner of its buffer, or its object (a copy of a small one).
    pub(crate) fn take_owned(&mut self) -> Option<Replaced> {
        if self.is_string() {
            self.shared().map(Replaced::Buffer)
        } else {
            self.take_object().map(Replaced::Object)
        }
    }

    /// Takes the object out. What is left is an integer; or, of a small collection, the same: then it is a copy that is taken. Either way the
    /// entry is about to go or to be overwritten.
    fn take_object(&mut self) -> Option<Object> {
        if self.shape() & PACKED != 0 {
            return Some((*self.object()?).clone());
        }
        // SAFETY: the entry forgets the object.
        let object = unsafe { self.lend_object() }?;
        self.forget_object();
        Some(ManuallyDrop::into_inner(object))
    }

    /// The value, which is a string.
    fn string_to_store(&self) -> NewValue<'_> {
        match self.value() {
            Value::Integer(number) => NewValue::Integer(number),
            Value::Bytes(bytes) => NewValue::Bytes(bytes),
            Value::Shared(_) => NewValue::Shared(self.shared().expect("the value is shared")),
            Value::Object => unreachable!("objects are moved or copied as such"),
        }
    }

    /// Whether the value is a string.
    #[inline]
    pub fn is_string(&self) -> bool {
        self.shape() & KIND != KIND_OBJECT
    }

    fn set_edited(&mut self, edited: bool) {
        if self.is_string() {
            // SAFETY: the marks byte of an entry is always there.
            unsafe { self.put::<u8>(MARKS, if edited { MARK_RAW } else { 0 }) };
        }
    }

    /// Whether the value is a string that was modified in place since it was set.
    pub fn is_edited(&self) -> bool {
        // SAFETY: the marks byte of an entry is always initialised.
        self.is_string() && unsafe { self.take::<u8>(MARKS) & MARK_RAW != 0 }
    }

    /// When the key expires.
    #[inline]
    pub fn expiry(&self) -> Option<UnixMillis> {
        if self.shape() & EXPIRES == 0 {
            return None;
        }
        // SAFETY: the shape says that the field is there.
        Some(UnixMillis(unsafe { self.take::<i64>(HEADER) }))
    }

    /// When the first of the fields expires, if the value is a hash with fields that do.
    #[inline]
    pub fn field_expiry(&self) -> Option<UnixMillis> {
        if self.is_string() { None } else { self.object()?.field_expiry() }
    }

    /// Sets or clears the expiry. The table's index is the caller's business (see `Table`).
    pub(crate) fn set_expiry(&mut self, expiry: Option<UnixMillis>) {
        match (expiry, self.shape() & EXPIRES != 0) {
            (None, false) => {}
            // SAFETY: the shape says that the field is there.
            (Some(at), true) => unsafe { self.put::<i64>(HEADER, at.0) },
            (expiry, _) => {
                let generation = self.generation();
                let moved = self.moved(|entry, value| Self::new(entry.key(), value, expiry, entry.clock()));
                *self = moved.of_generation(generation);
            }
        }
    }

    /// The access clock: seconds (LRU) or minutes and a counter (LFU), as the policy in force packs it.
    #[inline]
    pub fn clock(&self) -> u32 {
        self.atomic_clock().load(Relaxed)
    }

    /// Sets the access clock. It takes no exclusive borrow: reading a key touches it.
    #[inline]
    pub fn set_clock(&self, clock: u32) {
        self.atomic_clock().store(clock, Relaxed);
    }

    /// To which generation it belongs; a new one to the first, `false`.
    #[inline]
    pub(crate) fn generation(&self) -> bool {
        self.shape() & GENERATION != 0
    }

    /// Moves it to a generation.
    ///
    /// # Safety
    /// Nobody else may use the entry meanwhile: the table that holds it must be borrowed exclusively. (An exclusive borrow of the entry itself isn't
    /// to be had in the middle of a scan.)
    #[inline]
    pub(crate) unsafe fn set_generation(&self, generation: bool) {
        let shape = if generation { self.shape() | GENERATION } else { self.shape() & !GENERATION };
        // SAFETY: the shape byte of an entry is always there, and by the caller's promise nobody accesses it otherwise meanwhile.
        unsafe { AtomicU8::from_ptr(self.at.as_ptr().add(SHAPE)) }.store(shape, Relaxed);
    }

    /// The same entry in a generation.
    #[inline]
    pub(crate) fn of_generation(self, generation: bool) -> Self {
        // SAFETY: the entry is the caller's own.
        unsafe { self.set_generation(generation) };
        self
    }

    fn atomic_clock(&self) -> &AtomicU32 {
        // SAFETY: the first four bytes of an entry are always initialised and, the allocation being aligned to 8, aligned; they are
        // never accessed otherwise while the entry is shared.
        unsafe { AtomicU32::from_ptr(self.at.as_ptr().add(CLOCK).cast()) }
    }

    /// Bytes of memory that the entry takes, a shared buffer's capacity included.
    pub fn memory_bytes(&self) -> usize {
        let plan = self.plan();
        let own = plan.size();
        match self.value() {
            Value::Shared(buffer) => own + buffer.capacity() + SHARED_OVERHEAD,
            Value::Integer(_) | Value::Bytes(_) => own,
            Value::Object if plan.shape & PACKED != 0 => own,
            Value::Object => own + self.object().map_or(0, |object| object.memory_bytes()),
        }
    }

    /// The same without a buffer that somebody else has, too.
    pub(crate) fn sole_bytes(&self) -> usize {
        match self.shared() {
            // One of the owners is this function.
            Some(buffer) if Arc::strong_count(&buffer) > 2 => {
                self.memory_bytes() - buffer.capacity() - SHARED_OVERHEAD
            }
            _ => self.memory_bytes(),
        }
    }

    /// A hint to the processor that the entry's first two cache lines are wanted soon.
    #[inline]
    pub fn address(&self) -> *const u8 {
        self.at.as_ptr()
    }

    /// Drops what the value field leads to. Both callers overwrite or free the field right after.
    fn drop_owned(&mut self, plan: Plan) {
        // SAFETY: the entry owns one count of this Arc, or this object.
        unsafe {
            match plan.shape & KIND {
                KIND_SHARED => drop(Arc::from_raw(self.take::<*const Vec<u8>>(plan.value_field_at()))),
                KIND_OBJECT if plan.shape & PACKED == 0 => {
                    drop(Object::from_boxed(self.take::<u8>(MARKS), self.take(plan.value_field_at())));
                }
                _ => {}
            }
        }
    }

    /// # Safety
    /// `offset..offset + size_of::<T>()` must lie inside the allocation and be initialised with a `T`.
    #[inline]
    unsafe fn take<T: Copy>(&self, offset: usize) -> T {
        // SAFETY: the caller's.
        unsafe { self.at.as_ptr().add(offset).cast::<T>().read_unaligned() }
    }

    /// # Safety
    /// `offset..offset + size_of::<T>()` must lie inside the allocation.
    #[inline]
    unsafe fn put<T: Copy>(&mut self, offset: usize, value: T) {
        // SAFETY: the caller's.
        unsafe { self.at.as_ptr().add(offset).cast::<T>().write_unaligned(value) }
    }

    /// # Safety
    /// `offset..offset + bytes.len()` must lie inside the allocation, and `bytes` outside it.
    #[inline]
    unsafe fn copy_in(&mut self, offset: usize, bytes: &[u8]) {
        // SAFETY: the caller's; `bytes` is a live slice.
        unsafe { self.at.as_ptr().add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
    }
}

/// What `Arc<Vec<u8>>` adds to its bytes: two counts, pointer, length, capacity.
const SHARED_OVERHEAD: usize = 40;

impl Drop for Entry {
    fn drop(&mut self) {
        let plan = self.plan();
        self.drop_owned(plan);
        // SAFETY: allocated by `new` with this very layout (the invariant of `Entry`); nobody uses it afterwards.
        unsafe { dealloc(self.at.as_ptr(), plan.layout()) }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("key", &String::from_utf8_lossy(self.key()))
            .field("value", &self.value())
            .field("expiry", &self.expiry())
            .finish()
    }
}

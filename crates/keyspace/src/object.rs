//! Values that are not strings.
//!
//! An entry holds eight bytes of such a value: one pointer, and in another of its bytes a tag that says to what. Small collections point to
//! [`Packed`] bytes, large ones to a box. Whoever works with one sees an [`Object`]: it is put together from tag and pointer for as long as
//! it is borrowed, and taken apart again afterwards.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use dict::{Ref, RefMut};
use listpack::{Intset, Listpack};
use structures::Stream;

use crate::entry::Entry;
use crate::packed::Packed;
use crate::table::FieldSchedule;
use crate::time::UnixMillis;

/// A list in a keyspace.
pub type List = structures::List<Packed>;
/// A hash in a keyspace.
pub type Hash = structures::Hash<Packed>;
/// A set in a keyspace.
pub type Set = structures::Set<Packed>;
/// A sorted set in a keyspace.
pub type SortedSet = structures::SortedSet<Packed>;

/// What a value is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Bytes or an integer.
    String,
    /// Elements in a row.
    List,
    /// Values under fields.
    Hash,
    /// Members.
    Set,
    /// Members with scores.
    SortedSet,
    /// Entries under ascending numbers.
    Stream,
}

/// A value that is not a string.
#[derive(Clone)]
pub enum Object {
    /// Elements in a row.
    List(List),
    /// Values under fields.
    Hash(Hash),
    /// Members.
    Set(Set),
    /// Members with scores.
    SortedSet(SortedSet),
    /// Entries under ascending numbers.
    Stream(Box<Stream>),
}

/// One of the types of which an [`Object`] holds a value.
pub trait Collection: Default {
    /// Its kind.
    const KIND: Kind;

    /// The value, if it is of this type.
    fn of(object: &Object) -> Option<&Self>;

    /// The same for changing it.
    fn of_mut(object: &mut Object) -> Option<&mut Self>;

    /// As a value of any type.
    fn into_object(self) -> Object;

    /// Whether nothing is in it: then its key has to go.
    fn is_empty(&self) -> bool;
}

macro_rules! collection {
    ($type:ty, $variant:ident) => {
        impl Collection for $type {
            const KIND: Kind = Kind::$variant;

            #[inline]
            fn of(object: &Object) -> Option<&Self> {
                match object {
                    Object::$variant(value) => Some(value),
                    _ => None,
                }
            }

            #[inline]
            fn of_mut(object: &mut Object) -> Option<&mut Self> {
                match object {
                    Object::$variant(value) => Some(value),
                    _ => None,
                }
            }

            #[inline]
            fn into_object(self) -> Object {
                Object::$variant(self)
            }

            #[inline]
            fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

collection!(List, List);
collection!(Hash, Hash);
collection!(Set, Set);
collection!(SortedSet, SortedSet);

impl Collection for Box<Stream> {
    const KIND: Kind = Kind::Stream;

    fn of(object: &Object) -> Option<&Self> {
        if let Object::Stream(stream) = object { Some(stream) } else { None }
    }

    fn of_mut(object: &mut Object) -> Option<&mut Self> {
        if let Object::Stream(stream) = object { Some(stream) } else { None }
    }

    fn into_object(self) -> Object {
        Object::Stream(self)
    }

    /// A stream without entries stays: it remembers its last number and its groups.
    fn is_empty(&self) -> bool {
        false
    }
}

/// What the pointer of an entry's value leads to. A tag is stored in a byte; its numbers have no meaning outside.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    PackedList,
    List,
    PackedHash,
    DatedHash,
    Hash,
    Intset,
    PackedSet,
    Set,
    PackedSortedSet,
    SortedSet,
    Stream,
}

impl Tag {
    const ALL: [Self; 11] = [
        Self::PackedList,
        Self::List,
        Self::PackedHash,
        Self::DatedHash,
        Self::Hash,
        Self::Intset,
        Self::PackedSet,
        Self::Set,
        Self::PackedSortedSet,
        Self::SortedSet,
        Self::Stream,
    ];
}

impl Object {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::List(_) => Kind::List,
            Self::Hash(_) => Kind::Hash,
            Self::Set(_) => Kind::Set,
            Self::SortedSet(_) => Kind::SortedSet,
            Self::Stream(_) => Kind::Stream,
        }
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::List(list) => list.memory_bytes(),
            Self::Hash(hash) => hash.memory_bytes(),
            Self::Set(set) => set.memory_bytes(),
            Self::SortedSet(set) => set.memory_bytes(),
            Self::Stream(stream) => stream.memory_bytes(),
        }
    }

    /// When the first of its fields expires, if it is a hash with fields that do. O(1).
    #[inline]
    pub fn field_expiry(&self) -> Option<UnixMillis> {
        match self {
            Self::Hash(hash) => hash.next_expiry_ms().map(UnixMillis),
            _ => None,
        }
    }

    /// Takes it apart into a tag and a pointer, which owns it.
    pub(crate) fn into_raw(self) -> (u8, NonNull<()>) {
        let (tag, raw) = match self {
            Self::List(List::Packed(packed)) => (Tag::PackedList, packed.into_storage().into_raw()),
            Self::List(List::Large(large)) => (Tag::List, raw(large)),
            Self::Hash(Hash::Packed(packed)) => (Tag::PackedHash, packed.into_storage().into_raw()),
            Self::Hash(Hash::Dated(packed)) => (Tag::DatedHash, packed.into_storage().into_raw()),
            Self::Hash(Hash::Large(large)) => (Tag::Hash, raw(large)),
            Self::Set(Set::Integers(integers)) => (Tag::Intset, integers.into_storage().into_raw()),
            Self::Set(Set::Packed(packed)) => (Tag::PackedSet, packed.into_storage().into_raw()),
            Self::Set(Set::Large(large)) => (Tag::Set, raw(large)),
            Self::SortedSet(SortedSet::Packed(packed)) => {
                (Tag::PackedSortedSet, packed.into_storage().into_raw())
            }
            Self::SortedSet(SortedSet::Large(large)) => (Tag::SortedSet, raw(large)),
            Self::Stream(stream) => (Tag::Stream, raw(stream)),
        };
        (tag as u8, raw)
    }

    /// Puts it together again.
    ///
    /// # Safety
    /// Tag and pointer must come from one call of `into_raw`, and each such pair may own its object once only.
    pub(crate) unsafe fn from_raw(tag: u8, raw: NonNull<()>) -> Self {
        // SAFETY: (whole body) the tag says what the pointer was made from.
        unsafe {
            match Tag::ALL[usize::from(tag)] {
                Tag::PackedList => Self::List(List::Packed(Listpack::trusted(Packed::from_raw(raw)))),
                Tag::List => Self::List(List::Large(boxed(raw))),
                Tag::PackedHash => Self::Hash(Hash::Packed(Listpack::trusted(Packed::from_raw(raw)))),
                Tag::DatedHash => Self::Hash(Hash::Dated(Listpack::trusted(Packed::from_raw(raw)))),
                Tag::Hash => Self::Hash(Hash::Large(boxed(raw))),
                Tag::Intset => Self::Set(Set::Integers(Intset::trusted(Packed::from_raw(raw)))),
                Tag::PackedSet => Self::Set(Set::Packed(Listpack::trusted(Packed::from_raw(raw)))),
                Tag::Set => Self::Set(Set::Large(boxed(raw))),
                Tag::PackedSortedSet => {
                    Self::SortedSet(SortedSet::Packed(Listpack::trusted(Packed::from_raw(raw))))
                }
                Tag::SortedSet => Self::SortedSet(SortedSet::Large(boxed(raw))),
                Tag::Stream => Self::Stream(boxed(raw)),
            }
        }
    }
}

fn raw<T>(large: Box<T>) -> NonNull<()> {
    NonNull::from(Box::leak(large)).cast()
}

/// # Safety
/// `raw` must come from [`raw`] of a `Box<T>`, once.
unsafe fn boxed<T>(raw: NonNull<()>) -> Box<T> {
    // SAFETY: the caller's.
    unsafe { Box::from_raw(raw.cast().as_ptr()) }
}

/// An entry's object, borrowed.
pub struct ObjectRef<'e> {
    /// Owned by the entry.
    object: ManuallyDrop<Object>,
    entry: PhantomData<&'e Entry>,
}

impl<'e> ObjectRef<'e> {
    /// The entry's object, if it has one.
    #[inline]
    pub(crate) fn of(entry: &'e Entry) -> Option<Self> {
        // SAFETY: the object stays the entry's: `ManuallyDrop` leaves it alone, and the entry is borrowed meanwhile.
        let object = unsafe { entry.raw_object() }.map(|(tag, raw)| unsafe { Object::from_raw(tag, raw) })?;
        Some(Self { object: ManuallyDrop::new(object), entry: PhantomData })
    }
}

impl Deref for ObjectRef<'_> {
    type Target = Object;

    #[inline]
    fn deref(&self) -> &Object {
        &self.object
    }
}

/// A collection in a table, borrowed with its entry.
pub struct Held<'t, T> {
    /// Owned by the entry.
    object: ManuallyDrop<Object>,
    entry: Ref<'t, Entry>,
    collection: PhantomData<T>,
}

impl<'t, T: Collection> Held<'t, T> {
    /// The entry's value, if it is of this type.
    #[inline]
    pub fn new(entry: Ref<'t, Entry>) -> Option<Self> {
        // SAFETY: as in `ObjectRef::of`; the entry stays borrowed as long as it is in `self`.
        let object = unsafe { entry.raw_object() }.map(|(tag, raw)| unsafe { Object::from_raw(tag, raw) })?;
        let object = ManuallyDrop::new(object);
        T::of(&object).is_some().then_some(Self { object, entry, collection: PhantomData })
    }

    /// The entry that it is the value of.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }
}

impl<T: Collection> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        T::of(&self.object).expect("`new` looked at the type")
    }
}

/// A collection in a table, borrowed for changing it. What became of it is in its entry, and in the table's order of time, once this is
/// dropped.
pub struct HeldMut<'t, T: Collection> {
    /// Owned by the entry, to which it returns.
    object: ManuallyDrop<Object>,
    entry: RefMut<'t, Entry>,
    schedule: FieldSchedule<'t>,
    collection: PhantomData<T>,
}

impl<'t, T: Collection> HeldMut<'t, T> {
    /// The entry's value, if it is of this type.
    #[inline]
    pub(crate) fn new(entry: RefMut<'t, Entry>, mut schedule: FieldSchedule<'t>) -> Option<Self> {
        // SAFETY: as in `ObjectRef::of`; `drop` gives the object back to the entry, which stays borrowed as long as it is in `self`.
        let object = unsafe { entry.raw_object() }.map(|(tag, raw)| unsafe { Object::from_raw(tag, raw) })?;
        let object = ManuallyDrop::new(object);
        schedule.begin(object.field_expiry());
        T::of(&object).is_some().then_some(Self { object, entry, schedule, collection: PhantomData })
    }

    /// The entry that it is the value of.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }
}

impl<T: Collection> Deref for HeldMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        T::of(&self.object).expect("`new` looked at the type")
    }
}

impl<T: Collection> DerefMut for HeldMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        T::of_mut(&mut self.object).expect("`new` looked at the type")
    }
}

impl<T: Collection> Drop for HeldMut<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.schedule.end(self.object.field_expiry());
        // SAFETY: the object is taken once, here. It owns whatever the entry's old pointer led to, changed or not, so the
        // entry may forget that pointer.
        unsafe {
            let (tag, raw) = ManuallyDrop::take(&mut self.object).into_raw();
            self.entry.put_object(tag, raw);
        }
    }
}

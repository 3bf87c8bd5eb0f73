//! Values that are not strings.
//!
//! An entry holds a tag that says what such a value is, and of a small collection the bytes themselves, of a large one the pointer of a box.
//! Whoever works with one sees an [`Object`]: it is put together from tag and bytes or pointer for as long as it is borrowed, and taken
//! apart again afterwards. As long as a small one is borrowed for changing it, the [`Packed`] in it owns the entry's allocation; what stands
//! there before the bytes is kept aside meanwhile, since the collection may become a large one, or be replaced by another.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use dict::{Ref, RefMut};
use listpack::{Intset, Listpack};
use structures::Stream;

use crate::entry::{Entry, Head};
use crate::packed::Packed;
use crate::sizes::Size;
use crate::table::Upkeep;
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
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// How many elements it has.
    fn len(&self) -> usize;

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
            fn len(&self) -> usize {
                <$type>::len(self)
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

    #[inline]
    fn len(&self) -> usize {
        Stream::len(self)
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

    /// What it is and how many elements it has.
    pub fn size(&self) -> Size {
        let len = match self {
            Self::List(list) => list.len(),
            Self::Hash(hash) => hash.len(),
            Self::Set(set) => set.len(),
            Self::SortedSet(set) => set.len(),
            Self::Stream(stream) => stream.len(),
        };
        Size { kind: self.kind(), len }
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

    /// Its bytes, if it is a small collection.
    #[inline]
    pub(crate) fn packed_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::List(List::Packed(list))
            | Self::Hash(Hash::Packed(list) | Hash::Dated(list))
            | Self::Set(Set::Packed(list))
            | Self::SortedSet(SortedSet::Packed(list)) => Some(list.as_bytes()),
            Self::Set(Set::Integers(integers)) => Some(integers.as_bytes()),
            _ => None,
        }
    }

    /// Takes it apart into a tag and what goes with it.
    #[inline]
    pub(crate) fn into_stored(self) -> (u8, Stored) {
        let (tag, stored) = match self {
            Self::List(List::Packed(packed)) => (Tag::PackedList, Stored::Packed(packed.into_storage())),
            Self::List(List::Large(large)) => (Tag::List, boxed(large)),
            Self::Hash(Hash::Packed(packed)) => (Tag::PackedHash, Stored::Packed(packed.into_storage())),
            Self::Hash(Hash::Dated(packed)) => (Tag::DatedHash, Stored::Packed(packed.into_storage())),
            Self::Hash(Hash::Large(large)) => (Tag::Hash, boxed(large)),
            Self::Set(Set::Integers(integers)) => (Tag::Intset, Stored::Packed(integers.into_storage())),
            Self::Set(Set::Packed(packed)) => (Tag::PackedSet, Stored::Packed(packed.into_storage())),
            Self::Set(Set::Large(large)) => (Tag::Set, boxed(large)),
            Self::SortedSet(SortedSet::Packed(packed)) => {
                (Tag::PackedSortedSet, Stored::Packed(packed.into_storage()))
            }
            Self::SortedSet(SortedSet::Large(large)) => (Tag::SortedSet, boxed(large)),
            Self::Stream(stream) => (Tag::Stream, boxed(stream)),
        };
        (tag as u8, stored)
    }

    /// Puts a small collection together again. Its tag must be the one that [`Object::into_stored`] gave with the bytes.
    #[inline]
    pub(crate) fn from_packed(tag: u8, packed: Packed) -> Self {
        match Tag::ALL[usize::from(tag)] {
            Tag::PackedList => Self::List(List::Packed(Listpack::trusted(packed))),
            Tag::PackedHash => Self::Hash(Hash::Packed(Listpack::trusted(packed))),
            Tag::DatedHash => Self::Hash(Hash::Dated(Listpack::trusted(packed))),
            Tag::Intset => Self::Set(Set::Integers(Intset::trusted(packed))),
            Tag::PackedSet => Self::Set(Set::Packed(Listpack::trusted(packed))),
            Tag::PackedSortedSet => Self::SortedSet(SortedSet::Packed(Listpack::trusted(packed))),
            tag => unreachable!("{tag:?} is no small collection"),
        }
    }

    /// Puts any other together again.
    ///
    /// # Safety
    /// Tag and pointer must come from one call of `into_stored`, and each such pair may own its object once only.
    #[inline]
    pub(crate) unsafe fn from_boxed(tag: u8, raw: NonNull<()>) -> Self {
        // SAFETY: (whole body) the tag says what the pointer was made from.
        unsafe {
            match Tag::ALL[usize::from(tag)] {
                Tag::List => Self::List(List::Large(unboxed(raw))),
                Tag::Hash => Self::Hash(Hash::Large(unboxed(raw))),
                Tag::Set => Self::Set(Set::Large(unboxed(raw))),
                Tag::SortedSet => Self::SortedSet(SortedSet::Large(unboxed(raw))),
                Tag::Stream => Self::Stream(unboxed(raw)),
                tag => unreachable!("{tag:?} is in no box"),
            }
        }
    }
}

/// What an entry keeps of an object beside the tag.
pub(crate) enum Stored {
    /// A small collection, of which the bytes go into the entry.
    Packed(Packed),
    /// The pointer of a box.
    Boxed(NonNull<()>),
}

/// Length of a small collection, from the first bytes of it: the collections themselves say how long they are.
///
/// A list packed in the usual way begins with its length; a set of integers with the width of one and their number.
#[inline]
pub(crate) fn packed_len(tag: u8, first: impl Fn(usize) -> [u8; 4]) -> usize {
    let number = |at| u32::from_le_bytes(first(at)) as usize;
    if tag == Tag::Intset as u8 { INTSET_HEADER_BYTES + number(0) * number(4) } else { number(0) }
}

/// Width and number of integers.
const INTSET_HEADER_BYTES: usize = 8;

fn boxed<T>(large: Box<T>) -> Stored {
    Stored::Boxed(NonNull::from(Box::leak(large)).cast())
}

/// # Safety
/// `raw` must come from [`boxed`] of a `Box<T>`, once.
unsafe fn unboxed<T>(raw: NonNull<()>) -> Box<T> {
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
        // SAFETY: the object stays the entry's: it is only looked at, and the entry is borrowed meanwhile.
        let object = unsafe { entry.lend_object() }?;
        Some(Self { object, entry: PhantomData })
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
        let object = unsafe { entry.lend_object() }?;
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

/// A collection in a table, borrowed for changing it. What became of it is in its entry, and known to the table, once this is
/// dropped.
pub struct HeldMut<'t, T: Collection> {
    /// Owned by the entry, to which it returns.
    object: ManuallyDrop<Object>,
    /// Must not be used: its allocation may be the object's, and elsewhere.
    entry: RefMut<'t, Entry>,
    /// What the entry had before its bytes; empty if it had a pointer.
    head: Head,
    upkeep: Upkeep<'t>,
    collection: PhantomData<T>,
}

impl<'t, T: Collection> HeldMut<'t, T> {
    /// The entry's value, if it is of this type.
    // On its own it would copy two hundred bytes to its caller.
    #[inline(always)]
    pub(crate) fn new(entry: RefMut<'t, Entry>, mut upkeep: Upkeep<'t>) -> Option<Self> {
        // SAFETY: from here on the object owns what the entry leads to, or the entry's allocation, and nobody uses the entry until `drop`
        // gives it the object back. It stays borrowed as long as it is in `self`. If the type is wrong, nothing has happened.
        let object = unsafe { entry.lend_object() }?;
        let len = T::of(&object)?.len();
        upkeep.begin(object.field_expiry(), len);
        let head = entry.head_of_packed();
        Some(Self { object, entry, head, upkeep, collection: PhantomData })
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
        let size = Size { kind: T::KIND, len: self.len() };
        self.upkeep.end(self.object.field_expiry(), size);
        // SAFETY: the object is taken once, here. It owns whatever the entry's old pointer led to, or its allocation, changed or not; so
        // the entry may forget both.
        unsafe {
            let object = ManuallyDrop::take(&mut self.object);
            self.entry.put_object(object, &self.head);
        }
    }
}

//! Some consecutive entries, packed.
//!
//! ```text
//! | live | deleted | n | name 1 … name n | 0 |                                            once: the names that most entries have
//! | flags | ms | seq | [ m | name 1 | value 1 … name m | value m ] or [ value 1 … value n ] | back |      for each entry
//! ```
//!
//! `ms` and `seq` are differences from the number of the node's first entry, wrapping. `flags` says whether the entry is deleted (it
//! stays in its place then) and whether its names are those at the head. `back` is the number of elements before it that the
//! entry has: so one may walk backwards. All of this is byte for byte what other servers keep in memory and in their snapshots.

use listpack::{Element, Iter, Listpack, ListpackRef, Position, TooLarge};
use smallvec::SmallVec;

use super::id::StreamId;

const DELETED: i64 = 1;
const SAME_NAMES: i64 = 2;

/// The longest node. Others refuse to read longer ones.
pub(super) const NODE_BYTES_MAX: usize = 1 << 30;

/// Elements that are put together without an allocation.
const INLINE_ELEMENTS: usize = 24;

/// A packed node. Its key, the number of its first entry, is kept by whoever keeps the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    packed: Listpack,
    /// Entries that are not deleted, as its head says: here, so that counting those of many nodes doesn't touch what is in them.
    live: usize,
}

/// An entry of a stream.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its number.
    pub id: StreamId,
    pairs: Pairs<'a>,
}

impl<'a> Entry<'a> {
    /// Names and values, in the order in which they were given.
    pub fn pairs(&self) -> Pairs<'a> {
        self.pairs.clone()
    }
}

/// The names and values of an entry.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    /// Where the names are if not between the values.
    names: Option<Iter<'a>>,
    values: Iter<'a>,
    left: usize,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Element<'a>, Element<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = match &mut self.names {
            Some(names) => names.next(),
            None => self.values.next(),
        };
        Some((name?, self.values.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

/// What stands at the head of a node.
#[derive(Clone, Debug)]
struct Head<'a> {
    live: usize,
    deleted: usize,
    names: Iter<'a>,
    names_count: usize,
    /// The rest of the node.
    entries: Iter<'a>,
}

/// An entry with its place, deleted or not.
#[derive(Clone, Debug)]
pub(super) struct Placed<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) place: Place,
}

/// Where an entry is in its node. Good until something is appended to the node or deleted from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Of its flags.
    at: Position,
    flags: i64,
}

impl Placed<'_> {
    pub(super) fn is_deleted(&self) -> bool {
        self.place.flags & DELETED != 0
    }
}

impl Node {
    /// A node for an entry with these fields, and without it.
    pub(super) fn new(fields: &[(&[u8], &[u8])]) -> Result<Self, TooLarge> {
        let mut elements = Elements::new();
        elements.extend([0, 0, fields.len() as i64].map(Element::Int));
        elements.extend(fields.iter().map(|(name, _)| Element::Bytes(name)));
        elements.push(Element::Int(0));
        let mut packed = Listpack::new();
        packed.append(&elements)?;
        Ok(Self { packed, live: 0 })
    }

    /// A node from elsewhere, and its last number, if every entry in
    /// it can be read, both ways.
    pub(super) fn checked(packed: Listpack, key: StreamId) -> Option<(Self, StreamId)> {
        let mut node = Self { packed, live: 0 };
        let head = node.head().filter(|_| node.bytes() <= NODE_BYTES_MAX)?;
        let (mut live, mut deleted, mut last) = (0, 0, None);
        let mut places = Vec::new();
        let mut cursor = Cursor::new(&node, key)?;
        while cursor.rest.position().is_some() {
            let placed = cursor.next()?;
            let id = placed.entry.id;
            let is_ordered = last.map_or(id >= key, |last| id > last);
            let is_known = placed.place.flags & !(DELETED | SAME_NAMES) == 0;
            if !is_ordered || !is_known {
                return None;
            }
            last = Some(id);
            places.push(placed.place);
            if placed.is_deleted() { deleted += 1 } else { live += 1 }
        }
        // The way back goes by the numbers of elements that stand behind the entries; it must meet the same ones.
        let back = BackCursor::new(&node, key)?.map(|placed| placed.place);
        let is_whole = (live, deleted) == (head.live, head.deleted) && back.eq(places.into_iter().rev());
        is_whole.then_some(())?;
        node.live = live;
        Some((node, last?))
    }

    pub(super) fn packed(&self) -> &Listpack {
        &self.packed
    }

    pub(super) fn bytes(&self) -> usize {
        self.packed.as_bytes().len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.packed.memory_bytes()
    }

    /// Gives back room in reserve: nothing is appended any more.
    pub(super) fn close(&mut self) {
        self.packed.shrink_to_fit();
    }

    /// Entries that are not deleted.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Entries that are in it, deleted or not.
    pub(super) fn entries(&self) -> usize {
        self.head().map_or(0, |head| head.live.saturating_add(head.deleted))
    }

    fn head(&self) -> Option<Head<'_>> {
        let mut rest = self.packed.view().iter();
        let live = count(rest.next()?)?;
        let deleted = count(rest.next()?)?;
        let names_count = count(rest.next()?)?;
        let names = rest.clone();
        // One more: the zero behind the names, where the way back ends.
        rest.nth(names_count)?.int().filter(|&end| end == 0)?;
        Some(Head { live, deleted, names, names_count, entries: rest })
    }

    /// Appends an entry, whose number is greater than all others in the node. `key` is the node's.
    pub(super) fn append(
        &mut self,
        key: StreamId,
        id: StreamId,
        fields: &[(&[u8], &[u8])],
    ) -> Result<(), TooLarge> {
        let same = self.has_names(fields);
        let mut elements = Elements::new();
        elements.push(Element::Int(if same { SAME_NAMES } else { 0 }));
        elements.push(Element::Int(id.ms.wrapping_sub(key.ms) as i64));
        elements.push(Element::Int(id.seq.wrapping_sub(key.seq) as i64));
        if same {
            elements.extend(fields.iter().map(|(_, value)| Element::Bytes(value)));
        } else {
            elements.push(Element::Int(fields.len() as i64));
            for (name, value) in fields {
                elements.extend([Element::Bytes(name), Element::Bytes(value)]);
            }
        }
        elements.push(Element::Int(elements.len() as i64));
        self.packed.append(&elements)?;
        self.count(1, 0);
        self.live += 1;
        Ok(())
    }

    fn has_names(&self, fields: &[(&[u8], &[u8])]) -> bool {
        self.head().is_some_and(|head| {
            head.names_count == fields.len()
                && fields.iter().zip(head.names).all(|((name, _), own)| own == Element::Bytes(name))
        })
    }

    /// Adds to the counts at the head.
    fn count(&mut self, live: i64, deleted: i64) {
        let Some(head) = self.head() else { return };
        let counts = [head.live as i64 + live, head.deleted as i64 + deleted];
        let mut at = self.packed.view().first();
        for (count, change) in counts.into_iter().zip([live, deleted]) {
            let Some(position) = at else { return };
            if change != 0 {
                self.packed.replace(position, count).expect("a node is far smaller than a list may be");
            }
            at = self.packed.view().next(position);
        }
    }

    /// Marks entries, none of which is deleted, as deleted. They stand in their order.
    pub(super) fn delete(&mut self, places: &[Place]) {
        // From the last to the first: flags from elsewhere need not have the shortest encoding, and then what follows them moves.
        for place in places.iter().rev() {
            let flags = place.flags | DELETED;
            self.packed.replace(place.at, flags).expect("flags don't grow");
        }
        let count = places.len() as i64;
        self.count(-count, count);
        self.live -= places.len();
    }

    /// The number of the last entry, deleted or not.
    pub(super) fn last_id(&self, key: StreamId) -> Option<StreamId> {
        BackCursor::new(self, key)?.next().map(|placed| placed.entry.id)
    }
}

fn count(element: Element<'_>) -> Option<usize> {
    usize::try_from(element.int()?).ok()
}

type Elements<'a> = SmallVec<[Element<'a>; INLINE_ELEMENTS]>;

/// The entries of a node in their order, deleted ones too.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    key: StreamId,
    names: Iter<'a>,
    names_count: usize,
    rest: Iter<'a>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(node: &'a Node, key: StreamId) -> Option<Self> {
        let Head { names, names_count, entries, .. } = node.head()?;
        Some(Self { key, names, names_count, rest: entries })
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Placed<'a>;

    fn next(&mut self) -> Option<Placed<'a>> {
        let at = self.rest.position()?;
        let flags = self.rest.next()?.int()?;
        let ms = self.key.ms.wrapping_add(self.rest.next()?.int()? as u64);
        let seq = self.key.seq.wrapping_add(self.rest.next()?.int()? as u64);
        let (names, left, elements) = if flags & SAME_NAMES != 0 {
            (Some(self.names.clone()), self.names_count, self.names_count)
        } else {
            let own = count(self.rest.next()?)?;
            (None, own, own.checked_mul(2)?)
        };
        let values = self.rest.clone();
        // One more: `back`.
        self.rest.nth(elements)?;
        let entry = Entry { id: StreamId::new(ms, seq), pairs: Pairs { names, values, left } };
        Some(Placed { entry, place: Place { at, flags } })
    }
}

/// The entries of a node from the last to the first, deleted ones too.
#[derive(Clone, Debug)]
pub(super) struct BackCursor<'a> {
    packed: ListpackRef<'a>,
    forward: Cursor<'a>,
    /// The `back` of the entry that comes next.
    back: Option<Position>,
}

impl<'a> BackCursor<'a> {
    pub(super) fn new(node: &'a Node, key: StreamId) -> Option<Self> {
        let packed = node.packed.view();
        Some(Self { packed, forward: Cursor::new(node, key)?, back: packed.last() })
    }
}

impl<'a> Iterator for BackCursor<'a> {
    type Item = Placed<'a>;

    fn next(&mut self) -> Option<Placed<'a>> {
        let back = self.back?;
        // 0: what ends the head.
        let elements = count(self.packed.at(back)?).filter(|&elements| elements > 0)?;
        let start = (0..elements).try_fold(back, |at, _| self.packed.prev(at))?;
        self.back = self.packed.prev(start);
        self.forward.rest = self.packed.iter_from(start);
        self.forward.next()
    }
}

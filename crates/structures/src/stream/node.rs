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

use super::id::StreamId;

const DELETED: i64 = 1;
const SAME_NAMES: i64 = 2;

/// Entries at the end of a node that are looked at first.
const NEAR_END: usize = 8;

/// The longest node. Others refuse to read longer ones.
pub(super) const NODE_BYTES_MAX: usize = 1 << 30;

/// A packed node. Its key, the number of its first entry, is kept by whoever keeps the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    packed: Listpack,
    /// As at the head.
    counts: Counts,
}

/// How many entries there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    live: usize,
    deleted: usize,
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
    counts: Counts,
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
        let counts = [0, 0, fields.len() as i64].map(Element::Int);
        let names = fields.iter().map(|(name, _)| Element::Bytes(name));
        let mut packed = Listpack::new();
        packed.append(counts.into_iter().chain(names).chain([Element::Int(0)]))?;
        Ok(Self { packed, counts: Counts::default() })
    }

    /// A node from elsewhere, if every entry in it can be read, both ways; and the last number in it that is not deleted, or its key.
    pub(super) fn checked(packed: Listpack, key: StreamId) -> Option<(Self, StreamId)> {
        let mut node = Self { packed, counts: Counts::default() };
        node.counts = node.head().filter(|_| node.bytes() <= NODE_BYTES_MAX)?.counts;
        // Only of those that are not deleted: numbers behind the last one of these may have been given again (`XSETID`).
        let (mut counts, mut last) = (Counts::default(), None);
        let mut places = Vec::new();
        let mut cursor = Cursor::new(&node, key)?;
        while cursor.rest.position().is_some() {
            let placed = cursor.next()?;
            let id = placed.entry.id;
            let is_ordered = placed.is_deleted() || last.map_or(id >= key, |last| id > last);
            let is_known = placed.place.flags & !(DELETED | SAME_NAMES) == 0;
            if !is_ordered || !is_known {
                return None;
            }
            last = if placed.is_deleted() { last } else { Some(id) };
            places.push(placed.place);
            *(if placed.is_deleted() { &mut counts.deleted } else { &mut counts.live }) += 1;
        }
        // The way back goes by the numbers of elements that stand behind the entries; it must meet the same ones.
        let back = BackCursor::new(&node, key)?.map(|placed| placed.place);
        let is_whole = counts == node.counts && back.eq(places.into_iter().rev());
        is_whole.then_some(())?;
        Some((node, last.unwrap_or(key)))
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
        self.counts.live
    }

    /// Entries that are in it, deleted or not.
    pub(super) fn entries(&self) -> usize {
        self.counts.live.saturating_add(self.counts.deleted)
    }

    fn head(&self) -> Option<Head<'_>> {
        let mut rest = self.packed.view().iter();
        let counts = Counts { live: count(rest.next()?)?, deleted: count(rest.next()?)? };
        let names_count = count(rest.next()?)?;
        let names = rest.clone();
        // One more: the zero behind the names, where the way back ends.
        rest.nth(names_count)?.int().filter(|&end| end == 0)?;
        Some(Head { counts, names, names_count, entries: rest })
    }

    /// Appends an entry, whose number is greater than all others in the node. `key` is the node's.
    pub(super) fn append(
        &mut self,
        key: StreamId,
        id: StreamId,
        fields: &[(&[u8], &[u8])],
    ) -> Result<(), TooLarge> {
        let same = self.has_names(fields);
        let ms = id.ms.wrapping_sub(key.ms) as i64;
        let seq = id.seq.wrapping_sub(key.seq) as i64;
        let values = fields.iter().map(|(_, value)| Element::Bytes(value));
        if same {
            let back = 3 + fields.len() as i64;
            let start = [SAME_NAMES, ms, seq].map(Element::Int).into_iter();
            self.packed.append(start.chain(values).chain([Element::Int(back)]))?;
        } else {
            let back = 4 + 2 * fields.len() as i64;
            let start = [0, ms, seq, fields.len() as i64].map(Element::Int).into_iter();
            let pairs = fields.iter().flat_map(|(name, value)| [Element::Bytes(name), Element::Bytes(value)]);
            self.packed.append(start.chain(pairs).chain([Element::Int(back)]))?;
        }
        self.set_counts(Counts { live: self.counts.live + 1, ..self.counts });
        Ok(())
    }

    fn has_names(&self, fields: &[(&[u8], &[u8])]) -> bool {
        let mut head = self.packed.view().iter();
        let names_count = head.nth(2).and_then(count);
        names_count == Some(fields.len())
            && fields.iter().zip(head).all(|((name, _), own)| own == Element::Bytes(name))
    }

    fn set_counts(&mut self, counts: Counts) {
        let old = std::mem::replace(&mut self.counts, counts);
        let Some(first) = self.packed.view().first() else { return };
        self.set_count(Some(first), old.live, counts.live);
        self.set_count(self.packed.view().next(first), old.deleted, counts.deleted);
    }

    fn set_count(&mut self, at: Option<Position>, old: usize, new: usize) {
        if let Some(at) = at.filter(|_| old != new) {
            self.packed.replace(at, new as i64).expect("a node is far smaller than a list may be");
        }
    }

    /// Marks entries, none of which is deleted, as deleted. They stand in their order.
    pub(super) fn delete(&mut self, places: &[Place]) {
        // From the last to the first: flags from elsewhere need not have the shortest encoding, and then what follows them moves.
        for place in places.iter().rev() {
            let flags = place.flags | DELETED;
            self.packed.replace(place.at, flags).expect("flags don't grow");
        }
        let Counts { live, deleted } = self.counts;
        self.set_counts(Counts { live: live - places.len(), deleted: deleted + places.len() });
    }

    /// The number of the last entry, deleted or not.
    pub(super) fn last_id(&self, key: StreamId) -> Option<StreamId> {
        BackCursor::new(self, key)?.next().map(|placed| placed.entry.id)
    }
}

fn count(element: Element<'_>) -> Option<usize> {
    usize::try_from(element.int()?).ok()
}

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

    /// The same, perhaps without some of the entries before `from`: readers who keep up ask for the last ones time and again.
    pub(super) fn new_from(node: &'a Node, key: StreamId, from: StreamId) -> Option<Self> {
        Self::near_end(node, key, from).or_else(|| Self::new(node, key))
    }

    /// At the first entry from `from` on, if it is among the last few and not the first.
    fn near_end(node: &'a Node, key: StreamId, from: StreamId) -> Option<Self> {
        if from <= key {
            return None;
        }
        let mut back = BackCursor::new(node, key)?;
        back.by_ref().take(NEAR_END).find(|placed| placed.entry.id < from)?;
        // Behind the entry found.
        Some(back.forward)
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

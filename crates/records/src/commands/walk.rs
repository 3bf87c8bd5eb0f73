//! How far the requests of an entry were written.

use keyspace::{Entry, Hash, List, Object, Set, SortedSet, Value};
use listpack::{Element, Position};
use structures::list::NodeRef;

use super::request::{Items, Request};
use super::stream::StreamWalk;
use crate::scanned::{Scanned, Shown};

/// Where the next request of an entry goes on.
#[derive(Default)]
pub(super) struct Walk {
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    Begin,
    Elements(Place),
    Expiry,
    Complete,
}

/// The place of the next element of a collection.
enum Place {
    List(ListPlace),
    Hash(Scanned),
    Set(Scanned),
    /// The rank of the next member.
    SortedSet(usize),
    Stream(StreamWalk),
}

/// The next element of a list: in the node with this number, at its front or further on. A packed list counts as one node.
#[derive(Clone, Copy, Default)]
struct ListPlace {
    node: usize,
    position: Option<Position>,
}

/// Where requests are written to.
pub(super) struct Room<'o> {
    pub(super) key: &'o [u8],
    pub(super) out: &'o mut Vec<u8>,
    /// The length of `out` that is enough.
    pub(super) bytes_end: usize,
}

impl Room<'_> {
    pub(super) fn is_full(&self) -> bool {
        self.out.len() >= self.bytes_end
    }

    fn items(&mut self, verb: &str) -> Items<'_> {
        Items::new(verb, self.key, self.bytes_end, self.out)
    }
}

impl Walk {
    /// Appends requests, about `bytes_max` bytes: more only if one element is longer. Returns whether the entry is complete. It must be the same
    /// each time.
    pub(super) fn go_on(&mut self, entry: &Entry, bytes_max: usize, out: &mut Vec<u8>) -> bool {
        let bytes_end = out.len().saturating_add(bytes_max.max(1));
        let mut room = Room { key: entry.key(), out, bytes_end };
        while !matches!(self.state, State::Complete) && !room.is_full() {
            let state = std::mem::take(&mut self.state);
            self.state = state.step(entry, &mut room);
        }
        matches!(self.state, State::Complete)
    }
}

impl State {
    /// Writes a request, or a few short ones.
    fn step(self, entry: &Entry, room: &mut Room<'_>) -> Self {
        match (self, entry.object()) {
            (Self::Begin, None) => {
                write_string(entry, room);
                Self::Expiry
            }
            (Self::Begin, Some(object)) => Self::Elements(Place::first(&object)),
            (Self::Elements(place), Some(object)) => {
                place.step(&object, room).map_or(Self::Expiry, Self::Elements)
            }
            (Self::Elements(_), None) => Self::Expiry,
            (Self::Expiry | Self::Complete, _) => {
                write_expiry(entry, room);
                Self::Complete
            }
        }
    }
}

impl Place {
    fn first(object: &Object) -> Self {
        match object {
            Object::List(_) => Self::List(ListPlace::default()),
            Object::Hash(_) => Self::Hash(Scanned::default()),
            Object::Set(_) => Self::Set(Scanned::default()),
            Object::SortedSet(_) => Self::SortedSet(0),
            Object::Stream(_) => Self::Stream(StreamWalk::default()),
        }
    }

    /// Returns where to go on; nowhere at the end.
    fn step(self, object: &Object, room: &mut Room<'_>) -> Option<Self> {
        match (self, object) {
            (Self::List(place), Object::List(list)) => list_step(list, place, room).map(Self::List),
            (Self::Hash(from), Object::Hash(hash)) => hash_step(hash, from, room).map(Self::Hash),
            (Self::Set(from), Object::Set(set)) => set_step(set, from, room).map(Self::Set),
            (Self::SortedSet(rank), Object::SortedSet(set)) => {
                sorted_set_step(set, rank, room).map(Self::SortedSet)
            }
            (Self::Stream(walk), Object::Stream(stream)) => walk.step(stream, room).map(Self::Stream),
            _ => None,
        }
    }
}

fn write_string(entry: &Entry, room: &mut Room<'_>) {
    let value = match entry.value() {
        Value::Integer(number) => Element::Int(number),
        Value::Bytes(bytes) => Element::Bytes(bytes),
        Value::Shared(bytes) => Element::Bytes(bytes.as_slice()),
        Value::Object => unreachable!("an entry without an object is a string"),
    };
    let mut buffer = listpack::TextBuffer::new();
    resp::write_request(room.out, &[b"SET", room.key, value.text(&mut buffer)]);
}

fn write_expiry(entry: &Entry, room: &mut Room<'_>) {
    if let Some(at) = entry.expiry() {
        let mut request = Request::of(room.out, &[b"PEXPIREAT", room.key]);
        request.element(Element::Int(at.0));
        request.end();
    }
}

fn list_step(list: &List, place: ListPlace, room: &mut Room<'_>) -> Option<ListPlace> {
    let mut items = room.items("RPUSH");
    let mut place = place;
    let next = loop {
        let node = match list {
            List::Packed(packed) => Some(NodeRef::Packed(packed.view())).filter(|_| place.node == 0),
            List::Large(large) => large.node(place.node),
        };
        match node {
            None => break None,
            Some(_) if items.room() == 0 => break Some(place),
            Some(NodeRef::Plain(text)) => items.add([Element::Bytes(text)]),
            Some(NodeRef::Packed(packed)) => {
                let mut elements =
                    place.position.map_or_else(|| packed.iter(), |position| packed.iter_from(position));
                while items.room() > 0
                    && let Some(element) = elements.next()
                {
                    items.add([element]);
                }
                if let Some(position) = elements.position() {
                    break Some(ListPlace { position: Some(position), ..place });
                }
            }
        }
        place = ListPlace { node: place.node + 1, position: None };
    };
    items.end();
    next
}

/// Adds what scans show until there is no room left.
fn scan_step(
    items: &mut Items<'_>,
    from: Scanned,
    mut scan: impl FnMut(&mut Items<'_>, &mut Shown, u64) -> u64,
) -> Option<Scanned> {
    let mut from = Some(from);
    while let Some(at) = from.filter(|_| items.room() > 0) {
        let mut shown = Shown::after(at);
        let cursor = scan(items, &mut shown, at.cursor);
        from = shown.end(cursor);
    }
    from
}

fn hash_step(hash: &Hash, from: Scanned, room: &mut Room<'_>) -> Option<Scanned> {
    let key = room.key;
    let mut items = room.items("HMSET");
    let next = scan_step(&mut items, from, |items, shown, cursor| {
        hash.scan(cursor, items.room(), i64::MIN, |name, found| {
            if !shown.is_next() {
                return;
            }
            items.add([name, found.value]);
            if let Some(at_ms) = found.expiry_ms {
                let (mut digits, mut text) = (listpack::TextBuffer::new(), listpack::TextBuffer::new());
                let at = Element::Int(at_ms).text(&mut digits);
                items.follow(&[b"HPEXPIREAT", key, at, b"FIELDS", b"1", name.text(&mut text)]);
            }
            if items.room() == 0 {
                shown.fill();
            }
        })
    });
    items.end();
    next
}

fn set_step(set: &Set, from: Scanned, room: &mut Room<'_>) -> Option<Scanned> {
    let mut items = room.items("SADD");
    let next = scan_step(&mut items, from, |items, shown, cursor| {
        set.scan(cursor, items.room(), |member| {
            if shown.is_next() {
                items.add([member]);
                if items.room() == 0 {
                    shown.fill();
                }
            }
        })
    });
    items.end();
    next
}

fn sorted_set_step(set: &SortedSet, rank: usize, room: &mut Room<'_>) -> Option<usize> {
    let mut items = room.items("ZADD");
    let mut next = rank;
    for (member, score) in set.by_rank(rank..rank.saturating_add(items.room())) {
        items.add([Element::Bytes(resp::format_double(score).as_bytes()), member]);
        next += 1;
        if items.room() == 0 {
            break;
        }
    }
    items.end();
    (next < set.len()).then_some(next)
}

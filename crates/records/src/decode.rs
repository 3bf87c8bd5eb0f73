//! Values of a snapshot file as values of the keyspace.

use std::collections::BTreeMap;

use keyspace::{Collection, Hash, List, NewValue, Object, Packed, Set, SortedSet};
use listpack::{Builder, Element, Intset, Listpack, ListpackRef, TextBuffer};
use rdb::{HashPart, Input, ListPart, SetPart, SortedSetPart, StreamPart, Value};
use structures::hash::{self, FieldMap, Lifetime};
use structures::list::{self, End, Quicklist};
use structures::set::HashedSet;
use structures::sorted_set::RankedSet;
use structures::stream::{Group, GroupMut, Stream, StreamId};
use structures::{set, sorted_set};

use crate::ahead::{Ahead, room};
use crate::distinct::Fingerprints;

/// Up to which sizes values are packed: what the parameters `*-max-listpack-*` say.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Of lists.
    pub list: list::Limit,
    /// Of hashes.
    pub hash: hash::Limits,
    /// Of sets.
    pub set: set::Limits,
    /// Of sorted sets.
    pub sorted_set: sorted_set::Limits,
}

/// A value that was read.
pub enum Loaded<'v> {
    /// One that can be stored.
    Value(NewValue<'v>),
    /// A collection without elements, which is as good as no key.
    Empty,
    /// What a module wrote, of this name; nobody here understands it.
    Module(String),
}

/// Why a value can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its bytes are wrong.
    #[error(transparent)]
    Rdb(#[from] rdb::Error),
    /// They are those of a value that can't be.
    #[error("{0}")]
    Impossible(&'static str),
}

const TWICE: LoadError = LoadError::Impossible("a member or field is there twice");

/// Reads a value to its end. No more than `bytes_left` bytes can follow: the room that is made for a large collection beforehand takes at most
/// twice as many, whatever the value says of its size.
///
/// # Errors
/// See [`LoadError`].
pub fn read_value<'v, I: Input>(
    value: Value<'v, I>,
    limits: &Limits,
    bytes_left: u64,
) -> Result<Loaded<'v>, LoadError> {
    Ok(match value {
        Value::String(Element::Int(number)) => Loaded::Value(NewValue::Integer(number)),
        Value::String(Element::Bytes(text)) => Loaded::Value(match Element::Bytes(text).int() {
            Some(number) => NewValue::Integer(number),
            None => NewValue::Bytes(text),
        }),
        Value::List(list) => loaded(read_list(list, limits)?),
        Value::Hash(hash) => loaded(read_hash(hash, limits, bytes_left)?),
        Value::Set(set) => loaded(read_set(set, limits, bytes_left)?),
        Value::SortedSet(set) => loaded(read_sorted_set(set, limits, bytes_left)?),
        // The one type of which an empty value can be.
        Value::Stream(stream) => {
            Loaded::Value(NewValue::Object(Object::Stream(Box::new(read_stream(stream)?))))
        }
        Value::Module(module) => Loaded::Module(module.id().name()),
    })
}

fn loaded<'v, C: Collection>(collection: C) -> Loaded<'v> {
    if collection.len() == 0 {
        return Loaded::Empty;
    }
    Loaded::Value(NewValue::Object(collection.into_object()))
}

/// The bytes of a packed list as a list of their own.
fn adopted(packed: ListpackRef<'_>) -> Listpack<Packed> {
    Listpack::trusted(Packed::new(packed.as_bytes()))
}

fn read_list<I: Input>(mut parts: rdb::List<'_, I>, limits: &Limits) -> Result<List, LoadError> {
    let mut large = Quicklist::default();
    let mut list = List::default();
    let mut is_large = false;
    while let Some(part) = parts.next_part()? {
        match part {
            ListPart::Packed(packed) if packed.is_empty() => {}
            ListPart::Packed(packed) if !is_large && list.is_empty() => {
                if limits.list.allows(packed.as_bytes().len(), packed.len()) {
                    list = List::Packed(adopted(packed));
                } else {
                    is_large = true;
                    large.push_listpack(Listpack::trusted(packed.as_bytes().to_vec()));
                }
            }
            ListPart::Packed(packed) => {
                move_over(&mut list, &mut large, &mut is_large);
                large.push_listpack(Listpack::trusted(packed.as_bytes().to_vec()));
            }
            ListPart::Element(element) => {
                let mut buffer = TextBuffer::new();
                let text = element.text(&mut buffer);
                if is_large {
                    large.push(End::Back, text, limits.list);
                } else {
                    list.push(End::Back, std::iter::once(text), limits.list);
                }
            }
        }
    }
    Ok(if is_large { List::Large(Box::new(large)) } else { list })
}

/// What is small so far becomes the beginning of a large list.
fn move_over(list: &mut List, large: &mut Quicklist, is_large: &mut bool) {
    if std::mem::replace(is_large, true) {
        return;
    }
    match std::mem::take(list) {
        List::Packed(packed) => large.push_listpack(Listpack::trusted(packed.as_bytes().to_vec())),
        List::Large(quicklist) => *large = *quicklist,
    }
}

fn read_hash<I: Input>(
    mut parts: rdb::Hash<'_, I>,
    limits: &Limits,
    bytes_left: u64,
) -> Result<Hash, LoadError> {
    let fields = parts.parts_left();
    if fields > limits.hash.fields_max as u64 {
        let mut map = FieldMap::new(limits.hash.hash_key);
        map.reserve(room(fields, bytes_left));
        read_fields(&mut parts, &mut map)?;
        return Ok(Hash::Large(Box::new(map)));
    }
    let mut hash = Hash::default();
    while let Some(part) = parts.next_part()? {
        match part {
            HashPart::Packed(pairs) if pairs_fit(pairs, limits)? => return Ok(Hash::Packed(adopted(pairs))),
            HashPart::Packed(pairs) => {
                let mut elements = pairs.iter();
                while let (Some(name), Some(value)) = (elements.next(), elements.next()) {
                    set_field(&mut hash, name, value, None, limits)?;
                }
            }
            HashPart::PackedExpiring(triples) => {
                let mut elements = triples.iter();
                while let (Some(name), Some(value), Some(expiry)) =
                    (elements.next(), elements.next(), elements.next())
                {
                    set_field(&mut hash, name, value, expiry.int().filter(|at_ms| *at_ms != 0), limits)?;
                }
            }
            HashPart::Field(field) => {
                set_field(&mut hash, field.name, field.value, field.expires_at_ms, limits)?;
            }
        }
    }
    Ok(hash)
}

/// Reads the fields of a large hash.
fn read_fields<I: Input>(parts: &mut rdb::Hash<'_, I>, map: &mut FieldMap) -> Result<(), LoadError> {
    type Kept = (usize, usize, Lifetime);
    let keep = |ahead: &mut Ahead<Kept>, name: Element<'_>, value: Element<'_>, expires_at_ms| {
        let lifetime = lifetime(expires_at_ms)?;
        let value = ahead.keep(value.text(&mut TextBuffer::new()));
        ahead.push(name.text(&mut TextBuffer::new()), (value.start, value.end, lifetime));
        Ok::<(), LoadError>(())
    };
    let next = |ahead: &mut Ahead<Kept>| {
        let Some(part) = parts.next_part()? else { return Ok(false) };
        match part {
            HashPart::Field(field) => keep(ahead, field.name, field.value, field.expires_at_ms)?,
            HashPart::Packed(pairs) => {
                let mut elements = pairs.iter();
                while let (Some(name), Some(value)) = (elements.next(), elements.next()) {
                    keep(ahead, name, value, None)?;
                }
            }
            HashPart::PackedExpiring(triples) => {
                let mut elements = triples.iter();
                while let (Some(name), Some(value), Some(expiry)) =
                    (elements.next(), elements.next(), elements.next())
                {
                    keep(ahead, name, value, expiry.int().filter(|at_ms| *at_ms != 0))?;
                }
            }
        }
        Ok(true)
    };
    read_ahead(next, |ahead| {
        let fields = ahead.iter();
        map.set_all(fields.map(|(name, (start, end, lifetime))| (name, ahead.text(start..end), lifetime)))
    })
}

/// Reads elements by dozens: `next` keeps some, or says that there are no more; `store` stores what is kept, and returns how many were not there.
fn read_ahead<T: Copy>(
    mut next: impl FnMut(&mut Ahead<T>) -> Result<bool, LoadError>,
    mut store: impl FnMut(&Ahead<T>) -> usize,
) -> Result<(), LoadError> {
    let mut ahead = Ahead::new();
    loop {
        let goes_on = next(&mut ahead)?;
        if !goes_on || ahead.is_full() {
            if store(&ahead) < ahead.len() {
                return Err(TWICE);
            }
            ahead.clear();
        }
        if !goes_on {
            return Ok(());
        }
    }
}

/// Whether fields and values may stay packed.
///
/// # Errors
/// A field is there twice, of what may stay packed.
fn pairs_fit(pairs: ListpackRef<'_>, limits: &Limits) -> Result<bool, LoadError> {
    if pairs.len() / 2 > limits.hash.fields_max {
        return Ok(false);
    }
    let mut names = Fingerprints::new();
    let mut elements = pairs.iter();
    let mut fit = true;
    while let Some(name) = elements.next() {
        let value = elements.next();
        fit &= is_within(name, limits.hash.bytes_max);
        fit &= value.is_none_or(|value| is_within(value, limits.hash.bytes_max));
        names.add(name);
    }
    match fit && !names.are_distinct(pairs.iter().step_by(2)) {
        true => Err(TWICE),
        false => Ok(fit),
    }
}

/// Whether a text has so many bytes at most.
#[inline]
fn is_within(element: Element<'_>, bytes_max: usize) -> bool {
    const INTEGER_BYTES_MAX: usize = 20;
    match element {
        Element::Bytes(text) => text.len() <= bytes_max,
        Element::Int(_) => bytes_max >= INTEGER_BYTES_MAX || element.text_len() <= bytes_max,
    }
}

/// The latest expiry that a field can have. Other servers take later ones, which are as good as never: this is the year 10889.
const EXPIRY_MAX: i64 = (1 << 48) - 1;

fn set_field(
    hash: &mut Hash,
    name: Element<'_>,
    value: Element<'_>,
    expires_at_ms: Option<i64>,
    limits: &Limits,
) -> Result<(), LoadError> {
    let lifetime = lifetime(expires_at_ms)?;
    let (mut one, mut other) = (TextBuffer::new(), TextBuffer::new());
    match hash.set(name.text(&mut one), value.text(&mut other), lifetime, &limits.hash) {
        true => Ok(()),
        false => Err(TWICE),
    }
}

fn lifetime(expires_at_ms: Option<i64>) -> Result<Lifetime, LoadError> {
    match expires_at_ms {
        None => Ok(Lifetime::Forever),
        Some(at_ms @ 1..) => Ok(Lifetime::Until(at_ms.min(EXPIRY_MAX))),
        Some(_) => Err(LoadError::Impossible("the expiry of a field is out of range")),
    }
}

/// Bytes of a member of a small set, more or less.
const MEMBER_BYTES: usize = 24;

fn read_set<I: Input>(
    mut parts: rdb::Set<'_, I>,
    limits: &Limits,
    bytes_left: u64,
) -> Result<Set, LoadError> {
    let members = parts.parts_left();
    if members > limits.set.integers_max.max(limits.set.entries_max) as u64 {
        let mut set = HashedSet::new(limits.set.hash_key);
        set.reserve(room(members, bytes_left));
        read_members(&mut parts, &mut set)?;
        return Ok(Set::Large(Box::new(set)));
    }
    let mut small = SmallSet::new(room(members, bytes_left).saturating_mul(MEMBER_BYTES));
    let mut set = Set::default();
    while let Some(part) = parts.next_part()? {
        match part {
            SetPart::Intset(integers) if integers.len() <= limits.set.integers_max => {
                return Ok(Set::Integers(Intset::trusted(Packed::new(integers.as_bytes()))));
            }
            SetPart::Intset(integers) => {
                integers.iter().try_for_each(|member| add_member(&mut set, member.into(), limits))?;
            }
            SetPart::Packed(members)
                if members_fit(members, 1, limits.set.entries_max, limits.set.bytes_max)? =>
            {
                return Ok(Set::Packed(adopted(members)));
            }
            SetPart::Packed(members) => {
                members.iter().try_for_each(|member| add_member(&mut set, member, limits))?;
            }
            // To look each one up in what is packed so far would take longer.
            SetPart::Member(member) if set.is_empty() && small.take(member, limits) => {}
            SetPart::Member(member) => {
                small.move_to(&mut set, limits)?;
                add_member(&mut set, member, limits)?;
            }
        }
    }
    if set.is_empty() { small.into_set(limits) } else { Ok(set) }
}

/// The members of a small set that come one by one: whether there is one twice shows at the end.
struct SmallSet {
    members: Builder,
    fingerprints: Fingerprints,
    /// There is one that is no integer.
    has_text: bool,
}

impl SmallSet {
    fn new(bytes: usize) -> Self {
        Self { members: Builder::with_capacity(bytes), fingerprints: Fingerprints::new(), has_text: false }
    }

    /// Takes a member, if it may stay packed.
    #[inline]
    fn take(&mut self, member: Element<'_>, limits: &Limits) -> bool {
        if !is_within(member, limits.set.bytes_max) {
            return false;
        }
        let Ok(member) = self.members.push(member) else { return false };
        self.has_text |= matches!(member, Element::Bytes(_));
        self.fingerprints.add(member);
        true
    }

    /// They are no small set: leaves nothing here.
    fn move_to(&mut self, set: &mut Set, limits: &Limits) -> Result<(), LoadError> {
        let members = std::mem::replace(&mut self.members, Builder::with_capacity(0)).finish();
        members.view().iter().try_for_each(|member| add_member(set, member, limits))
    }

    fn into_set(mut self, limits: &Limits) -> Result<Set, LoadError> {
        if self.has_text && self.members.len() <= limits.set.entries_max {
            let members = self.members.finish();
            return match self.fingerprints.are_distinct(members.view().iter()) {
                true => Ok(Set::Packed(adopted(members.view()))),
                false => Err(TWICE),
            };
        }
        let mut set = Set::default();
        self.move_to(&mut set, limits)?;
        Ok(set)
    }
}

/// Reads the members of a large set.
fn read_members<I: Input>(parts: &mut rdb::Set<'_, I>, set: &mut HashedSet) -> Result<(), LoadError> {
    let keep = |ahead: &mut Ahead<()>, member: Element<'_>| {
        ahead.push(member.text(&mut TextBuffer::new()), ());
    };
    let next = |ahead: &mut Ahead<()>| {
        let Some(part) = parts.next_part()? else { return Ok(false) };
        match part {
            SetPart::Member(member) => keep(ahead, member),
            SetPart::Packed(members) => members.iter().for_each(|member| keep(ahead, member)),
            SetPart::Intset(members) => members.iter().for_each(|member| keep(ahead, member.into())),
        }
        Ok(true)
    };
    read_ahead(next, |ahead| set.insert_all(ahead.iter().map(|(member, ())| member)))
}

/// Whether members may stay packed, each of which is followed by `step - 1` other elements.
///
/// # Errors
/// One is there twice, of what may stay packed.
fn members_fit(
    list: ListpackRef<'_>,
    step: usize,
    members_max: usize,
    bytes_max: usize,
) -> Result<bool, LoadError> {
    if list.len() / step > members_max {
        return Ok(false);
    }
    let mut fingerprints = Fingerprints::new();
    let mut fit = true;
    for member in list.iter().step_by(step) {
        fit &= is_within(member, bytes_max);
        fingerprints.add(member);
    }
    match fit && !fingerprints.are_distinct(list.iter().step_by(step)) {
        true => Err(TWICE),
        false => Ok(fit),
    }
}

fn add_member(set: &mut Set, member: Element<'_>, limits: &Limits) -> Result<(), LoadError> {
    if set.insert_element(member, &limits.set) { Ok(()) } else { Err(TWICE) }
}

fn read_sorted_set<I: Input>(
    mut parts: rdb::SortedSet<'_, I>,
    limits: &Limits,
    bytes_left: u64,
) -> Result<SortedSet, LoadError> {
    let members = parts.parts_left();
    if members > limits.sorted_set.entries_max as u64 {
        let mut set = RankedSet::new(limits.sorted_set.hash_key);
        set.reserve(room(members, bytes_left));
        read_scored(&mut parts, &mut set)?;
        return Ok(SortedSet::Large(Box::new(set)));
    }
    let (members_max, bytes_max) = (limits.sorted_set.entries_max, limits.sorted_set.member_bytes_max);
    let mut set = SortedSet::default();
    // Members of a score of -0 that came while the set was small: a packed set knows none, a large one does.
    let mut negative_zeros = Vec::new();
    while let Some(part) = parts.next_part()? {
        match part {
            SortedSetPart::Packed(pairs) if members_fit(pairs, 2, members_max, bytes_max)? => {
                return Ok(SortedSet::Packed(adopted(pairs)));
            }
            SortedSetPart::Packed(pairs) => {
                let packed = SortedSet::Packed(adopted(pairs));
                packed.iter().try_for_each(|(member, score)| add_scored(&mut set, member, score, limits))?;
            }
            SortedSetPart::Member { member, score } => {
                if score == 0.0 && score.is_sign_negative() && matches!(set, SortedSet::Packed(_)) {
                    negative_zeros.push(member.to_vec());
                }
                add_scored(&mut set, member, score, limits)?;
            }
        }
    }
    if matches!(set, SortedSet::Large(_)) {
        for member in negative_zeros {
            set.remove(&member);
            set.insert(&member, -0.0, &limits.sorted_set);
        }
    }
    Ok(set)
}

/// Reads the members of a large sorted set.
fn read_scored<I: Input>(parts: &mut rdb::SortedSet<'_, I>, set: &mut RankedSet) -> Result<(), LoadError> {
    let keep = |ahead: &mut Ahead<f64>, member: Element<'_>, score| {
        ahead.push(member.text(&mut TextBuffer::new()), score);
    };
    let next = |ahead: &mut Ahead<f64>| {
        let Some(part) = parts.next_part()? else { return Ok(false) };
        match part {
            SortedSetPart::Member { member, score } => keep(ahead, member, score),
            SortedSetPart::Packed(pairs) => {
                let packed = SortedSet::Packed(adopted(pairs));
                packed.iter().for_each(|(member, score)| keep(ahead, member, score));
            }
        }
        Ok(true)
    };
    read_ahead(next, |ahead| set.insert_all(ahead.iter()))
}

fn add_scored(
    set: &mut SortedSet,
    member: Element<'_>,
    score: f64,
    limits: &Limits,
) -> Result<(), LoadError> {
    match set.insert(member.text(&mut TextBuffer::new()), score, &limits.sorted_set) {
        None => Ok(()),
        Some(_) => Err(TWICE),
    }
}

/// What a stream's groups are read into.
#[derive(Default)]
struct Groups {
    /// The group, and the consumer, that the next parts are about.
    group: Vec<u8>,
    consumer: Vec<u8>,
    /// Of the group: entries that no consumer has claimed so far.
    pending: BTreeMap<StreamId, (i64, u64)>,
}

fn read_stream<I: Input>(mut parts: rdb::Stream<'_, I>) -> Result<Stream, LoadError> {
    let mut stream = Stream::default();
    let mut groups = Groups::default();
    while let Some(part) = parts.next_part()? {
        match part {
            StreamPart::Node { id, packed } => {
                if !stream.log.append_node(imported(id), Listpack::trusted(packed.as_bytes().to_vec())) {
                    return Err(LoadError::Impossible("a node of a stream can't be read, or isn't in order"));
                }
            }
            StreamPart::Metadata(metadata) => {
                if metadata.length != stream.log.len() {
                    return Err(LoadError::Impossible("a stream has another length than it says"));
                }
                if !stream.is_empty() && imported(metadata.last_id) < stream.log.last_id() {
                    return Err(LoadError::Impossible("a stream has entries behind its last id"));
                }
                stream.log.set_last_id(imported(metadata.last_id));
                stream.log.set_max_deleted_id(imported(metadata.max_deleted_id));
                stream.log.set_entries_added(metadata.entries_added);
            }
            StreamPart::Group(_)
            | StreamPart::Pending(_)
            | StreamPart::Consumer(_)
            | StreamPart::Owned(_) => {
                groups.read(part, &mut stream)?;
            }
            StreamPart::Consumers(_) => {}
        }
    }
    groups.check()?;
    Ok(stream)
}

impl Groups {
    fn read(&mut self, part: StreamPart<'_>, stream: &mut Stream) -> Result<(), LoadError> {
        match part {
            StreamPart::Group(group) => {
                self.check()?;
                self.group = group.name.to_vec();
                let is_new =
                    stream.groups.add(&self.group, Group::new(imported(group.last_id), group.entries_read));
                if is_new { Ok(()) } else { Err(LoadError::Impossible("a group is there twice")) }
            }
            StreamPart::Pending(pending) => {
                let told = (pending.delivered_at_ms, pending.deliveries);
                match self.pending.insert(imported(pending.id), told) {
                    None => Ok(()),
                    Some(_) => Err(LoadError::Impossible("an entry is pending twice")),
                }
            }
            StreamPart::Consumer(consumer) => {
                self.consumer = consumer.name.to_vec();
                let mut group = self.group_of(stream)?;
                if !group.add_consumer(&self.consumer, consumer.seen_at_ms) {
                    return Err(LoadError::Impossible("a consumer is there twice"));
                }
                if let Some(added) = group.consumer_mut(&self.consumer) {
                    added.active_ms = consumer.active_at_ms;
                }
                Ok(())
            }
            StreamPart::Owned(id) => {
                let id = imported(id);
                let (delivered_ms, deliveries) = self
                    .pending
                    .remove(&id)
                    .ok_or(LoadError::Impossible("a consumer has an entry that isn't pending"))?;
                self.group_of(stream)?.assign(id, &self.consumer, delivered_ms, deliveries);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn group_of<'s>(&self, stream: &'s mut Stream) -> Result<GroupMut<'s>, LoadError> {
        stream.groups.find_mut(&self.group).ok_or(LoadError::Impossible("a consumer without a group"))
    }

    /// Makes sure that every pending entry of the group has a consumer.
    fn check(&self) -> Result<(), LoadError> {
        match self.pending.is_empty() {
            true => Ok(()),
            false => Err(LoadError::Impossible("an entry is pending for no consumer")),
        }
    }
}

fn imported(id: rdb::StreamId) -> StreamId {
    StreamId::new(id.ms, id.seq)
}

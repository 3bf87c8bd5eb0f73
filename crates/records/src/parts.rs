//! Records of values that are too big to be written in one go.

use keyspace::{Entry, Hash, List, Object, Set, SortedSet};
use listpack::Element;
use rdb::{Field, Fragment, Meta, Paused, WriteError, WriteOptions};
use structures::list::NodeRef;
use structures::stream::Stream;

use crate::encode::write_value;
use crate::stream_parts::StreamParts;

/// Elements that are written before the bytes are counted.
const ELEMENTS_PER_LOOK: usize = 64;

/// A record that is being written.
pub(crate) struct Parts {
    pub(crate) fragment: Fragment,
    state: State,
}

/// How far it is.
enum State {
    Begin,
    /// The number of the next node.
    List(Paused, usize),
    /// Where the scan goes on.
    Hash(Paused, u64),
    Set(Paused, u64),
    /// How many members are left: those of the lowest ranks.
    SortedSet(Paused, usize),
    Stream(Paused, StreamParts),
    Complete,
}

impl Parts {
    pub(crate) fn new(options: WriteOptions) -> Result<Self, WriteError> {
        Ok(Self { fragment: Fragment::new(options)?, state: State::Begin })
    }

    /// Ready for another record.
    pub(crate) fn begin_anew(&mut self) {
        self.state = State::Begin;
    }

    /// Writes about `bytes_max` bytes more into the fragment. Returns whether the record is complete.
    pub(crate) fn go_on(&mut self, entry: &Entry, meta: Meta, bytes_max: usize) -> Result<bool, WriteError> {
        if matches!(self.state, State::Begin) {
            self.state = begin(&mut self.fragment, entry, meta)?;
        }
        while !matches!(self.state, State::Complete) && self.fragment.len() < bytes_max {
            let Some(object) = entry.object() else { break };
            self.step(&object)?;
        }
        Ok(matches!(self.state, State::Complete))
    }

    /// Writes some elements.
    fn step(&mut self, object: &Object) -> Result<(), WriteError> {
        let fragment = &mut self.fragment;
        let state = std::mem::replace(&mut self.state, State::Complete);
        self.state = match (state, object) {
            (State::List(paused, node), Object::List(list)) => list_step(fragment, paused, node, list)?,
            (State::Hash(paused, cursor), Object::Hash(hash)) => hash_step(fragment, paused, cursor, hash)?,
            (State::Set(paused, cursor), Object::Set(set)) => set_step(fragment, paused, cursor, set)?,
            (State::SortedSet(paused, left), Object::SortedSet(set)) => {
                sorted_set_step(fragment, paused, left, set)?
            }
            (State::Stream(paused, at), Object::Stream(stream)) => stream_step(fragment, paused, at, stream)?,
            _ => State::Complete,
        };
        Ok(())
    }
}

/// Writes what stands before the elements; a value that has no elements one by one as a whole.
fn begin(fragment: &mut Fragment, entry: &Entry, meta: Meta) -> Result<State, WriteError> {
    let value = fragment.entry(entry.key(), meta)?;
    let Some(object) = entry.object() else { return write_value(entry, value).map(|()| State::Complete) };
    Ok(match &*object {
        Object::List(List::Large(large)) => State::List(value.list(large.nodes().len() as u64)?.pause(), 0),
        Object::Hash(Hash::Large(map)) => {
            let count = map.len() as u64;
            let hash = match map.next_expiry_ms() {
                Some(earliest_ms) => value.hash_expiring(count, earliest_ms)?,
                None => value.hash(count)?,
            };
            State::Hash(hash.pause(), 0)
        }
        Object::Set(Set::Large(large)) => State::Set(value.set(large.len() as u64)?.pause(), 0),
        Object::SortedSet(SortedSet::Large(large)) => {
            State::SortedSet(value.sorted_set(large.len() as u64)?.pause(), large.len())
        }
        Object::Stream(stream) => {
            let writer = value.stream(stream.log.nodes().len() as u64)?;
            State::Stream(writer.pause(), StreamParts::default())
        }
        _ => return write_value(entry, value).map(|()| State::Complete),
    })
}

fn list_step(fragment: &mut Fragment, paused: Paused, node: usize, list: &List) -> Result<State, WriteError> {
    let List::Large(large) = list else { return Ok(State::Complete) };
    let mut nodes = large.nodes().skip(node).take(ELEMENTS_PER_LOOK);
    let mut writer = fragment.resume_list(paused)?;
    nodes.try_for_each(|node| match node {
        NodeRef::Packed(packed) => writer.packed(packed),
        NodeRef::Plain(text) => writer.element(text),
    })?;
    let next = node + ELEMENTS_PER_LOOK;
    Ok(if next < large.nodes().len() { State::List(writer.pause(), next) } else { State::Complete })
}

fn hash_step(fragment: &mut Fragment, paused: Paused, cursor: u64, hash: &Hash) -> Result<State, WriteError> {
    let Hash::Large(map) = hash else { return Ok(State::Complete) };
    let mut writer = fragment.resume_hash(paused)?;
    let mut outcome = Ok(());
    let next = map.scan(cursor, ELEMENTS_PER_LOOK, |name, found| {
        let field = Field { name: Element::Bytes(name), value: found.value, expires_at_ms: found.expiry_ms };
        if outcome.is_ok() {
            outcome = writer.field(field);
        }
    });
    outcome?;
    Ok(if next == 0 { State::Complete } else { State::Hash(writer.pause(), next) })
}

fn set_step(fragment: &mut Fragment, paused: Paused, cursor: u64, set: &Set) -> Result<State, WriteError> {
    let Set::Large(large) = set else { return Ok(State::Complete) };
    let mut writer = fragment.resume_set(paused)?;
    let mut outcome = Ok(());
    let next = large.scan(cursor, ELEMENTS_PER_LOOK, |member| {
        if outcome.is_ok() {
            outcome = writer.member(member);
        }
    });
    outcome?;
    Ok(if next == 0 { State::Complete } else { State::Set(writer.pause(), next) })
}

fn sorted_set_step(
    fragment: &mut Fragment,
    paused: Paused,
    left: usize,
    set: &SortedSet,
) -> Result<State, WriteError> {
    let mut writer = fragment.resume_sorted_set(paused)?;
    let rest = left.saturating_sub(ELEMENTS_PER_LOOK);
    set.by_rank(rest..left).rev().try_for_each(|(member, score)| writer.member(member, score))?;
    Ok(if rest == 0 { State::Complete } else { State::SortedSet(writer.pause(), rest) })
}

fn stream_step(
    fragment: &mut Fragment,
    paused: Paused,
    mut at: StreamParts,
    stream: &Stream,
) -> Result<State, WriteError> {
    let mut writer = fragment.resume_stream(paused)?;
    for _ in 0..ELEMENTS_PER_LOOK {
        match at.next(stream) {
            Some(part) => writer.part(part)?,
            None => return Ok(State::Complete),
        }
    }
    Ok(State::Stream(writer.pause(), at))
}

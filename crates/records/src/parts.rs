//! Records of values that are too big to be written in one go.

use keyspace::{Entry, Hash, List, Object, Set, SortedSet};
use listpack::Element;
use rdb::{Field, Fragment, Meta, Paused, WriteError, WriteOptions};
use structures::list::NodeRef;
use structures::stream::Stream;

use crate::encode::write_value;
use crate::scanned::{Scanned, Shown};
use crate::stream_parts::StreamParts;

/// Elements that are looked up at once.
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
    Hash(Paused, Scanned),
    Set(Paused, Scanned),
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
            self.step(&object, bytes_max)?;
        }
        Ok(matches!(self.state, State::Complete))
    }

    /// Writes some elements.
    fn step(&mut self, object: &Object, bytes_max: usize) -> Result<(), WriteError> {
        let to = Room { fragment: &mut self.fragment, bytes_max };
        let state = std::mem::replace(&mut self.state, State::Complete);
        self.state = match (state, object) {
            (State::List(paused, node), Object::List(list)) => list_step(to, paused, node, list)?,
            (State::Hash(paused, from), Object::Hash(hash)) => hash_step(to, paused, from, hash)?,
            (State::Set(paused, from), Object::Set(set)) => set_step(to, paused, from, set)?,
            (State::SortedSet(paused, left), Object::SortedSet(set)) => {
                sorted_set_step(to, paused, left, set)?
            }
            (State::Stream(paused, at), Object::Stream(stream)) => stream_step(to, paused, at, stream)?,
            _ => State::Complete,
        };
        Ok(())
    }
}

/// Where elements are written to. One may be a thousand times as long as another: after each it is asked whether that was enough.
struct Room<'p> {
    fragment: &'p mut Fragment,
    bytes_max: usize,
}

impl Room<'_> {
    fn is_filled(&self) -> bool {
        self.fragment.len() >= self.bytes_max
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
            State::Hash(hash.pause(), Scanned::default())
        }
        Object::Set(Set::Large(large)) => {
            State::Set(value.set(large.len() as u64)?.pause(), Scanned::default())
        }
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

fn list_step(to: Room<'_>, paused: Paused, node: usize, list: &List) -> Result<State, WriteError> {
    let List::Large(large) = list else { return Ok(State::Complete) };
    let mut next = node;
    for node in large.nodes().skip(node).take(ELEMENTS_PER_LOOK) {
        let mut writer = to.fragment.resume_list(paused)?;
        match node {
            NodeRef::Packed(packed) => writer.packed(packed)?,
            NodeRef::Plain(text) => writer.element(text)?,
        }
        next += 1;
        if to.is_filled() {
            break;
        }
    }
    Ok(if next < large.nodes().len() { State::List(paused, next) } else { State::Complete })
}

fn hash_step(to: Room<'_>, paused: Paused, from: Scanned, hash: &Hash) -> Result<State, WriteError> {
    let Hash::Large(map) = hash else { return Ok(State::Complete) };
    let (mut shown, mut outcome) = (Shown::after(from), Ok(()));
    let cursor = map.scan(from.cursor, ELEMENTS_PER_LOOK, |name, found| {
        if outcome.is_err() || !shown.is_next() {
            return;
        }
        let field = Field { name: Element::Bytes(name), value: found.value, expires_at_ms: found.expiry_ms };
        outcome = to.fragment.resume_hash(paused).and_then(|mut writer| writer.field(field));
        if to.is_filled() {
            shown.fill();
        }
    });
    outcome?;
    Ok(shown.end(cursor).map_or(State::Complete, |from| State::Hash(paused, from)))
}

fn set_step(to: Room<'_>, paused: Paused, from: Scanned, set: &Set) -> Result<State, WriteError> {
    let Set::Large(large) = set else { return Ok(State::Complete) };
    let (mut shown, mut outcome) = (Shown::after(from), Ok(()));
    let cursor = large.scan(from.cursor, ELEMENTS_PER_LOOK, |member| {
        if outcome.is_ok() && shown.is_next() {
            outcome = to.fragment.resume_set(paused).and_then(|mut writer| writer.member(member));
            if to.is_filled() {
                shown.fill();
            }
        }
    });
    outcome?;
    Ok(shown.end(cursor).map_or(State::Complete, |from| State::Set(paused, from)))
}

fn sorted_set_step(to: Room<'_>, paused: Paused, left: usize, set: &SortedSet) -> Result<State, WriteError> {
    let rest = left.saturating_sub(ELEMENTS_PER_LOOK);
    let mut left = left;
    for (member, score) in set.by_rank(rest..left).rev() {
        to.fragment.resume_sorted_set(paused)?.member(member, score)?;
        left -= 1;
        if to.is_filled() {
            break;
        }
    }
    Ok(if left == 0 { State::Complete } else { State::SortedSet(paused, left) })
}

fn stream_step(
    to: Room<'_>,
    paused: Paused,
    mut at: StreamParts,
    stream: &Stream,
) -> Result<State, WriteError> {
    let mut paused = paused;
    for _ in 0..ELEMENTS_PER_LOOK {
        let Some(part) = at.next(stream) else { return Ok(State::Complete) };
        let mut writer = to.fragment.resume_stream(paused)?;
        writer.part(part)?;
        paused = writer.pause();
        if to.is_filled() {
            break;
        }
    }
    Ok(State::Stream(paused, at))
}

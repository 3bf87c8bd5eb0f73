//! Writing the parts of lists, sets and sorted sets.

use std::io::Write;

use listpack::{Element, Listpack, ListpackRef};

use super::error::WriteError;
use super::fragment::{Paused, State};
use super::sink::Sink;

/// What a list's node is.
const PLAIN: u64 = 1;
const PACKED: u64 = 2;

/// Writes a list.
#[derive(Debug)]
pub struct ListWriter<'w, W> {
    sink: &'w mut Sink<W>,
    has_nodes: bool,
}

/// Writes a set.
#[derive(Debug)]
pub struct SetWriter<'w, W> {
    sink: &'w mut Sink<W>,
}

/// Writes a sorted set.
#[derive(Debug)]
pub struct SortedSetWriter<'w, W> {
    sink: &'w mut Sink<W>,
}

impl<'w, W: Write> ListWriter<'w, W> {
    pub(super) fn nodes(sink: &'w mut Sink<W>) -> Self {
        Self { sink, has_nodes: true }
    }

    pub(super) fn elements(sink: &'w mut Sink<W>) -> Self {
        Self { sink, has_nodes: false }
    }

    /// Leaves the list as it is; [`Fragment::resume_list`](crate::Fragment::resume_list) goes on.
    pub fn pause(self) -> Paused {
        Paused(State::List { has_nodes: self.has_nodes })
    }

    /// The next node, a packed list of elements, not empty.
    ///
    /// # Errors
    ///
    /// The list was announced as one of elements, or there are more nodes than announced; or see [`WriteError::Io`].
    pub fn packed(&mut self, elements: ListpackRef<'_>) -> Result<(), WriteError> {
        if !self.has_nodes {
            return Err(WriteError::Surplus);
        }
        self.sink.pay()?;
        self.sink.length(PACKED)?;
        self.sink.packed(elements)
    }

    /// Ends a list of which empty nodes were left out when it was read, though they count: whoever reads it again leaves them out, too.
    pub(super) fn end(&mut self) -> Result<(), WriteError> {
        let empty = Listpack::<Vec<u8>>::new();
        while self.has_nodes && self.sink.settle().is_err() {
            self.packed(empty.view())?;
        }
        Ok(())
    }

    /// The next element; in a list of nodes it is a node of its own.
    ///
    /// # Errors
    ///
    /// There are more than announced; or see [`WriteError::Io`].
    pub fn element<'e>(&mut self, element: impl Into<Element<'e>>) -> Result<(), WriteError> {
        self.sink.pay()?;
        if self.has_nodes {
            self.sink.length(PLAIN)?;
        }
        self.sink.text(element.into())
    }
}

impl<'w, W: Write> SetWriter<'w, W> {
    pub(super) fn new(sink: &'w mut Sink<W>) -> Self {
        Self { sink }
    }

    /// Leaves the set as it is; [`Fragment::resume_set`](crate::Fragment::resume_set) goes on.
    pub fn pause(self) -> Paused {
        Paused(State::Set)
    }

    /// The next member.
    ///
    /// # Errors
    ///
    /// There are more than announced; or see [`WriteError::Io`].
    pub fn member<'e>(&mut self, member: impl Into<Element<'e>>) -> Result<(), WriteError> {
        self.sink.pay()?;
        self.sink.text(member.into())
    }
}

impl<'w, W: Write> SortedSetWriter<'w, W> {
    pub(super) fn new(sink: &'w mut Sink<W>) -> Self {
        Self { sink }
    }

    /// Leaves the sorted set as it is; [`Fragment::resume_sorted_set`](crate::Fragment::resume_sorted_set) goes on.
    pub fn pause(self) -> Paused {
        Paused(State::SortedSet)
    }

    /// The next member.
    ///
    /// # Errors
    ///
    /// There are more than announced, or the score is no number; or see [`WriteError::Io`].
    pub fn member<'e>(&mut self, member: impl Into<Element<'e>>, score: f64) -> Result<(), WriteError> {
        if score.is_nan() {
            return Err(WriteError::Score);
        }
        self.sink.pay()?;
        self.sink.text(member.into())?;
        self.sink.bytes(&score.to_le_bytes())
    }
}

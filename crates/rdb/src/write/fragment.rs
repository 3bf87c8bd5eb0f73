//! Keys written apart from a file, and values written with pauses.

use super::collections::{ListWriter, SetWriter, SortedSetWriter};
use super::error::WriteError;
use super::hash::HashWriter;
use super::options::WriteOptions;
use super::sink::Sink;
use super::stream::StreamWriter;
use super::value::ValueWriter;
use crate::read::Meta;
use crate::value::StreamId;
use crate::value::body::Body;
use crate::value_type::ValueType;

/// Writes keys in the form that they have in a file, into memory and without a file around them; [`Writer::records`](crate::Writer::records) puts them
/// into one.
///
/// A value of many parts need not be written at once: its writer can be paused, and another one goes on with it later. Meanwhile the fragment
/// belongs to that value.
///
/// ```
/// use kvd_rdb::{Dialect, Fragment, Meta, WriteOptions};
///
/// let mut fragment = Fragment::new(WriteOptions::new(Dialect::Redis(10)))?;
/// let mut set = fragment.entry(b"key", Meta::default())?.set(2)?;
/// set.member(b"one")?;
/// let paused = set.pause();
/// let mut bytes = Vec::new();
/// fragment.take(&mut bytes);
/// assert_eq!(bytes, b"\x02\x03key\x02\x03one");
/// fragment.resume_set(paused)?.member(b"two")?;
/// fragment.take(&mut bytes);
/// assert_eq!(bytes, b"\x02\x03key\x02\x03one\x03two");
/// # Ok::<(), kvd_rdb::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Fragment {
    sink: Sink<Vec<u8>>,
}

/// A value of which some parts were written.
#[derive(Clone, Copy, Debug)]
pub struct Paused(pub(super) State);

/// What its writer knew.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    List { has_nodes: bool },
    Set,
    SortedSet,
    Hash { value_type: ValueType, earliest_ms: i64 },
    Stream { body: Body, first_id: Option<StreamId> },
}

impl Fragment {
    /// For keys of a file of these options; the checksum is the file's.
    ///
    /// # Errors
    ///
    /// The dialect is not one that is written.
    pub fn new(options: WriteOptions) -> Result<Self, WriteError> {
        Sink::new(Vec::new(), options, None).map(|sink| Self { sink })
    }

    /// A key; its value is written by what this returns.
    ///
    /// # Errors
    ///
    /// Parts of the value before are missing.
    pub fn entry<'w>(
        &'w mut self,
        key: &'w [u8],
        meta: Meta,
    ) -> Result<ValueWriter<'w, Vec<u8>>, WriteError> {
        self.sink.settle()?;
        Ok(ValueWriter::of_key(&mut self.sink, key, meta))
    }

    /// Bytes that were written and not taken.
    pub fn len(&self) -> usize {
        self.sink.written()
    }

    /// Bytes that there is room for without another allocation.
    pub fn capacity(&self) -> usize {
        self.sink.capacity()
    }

    /// Whether nothing was written that was not taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a value is complete, rather than in the middle.
    pub fn is_settled(&self) -> bool {
        self.sink.settle().is_ok()
    }

    /// Appends what was written to `out`, and forgets it.
    pub fn take(&mut self, out: &mut Vec<u8>) {
        self.sink.drain(out);
    }

    /// Forgets what was written, and the value that is in the middle.
    pub fn clear(&mut self) {
        self.sink.drain(&mut Vec::new());
        self.sink.owe(0);
    }

    /// Goes on with a list.
    ///
    /// # Errors
    ///
    /// It was something else that was paused, here and below.
    pub fn resume_list(&mut self, paused: Paused) -> Result<ListWriter<'_, Vec<u8>>, WriteError> {
        match paused.0 {
            State::List { has_nodes: true } => Ok(ListWriter::nodes(&mut self.sink)),
            State::List { has_nodes: false } => Ok(ListWriter::elements(&mut self.sink)),
            _ => Err(WriteError::Surplus),
        }
    }

    /// Goes on with a set.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn resume_set(&mut self, paused: Paused) -> Result<SetWriter<'_, Vec<u8>>, WriteError> {
        match paused.0 {
            State::Set => Ok(SetWriter::new(&mut self.sink)),
            _ => Err(WriteError::Surplus),
        }
    }

    /// Goes on with a sorted set.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn resume_sorted_set(&mut self, paused: Paused) -> Result<SortedSetWriter<'_, Vec<u8>>, WriteError> {
        match paused.0 {
            State::SortedSet => Ok(SortedSetWriter::new(&mut self.sink)),
            _ => Err(WriteError::Surplus),
        }
    }

    /// Goes on with a hash.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn resume_hash(&mut self, paused: Paused) -> Result<HashWriter<'_, Vec<u8>>, WriteError> {
        match paused.0 {
            State::Hash { value_type, earliest_ms } => {
                Ok(HashWriter::new(&mut self.sink, value_type, earliest_ms))
            }
            _ => Err(WriteError::Surplus),
        }
    }

    /// Goes on with a stream.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn resume_stream(&mut self, paused: Paused) -> Result<StreamWriter<'_, Vec<u8>>, WriteError> {
        match paused.0 {
            State::Stream { body, first_id } => Ok(StreamWriter::resumed(&mut self.sink, body, first_id)),
            _ => Err(WriteError::Surplus),
        }
    }
}

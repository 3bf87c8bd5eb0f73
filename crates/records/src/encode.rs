//! Entries as records of a snapshot file.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use keyspace::{Encoder, Entry, Hash, List, Object, Progress, Set, SortedSet, Value};
use listpack::Element;
use rdb::{Field, Meta, ValueWriter, WriteError, WriteOptions};
use structures::list::NodeRef;
use structures::stream::Stream;

use crate::parts::Parts;
use crate::stream_parts::each_part;

/// What is told of a key besides its value and expiry, when it is known.
pub type Usage = Box<dyn Fn(&Entry) -> Meta + Send + Sync>;

/// As many are kept for use, once as many threads encode at the same time.
const IDLE_MAX: usize = 16;

/// A key that the dialect can't hold.
#[derive(Debug)]
pub struct RecordError {
    /// The key, or its first bytes.
    pub key: Vec<u8>,
    /// What of it has no place.
    pub error: WriteError,
}

/// Bytes of a key that an error tells.
const TOLD_BYTES_MAX: usize = 200;

/// Encodes entries as the records that [`rdb::Writer::records`] takes.
pub struct Records {
    options: WriteOptions,
    usage: Usage,
    /// Ready to be used again: each has a table for compressing.
    idle: Mutex<Vec<Parts>>,
    failure: Mutex<Option<RecordError>>,
}

impl Records {
    /// For files with these options. `usage` tells idle time or frequency; the expiry is added here.
    ///
    /// # Errors
    /// The dialect is not one that is written.
    pub fn new(options: WriteOptions, usage: Usage) -> Result<Self, WriteError> {
        let first = Parts::new(options)?;
        Ok(Self { options, usage, idle: Mutex::new(vec![first]), failure: Mutex::default() })
    }

    /// The first error, after which records are missing: the dialect can't hold a value.
    pub fn failure(&self) -> Option<RecordError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn meta(&self, entry: &Entry) -> Meta {
        Meta { expires_at_ms: entry.expiry().map(|at| at.0), ..(self.usage)(entry) }
    }

    fn fail(&self, entry: &Entry, error: WriteError) {
        let key = entry.key();
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert_with(|| RecordError {
            key: key.get(..TOLD_BYTES_MAX).unwrap_or(key).to_vec(),
            error,
        });
    }

    fn idle_parts(&self) -> Option<Parts> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // The options were accepted before.
        idle.or_else(|| Parts::new(self.options).ok())
    }
}

impl Records {
    fn put_back(&self, mut parts: Parts) {
        parts.begin_anew();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(parts);
        }
    }
}

impl Encoder for Records {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        let Some(mut parts) = self.idle_parts() else { return };
        match parts.fragment.entry(entry.key(), self.meta(entry)).and_then(|value| write_value(entry, value))
        {
            Ok(()) => parts.fragment.take(out),
            Err(error) => {
                parts.fragment.clear();
                self.fail(entry, error);
            }
        }
        self.put_back(parts);
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let begun = progress.take().and_then(|begun| begun.downcast::<Parts>().ok());
        let Some(mut parts) = begun.or_else(|| self.idle_parts().map(Box::new)) else { return true };
        match parts.go_on(entry, self.meta(entry), bytes_max) {
            Ok(is_complete) => {
                parts.fragment.take(out);
                if is_complete {
                    self.put_back(*parts);
                } else {
                    *progress = Some(parts);
                }
                is_complete
            }
            Err(error) => {
                self.fail(entry, error);
                true
            }
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}: {}", resp::quote(&self.key), self.error)
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Writes the value of an entry.
///
/// # Errors
/// See [`WriteError`]; the dialect has no fields that expire.
pub fn write_value<W: Write>(entry: &Entry, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    let Some(object) = entry.object() else {
        return match entry.value() {
            Value::Integer(number) => value.string(number),
            Value::Bytes(bytes) => value.string(bytes),
            Value::Shared(bytes) => value.string(bytes.as_slice()),
            Value::Object => unreachable!("an entry without an object is a string"),
        };
    };
    match &*object {
        Object::List(list) => write_list(list, value),
        Object::Hash(hash) => write_hash(hash, value),
        Object::Set(set) => write_set(set, value),
        Object::SortedSet(set) => write_sorted_set(set, value),
        Object::Stream(stream) => write_stream(stream, value),
    }
}

fn write_list<W: Write>(list: &List, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    match list {
        List::Packed(packed) => value.list(1)?.packed(packed.view()),
        List::Large(large) => {
            let nodes = large.nodes();
            let mut list = value.list(nodes.len() as u64)?;
            nodes.into_iter().try_for_each(|node| match node {
                NodeRef::Packed(packed) => list.packed(packed),
                NodeRef::Plain(text) => list.element(text),
            })
        }
    }
}

fn write_hash<W: Write>(hash: &Hash, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    match hash {
        Hash::Packed(pairs) => value.hash_packed(pairs.view()),
        Hash::Dated(triples) => value.hash_packed_expiring(triples.view()),
        Hash::Large(map) => {
            let count = map.len() as u64;
            let mut hash = match map.next_expiry_ms() {
                Some(earliest_ms) => value.hash_expiring(count, earliest_ms)?,
                None => value.hash(count)?,
            };
            map.iter().try_for_each(|(name, found)| {
                hash.field(Field {
                    name: Element::Bytes(name),
                    value: found.value,
                    expires_at_ms: found.expiry_ms,
                })
            })
        }
    }
}

fn write_set<W: Write>(set: &Set, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    match set {
        Set::Integers(integers) => value.intset(integers.view()),
        Set::Packed(packed) => value.set_packed(packed.view()),
        Set::Large(large) => {
            let mut set = value.set(large.len() as u64)?;
            large.iter().try_for_each(|member| set.member(member))
        }
    }
}

fn write_sorted_set<W: Write>(set: &SortedSet, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    match set {
        SortedSet::Packed(pairs) => value.sorted_set_packed(pairs.view()),
        SortedSet::Large(_) => {
            let mut writer = value.sorted_set(set.len() as u64)?;
            set.iter().rev().try_for_each(|(member, score)| writer.member(member, score))
        }
    }
}

fn write_stream<W: Write>(stream: &Stream, value: ValueWriter<'_, W>) -> Result<(), WriteError> {
    let mut writer = value.stream(stream.log.nodes().len() as u64)?;
    each_part(stream, |part| writer.part(part))
}

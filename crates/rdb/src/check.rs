//! Whether a value is one that a server could have written: more than reading it asks for.
//!
//! Reading finds what can't be read. This finds what can, and makes no sense: members that are there twice, collections without any, streams that
//! contradict themselves. Servers refuse such values, or drop them.

use std::hash::Hasher;

use listpack::{Element, TextBuffer};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::error::{Error, Fault};
use crate::input::Input;
use crate::read::Entry;
use crate::value::{Fact, ModuleId, StreamId, StreamMetadata, Value};

/// Elements of one value that are compared with each other. Of more the first so many are, so that memory is bounded: 64 MiB.
const COMPARED_MAX: usize = 1 << 22;

/// Checks values, with memory that is used again for the next.
///
/// ```
/// use kvd_rdb::{Checker, Dialect, Item, Meta, ReadOptions, Reader, WriteOptions, Writer};
///
/// let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10)))?;
/// let mut set = writer.entry(b"twins", Meta::default())?.set(2)?;
/// set.member(b"a")?;
/// set.member(b"a")?;
/// let file = writer.finish()?;
///
/// let mut reader = Reader::new(&file[..], ReadOptions::default())?;
/// let Some(Item::Entry(entry)) = reader.next_item()? else { panic!() };
/// let error = Checker::new().check(entry).unwrap_err();
/// assert_eq!(error.kind.to_string(), "a member, field or consumer is there twice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Checker {
    /// Digests of what mustn't be there twice.
    names: Vec<u128>,
    stream: StreamState,
}

/// What there is in a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Elements, members, fields or entries; 1 for a string; items for a value of a module.
    pub elements: u64,
    /// Fields that expire.
    pub expiring_fields: u64,
    /// Groups of a stream.
    pub groups: u64,
    /// Which module wrote the value.
    pub module: Option<ModuleId>,
    /// Whether there were too many elements to compare all of them with each other.
    pub is_partial: bool,
}

#[derive(Debug, Default)]
struct StreamState {
    last: Option<StreamId>,
    group: Vec<u8>,
    /// Of the group.
    pending: Vec<StreamId>,
    owned: Vec<StreamId>,
}

/// Of what a name must be the only one.
#[derive(Clone, Copy)]
enum Kind {
    Element,
    Group,
    Consumer,
}

/// A check that is under way.
struct Check<'c> {
    checker: &'c mut Checker,
    found: Checked,
    /// Where the value begins.
    offset: u64,
    is_collection: bool,
}

impl Checker {
    /// Nothing is allocated before it is needed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a value to its end, and checks all that can be checked of it.
    ///
    /// # Errors
    ///
    /// See [`Error`]. What shows only in the value as a whole has the offset at which the value begins.
    pub fn check<I: Input>(&mut self, entry: Entry<'_, I>) -> Result<Checked, Error> {
        let offset = entry.offset();
        self.check_value(entry.value()?, offset, &mut |_| {})
    }

    /// The same for a value that begins at `offset`, whose facts are shown to somebody else besides.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check). Some facts may have been shown then.
    pub fn check_value<I: Input>(
        &mut self,
        value: Value<'_, I>,
        offset: u64,
        see: &mut dyn FnMut(&Fact<'_>),
    ) -> Result<Checked, Error> {
        self.names.clear();
        self.stream.clear();
        let mut check = Check { checker: self, found: Checked::default(), offset, is_collection: true };
        value.facts(&mut |fact| {
            see(&fact);
            check.fact(fact)
        })?;
        check.end()
    }
}

impl StreamState {
    fn clear(&mut self) {
        self.last = None;
        self.group.clear();
        self.pending.clear();
        self.owned.clear();
    }
}

impl Check<'_> {
    fn fact(&mut self, fact: Fact<'_>) -> Result<(), Error> {
        let counts = matches!(
            fact,
            Fact::Text(_)
                | Fact::Item(_)
                | Fact::Member(_)
                | Fact::Field(_)
                | Fact::Scored(..)
                | Fact::Entry(_)
                | Fact::ModuleItem(_)
        );
        self.found.elements += u64::from(counts);
        match fact {
            Fact::Text(_) | Fact::Item(_) | Fact::ModuleItem(_) => {}
            Fact::Member(member) | Fact::Scored(member, _) => self.name(Kind::Element, &[], member),
            Fact::Field(field) => {
                self.found.expiring_fields += u64::from(field.expires_at_ms.is_some());
                self.name(Kind::Element, &[], field.name);
            }
            Fact::Entry(entry) => self.entry(entry.id)?,
            Fact::Metadata(metadata) => self.metadata(metadata)?,
            Fact::Group(group) => {
                self.end_group()?;
                self.found.groups += 1;
                self.checker.stream.group = group.name.to_vec();
                self.name(Kind::Group, &[], group.name);
            }
            Fact::Pending(pending) => self.reference(pending.id, false),
            Fact::Consumer(consumer) => {
                let group = std::mem::take(&mut self.checker.stream.group);
                self.name(Kind::Consumer, &group, consumer.name);
                self.checker.stream.group = group;
            }
            Fact::Owned(id) => self.reference(id, true),
            Fact::Module(id) => {
                self.found.module = Some(id);
                self.is_collection = false;
            }
        }
        Ok(())
    }

    /// Notes a name that must be the only one of its kind.
    fn name(&mut self, kind: Kind, within: &[u8], name: Element<'_>) {
        if self.checker.names.len() >= COMPARED_MAX {
            self.found.is_partial = true;
            return;
        }
        let mut hasher = SipHasher13::new();
        hasher.write_u8(kind as u8);
        hasher.write_usize(within.len());
        hasher.write(within);
        hasher.write(name.text(&mut TextBuffer::new()));
        self.checker.names.push(hasher.finish128().as_u128());
    }

    fn entry(&mut self, id: StreamId) -> Result<(), Error> {
        let last = self.checker.stream.last.replace(id);
        if last.is_some_and(|last| id <= last) { self.fail(Fault::Entry) } else { Ok(()) }
    }

    fn metadata(&mut self, metadata: StreamMetadata) -> Result<(), Error> {
        // A stream may have no entries.
        self.is_collection = false;
        let is_behind = self.checker.stream.last.is_some_and(|last| last > metadata.last_id);
        if metadata.length != self.found.elements || is_behind { self.fail(Fault::Counts) } else { Ok(()) }
    }

    fn reference(&mut self, id: StreamId, is_owned: bool) {
        let stream = &mut self.checker.stream;
        let ids = if is_owned { &mut stream.owned } else { &mut stream.pending };
        if ids.len() < COMPARED_MAX {
            ids.push(id);
        } else {
            self.found.is_partial = true;
        }
    }

    /// Every entry that is pending for a group is so for one of its consumers, and none twice.
    fn end_group(&mut self) -> Result<(), Error> {
        let stream = &mut self.checker.stream;
        stream.pending.sort_unstable();
        stream.owned.sort_unstable();
        let is_same = stream.pending == stream.owned;
        let is_single = stream.pending.windows(2).all(|pair| pair.first() != pair.last());
        stream.pending.clear();
        stream.owned.clear();
        // Of too many the first ones were kept, which needn't be the same on both sides.
        if is_same && is_single || self.found.is_partial { Ok(()) } else { self.fail(Fault::Owner) }
    }

    fn end(mut self) -> Result<Checked, Error> {
        self.end_group()?;
        if self.is_collection && self.found.elements == 0 {
            return self.fail(Fault::Empty);
        }
        let names = &mut self.checker.names;
        names.sort_unstable();
        let is_single = names.windows(2).all(|pair| pair.first() != pair.last());
        if is_single { Ok(self.found) } else { self.fail(Fault::Twice) }
    }

    fn fail<T>(&self, fault: Fault) -> Result<T, Error> {
        Err(Error::new(self.offset, fault))
    }
}

//! A stream.

use super::groups::Groups;
use super::id::StreamId;
use super::log::Log;
use super::trim::Trim;

/// A stream: entries, and the groups that read them.
///
/// ```
/// use kvd_structures::stream::{NodeLimits, Stream, StreamId};
///
/// let mut stream = Stream::default();
/// let id = StreamId::new(5, 1);
/// stream.log.append(id, &[(b"name", b"value")], NodeLimits::default())?;
/// assert_eq!(stream.log.range(StreamId::MIN, StreamId::MAX).next().map(|entry| entry.id), Some(id));
/// # Ok::<(), listpack::TooLarge>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// The entries.
    pub log: Log,
    /// The groups.
    pub groups: Groups,
}

/// What becomes of the groups' references to an entry that is to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// They stay.
    #[default]
    Keep,
    /// They go with it.
    Delete,
    /// The entry is deleted only if every group has read and acknowledged it.
    Acknowledged,
}

/// What came of deleting the oldest entries.
#[derive(Debug)]
pub struct Trimmed {
    /// How many were deleted.
    pub removed: u64,
    /// If they were many, most of them, for somebody else to free.
    pub cut: Option<Box<Stream>>,
}

/// What came of removing a consumer.
#[derive(Debug)]
pub struct CutConsumer {
    /// How many entries were pending for it.
    pub pending: usize,
    /// What it took, for somebody else to free.
    pub cut: Box<Stream>,
}

/// What came of deleting an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It was deleted.
    Deleted,
    /// There is no such entry.
    NotThere,
    /// There is no such entry, but there were references to it, which went.
    Unreferenced,
    /// A group has not done with it, or may yet expect it: whether it is there was not looked at.
    Referenced,
}

impl Stream {
    /// Number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.log.len() as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Bytes of memory. O(log nodes).
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.log.memory_bytes() + self.groups.memory_bytes()
    }

    /// Deletes an entry. O(log nodes + entries of a node + groups · log pending).
    pub fn delete(&mut self, id: StreamId, references: References) -> Removal {
        if references == References::Acknowledged && !self.groups.are_done_with(id) {
            return Removal::Referenced;
        }
        let was_referenced = references == References::Delete && self.groups.acknowledge(id);
        match self.log.delete(id) {
            true => Removal::Deleted,
            false if was_referenced => Removal::Unreferenced,
            false => Removal::NotThere,
        }
    }

    /// Deletes the oldest entries.
    pub fn trim(&mut self, trim: &Trim, references: References) -> Trimmed {
        let Self { log, groups } = self;
        let (removed, cut) = match references {
            References::Keep => log.trim(trim, None),
            References::Acknowledged => log.trim(trim, Some(&mut |id| groups.are_done_with(id))),
            References::Delete => log.trim(
                trim,
                Some(&mut |id| {
                    groups.acknowledge(id);
                    true
                }),
            ),
        };
        Trimmed { removed, cut: cut.map(Self::of_log) }
    }

    fn of_log(log: Log) -> Box<Self> {
        Box::new(Self { log, groups: Groups::default() })
    }

    /// Removes a group, and returns it as the only one of a stream without entries: for somebody else to free.
    pub fn cut_group(&mut self, name: &[u8]) -> Option<Box<Self>> {
        let groups = self.groups.take(name)?;
        Some(Box::new(Self { log: Log::default(), groups }))
    }

    /// Removes a consumer of a group with what is pending for it.
    pub fn cut_consumer(&mut self, group: &[u8], consumer: &[u8]) -> Option<CutConsumer> {
        let (pending, cut) = self.groups.find_mut(group)?.cut_consumer(consumer)?;
        let mut groups = Groups::default();
        groups.add(group, cut);
        Some(CutConsumer { pending, cut: Box::new(Self { log: Log::default(), groups }) })
    }

    /// # Panics
    /// If an invariant doesn't hold.
    pub fn check_invariants(&self) {
        self.log.check_invariants();
        self.groups.check_invariants();
    }
}

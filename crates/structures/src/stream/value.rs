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

    /// Deletes the oldest entries. Returns how many.
    pub fn trim(&mut self, trim: &Trim, references: References) -> u64 {
        let Self { log, groups } = self;
        match references {
            References::Keep => log.trim(trim, None),
            References::Acknowledged => log.trim(trim, Some(&mut |id| groups.are_done_with(id))),
            References::Delete => log.trim(
                trim,
                Some(&mut |id| {
                    groups.acknowledge(id);
                    true
                }),
            ),
        }
    }

    /// # Panics
    /// If an invariant doesn't hold.
    pub fn check_invariants(&self) {
        self.log.check_invariants();
        self.groups.check_invariants();
    }
}

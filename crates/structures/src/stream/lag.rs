//! How far a group is behind.
//!
//! A group counts what it reads, and the log counts what is added: the difference is what the group has yet to read. That holds as long as no
//! entry between was deleted. Where one may have been, the count is found anew from the ends of the log, if these tell.

use super::group::Group;
use super::id::StreamId;
use super::log::Log;

impl Log {
    /// How many entries a group has yet to read; `None` if that can't be known.
    pub fn lag(&self, group: &Group) -> Option<u64> {
        if self.entries_added() == 0 || self.is_empty() {
            return Some(0);
        }
        if group.last_id < self.first_id() && self.max_deleted_id() < self.first_id() {
            return Some(self.len());
        }
        let read = match group.entries_read {
            Some(read) if !self.may_lack_entries_behind(group.last_id) => Some(read),
            _ => self.entries_up_to(group.last_id),
        };
        read.map(|read| self.entries_added().wrapping_sub(read))
    }

    /// What a group that had read up to `group.last_id` has read in all once it has read the entry `id`, too.
    pub fn entries_read_with(&self, group: &Group, id: StreamId) -> Option<u64> {
        // The count of a group that has yet to reach the first entry says nothing of those trimmed before it.
        let is_inside = group.last_id >= self.first_id();
        match group.entries_read {
            Some(read) if is_inside && !self.may_lack_entries_behind(group.last_id) => {
                Some(read.saturating_add(1))
            }
            before if self.entries_added() == 0 => before,
            _ => self.entries_up_to(id),
        }
    }

    /// Whether an entry at or behind `from` may have been deleted.
    pub(super) fn may_lack_entries_behind(&self, from: StreamId) -> bool {
        !self.is_empty() && self.max_deleted_id() != StreamId::MIN && from <= self.max_deleted_id()
    }

    /// How many entries were ever added up to this number, if that can be told from the ends of the log.
    fn entries_up_to(&self, id: StreamId) -> Option<u64> {
        if self.entries_added() == 0 {
            return Some(0);
        }
        if self.is_empty() && id < self.last_id() {
            return Some(self.entries_added());
        }
        if id == self.last_id() {
            return Some(self.entries_added());
        }
        let is_whole = self.max_deleted_id() == StreamId::MIN || self.max_deleted_id() < self.first_id();
        if id > self.last_id() || !is_whole {
            return None;
        }
        let before_first = self.entries_added().wrapping_sub(self.len());
        match id.cmp(&self.first_id()) {
            std::cmp::Ordering::Less => Some(before_first),
            std::cmp::Ordering::Equal => Some(before_first.wrapping_add(1)),
            std::cmp::Ordering::Greater => None,
        }
    }
}

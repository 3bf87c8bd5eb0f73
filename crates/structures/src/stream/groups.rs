//! The groups of a stream.

use std::collections::BTreeMap;
use std::ops::{Bound, Deref, DerefMut};

use super::group::Group;
use super::id::StreamId;
use crate::btree::{btree_bytes, free_if_empty};

/// What a group takes beside its contents, its name and its place in the tree.
const GROUP_BYTES: usize = size_of::<Group>();

type Tree = BTreeMap<Box<[u8]>, Box<Group>>;

/// The groups of a stream, by name.
#[derive(Debug, Default)]
pub struct Groups {
    /// In boxes, since the tree's nodes are half empty.
    groups: Tree,
    /// Sum over all groups, without the tree that they are in.
    bytes: usize,
}

impl Clone for Groups {
    fn clone(&self) -> Self {
        // Without the room that groups have in reserve.
        let groups = self.groups.clone();
        let bytes = groups.iter().map(|(name, group)| GROUP_BYTES + name.len() + group.memory_bytes()).sum();
        Self { groups, bytes }
    }
}

impl Groups {
    /// Number of groups.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Bytes of memory. O(log groups).
    pub fn memory_bytes(&self) -> usize {
        btree_bytes::<Box<[u8]>, Box<Group>>(self.groups.len()) + self.bytes
    }

    /// The groups with their names, in the order of these.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &Group)> {
        self.groups.iter().map(|(name, group)| (&**name, &**group))
    }

    /// The first group whose name comes behind this one, the first of all for `None`. O(log groups).
    pub fn after(&self, name: Option<&[u8]>) -> Option<(&[u8], &Group)> {
        let from = name.map_or(Bound::Unbounded, Bound::Excluded);
        let mut behind = self.groups.range::<[u8], _>((from, Bound::Unbounded));
        behind.next().map(|(name, group)| (&**name, &**group))
    }

    /// The group of this name.
    pub fn find(&self, name: &[u8]) -> Option<&Group> {
        self.groups.get(name).map(|group| &**group)
    }

    /// The group of this name for changing it.
    pub fn find_mut(&mut self, name: &[u8]) -> Option<GroupMut<'_>> {
        let group = self.groups.get_mut(name)?;
        Some(GroupMut { bytes_before: group.memory_bytes(), group, bytes: &mut self.bytes })
    }

    /// Adds a group. Returns whether its name is new; otherwise nothing changes.
    pub fn add(&mut self, name: &[u8], group: Group) -> bool {
        if self.groups.contains_key(name) {
            return false;
        }
        self.bytes += GROUP_BYTES + name.len() + group.memory_bytes();
        self.groups.insert(name.into(), Box::new(group));
        true
    }

    /// Removes a group and returns it as the only one.
    pub(super) fn take(&mut self, name: &[u8]) -> Option<Self> {
        let (name, group) = self.groups.remove_entry(name)?;
        let bytes = GROUP_BYTES + name.len() + group.memory_bytes();
        self.bytes -= bytes;
        free_if_empty(&mut self.groups);
        Some(Self { groups: BTreeMap::from([(name, group)]), bytes })
    }

    /// Ends in all groups that an entry is pending. Returns whether it was in any.
    pub(super) fn acknowledge(&mut self, id: StreamId) -> bool {
        let mut was_pending = false;
        for group in self.groups.values_mut() {
            let before = group.memory_bytes();
            was_pending |= group.acknowledge(id);
            self.bytes = self.bytes - before + group.memory_bytes();
        }
        was_pending
    }

    /// Whether every group has done with an entry.
    pub(super) fn are_done_with(&self, id: StreamId) -> bool {
        self.groups.values().all(|group| group.is_done_with(id))
    }

    /// # Panics
    /// If an invariant doesn't hold.
    pub(super) fn check_invariants(&self) {
        let mut bytes = 0;
        for (name, group) in &self.groups {
            group.check_invariants();
            bytes += GROUP_BYTES + name.len() + group.memory_bytes();
        }
        assert_eq!(self.bytes, bytes);
    }
}

/// A group that is being changed.
#[derive(Debug)]
pub struct GroupMut<'a> {
    group: &'a mut Group,
    bytes_before: usize,
    bytes: &'a mut usize,
}

impl Deref for GroupMut<'_> {
    type Target = Group;

    fn deref(&self) -> &Group {
        self.group
    }
}

impl DerefMut for GroupMut<'_> {
    fn deref_mut(&mut self) -> &mut Group {
        self.group
    }
}

impl Drop for GroupMut<'_> {
    fn drop(&mut self) {
        *self.bytes = *self.bytes - self.bytes_before + self.group.memory_bytes();
    }
}

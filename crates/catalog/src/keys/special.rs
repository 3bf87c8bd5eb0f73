//! The commands whose specs don't tell all, or tell what the command would not do.
//!
//! These rules decide which keys are locked before the command runs, so they must find every key that the
//! command's own parser finds in a request that it accepts; what they find in others is of no importance.

use super::Search;
use crate::key_spec::FindKeys;
use crate::{KeyFlags, KeySpec, Words};

/// What each command's own parser would find in a request that it accepts.
impl<W: Words + ?Sized> Search<'_, W> {
    /// The keys of the spec with this index, with other flags.
    fn follow_as(&mut self, specs: &[KeySpec], index: usize, flags: KeyFlags) {
        if let Some(spec) = specs.get(index) {
            self.follow(&KeySpec { flags, ..*spec });
        }
    }

    /// SET reads the old value only with GET.
    pub(super) fn set(&mut self, specs: &[KeySpec]) {
        let reads = (3..self.words.count()).any(|index| self.is(index, "get"));
        let flags = if reads {
            KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::UPDATE)
        } else {
            KeyFlags::OW.union(KeyFlags::UPDATE)
        };
        self.follow_as(specs, 0, flags);
    }

    /// BITFIELD only reads if all that it has is whole GETs and OVERFLOWs.
    pub(super) fn bitfield(&mut self, specs: &[KeySpec]) {
        let count = self.words.count();
        let mut index = 2;
        while index < count {
            let length = if self.is(index, "get") { 3 } else { 2 };
            if length == 2 && !self.is(index, "overflow") || index + length > count {
                break;
            }
            index += length;
        }
        let flags = if index < count {
            KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::UPDATE)
        } else {
            KeyFlags::RO.union(KeyFlags::ACCESS)
        };
        self.follow_as(specs, 0, flags);
    }

    /// The last STORE of SORT counts, unless it is an argument of another option.
    pub(super) fn sort(&mut self, specs: &[KeySpec]) {
        self.follow_as(specs, 0, KeyFlags::RO.union(KeyFlags::ACCESS));
        let count = self.words.count();
        let mut store = None;
        let mut index = 2;
        while index < count {
            if self.is(index, "store") && index + 1 < count {
                store = Some(index + 1);
            }
            index += if self.is(index, "limit") {
                3
            } else if ["by", "get", "store"].iter().any(|option| self.is(index, option)) {
                2
            } else {
                1
            };
        }
        if let Some(position) = store {
            self.push(position, KeyFlags::OW.union(KeyFlags::UPDATE));
        }
    }

    /// The group and consumer of XREADGROUP may be called STREAMS.
    pub(super) fn xreadgroup(&mut self, specs: &[KeySpec]) {
        let count = self.words.count();
        let group = (1..count).find(|&index| self.is(index, "group")).unwrap_or(count);
        if let (Some(streams), Some(KeySpec { find: FindKeys::Range { last, step, limit }, flags, .. })) =
            ((group + 3..count).find(|&index| self.is(index, "streams")), specs.first())
        {
            self.follow_range(streams + 1, *last, *step, *limit, *flags);
        }
    }

    /// MIGRATE has one key, or an empty word in its place and keys at the end, behind KEYS.
    pub(super) fn migrate(&mut self, specs: &[KeySpec]) {
        const KEY: usize = 3;
        const FIRST_OPTION: usize = 6;
        let flags = KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::DELETE);
        let count = self.words.count();
        let mut index = FIRST_OPTION;
        while index < count && !self.is(index, "keys") {
            index += if self.is(index, "auth2") {
                3
            } else if self.is(index, "auth") {
                2
            } else {
                1
            };
        }
        let first = index + 1;
        if first >= count {
            self.follow_as(specs, 0, flags);
        } else if self.words.word(KEY).is_some_and(|key| !key.is_empty()) {
            self.is_broken = true;
        } else {
            (first..count).for_each(|position| self.push(position, flags));
        }
    }

    /// Of several STORE and STOREDIST options of GEORADIUS the last one counts.
    pub(super) fn georadius(&mut self, specs: &[KeySpec]) {
        // Behind key, longitude, latitude, radius and unit; or key, member, radius and unit.
        let first_option = if self.is(0, "georadiusbymember") { 5 } else { 6 };
        self.follow_as(specs, 0, KeyFlags::RO.union(KeyFlags::ACCESS));
        let count = self.words.count();
        let mut store = None;
        let mut index = first_option;
        while index + 1 < count {
            if self.is(index, "store") || self.is(index, "storedist") {
                store = Some(index + 1);
                index += 1;
            }
            index += 1;
        }
        if let Some(position) = store {
            self.push(position, KeyFlags::OW.union(KeyFlags::UPDATE));
        }
    }
}

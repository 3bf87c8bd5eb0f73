//! What one subscriber listens to.

use hashbrown::HashTable;

use crate::Kind;
use crate::name::Name;

/// The subscriptions of one subscriber, kept by itself and changed by the [`Registry`](crate::Registry) alone.
#[derive(Default)]
pub struct Subscriptions {
    channels: Held,
    patterns: Held,
    shard_channels: Held,
}

impl Subscriptions {
    /// How many of a kind.
    #[inline]
    pub fn count(&self, kind: Kind) -> usize {
        self.of(kind).table.len()
    }

    /// Bytes that they take, with their share of the register: nearly, as if nobody else listened to the same. O(1).
    pub fn bytes(&self) -> usize {
        self.channels.bytes + self.patterns.bytes + self.shard_channels.bytes
    }

    /// Whether it listens to nothing.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.channels.table.is_empty()
            && self.patterns.table.is_empty()
            && self.shard_channels.table.is_empty()
    }

    /// Those of a kind, in the order in which they came.
    pub fn names(&self, kind: Kind) -> Vec<Name> {
        let mut names: Vec<&Numbered> = self.of(kind).table.iter().collect();
        names.sort_unstable_by_key(|numbered| numbered.number);
        names.into_iter().map(|numbered| numbered.name.clone()).collect()
    }

    pub(crate) fn has(&self, kind: Kind, hash: u64, name: &[u8]) -> bool {
        self.of(kind).table.find(hash, |numbered| *numbered.name == *name).is_some()
    }

    /// Adds one that is not there.
    pub(crate) fn add(&mut self, kind: Kind, name: Name) {
        let held = self.of_mut(kind);
        held.last_number += 1;
        held.bytes += bytes_of(kind, &name);
        let numbered = Numbered { number: held.last_number, name };
        held.table.insert_unique(numbered.name.hash(), numbered, |numbered| numbered.name.hash());
    }

    /// Takes one out, if it is there.
    pub(crate) fn take(&mut self, kind: Kind, hash: u64, name: &[u8]) -> Option<Name> {
        let held = self.of_mut(kind);
        let found = held.table.find_entry(hash, |numbered| *numbered.name == *name).ok()?;
        let (numbered, _) = found.remove();
        held.bytes -= bytes_of(kind, &numbered.name);
        if held.table.is_empty() {
            *held = Held::default();
        }
        Some(numbered.name)
    }

    /// Takes all of a kind out, in no order.
    pub(crate) fn take_all(&mut self, kind: Kind) -> impl Iterator<Item = Name> + use<> {
        std::mem::take(self.of_mut(kind)).table.into_iter().map(|numbered| numbered.name)
    }

    fn of(&self, kind: Kind) -> &Held {
        match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::ShardChannel => &self.shard_channels,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut Held {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::ShardChannel => &mut self.shard_channels,
        }
    }
}

/// Subscriptions of one kind.
#[derive(Default)]
struct Held {
    table: HashTable<Numbered>,
    last_number: u64,
    bytes: usize,
}

struct Numbered {
    number: u64,
    name: Name,
}

/// What a subscription takes besides its name, as measured with many of them: a place here and one in the register, whose tables have room to grow.
const CHANNEL_BYTES: usize = 140;

/// The same of a pattern, which is found by more than its name.
const PATTERN_BYTES: usize = 390;

/// How often the text of a pattern is kept: as a name, as what is matched, and as what it begins or ends with.
const PATTERN_TEXTS: usize = 4;

fn bytes_of(kind: Kind, name: &Name) -> usize {
    match kind {
        Kind::Channel | Kind::ShardChannel => CHANNEL_BYTES + name.len(),
        Kind::Pattern => PATTERN_BYTES + PATTERN_TEXTS * name.len(),
    }
}

//! The register: who listens to what.

use std::sync::Arc;

use crate::channels::Channels;
use crate::name::{Hasher, Name};
use crate::patterns::Patterns;
use crate::subscriptions::Subscriptions;

/// Somebody who can be handed messages. Told from others by its number.
pub trait Subscriber {
    /// Its number. No two subscribers of one register have the same, and it never changes.
    fn id(&self) -> u64;
}

impl<T: Subscriber + ?Sized> Subscriber for Arc<T> {
    fn id(&self) -> u64 {
        (**self).id()
    }
}

/// What can be listened to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A channel, by its name (`SUBSCRIBE`).
    Channel,
    /// All channels whose names match a pattern (`PSUBSCRIBE`).
    Pattern,
    /// A sharded channel (`SSUBSCRIBE`): a space of names of its own, to which patterns don't apply.
    ShardChannel,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Channel, Self::Pattern, Self::ShardChannel];
}

/// What brought a message to a subscriber.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Via<'r> {
    /// It listens to the channel.
    Channel,
    /// It listens to this pattern, which matches the channel. All subscribers of one pattern are visited in a row.
    Pattern(&'r Name),
}

/// Who listens to what. `S` is a handle to a subscriber, of which the register keeps a clone for each subscription.
///
/// All methods may be called by many threads at once.
pub struct Registry<S> {
    hasher: Hasher,
    channels: Channels<S>,
    shard_channels: Channels<S>,
    patterns: Patterns<S>,
}

impl<S: Subscriber + Clone> Registry<S> {
    /// An empty register. The secret should be random: it keeps whoever chooses the names of channels from choosing where they are kept.
    pub fn new(secret: [u8; 16]) -> Self {
        Self {
            hasher: Hasher::new(secret),
            channels: Channels::default(),
            shard_channels: Channels::default(),
            patterns: Patterns::default(),
        }
    }

    /// Has a subscriber listen to something. `own` are its subscriptions; returns whether this one is new. O(1) and the length of the name.
    pub fn subscribe(&self, kind: Kind, name: &[u8], subscriber: &S, own: &mut Subscriptions) -> bool {
        let hash = self.hasher.hash(name);
        if own.has(kind, hash, name) {
            return false;
        }
        let name = self.hasher.name(name);
        let name = match kind {
            Kind::Channel => self.channels.add(name, subscriber.clone()),
            Kind::Pattern => self.patterns.add(name, subscriber.clone(), &self.hasher),
            Kind::ShardChannel => self.shard_channels.add(name, subscriber.clone()),
        };
        own.add(kind, name);
        true
    }

    /// Has a subscriber no longer listen to something. Returns whether it did. O(1) and the length of the name.
    pub fn unsubscribe(&self, kind: Kind, name: &[u8], subscriber: &S, own: &mut Subscriptions) -> bool {
        let Some(name) = own.take(kind, self.hasher.hash(name), name) else { return false };
        self.remove(kind, &name, subscriber.id());
        true
    }

    /// Ends all subscriptions of a subscriber.
    pub fn leave(&self, subscriber: &S, own: &mut Subscriptions) {
        for kind in Kind::ALL {
            for name in own.take_all(kind) {
                self.remove(kind, &name, subscriber.id());
            }
        }
    }

    fn remove(&self, kind: Kind, name: &Name, id: u64) {
        match kind {
            Kind::Channel => self.channels.remove(name, id),
            Kind::Pattern => self.patterns.remove(name, id),
            Kind::ShardChannel => self.shard_channels.remove(name, id),
        }
    }

    /// Visits everybody who is to get a message for this channel: first those who listen to it, then those who listen to a pattern that
    /// matches it, pattern after pattern in the order in which these came. Who listens in several ways is visited as often. Returns the
    /// number of visits.
    ///
    /// Of two publishers to one channel one waits for the other, so all subscribers see their messages in the same order. Therefore `visit`
    /// should only put the message into a queue; and it must not call the register.
    pub fn publish(&self, channel: &[u8], mut visit: impl FnMut(&S, Via<'_>)) -> usize {
        let has_patterns = self.patterns.count() > 0;
        if !has_patterns && self.channels.count() == 0 {
            return 0;
        }
        // Held while patterns are visited, too.
        let locked = self.channels.lock(self.hasher.hash(channel));
        let mut count = locked.visit(channel, |subscriber| visit(subscriber, Via::Channel));
        if has_patterns {
            count += self.patterns.visit(channel, &self.hasher, |subscriber, pattern| {
                visit(subscriber, Via::Pattern(pattern));
            });
        }
        count
    }

    /// Visits everybody who listens to a sharded channel. Otherwise as [`publish`](Self::publish).
    pub fn publish_sharded(&self, channel: &[u8], visit: impl FnMut(&S)) -> usize {
        if self.shard_channels.count() == 0 {
            return 0;
        }
        self.shard_channels.lock(self.hasher.hash(channel)).visit(channel, visit)
    }

    /// Visits everybody who listens to anything of a kind, with its name, in no order. Who comes or goes meanwhile may be visited or not; and
    /// `visit` must not call the register.
    pub fn visit(&self, kind: Kind, visit: impl FnMut(&Name, &S)) {
        match kind {
            Kind::Channel => self.channels.visit_all(visit),
            Kind::Pattern => self.patterns.visit_all(visit),
            Kind::ShardChannel => self.shard_channels.visit_all(visit),
        }
    }

    /// How many names of a kind somebody listens to (`PUBSUB NUMPAT` for patterns). One load.
    pub fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Channel => self.channels.count(),
            Kind::Pattern => self.patterns.count(),
            Kind::ShardChannel => self.shard_channels.count(),
        }
    }

    /// How many listen to this name (`PUBSUB NUMSUB`, `PUBSUB SHARDNUMSUB`).
    pub fn subscribers(&self, kind: Kind, name: &[u8]) -> usize {
        let hash = self.hasher.hash(name);
        match kind {
            Kind::Channel => self.channels.subscribers(hash, name),
            Kind::Pattern => self.patterns.subscribers(&self.hasher.name(name)),
            Kind::ShardChannel => self.shard_channels.subscribers(hash, name),
        }
    }

    /// The names of a kind that somebody listens to, in no order; with a pattern, those that match it (`PUBSUB CHANNELS`, `PUBSUB
    /// SHARDCHANNELS`). Channels that come or go meanwhile may be among them or not.
    pub fn names(&self, kind: Kind, pattern: Option<&[u8]>) -> Vec<Name> {
        let pattern = pattern.map(glob::Pattern::new);
        let is_wanted = |name: &[u8]| pattern.as_ref().is_none_or(|pattern| pattern.matches(name));
        match kind {
            Kind::Channel => self.channels.names(is_wanted),
            Kind::Pattern => self.patterns.names(is_wanted),
            Kind::ShardChannel => self.shard_channels.names(is_wanted),
        }
    }

    /// Panics if the register contradicts itself; for tests and fuzzing.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        self.channels.check_invariants();
        self.patterns.check_invariants();
        self.shard_channels.check_invariants();
    }
}

//! Keyspace events: what happened to a key, by the names that notifications use.

use keyspace::DbIndex;

/// The class of an event: the letter by which `notify-keyspace-events` switches it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum EventClass {
    /// `g`: commands that don't depend on the type.
    Generic,
    /// `$`: strings.
    String,
    /// `z`: sorted sets.
    SortedSet,
    /// `s`: sets.
    Set,
    /// `l`: lists.
    List,
    /// `h`: hashes.
    Hash,
    /// `t`: streams.
    Stream,
    /// `x`: expired keys.
    Expired,
    /// `e`: evicted keys.
    Evicted,
    /// `m`: reads of keys that don't exist.
    Miss,
    /// `n`: new keys.
    New,
    /// `o`: values overwritten.
    Overwritten,
    /// `c`: types changed.
    TypeChanged,
}

/// An event: its class and its name (`set`, `expire`, `del`…).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its class.
    pub class: EventClass,
    /// Its name on the wire.
    pub name: &'static str,
}

impl Event {
    /// A generic event.
    pub const fn generic(name: &'static str) -> Self {
        Self { class: EventClass::Generic, name }
    }

    /// An event of a string command.
    pub const fn string(name: &'static str) -> Self {
        Self { class: EventClass::String, name }
    }

    /// An event of a sorted set command.
    pub const fn sorted_set(name: &'static str) -> Self {
        Self { class: EventClass::SortedSet, name }
    }

    /// An event of a set command.
    pub const fn set(name: &'static str) -> Self {
        Self { class: EventClass::Set, name }
    }

    /// An event of a list command.
    pub const fn list(name: &'static str) -> Self {
        Self { class: EventClass::List, name }
    }

    /// An event of a hash command.
    pub const fn hash(name: &'static str) -> Self {
        Self { class: EventClass::Hash, name }
    }

    /// An event of a stream command.
    pub const fn stream(name: &'static str) -> Self {
        Self { class: EventClass::Stream, name }
    }
}

/// A key was removed.
pub const DEL: Event = Event::generic("del");
/// A key's time was up.
pub const EXPIRED: Event = Event { class: EventClass::Expired, name: "expired" };
/// A key was evicted, as memory was short.
pub const EVICTED: Event = Event { class: EventClass::Evicted, name: "evicted" };
/// The time of fields was up.
pub const HEXPIRED: Event = Event::hash("hexpired");
/// A key came into being.
pub const NEW: Event = Event { class: EventClass::New, name: "new" };
/// The value of a key was replaced by another.
pub const OVERWRITTEN: Event = Event { class: EventClass::Overwritten, name: "overwritten" };
/// The value of a key was replaced by one of another type.
pub const TYPE_CHANGED: Event = Event { class: EventClass::TypeChanged, name: "type_changed" };
/// A key that doesn't exist was read.
pub const KEYMISS: Event = Event { class: EventClass::Miss, name: "keymiss" };

/// Hears the events of the keyspace, in the order in which they happen to each key. Called while the key's stripe is
/// locked: an implementation notes the event and returns.
pub trait EventSink: Send + Sync {
    /// `event` happened to `key`.
    fn event(&self, db: DbIndex, event: Event, key: &[u8]);
}

//! The flag sets of the table and the names that they have on the wire.
//!
//! The order of the constants is the order in which the peers list them in COMMAND's RESP2 arrays.

use bitflags::bitflags;

macro_rules! bits {
    ($bits:ty, $set:ident: $($name:ident)*) => {
        $(pub(crate) const $name: $bits = $set::$name.bits();)*
    };
}

bitflags! {
    /// How the server may run a command (COMMAND's third element).
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
    pub struct Flags: u32 {
        /// May change the data set.
        const WRITE = 1;
        /// Reads keys and changes nothing.
        const READONLY = 1 << 1;
        /// Refused when memory is above `maxmemory` and nothing can be evicted.
        const DENYOOM = 1 << 2;
        /// Comes from a module in Redis; kvd builds these in.
        const MODULE = 1 << 3;
        /// For administrators.
        const ADMIN = 1 << 4;
        /// Publishes or subscribes.
        const PUBSUB = 1 << 5;
        /// Refused in scripts.
        const NOSCRIPT = 1 << 6;
        /// May block its client.
        const BLOCKING = 1 << 7;
        /// Allowed while the data set is loaded.
        const LOADING = 1 << 8;
        /// Allowed on a replica whose data is stale.
        const STALE = 1 << 9;
        /// Not shown to MONITOR.
        const SKIP_MONITOR = 1 << 10;
        /// Not entered in the slow log.
        const SKIP_SLOWLOG = 1 << 11;
        /// Not entered in Valkey's command log.
        const SKIP_COMMANDLOG = 1 << 12;
        /// Served in an importing slot without ASKING.
        const ASKING = 1 << 13;
        /// Takes constant or logarithmic time.
        const FAST = 1 << 14;
        /// Allowed before the client has authenticated.
        const NO_AUTH = 1 << 15;
        /// Refused inside MULTI.
        const NO_MULTI = 1 << 16;
        /// Takes keys, but may be called without any.
        const NO_MANDATORY_KEYS = 1 << 17;
        /// Refused during an asynchronous load, even though `LOADING` may be set.
        const NO_ASYNC_LOADING = 1 << 18;
        /// Allowed while a script runs over its time.
        const ALLOW_BUSY = 1 << 19;
        /// Its keys are not all at fixed positions. Derived from the key specs.
        const MOVABLEKEYS = 1 << 20;
    }
}

bitflags! {
    /// The ACL categories that a command belongs to.
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
    pub struct Categories: u32 {
        /// Keys of any type.
        const KEYSPACE = 1;
        /// Reads keys.
        const READ = 1 << 1;
        /// Writes keys.
        const WRITE = 1 << 2;
        /// Sets.
        const SET = 1 << 3;
        /// Sorted sets.
        const SORTEDSET = 1 << 4;
        /// Lists.
        const LIST = 1 << 5;
        /// Hashes.
        const HASH = 1 << 6;
        /// Strings.
        const STRING = 1 << 7;
        /// Bitmaps.
        const BITMAP = 1 << 8;
        /// HyperLogLogs.
        const HYPERLOGLOG = 1 << 9;
        /// Geographic indexes.
        const GEO = 1 << 10;
        /// Streams.
        const STREAM = 1 << 11;
        /// Publish and subscribe.
        const PUBSUB = 1 << 12;
        /// Administration.
        const ADMIN = 1 << 13;
        /// Constant or logarithmic time.
        const FAST = 1 << 14;
        /// Everything that is not fast.
        const SLOW = 1 << 15;
        /// May block its client.
        const BLOCKING = 1 << 16;
        /// Can hurt a server in production.
        const DANGEROUS = 1 << 17;
        /// The connection itself.
        const CONNECTION = 1 << 18;
        /// MULTI and its companions.
        const TRANSACTION = 1 << 19;
        /// Scripts and functions.
        const SCRIPTING = 1 << 20;
    }
}

bitflags! {
    /// What a command does with a key.
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
    pub struct KeyFlags: u16 {
        /// Reads the value and keeps it.
        const RO = 1;
        /// Reads and changes the value.
        const RW = 1 << 1;
        /// Overwrites the value without looking at it.
        const OW = 1 << 2;
        /// Removes the key.
        const RM = 1 << 3;
        /// Returns data of the value, or its fingerprint, to the user.
        const ACCESS = 1 << 4;
        /// Adds data without changing or deleting what is there.
        const INSERT = 1 << 5;
        /// Changes data that is there.
        const UPDATE = 1 << 6;
        /// Deletes some or all of the value.
        const DELETE = 1 << 7;
        /// Routed like a key in a cluster, but names none: a shard channel, a cursor.
        const NOT_KEY = 1 << 8;
        /// The spec may miss keys; only the command's own parser finds all of them.
        const INCOMPLETE = 1 << 9;
        /// The other flags are the worst case: the arguments decide.
        const VARIABLE_FLAGS = 1 << 10;
    }
}

bitflags! {
    /// How an argument may appear.
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
    pub struct ArgumentFlags: u8 {
        /// May be left out.
        const OPTIONAL = 1;
        /// May be repeated.
        const MULTIPLE = 1 << 1;
        /// Its token is repeated with it.
        const MULTIPLE_TOKEN = 1 << 2;
    }
}

/// [`Flags`] as numbers, so that the tables can join them with `|` in constants.
pub(crate) mod in_command {
    use super::Flags;

    bits! { u32, Flags:
        WRITE READONLY DENYOOM MODULE ADMIN PUBSUB NOSCRIPT BLOCKING LOADING STALE SKIP_MONITOR SKIP_SLOWLOG
        SKIP_COMMANDLOG ASKING FAST NO_AUTH NO_MULTI NO_MANDATORY_KEYS NO_ASYNC_LOADING ALLOW_BUSY
    }
}

/// [`KeyFlags`] as numbers, for the same reason.
pub(crate) mod on_key {
    use super::KeyFlags;

    bits! { u16, KeyFlags: RO RW OW RM ACCESS INSERT UPDATE DELETE NOT_KEY INCOMPLETE VARIABLE_FLAGS }
}

const CATEGORY_NAMES: [&str; 21] = [
    "keyspace",
    "read",
    "write",
    "set",
    "sortedset",
    "list",
    "hash",
    "string",
    "bitmap",
    "hyperloglog",
    "geo",
    "stream",
    "pubsub",
    "admin",
    "fast",
    "slow",
    "blocking",
    "dangerous",
    "connection",
    "transaction",
    "scripting",
];

const FLAG_NAMES: [&str; 21] = [
    "write",
    "readonly",
    "denyoom",
    "module",
    "admin",
    "pubsub",
    "noscript",
    "blocking",
    "loading",
    "stale",
    "skip_monitor",
    "skip_slowlog",
    "skip_commandlog",
    "asking",
    "fast",
    "no_auth",
    "no_multi",
    "no_mandatory_keys",
    "no_async_loading",
    "allow_busy",
    "movablekeys",
];

const KEY_FLAG_NAMES: [&str; 11] = [
    "RO",
    "RW",
    "OW",
    "RM",
    "access",
    "insert",
    "update",
    "delete",
    "not_key",
    "incomplete",
    "variable_flags",
];

const ARGUMENT_FLAG_NAMES: [&str; 3] = ["optional", "multiple", "multiple_token"];

/// Generates the conversions between a flag set and its wire names: name *i* belongs to bit *i*.
macro_rules! wire_names {
    ($set:ident, $names:ident) => {
        const _: () = assert!($set::all().bits().count_ones() as usize == $names.len());

        impl $set {
            /// The wire names of the members, in the peers' order.
            pub fn names(self) -> impl Iterator<Item = &'static str> + Clone {
                $names
                    .into_iter()
                    .enumerate()
                    .filter(move |(bit, _)| self.bits() >> bit & 1 == 1)
                    .map(|(_, name)| name)
            }

            /// The member with this wire name, in any case.
            pub fn by_name(name: &[u8]) -> Option<Self> {
                let bit = $names.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
                Some(Self::from_bits_retain(1 << bit))
            }
        }
    };
}

wire_names!(Flags, FLAG_NAMES);
wire_names!(Categories, CATEGORY_NAMES);
wire_names!(KeyFlags, KEY_FLAG_NAMES);
wire_names!(ArgumentFlags, ARGUMENT_FLAG_NAMES);

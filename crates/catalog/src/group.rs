//! Which family a command belongs to and which servers have it.

use crate::Categories;

/// The family of a command, as the peers' documentation groups them.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Keys of any type.
    Generic,
    /// Strings.
    String,
    /// Lists.
    List,
    /// Sets.
    Set,
    /// Sorted sets.
    SortedSet,
    /// Hashes.
    Hash,
    /// Publish and subscribe.
    Pubsub,
    /// MULTI and its companions.
    Transactions,
    /// The connection itself.
    Connection,
    /// The server as a whole.
    Server,
    /// Scripts and functions.
    Scripting,
    /// HyperLogLogs.
    Hyperloglog,
    /// The cluster.
    Cluster,
    /// Geographic indexes.
    Geo,
    /// Streams.
    Stream,
    /// Bitmaps.
    Bitmap,
    /// Vector sets: a module in Redis, and shown as one.
    VectorSet,
}

impl Group {
    /// Every group, in the order in which documents list them.
    pub const ALL: [Group; 17] = [
        Group::Generic,
        Group::String,
        Group::Bitmap,
        Group::Hyperloglog,
        Group::List,
        Group::Set,
        Group::SortedSet,
        Group::Geo,
        Group::Hash,
        Group::Stream,
        Group::VectorSet,
        Group::Pubsub,
        Group::Transactions,
        Group::Scripting,
        Group::Connection,
        Group::Server,
        Group::Cluster,
    ];

    /// The name in COMMAND DOCS.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Generic => "generic",
            Group::String => "string",
            Group::List => "list",
            Group::Set => "set",
            Group::SortedSet => "sorted-set",
            Group::Hash => "hash",
            Group::Pubsub => "pubsub",
            Group::Transactions => "transactions",
            Group::Connection => "connection",
            Group::Server => "server",
            Group::Scripting => "scripting",
            Group::Hyperloglog => "hyperloglog",
            Group::Cluster => "cluster",
            Group::Geo => "geo",
            Group::Stream => "stream",
            Group::Bitmap => "bitmap",
            Group::VectorSet => "module",
        }
    }

    /// The heading in the generated command list.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Generic => "Keys of any type",
            Group::String => "Strings",
            Group::List => "Lists",
            Group::Set => "Sets",
            Group::SortedSet => "Sorted sets",
            Group::Hash => "Hashes",
            Group::Pubsub => "Publish and subscribe",
            Group::Transactions => "Transactions",
            Group::Connection => "Connection",
            Group::Server => "Server",
            Group::Scripting => "Scripts and functions",
            Group::Hyperloglog => "HyperLogLog",
            Group::Cluster => "Cluster",
            Group::Geo => "Geo",
            Group::Stream => "Streams",
            Group::Bitmap => "Bitmaps",
            Group::VectorSet => "Vector sets",
        }
    }

    /// The ACL category that goes with the group, where there is one.
    pub(crate) const fn category(self) -> Categories {
        match self {
            Group::Generic => Categories::KEYSPACE,
            Group::String => Categories::STRING,
            Group::List => Categories::LIST,
            Group::Set => Categories::SET,
            Group::SortedSet => Categories::SORTEDSET,
            Group::Hash => Categories::HASH,
            Group::Transactions => Categories::TRANSACTION,
            Group::Connection => Categories::CONNECTION,
            Group::Scripting => Categories::SCRIPTING,
            Group::Hyperloglog => Categories::HYPERLOGLOG,
            Group::Geo => Categories::GEO,
            Group::Stream => Categories::STREAM,
            Group::Bitmap => Categories::BITMAP,
            Group::Pubsub | Group::Server | Group::Cluster | Group::VectorSet => Categories::empty(),
        }
    }
}

/// Which of the two peers has a command.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Redis 8.2 and Valkey 9.1.
    Shared,
    /// Redis alone: 8.2, or a later one.
    Redis,
    /// Valkey 9.1 alone.
    Valkey,
}

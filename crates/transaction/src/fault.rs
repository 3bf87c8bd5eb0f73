//! What a client did out of turn.

/// A request that doesn't fit the state of its client's transaction. The texts are those of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `MULTI` after `MULTI`. The transaction goes on.
    #[error("MULTI calls can not be nested")]
    Nested,
    /// `WATCH` after `MULTI`. The transaction goes on.
    #[error("WATCH inside MULTI is not allowed")]
    WatchInside,
    /// `EXEC` or `DISCARD` without `MULTI`.
    #[error("there is no transaction")]
    NotOpen,
    /// `EXEC` of a transaction that lacks commands which couldn't be queued. It is over.
    #[error("Transaction discarded because of previous errors.")]
    Spoilt,
}

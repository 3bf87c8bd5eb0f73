//! Places in the journal.

/// A place in the journal: how many bytes of effects were appended before it. Never falls, never wraps in practice.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

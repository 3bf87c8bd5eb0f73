//! What clients asked, when, and what they were told.

/// A request for one key, and its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Told this value; `None` if there was none.
    Read(Option<i64>),
    /// Set to this value.
    Write(i64),
    /// Increased by one, and told the new value.
    Increment(i64),
    /// Set from one value to another, if it was still the first.
    Exchange(Option<i64>, i64),
    /// Removed, and told whether it was there.
    Remove(bool),
}

impl Operation {
    /// The value after it, if it can have happened at this value.
    pub fn apply(self, value: Option<i64>) -> Option<Option<i64>> {
        match self {
            Self::Read(seen) => (seen == value).then_some(value),
            Self::Write(new) => Some(Some(new)),
            Self::Increment(told) => (value.unwrap_or(0) + 1 == told).then_some(Some(told)),
            Self::Exchange(old, new) => (old == value).then_some(Some(new)),
            Self::Remove(was_there) => (was_there == value.is_some()).then_some(None),
        }
    }
}

/// A request on its way from `sent_ns` to `answered_ns`: it took effect at some moment between.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// When it was sent.
    pub sent_ns: u64,
    /// When its reply had come; `None` if none came: it may take effect at any time after `sent_ns`, or never.
    pub answered_ns: Option<u64>,
    /// What it was.
    pub operation: Operation,
}

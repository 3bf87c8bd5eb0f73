//! What a set may hold in which form.

use dict::HashKey;

/// Up to where sets are small.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The most members of a set of integers (`set-max-intset-entries`).
    pub integers_max: usize,
    /// The most members of a packed set (`set-max-listpack-entries`).
    pub entries_max: usize,
    /// The longest member of a packed set in bytes (`set-max-listpack-value`).
    pub bytes_max: usize,
    /// What the hash tables of large sets are keyed with.
    pub hash_key: HashKey,
}

//! Counting the keys of a snapshot.

use std::collections::BTreeMap;

use rdb::{Checker, Element, Item};

use super::encoding;
use super::top::Top;
use crate::command_line::StatsTask;
use crate::scan::{Placed, Stop};

/// Prefixes that are told apart.
const PREFIXES_MAX: usize = 100_000;
/// The longest prefix that is told apart.
const PREFIX_BYTES_MAX: usize = 256;
/// Bytes of a key that are kept for a list of the largest.
const KEY_BYTES_MAX: usize = 256;

/// Upper ends of the time left, in seconds, and their names.
pub(super) const EXPIRIES: [(u64, &str); 7] = [
    (60, "within a minute"),
    (3600, "within an hour"),
    (86_400, "within a day"),
    (7 * 86_400, "within a week"),
    (30 * 86_400, "within 30 days"),
    (365 * 86_400, "within a year"),
    (u64::MAX, "later"),
];

/// Keys, and the bytes that they take in the file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) keys: u64,
    pub(super) bytes: u64,
    pub(super) elements: u64,
}

/// A prefix and its keys; those without a prefix have `None`.
pub(super) type Prefixed = (Option<Vec<u8>>, Sum);

/// A key in a list of the largest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) db: u64,
    pub(super) key: Vec<u8>,
    pub(super) value_type: &'static str,
}

/// What is counted.
pub(super) struct Counts {
    delimiter: Vec<u8>,
    depth: u32,
    checker: Checker,
    pub(super) total: Sum,
    pub(super) forms: BTreeMap<(&'static str, &'static str), Sum>,
    /// Those without a prefix have none.
    pub(super) prefixes: BTreeMap<Option<Vec<u8>>, Sum>,
    /// Keys of other prefixes than those.
    pub(super) other: Sum,
    pub(super) biggest: Top<Named>,
    pub(super) longest: Top<Named>,
    pub(super) saved_at_ms: Option<i64>,
    /// Keys that never expire.
    pub(super) persistent: u64,
    /// Keys that had expired when the file was saved.
    pub(super) expired: u64,
    pub(super) expiries: [u64; EXPIRIES.len()],
    pub(super) expiring_fields: u64,
    /// Now, unless the file says when it was saved.
    now_ms: i64,
    /// The entry whose end isn't known yet.
    open: Option<Open>,
}

struct Open {
    offset: u64,
    named: Named,
    form: (&'static str, &'static str),
    prefix: Option<Vec<u8>>,
    is_prefix_told: bool,
    elements: u64,
}

impl Counts {
    pub(super) fn new(task: &StatsTask, now_ms: i64) -> Self {
        let top = task.top as usize;
        Self {
            delimiter: task.delimiter.clone().into_bytes(),
            depth: task.depth,
            checker: Checker::new(),
            total: Sum::default(),
            forms: BTreeMap::new(),
            prefixes: BTreeMap::new(),
            other: Sum::default(),
            biggest: Top::new(top),
            longest: Top::new(top),
            saved_at_ms: None,
            persistent: 0,
            expired: 0,
            expiries: [0; EXPIRIES.len()],
            expiring_fields: 0,
            now_ms,
            open: None,
        }
    }

    pub(super) fn see(&mut self, placed: Placed<'_>) -> Result<(), Stop> {
        self.close(placed.offset);
        match placed.item {
            // Servers write it in front of all keys.
            Item::Aux { key: Element::Bytes(b"ctime"), value } => {
                self.saved_at_ms = value.int().and_then(|seconds| seconds.checked_mul(1000));
            }
            Item::Entry(entry) => {
                self.expiry(entry.meta().expires_at_ms);
                let form = encoding::names(entry.value_type());
                let key = entry.key();
                let shown = key.get(..KEY_BYTES_MAX).unwrap_or(key).to_vec();
                let prefix = self.prefix(key);
                let is_prefix_told = prefix.is_none_or(|prefix| prefix.len() <= PREFIX_BYTES_MAX);
                let prefix = prefix.filter(|_| is_prefix_told).map(<[u8]>::to_vec);
                let checked = self.checker.check(entry)?;
                self.expiring_fields += checked.expiring_fields;
                let named = Named { db: placed.db, key: shown, value_type: form.0 };
                let elements = checked.elements;
                self.open =
                    Some(Open { offset: placed.offset, named, form, prefix, is_prefix_told, elements });
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts the entry that ends here.
    fn close(&mut self, end: u64) {
        let Some(open) = self.open.take() else { return };
        let bytes = end - open.offset;
        self.total.add(bytes, open.elements);
        self.forms.entry(open.form).or_default().add(bytes, open.elements);
        let is_known = self.prefixes.len() < PREFIXES_MAX || self.prefixes.contains_key(&open.prefix);
        let prefix = match open.is_prefix_told && is_known {
            true => self.prefixes.entry(open.prefix).or_default(),
            false => &mut self.other,
        };
        prefix.add(bytes, open.elements);
        self.biggest.offer(bytes, || open.named.clone());
        if !matches!(open.form.0, "string" | "module") {
            self.longest.offer(open.elements, || open.named);
        }
    }

    /// What precedes the last of `depth` delimiters, or of as many as there are.
    fn prefix<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        let mut end = None;
        let mut at = 0;
        for _ in 0..self.depth {
            let rest = key.get(at..)?;
            let Some(found) = rest.windows(self.delimiter.len()).position(|window| window == self.delimiter)
            else {
                break;
            };
            end = Some(at + found);
            at += found + self.delimiter.len();
        }
        end.and_then(|end| key.get(..end))
    }

    fn expiry(&mut self, expires_at_ms: Option<i64>) {
        let Some(at_ms) = expires_at_ms else {
            self.persistent += 1;
            return;
        };
        let left_ms = at_ms.saturating_sub(self.saved_at_ms.unwrap_or(self.now_ms));
        let Ok(left_ms) = u64::try_from(left_ms) else {
            self.expired += 1;
            return;
        };
        let left = left_ms / 1000;
        let index = EXPIRIES.iter().position(|(end, _)| left < *end).unwrap_or(EXPIRIES.len() - 1);
        if let Some(count) = self.expiries.get_mut(index) {
            *count += 1;
        }
    }
}

impl Sum {
    fn add(&mut self, bytes: u64, elements: u64) {
        self.keys += 1;
        self.bytes += bytes;
        self.elements += elements;
    }

    pub(super) fn join(&mut self, other: Self) {
        self.keys += other.keys;
        self.bytes += other.bytes;
        self.elements += other.elements;
    }
}

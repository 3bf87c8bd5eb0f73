//! What was refused lately: ACL LOG.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::check::Denied;

/// What somebody lacked.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The command.
    Command,
    /// A key.
    Key,
    /// A channel.
    Channel,
    /// A database.
    Database,
    /// The right name and password.
    Auth,
    /// The certificate of a user.
    TlsCert,
}

impl Reason {
    /// The word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Command => "command",
            Reason::Key => "key",
            Reason::Channel => "channel",
            Reason::Database => "database",
            Reason::Auth => "auth",
            Reason::TlsCert => "tls-cert",
        }
    }
}

impl From<Denied> for Reason {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Command(_) => Reason::Command,
            Denied::Key(_) => Reason::Key,
            Denied::Channel(_) => Reason::Channel,
            Denied::Database(_) => Reason::Database,
        }
    }
}

/// Where it was refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// A request by itself.
    Toplevel,
    /// A request in MULTI.
    Multi,
    /// A call by a script or function.
    Lua,
    /// A call by a module.
    Module,
}

impl Context {
    /// The word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Context::Toplevel => "toplevel",
            Context::Multi => "multi",
            Context::Lua => "lua",
            Context::Module => "module",
        }
    }
}

/// Something refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'r> {
    /// What was lacking.
    pub reason: Reason,
    /// Where.
    pub context: Context,
    /// The command's name, key, channel or database; see [`Denied::object`]. For [`Reason::Auth`] the command.
    pub object: &'r [u8],
    /// The user, or the name that was given.
    pub username: &'r [u8],
    /// The line that CLIENT LIST shows of the connection.
    pub client_info: &'r [u8],
}

/// An entry of the log: something refused, perhaps several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How often.
    pub count: u64,
    /// What was lacking.
    pub reason: Reason,
    /// Where.
    pub context: Context,
    /// What it was about; the beginning of it if that is long, as with the next.
    pub object: Box<[u8]>,
    /// Who.
    pub username: Box<[u8]>,
    /// The connection, the last time.
    pub client_info: Box<[u8]>,
    /// Its number since the server started, from 0.
    pub id: u64,
    /// The first time, in milliseconds of Unix time.
    pub created_ms: u64,
    /// The last time, in milliseconds of Unix time.
    pub updated_ms: u64,
}

impl Entry {
    /// `age-seconds`: how long ago it was updated.
    pub fn age_seconds(&self, now_ms: u64) -> f64 {
        now_ms.saturating_sub(self.updated_ms) as f64 / 1000.0
    }

    fn is_repeated_by(&self, refusal: &Refusal<'_>, now_ms: u64) -> bool {
        self.context == refusal.context
            && self.reason == refusal.reason
            && now_ms.abs_diff(self.updated_ms) <= MERGED_WITHIN_MS
            && *self.object == *refusal.object
            && *self.username == *refusal.username
    }
}

/// The log, newest entry first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    next_id: u64,
}

/// What is refused again within this time is the same entry.
const MERGED_WITHIN_MS: u64 = 60_000;

/// Only so many of the newest entries are looked at for the same refusal.
const MERGED_AMONG: usize = 10;

/// Bytes kept of a key, channel or name: whoever is refused chooses them, and they stay for as long as the log is not reset.
const TEXT_BYTES_MAX: usize = 1024;

impl Log {
    /// Enters a refusal, and drops the oldest entries beyond `entries_max` (`acllog-max-len`).
    pub fn record(&mut self, refusal: Refusal<'_>, now_ms: u64, entries_max: usize) {
        let (object, username) = (cut(refusal.object), cut(refusal.username));
        let refusal = Refusal { object: &object, username: &username, ..refusal };
        let same =
            self.entries.iter().take(MERGED_AMONG).position(|entry| entry.is_repeated_by(&refusal, now_ms));
        let entry = match same.and_then(|index| self.entries.remove(index)) {
            Some(entry) => Entry {
                count: entry.count.saturating_add(1),
                client_info: refusal.client_info.into(),
                updated_ms: now_ms,
                ..entry
            },
            None => self.entry(refusal, now_ms),
        };
        self.entries.push_front(entry);
        self.entries.truncate(entries_max);
    }

    fn entry(&mut self, refusal: Refusal<'_>, now_ms: u64) -> Entry {
        let id = self.next_id;
        self.next_id += 1;
        Entry {
            count: 1,
            reason: refusal.reason,
            context: refusal.context,
            object: refusal.object.into(),
            username: refusal.username.into(),
            client_info: refusal.client_info.into(),
            id,
            created_ms: now_ms,
            updated_ms: now_ms,
        }
    }

    /// The entries, newest first. ACL LOG shows 10 of them unless told otherwise.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Forgets all entries: ACL LOG RESET. Numbers go on.
    pub fn reset(&mut self) {
        self.entries.clear();
    }
}

/// A text of bearable length: a long one ends with how many bytes were left out.
fn cut(text: &[u8]) -> Cow<'_, [u8]> {
    match text.split_at_checked(TEXT_BYTES_MAX) {
        Some((kept, rest)) if !rest.is_empty() => {
            [kept, format!("... ({} more bytes)", rest.len()).as_bytes()].concat().into()
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<'r>(object: &'r str, username: &'r str) -> Refusal<'r> {
        Refusal {
            reason: Reason::Key,
            context: Context::Toplevel,
            object: object.as_bytes(),
            username: username.as_bytes(),
            client_info: b"id=1",
        }
    }

    fn counts(log: &Log) -> Vec<(u64, u64)> {
        log.iter().map(|entry| (entry.id, entry.count)).collect()
    }

    #[test]
    fn the_same_within_a_minute_is_one_entry() {
        let mut log = Log::default();
        log.record(refusal("a", "u"), 1000, 128);
        log.record(refusal("b", "u"), 2000, 128);
        log.record(Refusal { client_info: b"id=2", ..refusal("a", "u") }, 61_000, 128);
        assert_eq!(counts(&log), [(0, 2), (1, 1)]);
        let entry = log.iter().next().expect("two entries");
        assert_eq!((entry.created_ms, entry.updated_ms, &*entry.client_info), (1000, 61_000, &b"id=2"[..]));
        assert_eq!(entry.age_seconds(61_500), 0.5);
        assert_eq!(entry.age_seconds(0), 0.0);

        log.record(refusal("a", "u"), 121_001, 128);
        assert_eq!(counts(&log), [(2, 1), (0, 2), (1, 1)]);
    }

    #[test]
    fn whatever_differs_makes_another_entry() {
        let mut log = Log::default();
        let first = refusal("a", "u");
        log.record(first, 0, 128);
        log.record(Refusal { reason: Reason::Channel, ..first }, 0, 128);
        log.record(Refusal { context: Context::Multi, ..first }, 0, 128);
        log.record(refusal("a", "v"), 0, 128);
        log.record(refusal("b", "u"), 0, 128);
        assert_eq!(counts(&log), [(4, 1), (3, 1), (2, 1), (1, 1), (0, 1)]);
    }

    #[test]
    fn of_what_is_long_the_beginning_is_kept() {
        let mut log = Log::default();
        let longest = "k".repeat(TEXT_BYTES_MAX);
        let longer = longest.clone() + "xyz";
        log.record(refusal(&longest, &longest), 0, 128);
        log.record(refusal(&longer, &longer), 0, 128);
        log.record(refusal(&longer, &longer), 0, 128);
        assert_eq!(counts(&log), [(1, 2), (0, 1)]);
        let kept = longest.clone() + "... (3 more bytes)";
        let texts = |index: usize| log.iter().nth(index).map(|entry| (&*entry.object, &*entry.username));
        assert_eq!(texts(0), Some((kept.as_bytes(), kept.as_bytes())));
        assert_eq!(texts(1), Some((longest.as_bytes(), longest.as_bytes())));
    }

    /// As Redis 8.2 and Valkey 9.1 do.
    #[test]
    fn only_the_ten_newest_entries_are_compared() {
        let mut log = Log::default();
        let objects: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        for object in &objects {
            log.record(refusal(object, "u"), 0, 128);
        }
        log.record(refusal("0", "u"), 0, 128);
        assert_eq!(log.iter().len(), 12, "ten were newer");
        log.record(refusal("2", "u"), 0, 128);
        assert_eq!(log.iter().len(), 12, "nine were newer");
        assert_eq!(log.iter().next().map(|entry| entry.count), Some(2));
        log.record(refusal("1", "u"), 0, 128);
        assert_eq!(log.iter().len(), 13, "ten were newer");
    }

    #[test]
    fn the_oldest_entries_go_when_another_comes() {
        let mut log = Log::default();
        for object in ["a", "b", "c"] {
            log.record(refusal(object, "u"), 0, 2);
        }
        assert_eq!(counts(&log), [(2, 1), (1, 1)]);
        log.record(refusal("d", "u"), 0, 0);
        assert_eq!(counts(&log), []);
        log.record(refusal("e", "u"), 0, 1);
        assert_eq!(counts(&log), [(4, 1)]);
        log.reset();
        log.record(refusal("e", "u"), 0, 1);
        assert_eq!(counts(&log), [(5, 1)]);
    }
}

//! What was refused lately: ACL LOG.

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
    /// What it was about.
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

impl Log {
    /// Enters a refusal, and drops the oldest entries beyond `entries_max` (`acllog-max-len`).
    pub fn record(&mut self, refusal: Refusal<'_>, now_ms: u64, entries_max: usize) {
        let same = self.entries.iter().take(MERGED_AMONG).position(|entry| entry.is_repeated_by(&refusal, now_ms));
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

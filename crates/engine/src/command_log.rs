//! The command logs: what took long, came large or replied at length (`SLOWLOG`, `COMMANDLOG`).
//!
//! ```text
//!  chunk done ─ below every threshold? ─▶ nothing              (one comparison for time and one each for bytes)
//!                └ not below ─▶ each command's share ─▶ Entry ─▶ the log's front, the oldest falls off
//! ```

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::CommandId;
use config::{Config, id};
use resp::Request;

use crate::client::Client;
use crate::clock::Moment;
use crate::secrets::Secrets;

/// Words kept of a request; of a longer one the last place tells how many more there were.
const WORDS_MAX: usize = 32;

/// Bytes kept of a word, and of a client's name.
const WORD_BYTES_MAX: usize = 128;

/// A log of remarkable commands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Those that took long.
    Slow,
    /// Those whose request was large.
    LargeRequest,
    /// Those whose reply was large.
    LargeReply,
}

/// A remarkable command.
#[derive(Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number: ascending, and never given twice.
    pub id: u64,
    /// When it was done, in seconds since the epoch.
    pub at_seconds: u64,
    /// How remarkable it was: microseconds or bytes.
    pub amount: u64,
    /// Its words, cut to a bearable length and without passwords.
    pub words: Vec<Vec<u8>>,
    /// Where the client came from.
    pub address: String,
    /// The client's name, cut to a bearable length.
    pub name: Vec<u8>,
}

/// The entries of one kind.
#[derive(Debug, Default)]
pub struct CommandLog {
    ring: Mutex<Ring>,
    entries_max: AtomicU64,
}

#[derive(Debug, Default)]
struct Ring {
    /// The newest in front.
    entries: VecDeque<Arc<LogEntry>>,
    next_id: u64,
}

/// All logs.
#[derive(Debug, Default)]
pub struct CommandLogs([CommandLog; 3]);

impl CommandLogs {
    /// The log of this kind.
    pub fn of(&self, kind: LogKind) -> &CommandLog {
        &self.0[kind as usize]
    }

    /// Takes over how long the logs may grow.
    pub(crate) fn refresh(&self, config: &Config) {
        let limits = [
            (LogKind::Slow, id::COMMANDLOG_SLOW_EXECUTION_MAX_LEN),
            (LogKind::LargeRequest, id::COMMANDLOG_LARGE_REQUEST_MAX_LEN),
            (LogKind::LargeReply, id::COMMANDLOG_LARGE_REPLY_MAX_LEN),
        ];
        for (kind, parameter) in limits {
            self.of(kind).entries_max.store(config.integer(parameter).unsigned_abs(), Relaxed);
        }
    }
}

impl CommandLog {
    /// The newest entries, the newest first, no more than `count`.
    pub fn newest(&self, count: usize) -> Vec<Arc<LogEntry>> {
        self.ring().entries.iter().take(count).cloned().collect()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.ring().entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all entries. The numbers go on.
    pub fn reset(&self) {
        self.ring().entries.clear();
    }

    pub(crate) fn note(
        &self,
        command: CommandId,
        request: Request<'_>,
        client: &Client,
        at: Moment,
        amount: u64,
    ) {
        let words = shown_words(command, request);
        let (address, name) = (client.peer.address.clone(), client.name.first(WORD_BYTES_MAX));
        let mut ring = self.ring();
        let id = ring.next_id;
        ring.next_id += 1;
        let entry = LogEntry { id, at_seconds: at.unix_seconds(), amount, words, address, name };
        ring.entries.push_front(Arc::new(entry));
        let entries_max = usize::try_from(self.entries_max.load(Relaxed)).unwrap_or(usize::MAX);
        ring.entries.truncate(entries_max);
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The words of a request as everybody may see them.
fn shown_words(command: CommandId, request: Request<'_>) -> Vec<Vec<u8>> {
    let secrets = Secrets::of(command, request);
    let shown = if request.len() > WORDS_MAX { WORDS_MAX - 1 } else { request.len() };
    let mut words = Vec::with_capacity(shown + 1);
    for (index, word) in request.words().enumerate().take(shown) {
        words.push(if secrets.contains(index) { b"(redacted)".to_vec() } else { cut(word) });
    }
    if shown < request.len() {
        words.push(format!("... ({} more arguments)", request.len() - shown).into_bytes());
    }
    words
}

fn cut(word: &[u8]) -> Vec<u8> {
    let Some((kept, rest)) = word.split_at_checked(WORD_BYTES_MAX).filter(|(_, rest)| !rest.is_empty())
    else {
        return word.to_vec();
    };
    [kept, format!("... ({} more bytes)", rest.len()).as_bytes()].concat()
}

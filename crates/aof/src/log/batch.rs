//! Entries of the journal as bytes of the log.

use journal::EntryRef;
use resp::write_request;

use super::options::UnixMillis;

/// What the log's last file has said so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    selected: Option<u32>,
    second: Option<u64>,
}

impl Context {
    /// Notes the second, if it isn't the one that was noted last. Never between `MULTI` and `EXEC`.
    pub(crate) fn note(&mut self, now: UnixMillis, bytes: &mut Vec<u8>) {
        if self.second != Some(now.second()) {
            self.second = Some(now.second());
            bytes.extend_from_slice(format!("#TS:{}\r\n", now.second()).as_bytes());
        }
    }

    /// Writes an entry: `SELECT` when the database changes, `MULTI` and `EXEC` around what belongs together. `SELECT` stands within, so that
    /// a file that ends in the middle is cut in front of both.
    pub(crate) fn write(&mut self, entry: EntryRef<'_>, bytes: &mut Vec<u8>) {
        let is_transaction = entry.count > 1;
        if is_transaction {
            bytes.extend_from_slice(b"*1\r\n$5\r\nMULTI\r\n");
        }
        if self.selected != Some(entry.db) {
            self.selected = Some(entry.db);
            write_request(bytes, &["SELECT", &entry.db.to_string()]);
        }
        bytes.extend_from_slice(entry.wire);
        if is_transaction {
            bytes.extend_from_slice(b"*1\r\n$4\r\nEXEC\r\n");
        }
    }
}

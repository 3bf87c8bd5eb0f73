//! What `XGROUP CREATE` and `XGROUP SETID` have in common.
//!
//! ```text
//! key group (id | $) [MKSTREAM] [ENTRIESREAD entries-read]
//! ```

use engine::{CommandError, Ctx};
use keyspace::Key;
use structures::stream::{Log, StreamId};

use super::ids::{parse_id, parse_strict};
use crate::help::wrong_arguments;

pub(super) struct GroupArgs<'a> {
    pub(super) key: Key<'a>,
    pub(super) group: &'a [u8],
    id: &'a [u8],
    pub(super) creates_stream: bool,
    entries_read: Option<u64>,
    /// An option comes twice. The peers say so once they have looked for the key.
    repeats: bool,
}

impl<'a> GroupArgs<'a> {
    pub(super) fn parse(cx: &mut Ctx<'a>, may_create: bool) -> Result<Self, CommandError> {
        let args = &mut cx.args;
        let (key, group, id) = (args.key()?, args.word()?, args.word()?);
        let (mut creates_stream, mut entries_read) = (false, None);
        let repeats = args.remaining() > if may_create { 3 } else { 2 };
        while !args.is_empty() {
            if may_create && args.option("MKSTREAM") {
                creates_stream = true;
            } else if args.remaining() > 1 && args.option("ENTRIESREAD") {
                entries_read = parse_entries_read(args.integer()?)?;
            } else {
                return Err(wrong_arguments(cx));
            }
        }
        Ok(Self { key, group, id, creates_stream, entries_read, repeats })
    }

    /// Up to where a new group has read; `$` is the last number of the stream.
    pub(super) fn first_last_id(&self, log: Option<&Log>) -> Result<StreamId, CommandError> {
        match self.id {
            b"$" => Ok(log.map_or(StreamId::MIN, Log::last_id)),
            word => parse_strict(word, 0),
        }
    }

    /// Up to where a group is set to have read.
    pub(super) fn last_id(&self, log: &Log) -> Result<StreamId, CommandError> {
        match self.id {
            b"$" => Ok(log.last_id()),
            word => parse_id(word, 0),
        }
    }

    /// Refuses options that come twice.
    pub(super) fn check_repeats(&self, cx: &Ctx<'_>) -> Result<(), CommandError> {
        if self.repeats { Err(wrong_arguments(cx)) } else { Ok(()) }
    }
}

impl GroupArgs<'_> {
    /// How many entries the group has read: not more than were ever added.
    pub(super) fn entries_read(&self, log: Option<&Log>) -> Option<u64> {
        let added = log.map_or(0, Log::entries_added);
        self.entries_read.map(|read| read.min(added))
    }
}

fn parse_entries_read(count: i64) -> Result<Option<u64>, CommandError> {
    match u64::try_from(count) {
        Ok(count) => Ok(Some(count)),
        Err(_) if count == -1 => Ok(None),
        Err(_) => Err(CommandError::fixed("ERR value for ENTRIESREAD must be positive or -1")),
    }
}

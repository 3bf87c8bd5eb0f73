//! Streams: setting what a stream remembers.
//!
//! ```text
//! XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use structures::Stream;
use structures::stream::{Log, StreamId};

use super::ids::parse_strict;

/// What a stream remembers was set.
const XSETID: Event = Event::stream("xsetid");

struct XsetidArgs {
    last_id: StreamId,
    entries_added: Option<u64>,
    max_deleted_id: Option<StreamId>,
}

impl XsetidArgs {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let last_id = parse_strict(args.word()?, 0)?;
        let (mut entries_added, mut max_deleted_id) = (None, None);
        while !args.is_empty() {
            let has_more = args.remaining() > 1;
            if has_more && args.option("ENTRIESADDED") {
                let count = u64::try_from(args.integer()?);
                entries_added =
                    Some(count.map_err(|_| CommandError::fixed("ERR entries_added must be positive"))?);
            } else if has_more && args.option("MAXDELETEDID") {
                max_deleted_id = Some(parse_strict(args.word()?, 0)?);
            } else {
                return Err(CommandError::Syntax);
            }
            if max_deleted_id.is_some_and(|deleted| deleted > last_id) {
                return Err(CommandError::fixed(
                    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                ));
            }
        }
        Ok(Self { last_id, entries_added, max_deleted_id })
    }

    /// Whether what is in the log agrees.
    fn check(&self, log: &Log) -> Result<(), CommandError> {
        let fault = |text| Err(CommandError::fixed(text));
        if self.last_id < log.max_deleted_id() {
            return fault("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
        }
        let last_there = log.range_back(StreamId::MIN, StreamId::MAX).next();
        if last_there.is_some_and(|entry| self.last_id < entry.id) {
            return fault("ERR The ID specified in XSETID is smaller than the target stream top item");
        }
        if self.entries_added.is_some_and(|added| added < log.len()) && !log.is_empty() {
            return fault(
                "ERR The entries_added specified in XSETID is smaller than the target stream length",
            );
        }
        Ok(())
    }
}

pub(super) fn xsetid(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let args = XsetidArgs::parse(&mut cx.args)?;
    let Some(mut stream) = cx.view.get_mut::<Box<Stream>>(&key)? else { return Err(CommandError::NoSuchKey) };
    args.check(&stream.log)?;
    let log = &mut stream.log;
    log.set_last_id(args.last_id);
    if let Some(count) = args.entries_added {
        log.set_entries_added(count);
    }
    if let Some(id) = args.max_deleted_id.filter(|id| *id != StreamId::MIN) {
        log.set_max_deleted_id(id);
    }
    drop(stream);
    cx.view.record_unwatched(&key, XSETID, Effect::AsCalled);
    cx.reply.ok();
    Ok(())
}

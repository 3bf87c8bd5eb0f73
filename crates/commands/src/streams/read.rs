//! Streams: reading what comes behind given numbers.
//!
//! ```text
//! XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
//! ```

use engine::{AwaitedKind, CommandError, Ctx, Serving, View, Waiting};
use keyspace::{Held, Key};
use resp::Reply;
use structures::Stream;
use structures::stream::{Log, StreamId};

use super::entries::{StreamList, reply_entries};
use super::ids::parse_strict;
use super::read_args::ReadArgs;

pub(super) fn xread(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = ReadArgs::parse(cx, false)?;
    let mut wanted = Vec::with_capacity(args.streams);
    for pair in args.pairs() {
        let (key, word) = pair?;
        let stream = cx.view.get::<Box<Stream>>(&key)?;
        let behind = parse_behind(word, stream.as_ref().map(|stream| &stream.log))?;
        wanted.push((key, behind));
    }
    let mut list = StreamList::begin(&mut cx.reply);
    for (key, behind) in &wanted {
        reply_behind(&mut cx.view, &mut cx.reply, &mut list, key, *behind, args.count);
    }
    if list.end(&mut cx.reply) {
        return Ok(());
    }
    let Some(block) = args.block else {
        cx.reply.null_array();
        return Ok(());
    };
    let keys: Vec<Key<'_>> = wanted.iter().map(|(key, _)| *key).collect();
    let wanted = wanted.into_iter().map(|(key, behind)| (key.bytes().into(), behind)).collect();
    cx.wait(&keys, block.until, Box::new(WaitingRead { wanted, count: args.count }));
    Ok(())
}

/// The number behind which entries are wanted: `$` is the last there is, `+` the one before the last entry.
fn parse_behind(word: &[u8], log: Option<&Log>) -> Result<StreamId, CommandError> {
    match word {
        b"$" => Ok(log.map_or(StreamId::MIN, Log::last_id)),
        b"+" => {
            let last_entry = log.and_then(|log| log.range_back(StreamId::MIN, StreamId::MAX).next());
            let before_last = last_entry.and_then(|entry| entry.id.prev());
            Ok(before_last.or(log.map(Log::last_id)).unwrap_or_default())
        }
        b">" => Err(CommandError::fixed(
            "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
        )),
        word => parse_strict(word, 0),
    }
}

/// Adds the entries of one stream to a list of streams, if there are any.
fn reply_behind(
    view: &mut View<'_>,
    reply: &mut Reply<'_>,
    list: &mut StreamList,
    key: &Key<'_>,
    behind: StreamId,
    count: usize,
) {
    let stream = view.peek(key).and_then(Held::<Box<Stream>>::new);
    let (Some(stream), Some(from)) = (stream, behind.next()) else { return };
    let mut entries = stream.log.range(from, StreamId::MAX).peekable();
    if entries.peek().is_some() {
        list.add(reply, key.bytes());
        reply_entries(reply, entries, count);
    }
}

/// Whether there are entries behind a number.
pub(super) fn has_behind(log: &Log, behind: StreamId) -> bool {
    behind.next().is_some_and(|from| log.range(from, StreamId::MAX).next().is_some())
}

/// An `XREAD` that waits.
struct WaitingRead {
    /// Keys, each with the number behind which entries are wanted.
    wanted: Vec<(Box<[u8]>, StreamId)>,
    count: usize,
}

impl Waiting for WaitingRead {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::Stream
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let mut list = StreamList::begin(&mut serving.reply);
        for (_, behind) in self.wanted.iter().filter(|(wanted, _)| **wanted == *key.bytes()) {
            reply_behind(serving.view, &mut serving.reply, &mut list, key, *behind, self.count);
        }
        Ok(list.end(&mut serving.reply))
    }

    fn would_end(&self, view: &mut View<'_>, key: &Key<'_>) -> bool {
        let Some(stream) = view.peek(key).and_then(Held::<Box<Stream>>::new) else { return false };
        let wanted = self.wanted.iter().filter(|(wanted, _)| **wanted == *key.bytes());
        wanted.map(|(_, behind)| *behind).any(|behind| has_behind(&stream.log, behind))
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }
}

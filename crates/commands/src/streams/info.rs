//! Streams: looking inside.
//!
//! ```text
//! XINFO STREAM key [FULL [COUNT count]]
//! XINFO GROUPS key
//! XINFO CONSUMERS key group
//! XINFO HELP
//! ```

use engine::{CommandError, Ctx};
use resp::Reply;
use structures::Stream;
use structures::stream::{Entry, Log, StreamId};

use super::entries::{reply_entry, reply_id};
use super::info_full::reply_full;
use super::missing::no_group;
use crate::help::reply_help;
use crate::help::wrong_arguments;

/// Entries that are shown of each list if nothing is said.
const COUNT_DEFAULT: usize = 10;

pub(super) fn stream(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // The peers look the key up before they read the options.
    cx.view.get::<Box<Stream>>(&key)?.ok_or(CommandError::NoSuchKey)?;
    let full = parse_full(cx)?;
    let stream = cx.view.peek(&key).and_then(keyspace::Held::<Box<Stream>>::new);
    let stream = stream.ok_or(CommandError::NoSuchKey)?;
    match full {
        Some(count) => reply_full(&mut cx.reply, &stream, count),
        None => reply_summary(&mut cx.reply, &stream),
    }
    Ok(())
}

/// How many entries `FULL` shows of each list.
fn parse_full(cx: &mut Ctx<'_>) -> Result<Option<usize>, CommandError> {
    let words = cx.args.remaining();
    if words == 0 {
        return Ok(None);
    }
    let is_full = cx.args.option("FULL");
    let counts = is_full && words == 3 && cx.args.option("COUNT");
    if !is_full || (words != 1 && !counts) {
        return Err(wrong_arguments(cx));
    }
    if !counts {
        return Ok(Some(COUNT_DEFAULT));
    }
    Ok(Some(match cx.args.integer()? {
        0 => usize::MAX,
        count => usize::try_from(count).unwrap_or(COUNT_DEFAULT),
    }))
}

fn reply_summary(reply: &mut Reply<'_>, stream: &Stream) {
    let log = &stream.log;
    reply.map(10);
    reply_log(reply, log);
    reply.bulk(b"groups");
    reply.integer(stream.groups.len() as i64);
    reply.bulk(b"first-entry");
    reply_entry_or_null(reply, log.range(StreamId::MIN, StreamId::MAX).next());
    reply.bulk(b"last-entry");
    reply_entry_or_null(reply, log.range_back(StreamId::MIN, StreamId::MAX).next());
}

/// Seven fields about the entries.
pub(super) fn reply_log(reply: &mut Reply<'_>, log: &Log) {
    let nodes = log.nodes().len();
    let numbers = [
        (&b"length"[..], log.len() as i64),
        (b"radix-tree-keys", nodes as i64),
        // A tree of one level: its root, and its leaves.
        (b"radix-tree-nodes", nodes as i64 + 1),
    ];
    for (name, number) in numbers {
        reply.bulk(name);
        reply.integer(number);
    }
    reply.bulk(b"last-generated-id");
    reply_id(reply, log.last_id());
    reply.bulk(b"max-deleted-entry-id");
    reply_id(reply, log.max_deleted_id());
    reply.bulk(b"entries-added");
    reply.integer(log.entries_added() as i64);
    reply.bulk(b"recorded-first-entry-id");
    reply_id(reply, log.first_id());
}

fn reply_entry_or_null(reply: &mut Reply<'_>, entry: Option<Entry<'_>>) {
    match entry {
        Some(entry) => reply_entry(reply, &entry),
        None => reply.null(),
    }
}

/// A count that may not be known.
pub(super) fn reply_count(reply: &mut Reply<'_>, count: Option<u64>) {
    match count {
        Some(count) => reply.integer(count as i64),
        None => reply.null(),
    }
}

pub(super) fn groups(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let stream = cx.view.get::<Box<Stream>>(&key)?.ok_or(CommandError::NoSuchKey)?;
    let reply = &mut cx.reply;
    reply.array(stream.groups.len());
    for (name, group) in stream.groups.iter() {
        reply.map(6);
        reply.bulk(b"name");
        reply.bulk(name);
        reply.bulk(b"consumers");
        reply.integer(group.consumers().len() as i64);
        reply.bulk(b"pending");
        reply.integer(group.pending_len() as i64);
        reply.bulk(b"last-delivered-id");
        reply_id(reply, group.last_id);
        reply.bulk(b"entries-read");
        reply_count(reply, group.entries_read);
        reply.bulk(b"lag");
        reply_count(reply, stream.log.lag(group));
    }
    Ok(())
}

pub(super) fn consumers(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let group = cx.args.word()?;
    let now_ms = cx.now.unix_millis().0;
    let stream = cx.view.get::<Box<Stream>>(&key)?.ok_or(CommandError::NoSuchKey)?;
    let found = stream.groups.find(group).ok_or_else(|| no_group(group, key.bytes()))?;
    let reply = &mut cx.reply;
    reply.array(found.consumers().len());
    for consumer in found.consumers() {
        reply.map(4);
        reply.bulk(b"name");
        reply.bulk(consumer.name());
        reply.bulk(b"pending");
        reply.integer(consumer.pending_len() as i64);
        reply.bulk(b"idle");
        reply.integer(now_ms.saturating_sub(consumer.seen_ms).max(0));
        reply.bulk(b"inactive");
        reply.integer(consumer.active_ms.map_or(-1, |active_ms| now_ms.saturating_sub(active_ms).max(0)));
    }
    Ok(())
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let subcommands: [(&str, &[&str]); 3] = [
        ("CONSUMERS <key> <groupname>", &["Describe the consumers of a group."]),
        ("GROUPS <key>", &["Describe the groups of a stream."]),
        ("STREAM <key> [FULL [COUNT <count>]", &["Describe a stream."]),
    ];
    reply_help(&mut cx.reply, "XINFO", &subcommands);
    Ok(())
}

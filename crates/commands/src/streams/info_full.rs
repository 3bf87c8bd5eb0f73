//! Streams: everything about one, for `XINFO STREAM key FULL`.

use resp::Reply;
use structures::Stream;
use structures::stream::{Consumer, Group, Log, StreamId};

use super::entries::{reply_entries, reply_id};
use super::info::{reply_count, reply_log};

/// Replies with at most `count` entries of each list.
pub(super) fn reply_full(reply: &mut Reply<'_>, stream: &Stream, count: usize) {
    reply.map(9);
    reply_log(reply, &stream.log);
    reply.bulk(b"entries");
    reply_entries(reply, stream.log.range(StreamId::MIN, StreamId::MAX), count);
    reply.bulk(b"groups");
    reply.array(stream.groups.len());
    for (name, group) in stream.groups.iter() {
        reply_group(reply, &stream.log, name, group, count);
    }
}

fn reply_group(reply: &mut Reply<'_>, log: &Log, name: &[u8], group: &Group, count: usize) {
    reply.map(7);
    reply.bulk(b"name");
    reply.bulk(name);
    reply.bulk(b"last-delivered-id");
    reply_id(reply, group.last_id);
    reply.bulk(b"entries-read");
    reply_count(reply, group.entries_read);
    reply.bulk(b"lag");
    reply_count(reply, log.lag(group));
    reply.bulk(b"pel-count");
    reply.integer(group.pending_len() as i64);
    reply.bulk(b"pending");
    reply.array(group.pending_len().min(count));
    for (id, pending, consumer) in group.pending_range(StreamId::MIN, StreamId::MAX).take(count) {
        reply.array(4);
        reply_id(reply, id);
        reply.bulk(consumer.name());
        reply.integer(pending.delivered_ms);
        reply.integer(pending.deliveries as i64);
    }
    reply.bulk(b"consumers");
    reply.array(group.consumers().len());
    for consumer in group.consumers() {
        reply_consumer(reply, group, consumer, count);
    }
}

fn reply_consumer(reply: &mut Reply<'_>, group: &Group, consumer: &Consumer, count: usize) {
    reply.map(5);
    reply.bulk(b"name");
    reply.bulk(consumer.name());
    reply.bulk(b"seen-time");
    reply.integer(consumer.seen_ms);
    reply.bulk(b"active-time");
    reply.integer(consumer.active_ms.unwrap_or(-1));
    reply.bulk(b"pel-count");
    reply.integer(consumer.pending_len() as i64);
    reply.bulk(b"pending");
    reply.array(consumer.pending_len().min(count));
    for id in consumer.pending(StreamId::MIN).take(count) {
        reply.array(3);
        reply_id(reply, id);
        if let Some((pending, _)) = group.pending(id) {
            reply.integer(pending.delivered_ms);
            reply.integer(pending.deliveries as i64);
        }
    }
}

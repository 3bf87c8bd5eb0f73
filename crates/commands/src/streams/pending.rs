//! Streams: what is pending in a group.
//!
//! ```text
//! XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
//! ```

use engine::{Args, CommandError, Ctx};
use resp::Reply;
use structures::Stream;
use structures::stream::{Group, StreamId};

use super::entries::reply_id;
use super::ids::{parse_range_end, parse_range_start};
use super::missing::no_key_or_group;

struct RangeArgs<'a> {
    idle_ms_min: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> RangeArgs<'a> {
    /// Start, end, count and a consumer; with `IDLE` one word more is let pass, as by the peers.
    const WORDS: std::ops::RangeInclusive<usize> = 3..=6;

    fn parse(args: &mut Args<'a>) -> Result<Option<Self>, CommandError> {
        if args.is_empty() {
            return Ok(None);
        }
        if !Self::WORDS.contains(&args.remaining()) {
            return Err(CommandError::Syntax);
        }
        let mut idle_ms_min = 0;
        if args.option("IDLE") {
            idle_ms_min = args.integer()?;
            if args.remaining() < *Self::WORDS.start() {
                return Err(CommandError::Syntax);
            }
        }
        let (start, end) = (args.word()?, args.word()?);
        let count = usize::try_from(args.integer()?).unwrap_or(0);
        let (start, end) = (parse_range_start(start)?, parse_range_end(end)?);
        let consumer = args.peek();
        Ok(Some(Self { idle_ms_min, start, end, count, consumer }))
    }
}

pub(super) fn xpending(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let group = cx.args.word()?;
    let args = RangeArgs::parse(&mut cx.args)?;
    let now_ms = cx.now.unix_millis().0;
    let stream = cx.view.get::<Box<Stream>>(&key)?;
    let found = stream.as_ref().and_then(|stream| stream.groups.find(group));
    let found = found.ok_or_else(|| no_key_or_group(key.bytes(), group, ""))?;
    match args {
        None => reply_summary(&mut cx.reply, found),
        Some(args) => reply_range(&mut cx.reply, found, &args, now_ms),
    }
    Ok(())
}

fn reply_summary(reply: &mut Reply<'_>, group: &Group) {
    reply.array(4);
    reply.integer(group.pending_len() as i64);
    let mut all = group.pending_range(StreamId::MIN, StreamId::MAX);
    let (first, last) = (all.next(), all.next_back());
    let Some((first, ..)) = first else {
        reply.null();
        reply.null();
        reply.null_array();
        return;
    };
    reply_id(reply, first);
    reply_id(reply, last.map_or(first, |(last, ..)| last));
    let list = reply.array_later();
    let mut count = 0;
    for consumer in group.consumers().filter(|consumer| consumer.pending_len() > 0) {
        reply.array(2);
        reply.bulk(consumer.name());
        reply.bulk_int(consumer.pending_len() as i64);
        count += 1;
    }
    reply.close_array(list, count);
}

fn reply_range(reply: &mut Reply<'_>, group: &Group, args: &RangeArgs<'_>, now_ms: i64) {
    let list = reply.array_later();
    let mut count = 0;
    let is_idle = |delivered_ms: i64| now_ms.saturating_sub(delivered_ms) >= args.idle_ms_min;
    let mut reply_one = |id, consumer: &[u8], delivered_ms: i64, deliveries: u64| {
        reply.array(4);
        reply_id(reply, id);
        reply.bulk(consumer);
        reply.integer(now_ms.saturating_sub(delivered_ms).max(0));
        reply.integer(deliveries as i64);
        count += 1;
    };
    match args.consumer.map(|name| group.consumer(name)) {
        None => {
            let all = group.pending_range(args.start, args.end);
            for (id, pending, consumer) in
                all.filter(|(_, pending, _)| is_idle(pending.delivered_ms)).take(args.count)
            {
                reply_one(id, consumer.name(), pending.delivered_ms, pending.deliveries);
            }
        }
        Some(None) => {}
        Some(Some(consumer)) => {
            let ids = consumer.pending(args.start).take_while(|id| *id <= args.end);
            let own = ids.filter_map(|id| Some((id, group.pending(id)?.0)));
            for (id, pending) in own.filter(|(_, pending)| is_idle(pending.delivered_ms)).take(args.count) {
                reply_one(id, consumer.name(), pending.delivered_ms, pending.deliveries);
            }
        }
    }
    reply.close_array(list, count);
}

//! Streams: handing over whatever has been pending for long.
//!
//! ```text
//! XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
//! ```

use engine::{Args, CommandError, Ctx};
use structures::Stream;
use structures::stream::{Group, Log, StreamId};

use super::claim::{Claimed, release};
use super::effects::Claim;
use super::entries::{reply_entry, reply_id};
use super::ids::parse_range_start;
use super::missing::no_key_or_group;

/// Pending entries that are looked at for each that is wanted.
const ATTEMPTS_PER_ENTRY: usize = 10;

const COUNT_DEFAULT: usize = 100;
/// More, the peers refuse: they reserve as many numbers of 16 bytes.
const COUNT_MAX: i64 = i64::MAX / 16;

struct AutoclaimArgs {
    idle_ms_min: i64,
    start: StreamId,
    count: usize,
    replies_ids: bool,
}

impl AutoclaimArgs {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let fault = CommandError::fixed;
        let idle_ms_min =
            args.integer().map_err(|_| fault("ERR Invalid min-idle-time argument for XAUTOCLAIM"))?.max(0);
        let start = parse_range_start(args.word()?)?;
        let (mut count, mut replies_ids) = (COUNT_DEFAULT, false);
        while !args.is_empty() {
            if args.remaining() > 1 && args.option("COUNT") {
                let wanted = args.integer().ok().filter(|count| (1..=COUNT_MAX).contains(count));
                let wanted = wanted.and_then(|count| usize::try_from(count).ok());
                count = wanted.ok_or(fault("ERR COUNT must be > 0"))?;
            } else if args.option("JUSTID") {
                replies_ids = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(Self { idle_ms_min, start, count, replies_ids })
    }
}

pub(super) fn xautoclaim(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (name, consumer) = (cx.args.word()?, cx.args.word()?);
    let args = AutoclaimArgs::parse(&mut cx.args)?;
    let now_ms = cx.now.unix_millis().0;
    let no_group = || no_key_or_group(key.bytes(), name, "");
    let mut stream = cx.view.get_mut::<Box<Stream>>(&key)?.ok_or_else(no_group)?;
    let Stream { log, groups } = &mut **stream;
    let mut group = groups.find_mut(name).ok_or_else(no_group)?;
    let is_new = group.add_consumer(consumer, now_ms);
    if let Some(consumer) = group.consumer_mut(consumer) {
        consumer.seen_ms = now_ms;
    }
    let sweep = Sweep::run(log, &mut group, consumer, &args, now_ms);
    cx.reply.array(3);
    reply_id(&mut cx.reply, sweep.next);
    cx.reply.array(sweep.found.len());
    for id in &sweep.found {
        match log.find(*id).filter(|_| !args.replies_ids) {
            Some(entry) => reply_entry(&mut cx.reply, &entry),
            None => reply_id(&mut cx.reply, *id),
        }
    }
    cx.reply.array(sweep.gone.len());
    sweep.gone.iter().for_each(|id| reply_id(&mut cx.reply, *id));
    let claimed = Claimed { is_new, claims: sweep.claims, last_id: group.last_id, read: None };
    drop(group);
    drop(stream);
    claimed.record(cx, &key, name, consumer);
    Ok(())
}

/// One pass over the pending entries of a group.
#[derive(Default)]
struct Sweep {
    claims: Vec<(Box<[u8]>, Claim)>,
    /// Entries that were claimed.
    found: Vec<StreamId>,
    /// Entries that are gone from the stream, and are no longer pending.
    gone: Vec<StreamId>,
    /// Where to go on; `0-0` at the end.
    next: StreamId,
}

impl Sweep {
    fn run(log: &Log, group: &mut Group, consumer: &[u8], args: &AutoclaimArgs, now_ms: i64) -> Self {
        let mut sweep = Self::default();
        let attempts = args.count.saturating_mul(ATTEMPTS_PER_ENTRY);
        // Claiming changes what is pending, but neither the numbers nor their order.
        let mut ids = group.pending_range(args.start, StreamId::MAX).map(|(id, pending, _)| (id, pending));
        let mut chosen = Vec::new();
        let mut left = args.count;
        for (id, pending) in ids.by_ref().take(attempts) {
            let is_gone = !log.contains(id);
            if is_gone || now_ms.saturating_sub(pending.delivered_ms) >= args.idle_ms_min {
                chosen.push((id, pending, is_gone));
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        sweep.next = ids.next().map_or(StreamId::MIN, |(id, _)| id);
        drop(ids);
        for (id, pending, is_gone) in chosen {
            if is_gone {
                release(group, id, &mut sweep.claims);
                sweep.gone.push(id);
                continue;
            }
            let deliveries = pending.deliveries.saturating_add(u64::from(!args.replies_ids));
            group.assign(id, consumer, now_ms, deliveries);
            sweep.claims.push((consumer.into(), Claim { id, delivered_ms: now_ms, deliveries }));
            sweep.found.push(id);
        }
        if let Some(consumer) = group.consumer_mut(consumer).filter(|_| !sweep.found.is_empty()) {
            consumer.active_ms = Some(now_ms);
        }
        sweep
    }
}

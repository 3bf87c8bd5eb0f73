//! Streams: handing pending entries over.
//!
//! ```text
//! XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds]
//!     [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]
//! ```

use engine::{Args, CommandError, Ctx};
use keyspace::Key;
use structures::Stream;
use structures::stream::{Entry, Group, Log, StreamId};

use super::XGROUP_CREATECONSUMER;
use super::effects::{Claim, record_claims, record_consumer, record_read};
use super::entries::{reply_entry, reply_id};
use super::ids::parse_strict;
use super::missing::no_key_or_group;

struct ClaimArgs {
    ids: Vec<StreamId>,
    idle_ms_min: i64,
    delivered_ms: i64,
    deliveries: Option<u64>,
    is_forced: bool,
    replies_ids: bool,
    last_id: Option<StreamId>,
}

impl ClaimArgs {
    fn parse(args: &mut Args<'_>, now_ms: i64) -> Result<Self, CommandError> {
        let fault = CommandError::fixed;
        let idle_ms_min =
            args.integer().map_err(|_| fault("ERR Invalid min-idle-time argument for XCLAIM"))?.max(0);
        let mut ids = Vec::new();
        while let Some(id) = args.peek().and_then(|word| parse_strict(word, 0).ok()) {
            ids.push(id);
            args.word()?;
        }
        let mut claim = Self {
            ids,
            idle_ms_min,
            delivered_ms: now_ms,
            deliveries: None,
            is_forced: false,
            replies_ids: false,
            last_id: None,
        };
        while !args.is_empty() {
            claim.read_option(args, now_ms)?;
        }
        Ok(claim)
    }

    fn read_option(&mut self, args: &mut Args<'_>, now_ms: i64) -> Result<(), CommandError> {
        let fault = CommandError::fixed;
        let has_more = args.remaining() > 1;
        if args.option("FORCE") {
            self.is_forced = true;
        } else if args.option("JUSTID") {
            self.replies_ids = true;
        } else if has_more && args.option("IDLE") {
            let idle_ms = args.integer().map_err(|_| fault("ERR Invalid IDLE option argument for XCLAIM"))?;
            self.delivered_ms = past(now_ms.saturating_sub(idle_ms), now_ms);
        } else if has_more && args.option("TIME") {
            let time_ms = args.integer().map_err(|_| fault("ERR Invalid TIME option argument for XCLAIM"))?;
            self.delivered_ms = past(time_ms, now_ms);
        } else if has_more && args.option("RETRYCOUNT") {
            let count =
                args.integer().map_err(|_| fault("ERR Invalid RETRYCOUNT option argument for XCLAIM"))?;
            self.deliveries = u64::try_from(count).ok();
        } else if has_more && args.option("LASTID") {
            self.last_id = Some(parse_strict(args.word()?, 0)?);
        } else {
            return Err(CommandError::quoting(
                "ERR Unrecognized XCLAIM option '",
                args.peek().unwrap_or_default(),
                "'",
            ));
        }
        Ok(())
    }
}

/// A time, or the present one if it is none or lies ahead.
fn past(time_ms: i64, now_ms: i64) -> i64 {
    if (0..=now_ms).contains(&time_ms) { time_ms } else { now_ms }
}

pub(super) fn xclaim(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (group, consumer) = (cx.args.word()?, cx.args.word()?);
    // The peers look the group up before they read on.
    let found = cx.view.get_mut::<Box<Stream>>(&key)?;
    if found.is_none_or(|stream| stream.groups.find(group).is_none()) {
        return Err(no_key_or_group(key.bytes(), group, ""));
    }
    let now_ms = cx.now.unix_millis().0;
    let args = ClaimArgs::parse(&mut cx.args, now_ms)?;
    let outcome = claim(cx, &key, group, consumer, &args, now_ms)?;
    outcome.record(cx, &key, group, consumer);
    Ok(())
}

/// What claiming changed.
#[derive(Default)]
pub(super) struct Claimed {
    /// Whether the consumer is new.
    pub(super) is_new: bool,
    /// Who has which entry pending now. Entries that are gone are claimed for whoever had them: that lets go of them.
    pub(super) claims: Vec<(Box<[u8]>, Claim)>,
    pub(super) last_id: StreamId,
    /// Up to where the group has read, if that was set, and how many entries that are.
    pub(super) read: Option<(StreamId, Option<u64>)>,
}

impl Claimed {
    pub(super) fn record(&self, cx: &mut Ctx<'_>, key: &Key<'_>, group: &[u8], consumer: &[u8]) {
        let view = &mut cx.view;
        let is_implied = self.claims.iter().any(|(owner, _)| **owner == *consumer);
        if self.is_new && is_implied {
            view.tell(key, XGROUP_CREATECONSUMER);
        } else if self.is_new {
            record_consumer(view, key, group, consumer);
        }
        let claims = self.claims.iter().map(|(owner, claim)| (&**owner, claim));
        record_claims(view, key, group, self.last_id, claims);
        if let Some((last_id, entries_read)) = self.read.filter(|_| self.claims.is_empty()) {
            record_read(view, key, group, last_id, entries_read);
        }
    }
}

fn claim(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    group: &[u8],
    consumer: &[u8],
    args: &ClaimArgs,
    now_ms: i64,
) -> Result<Claimed, CommandError> {
    let mut stream = cx.view.get_mut::<Box<Stream>>(key)?.ok_or(CommandError::NoSuchKey)?;
    let Stream { log, groups } = &mut **stream;
    let mut group = groups.find_mut(group).ok_or(CommandError::NoSuchKey)?;
    let mut claimed = Claimed::default();
    if let Some(last_id) = args.last_id.filter(|last_id| *last_id > group.last_id) {
        group.last_id = last_id;
        claimed.read = Some((last_id, group.entries_read));
    }
    claimed.last_id = group.last_id;
    claimed.is_new = group.add_consumer(consumer, now_ms);
    if let Some(consumer) = group.consumer_mut(consumer) {
        consumer.seen_ms = now_ms;
    }
    let list = cx.reply.array_later();
    let mut count = 0;
    for &id in &args.ids {
        let Some(entry) = claim_one(log, &mut group, consumer, id, args, now_ms, &mut claimed.claims) else {
            continue;
        };
        if args.replies_ids {
            reply_id(&mut cx.reply, id);
        } else {
            reply_entry(&mut cx.reply, &entry);
        }
        count += 1;
    }
    cx.reply.close_array(list, count);
    Ok(claimed)
}

/// Claims one entry, if it is there and may be claimed.
fn claim_one<'l>(
    log: &'l Log,
    group: &mut Group,
    consumer: &[u8],
    id: StreamId,
    args: &ClaimArgs,
    now_ms: i64,
    claims: &mut Vec<(Box<[u8]>, Claim)>,
) -> Option<Entry<'l>> {
    let Some(entry) = log.find(id) else {
        release(group, id, claims);
        return None;
    };
    let deliveries = match group.pending(id) {
        Some((pending, _)) if now_ms.saturating_sub(pending.delivered_ms) < args.idle_ms_min => return None,
        Some((pending, _)) => pending.deliveries,
        None if args.is_forced => 1,
        None => return None,
    };
    let counted = deliveries.saturating_add(u64::from(!args.replies_ids));
    let deliveries = args.deliveries.unwrap_or(counted);
    group.assign(id, consumer, args.delivered_ms, deliveries);
    group.consumer_mut(consumer)?.active_ms = Some(now_ms);
    claims.push((consumer.into(), Claim { id, delivered_ms: args.delivered_ms, deliveries }));
    Some(entry)
}

/// Lets go of an entry that is gone.
pub(super) fn release(group: &mut Group, id: StreamId, claims: &mut Vec<(Box<[u8]>, Claim)>) {
    let Some((pending, owner)) = group.pending(id) else { return };
    claims.push((owner.name().into(), Claim::of(id, pending)));
    group.acknowledge(id);
}

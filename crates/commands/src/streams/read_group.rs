//! Streams: reading as a consumer of a group.
//!
//! ```text
//! XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]
//! ```
//!
//! The number `>` asks for entries that nobody of the group has got yet; any other for what is pending for this consumer.

use engine::{AwaitedKind, CommandError, Ctx, Serving, View, Waiting};
use keyspace::{Held, Key};
use resp::Reply;
use smallvec::SmallVec;
use structures::Stream;
use structures::stream::{Group, GroupMut, Log, StreamId};

use super::XGROUP_CREATECONSUMER;
use super::effects::{Claim, record_claims, record_consumer, record_read};
use super::entries::{StreamList, reply_entry, reply_id};
use super::ids::parse_strict;
use super::missing::no_key_or_group;
use super::read::has_behind;
use super::read_args::ReadArgs;

/// Who reads, and how.
#[derive(Clone)]
struct Reading<'a> {
    group: &'a [u8],
    consumer: &'a [u8],
    count: usize,
    acknowledges: bool,
    now_ms: i64,
}

/// What was delivered of one stream; that of a few entries is kept without an allocation.
type Claims = SmallVec<[Claim; 4]>;

/// What is wanted of one stream.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Wanted {
    New,
    /// Pending entries behind this number.
    Pending(StreamId),
}

pub(super) fn xreadgroup(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = ReadArgs::parse(cx, true)?;
    let (group, consumer) = args.reader.ok_or(CommandError::Syntax)?;
    let mut wanted = SmallVec::<[_; 2]>::with_capacity(args.streams);
    for pair in args.pairs() {
        let (key, word) = pair?;
        let stream = cx.view.get::<Box<Stream>>(&key)?;
        stream
            .and_then(|stream| stream.groups.find(group).map(drop))
            .ok_or_else(|| no_group_to_read(key.bytes(), group))?;
        wanted.push((key, parse_wanted(word)?));
    }
    let (count, acknowledges) = (args.count, args.acknowledges);
    let reading = Reading { group, consumer, count, acknowledges, now_ms: cx.now.unix_millis().0 };
    let mut list = StreamList::begin(&mut cx.reply);
    for (key, wanted) in &wanted {
        reading.read(&mut cx.view, &mut cx.reply, &mut list, key, *wanted)?;
    }
    if list.end(&mut cx.reply) {
        return Ok(());
    }
    let Some(block) = args.block else {
        cx.reply.null_array();
        return Ok(());
    };
    let keys: Vec<Key<'_>> = wanted.iter().map(|(key, _)| *key).collect();
    let waiting = WaitingRead { group: group.into(), consumer: consumer.into(), count, acknowledges };
    cx.wait(&keys, block.until, Box::new(waiting));
    Ok(())
}

fn no_group_to_read(key: &[u8], group: &[u8]) -> CommandError {
    no_key_or_group(key, group, " in XREADGROUP with GROUP option")
}

fn parse_wanted(word: &[u8]) -> Result<Wanted, CommandError> {
    match word {
        b">" => Ok(Wanted::New),
        b"$" | b"+" => {
            let id = char::from(word[0]);
            Err(CommandError::text(format!(
                "ERR The {id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The {id} ID would just return an empty result set."
            )))
        }
        // The greatest number is how the peers keep a `>`.
        word => Ok(match parse_strict(word, 0)? {
            StreamId::MAX => Wanted::New,
            behind => Wanted::Pending(behind),
        }),
    }
}

impl Reading<'_> {
    /// Reads one stream, adds what there is to the list, and records it. A stream that is wanted for what is pending is in the list even if
    /// nothing is.
    fn read(
        &self,
        view: &mut View<'_>,
        reply: &mut Reply<'_>,
        list: &mut StreamList,
        key: &Key<'_>,
        wanted: Wanted,
    ) -> Result<(), CommandError> {
        let no_group = || no_group_to_read(key.bytes(), self.group);
        let mut stream = view.get_mut::<Box<Stream>>(key)?.ok_or_else(no_group)?;
        let Stream { log, groups } = &mut **stream;
        let mut group = groups.find_mut(self.group).ok_or_else(no_group)?;
        let is_new = group.add_consumer(self.consumer, self.now_ms);
        if let Some(consumer) = group.consumer_mut(self.consumer) {
            consumer.seen_ms = self.now_ms;
        }
        let mut claims = Claims::new();
        let last_before = group.last_id;
        match wanted {
            Wanted::Pending(behind) => {
                list.add(reply, key.bytes());
                self.reply_pending(reply, log, &mut group, behind);
            }
            Wanted::New => self.deliver(reply, list, key, log, &mut group, &mut claims),
        }
        let (last_id, entries_read) = (group.last_id, group.entries_read);
        drop(group);
        drop(stream);
        if is_new && claims.is_empty() {
            record_consumer(view, key, self.group, self.consumer);
        } else if is_new {
            view.tell(key, XGROUP_CREATECONSUMER);
        }
        let claims = claims.iter().map(|claim| (self.consumer, claim));
        record_claims(view, key, self.group, last_id, claims);
        if last_id != last_before {
            record_read(view, key, self.group, last_id, entries_read);
        }
        Ok(())
    }

    /// What is pending for the consumer is delivered once more.
    fn reply_pending(&self, reply: &mut Reply<'_>, log: &Log, group: &mut GroupMut<'_>, behind: StreamId) {
        let ids: Vec<StreamId> = match (group.consumer(self.consumer), behind.next()) {
            (Some(consumer), Some(from)) => consumer.pending(from).take(self.count).collect(),
            _ => Vec::new(),
        };
        reply.array(ids.len());
        for id in ids {
            let Some(entry) = log.find(id) else {
                reply.array(2);
                reply_id(reply, id);
                reply.null_array();
                continue;
            };
            reply_entry(reply, &entry);
            let deliveries = group.pending(id).map_or(0, |(pending, _)| pending.deliveries);
            group.assign(id, self.consumer, self.now_ms, deliveries.saturating_add(1));
        }
    }

    /// Delivers what the group hasn't read.
    fn deliver(
        &self,
        reply: &mut Reply<'_>,
        list: &mut StreamList,
        key: &Key<'_>,
        log: &Log,
        group: &mut Group,
        claims: &mut Claims,
    ) {
        let Some(from) = group.last_id.next().filter(|from| *from <= log.last_id()) else { return };
        let mut entries = log.range(from, StreamId::MAX).take(self.count).peekable();
        if entries.peek().is_none() {
            return;
        }
        list.add(reply, key.bytes());
        let later = reply.array_later();
        let mut count = 0;
        for entry in entries {
            reply_entry(reply, &entry);
            count += 1;
            group.entries_read = log.entries_read_with(group, entry.id);
            group.last_id = entry.id;
            if !self.acknowledges {
                group.assign(entry.id, self.consumer, self.now_ms, 1);
                claims.push(Claim { id: entry.id, delivered_ms: self.now_ms, deliveries: 1 });
            }
        }
        reply.close_array(later, count);
        if let Some(consumer) = group.consumer_mut(self.consumer).filter(|_| !self.acknowledges) {
            consumer.active_ms = Some(self.now_ms);
        }
    }
}

/// An `XREADGROUP` that waits for new entries.
struct WaitingRead {
    group: Box<[u8]>,
    consumer: Box<[u8]>,
    count: usize,
    acknowledges: bool,
}

impl Waiting for WaitingRead {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::Stream
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let (group, consumer, count) = (&*self.group, &*self.consumer, self.count);
        let now_ms = serving.now.unix_millis().0;
        let reading = Reading { group, consumer, count, acknowledges: self.acknowledges, now_ms };
        let mut list = StreamList::begin(&mut serving.reply);
        reading.read(serving.view, &mut serving.reply, &mut list, key, Wanted::New)?;
        Ok(list.end(&mut serving.reply))
    }

    fn would_end(&self, view: &mut View<'_>, key: &Key<'_>) -> bool {
        let stream = view.peek(key).and_then(Held::<Box<Stream>>::new);
        // Without its group it ends with an error.
        let found = stream.as_ref().and_then(|stream| Some((&stream.log, stream.groups.find(&self.group)?)));
        found.is_none_or(|(log, group)| has_behind(log, group.last_id))
    }

    fn reply_expired(&self, key: &[u8], reply: &mut Reply<'_>) -> bool {
        reply.error_bytes(&no_group_to_read(key, &self.group).wire_text());
        true
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }
}

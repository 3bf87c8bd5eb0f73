//! Streams: adding entries.
//!
//! ```text
//! XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [(MAXLEN | MINID) [= | ~] threshold [LIMIT count]]
//!     (* | id) field value [field value ...]
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use keyspace::Key;
use smallvec::SmallVec;
use structures::Stream;
use structures::stream::{Log, NodeLimits, References, StreamId, Trim};

use super::XTRIM;
use super::entries::reply_id;
use super::ids::{IdText, NewId};
use super::parse_trim::TrimArgs;
use super::trim::Trimming;

/// An entry was added.
const XADD: Event = Event::stream("xadd");

/// Fields and values that are put together without an allocation.
const INLINE_FIELDS: usize = 16;

type Fields<'a> = SmallVec<[(&'a [u8], &'a [u8]); INLINE_FIELDS]>;

struct XaddArgs<'a> {
    creates: bool,
    references: References,
    trim: Option<Trim>,
    id: NewId,
    /// Which word of the request the number is.
    id_index: usize,
    fields: Fields<'a>,
}

impl<'a> XaddArgs<'a> {
    fn parse(args: &mut Args<'a>, node_entries_max: u64) -> Result<Self, CommandError> {
        let (mut creates, mut trim_args) = (true, TrimArgs::default());
        while args.peek() != Some(b"*") {
            if args.option("NOMKSTREAM") {
                creates = false;
            } else if !trim_args.read(args)? {
                break;
            }
        }
        let id_index = args.request().len() - args.remaining();
        let id = args.peek().map(NewId::parse).transpose()?;
        let trim = trim_args.finish(node_entries_max)?;
        let wrong_arity = || CommandError::WrongArity("xadd");
        let (Some(id), Ok(_)) = (id, args.word()) else { return Err(wrong_arity()) };
        let is_paired = args.remaining() > 0 && args.remaining().is_multiple_of(2);
        if !is_paired {
            return Err(wrong_arity());
        }
        let mut fields = Fields::new();
        while !args.is_empty() {
            fields.push((args.word()?, args.word()?));
        }
        if id == NewId::Given(StreamId::MIN) {
            return Err(CommandError::fixed("ERR The ID specified in XADD must be greater than 0-0"));
        }
        Ok(Self { creates, references: trim_args.references(), trim, id, id_index, fields })
    }
}

pub(super) fn xadd(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let settings = cx.engine.settings();
    let entries_max = settings.stream_node_entries_max();
    let limits = NodeLimits { bytes_max: settings.stream_node_bytes_max(), entries_max };
    let args = XaddArgs::parse(&mut cx.args, entries_max)?;
    match append(cx, &key, &args, limits)? {
        Some((id, mut trimming)) => {
            if let Some(cut) = trimming.as_mut().and_then(Trimming::take_cut) {
                cx.view.bury_object(cut);
            }
            record(cx, &key, &args, id, trimming.as_ref());
            reply_id(&mut cx.reply, id);
        }
        None => cx.reply.null(),
    }
    Ok(())
}

/// Appends the entry and trims. Returns its number; `None` without a stream, if none is to be created.
fn append(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    args: &XaddArgs<'_>,
    limits: NodeLimits,
) -> Result<Option<(StreamId, Option<Trimming>)>, CommandError> {
    let too_large = || CommandError::fixed("ERR Elements are too large to be stored");
    if !Log::can_hold(&args.fields) {
        return Err(too_large());
    }
    let found = match args.creates {
        true => Some(cx.view.get_or_create::<Box<Stream>>(key)?),
        false => cx.view.get_mut(key)?,
    };
    let Some(mut stream) = found else { return Ok(None) };
    // Never refused for a stream that was just created.
    let id = args.id.after(stream.log.last_id(), cx.now.unix_millis().0 as u64)?;
    stream.log.append(id, &args.fields, limits).map_err(|_| too_large())?;
    let trimming = args.trim.map(|wanted| Trimming::apply(&mut stream, &wanted, args.references));
    Ok(Some((id, trimming)))
}

/// Records the request with the number that was chosen, and with the exact length that was left.
fn record(cx: &mut Ctx<'_>, key: &Key<'_>, args: &XaddArgs<'_>, id: StreamId, trimming: Option<&Trimming>) {
    match cx.view.is_journaled() {
        true => record_effect(cx, key, args, id, trimming),
        false => cx.view.record(key, XADD, Effect::AsCalled),
    }
    if trimming.is_some_and(|trimming| trimming.removed > 0) {
        cx.view.tell(key, XTRIM);
    }
}

fn record_effect(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    args: &XaddArgs<'_>,
    id: StreamId,
    trimming: Option<&Trimming>,
) {
    let id_text = IdText::new(id);
    let request = cx.args.request();
    let exact = trimming.filter(|trimming| trimming.is_approximate).map(|trimming| trimming.exact());
    let mut words: SmallVec<[&[u8]; 2 * INLINE_FIELDS]> = SmallVec::new();
    if let Some(exact) = &exact {
        words.extend([request.word(0), key.bytes()]);
        words.extend(exact.words());
    } else {
        words.extend((0..args.id_index).map(|index| request.word(index)));
    }
    words.push(id_text.bytes());
    words.extend((args.id_index + 1..request.len()).map(|index| request.word(index)));
    let is_as_called = exact.is_none() && matches!(args.id, NewId::Given(_));
    cx.view.record(key, XADD, if is_as_called { Effect::AsCalled } else { Effect::Instead(&words) });
}

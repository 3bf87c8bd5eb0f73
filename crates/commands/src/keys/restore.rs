//! Keys: made of a payload of DUMP.
//!
//! ```text
//! RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
//! RESTORE-ASKING key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
//! ```
//!
//! The checks stand in the order in which peers make them: options, key, time to live, payload.

use engine::{Args, CommandError, Ctx, DEL, Effect, Engine, Event};
use keyspace::{Entry, Key, UnixMillis};
use rdb::Scratch;
use rdb::dump::Payload;
use records::{Limits, Loaded};

use super::occupy::occupy;
use crate::decimal::Decimal;
use crate::{hashes, lists, sets, sorted_sets};

const RESTORE: Event = Event::generic("restore");

const BUSY: CommandError = CommandError::fixed("BUSYKEY Target key name already exists.");
const INVALID_IDLE_TIME: CommandError = CommandError::fixed("ERR Invalid IDLETIME value, must be >= 0");
const INVALID_FREQUENCY: CommandError =
    CommandError::fixed("ERR Invalid FREQ value, must be >= 0 and <= 255");
const INVALID_TIME_TO_LIVE: CommandError = CommandError::fixed("ERR Invalid TTL value, must be >= 0");
const NO_PAYLOAD: CommandError = CommandError::fixed("ERR DUMP payload version or checksum are wrong");
const BAD_FORMAT: CommandError = CommandError::fixed("ERR Bad data format");

/// What is told of how the key was used.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Usage {
    /// `IDLETIME`: seconds since the last time.
    Idle(u64),
    /// `FREQ`.
    Frequency(u8),
}

#[derive(Copy, Clone, Debug, Default)]
struct Options {
    /// `REPLACE`
    replaces: bool,
    /// `ABSTTL`: the time to live counts from the epoch.
    is_absolute: bool,
    usage: Option<Usage>,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut parsed = Self::default();
        while !args.is_empty() {
            if args.option("REPLACE") {
                parsed.replaces = true;
            } else if args.option("ABSTTL") {
                parsed.is_absolute = true;
            } else if !matches!(parsed.usage, Some(Usage::Frequency(_))) && args.option("IDLETIME") {
                let seconds = u64::try_from(args.integer()?).map_err(|_| INVALID_IDLE_TIME)?;
                parsed.usage = Some(Usage::Idle(seconds));
            } else if !matches!(parsed.usage, Some(Usage::Idle(_))) && args.option("FREQ") {
                let frequency = u8::try_from(args.integer()?).map_err(|_| INVALID_FREQUENCY)?;
                parsed.usage = Some(Usage::Frequency(frequency));
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(parsed)
    }

    fn clock(self, cx: &Ctx<'_>) -> u32 {
        let policy = cx.view.access_policy();
        match self.usage {
            Some(Usage::Idle(seconds)) => policy.idle_for(seconds, cx.now),
            Some(Usage::Frequency(frequency)) => policy.used_often(frequency, cx.now),
            None => cx.view.fresh_clock(),
        }
    }

    /// When the key expires. As with peers a time beyond 64 bits is one in the past.
    fn expiry(self, time_to_live: i64, now: UnixMillis) -> Option<UnixMillis> {
        let from = if self.is_absolute { 0 } else { now.0 };
        (time_to_live != 0).then(|| UnixMillis(from.wrapping_add(time_to_live)))
    }
}

pub(super) fn restore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (time_to_live, payload) = (cx.args.word()?, cx.args.word()?);
    let rest = cx.args;
    let options = Options::parse(&mut cx.args)?;
    let is_there = cx.view.peek(&key).is_some();
    if is_there && !options.replaces {
        return Err(BUSY);
    }
    let expiry = options.expiry(parse_time_to_live(time_to_live)?, cx.view.now());
    let entry = read(payload, &key, expiry, options.clock(cx), &limits(cx.engine))?;
    match expiry.filter(|at| *at <= cx.view.now()) {
        Some(_) => forget(cx, &key),
        None => store(cx, &key, entry, payload, rest, options),
    }
    cx.reply.ok();
    Ok(())
}

fn parse_time_to_live(word: &[u8]) -> Result<i64, CommandError> {
    match resp::parse_i64(word).ok_or(CommandError::NotAnInteger)? {
        ..0 => Err(INVALID_TIME_TO_LIVE),
        milliseconds => Ok(milliseconds),
    }
}

/// The payload's value as an entry.
fn read(
    payload: &[u8],
    key: &Key<'_>,
    expiry: Option<UnixMillis>,
    clock: u32,
    limits: &Limits,
) -> Result<Entry, CommandError> {
    let bytes_left = payload.len() as u64;
    let payload = Payload::parse(payload).map_err(|_| NO_PAYLOAD)?;
    let mut scratch = Scratch::new();
    let mut decoding = payload.value().map_err(|_| BAD_FORMAT)?.decode(&mut scratch);
    let value = decoding.value().map_err(|_| BAD_FORMAT)?;
    match records::read_value(value, limits, bytes_left) {
        Ok(Loaded::Value(value)) => Ok(Entry::new(key.bytes(), value, expiry, clock)),
        Ok(Loaded::Empty | Loaded::Module(_)) | Err(_) => Err(BAD_FORMAT),
    }
}

/// Up to which sizes values are packed now.
fn limits(engine: &Engine) -> Limits {
    Limits {
        list: lists::limit(engine),
        hash: hashes::limits(engine),
        set: sets::limits::limits(engine),
        sorted_set: sorted_sets::limits::limits(engine),
    }
}

/// The time of the key is up before it is there: what is there goes.
fn forget(cx: &mut Ctx<'_>, key: &Key<'_>) {
    if cx.view.remove(key) {
        cx.view.record(key, DEL, Effect::Instead(&[b"DEL", key.bytes()]));
    }
}

/// `rest` are the words behind the payload.
fn store(cx: &mut Ctx<'_>, key: &Key<'_>, entry: Entry, payload: &[u8], rest: Args<'_>, options: Options) {
    let expiry = entry.expiry().filter(|_| !options.is_absolute);
    let occupied = occupy(&mut cx.view, key, entry);
    match expiry {
        None => cx.view.record(key, RESTORE, Effect::AsCalled),
        Some(at) => {
            let mut digits = Decimal::default();
            let mut effect = vec![b"RESTORE", key.bytes(), digits.format(at.0), payload];
            effect.extend(rest.rest());
            effect.push(b"ABSTTL");
            cx.view.record(key, RESTORE, Effect::Instead(&effect));
        }
    }
    occupied.tell(&mut cx.view, key);
}

//! Hashes: when fields expire.
//!
//! ```text
//! HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
//! HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
//! HEXPIREAT key unix-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
//! HPEXPIREAT key unix-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
//! HPERSIST key FIELDS numfields field [field ...]
//! ```
//!
//! The reply has a number for each field.

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::{Hash, Key, UnixMillis};

use super::fields::{NUMFIELDS_NOT_POSITIVE, fields, moment};
use super::remove::record_removed;
use super::value::{HEXPIRE, HPERSIST, limits};
use crate::decimal::Decimal;
use crate::lifetime::TimeUnit;

/// No such field.
const MISSING: i64 = -2;
/// It has no expiry.
const LASTING: i64 = -1;
/// The condition doesn't hold.
const REFUSED: i64 = 0;
/// Done.
const CHANGED: i64 = 1;
/// The time is not ahead: the field is gone.
const REMOVED: i64 = 2;

const NUMFIELDS: CommandError = CommandError::fixed("ERR Parameter `numFields` should be greater than 0");

pub(super) fn hexpire(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    expire(cx, TimeUnit::Seconds)
}

pub(super) fn hpexpire(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    expire(cx, TimeUnit::Milliseconds)
}

pub(super) fn hexpireat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    expire(cx, TimeUnit::UnixSeconds)
}

pub(super) fn hpexpireat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    expire(cx, TimeUnit::UnixMilliseconds)
}

#[derive(Copy, Clone)]
enum Condition {
    Always,
    IfLasting,
    IfExpiring,
    IfLater,
    IfSooner,
}

impl Condition {
    fn read(args: &mut Args<'_>) -> Self {
        if args.option("NX") {
            Self::IfLasting
        } else if args.option("XX") {
            Self::IfExpiring
        } else if args.option("GT") {
            Self::IfLater
        } else if args.option("LT") {
            Self::IfSooner
        } else {
            Self::Always
        }
    }

    /// Whether a field with this expiry may get that at `at`. One without expiry lives longer than any other.
    fn holds(self, expiry_ms: Option<i64>, at: UnixMillis) -> bool {
        match self {
            Self::Always => true,
            Self::IfLasting => expiry_ms.is_none(),
            Self::IfExpiring => expiry_ms.is_some(),
            Self::IfLater => expiry_ms.is_some_and(|old_ms| at.0 > old_ms),
            Self::IfSooner => expiry_ms.is_none_or(|old_ms| at.0 < old_ms),
        }
    }
}

fn expire(cx: &mut Ctx<'_>, unit: TimeUnit) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    cx.view.get_mut::<Hash>(&key)?;
    let at = moment(cx, unit)?;
    let condition = Condition::read(&mut cx.args);
    let fields = fields(&mut cx.args, NUMFIELDS)?;
    let (now, limits) = (cx.view.now(), limits(cx.engine));
    let is_past = at <= now;
    cx.view.expire_fields(&key, fields.rest());
    cx.reply.array(fields.remaining());
    let mut changed = Vec::new();
    let mut hash = cx.view.get_mut::<Hash>(&key)?;
    for field in fields.rest() {
        let found = hash.as_mut().and_then(|hash| Some((hash.find(field, now.0)?.expiry_ms, hash)));
        cx.reply.integer(match found {
            None => MISSING,
            Some((expiry_ms, _)) if !condition.holds(expiry_ms, at) => REFUSED,
            Some((_, hash)) => {
                changed.push(field);
                if is_past {
                    hash.remove(field)
                } else {
                    hash.set_expiry(field, Some(at.0), &limits)
                };
                if is_past { REMOVED } else { CHANGED }
            }
        });
    }
    drop(hash);
    if is_past {
        record_removed(cx, &key, &changed);
    } else {
        record_expiry(cx, &key, at, &changed);
    }
    Ok(())
}

/// Records that these fields got an expiry, if there are any.
pub(super) fn record_expiry(cx: &mut Ctx<'_>, key: &Key<'_>, at: UnixMillis, changed: &[&[u8]]) {
    if changed.is_empty() {
        return;
    }
    let (mut at_digits, mut count_digits) = (Decimal::default(), Decimal::default());
    let count = count_digits.format(changed.len() as i64);
    let head: [&[u8]; 5] = [b"HPEXPIREAT", key.bytes(), at_digits.format(at.0), b"FIELDS", count];
    cx.view.record(key, HEXPIRE, Effect::Instead(&[&head, changed].concat()));
}

pub(super) fn hpersist(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    cx.view.get_mut::<Hash>(&key)?;
    let fields = fields(&mut cx.args, NUMFIELDS_NOT_POSITIVE)?;
    let (now, limits) = (cx.view.now(), limits(cx.engine));
    cx.view.expire_fields(&key, fields.rest());
    cx.reply.array(fields.remaining());
    let mut changed = false;
    let mut hash = cx.view.get_mut::<Hash>(&key)?;
    for field in fields.rest() {
        let found = hash.as_mut().and_then(|hash| Some((hash.find(field, now.0)?.expiry_ms, hash)));
        cx.reply.integer(match found {
            None => MISSING,
            Some((None, _)) => LASTING,
            Some((Some(_), hash)) => {
                changed |= hash.set_expiry(field, None, &limits);
                CHANGED
            }
        });
    }
    drop(hash);
    if changed {
        cx.view.record(&key, HPERSIST, Effect::AsCalled);
    }
    Ok(())
}

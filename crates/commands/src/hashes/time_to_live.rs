//! Hashes: how long fields live.
//!
//! ```text
//! HTTL key FIELDS numfields field [field ...]
//! HPTTL key FIELDS numfields field [field ...]
//! HEXPIRETIME key FIELDS numfields field [field ...]
//! HPEXPIRETIME key FIELDS numfields field [field ...]
//! ```
//!
//! The reply has a number for each field: -2 for one that is missing, -1 for one that doesn't expire.

use engine::{CommandError, Ctx};
use keyspace::Hash;

use super::fields::{NUMFIELDS_NOT_POSITIVE, fields};

pub(super) fn httl(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_times(cx, |at_ms, now_ms| seconds(at_ms - now_ms))
}

pub(super) fn hpttl(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_times(cx, |at_ms, now_ms| at_ms - now_ms)
}

pub(super) fn hexpiretime(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_times(cx, |at_ms, _| seconds(at_ms))
}

pub(super) fn hpexpiretime(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_times(cx, |at_ms, _| at_ms)
}

/// Whole seconds, begun ones included.
fn seconds(ms: i64) -> i64 {
    (ms + 999) / 1000
}

fn reply_times(cx: &mut Ctx<'_>, shown: fn(i64, i64) -> i64) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let now = cx.view.now();
    let hash = cx.view.get::<Hash>(&key)?;
    let fields = fields(&mut cx.args, NUMFIELDS_NOT_POSITIVE)?;
    cx.reply.array(fields.remaining());
    for field in fields.rest() {
        let found = hash.as_ref().and_then(|hash| hash.find(field, now.0));
        cx.reply.integer(match found.map(|found| found.expiry_ms) {
            None => -2,
            Some(None) => -1,
            Some(Some(at_ms)) => shown(at_ms, now.0),
        });
    }
    Ok(())
}

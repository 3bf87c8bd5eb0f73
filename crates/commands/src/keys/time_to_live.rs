//! Keys: reading the time to live.
//!
//! ```text
//! TTL key
//! PTTL key
//! EXPIRETIME key
//! PEXPIRETIME key
//! ```
//!
//! -1 stands for a key that doesn't expire, -2 for none at all.

use engine::{CommandError, Ctx};
use keyspace::UnixMillis;

const NO_EXPIRY: i64 = -1;
const NO_KEY: i64 = -2;

pub(super) fn ttl(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_expiry(cx, |at, now| round_to_seconds(left_ms(at, now)))
}

pub(super) fn pttl(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_expiry(cx, left_ms)
}

pub(super) fn expiretime(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_expiry(cx, |at, _| round_to_seconds(at.0))
}

pub(super) fn pexpiretime(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_expiry(cx, |at, _| at.0)
}

fn reply_expiry(
    cx: &mut Ctx<'_>,
    show: impl FnOnce(UnixMillis, UnixMillis) -> i64,
) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let now = cx.view.now();
    let shown = match cx.view.peek_counted(&key) {
        None => NO_KEY,
        Some(entry) => entry.expiry().map_or(NO_EXPIRY, |at| show(at, now)),
    };
    cx.reply.integer(shown);
    Ok(())
}

fn left_ms(at: UnixMillis, now: UnixMillis) -> i64 {
    at.0.saturating_sub(now.0).max(0)
}

/// Half a second counts as a whole one. (Adding 500 before the division would overflow for the latest expiry there is.)
fn round_to_seconds(millis: i64) -> i64 {
    millis / 1000 + i64::from(millis % 1000 >= 500)
}

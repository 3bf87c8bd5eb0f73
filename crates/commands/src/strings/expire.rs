//! Strings: values with a time to live.
//!
//! ```text
//! SETEX key seconds value
//! PSETEX key milliseconds value
//! GETEX key [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | PERSIST]
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::{Expiry, Key, UnixMillis};

use super::set::SET;
use crate::decimal::Decimal;
use crate::lifetime::{EXPIRE, Lifetime, PERSIST, TimeUnit, expire_at};
use crate::value::reply_value;

pub(super) fn setex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_for(cx, TimeUnit::Seconds)
}

pub(super) fn psetex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_for(cx, TimeUnit::Milliseconds)
}

fn set_for(cx: &mut Ctx<'_>, unit: TimeUnit) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let at = unit.moment_ahead(cx.args.integer()?, cx.now.unix_millis(), cx.command.name)?;
    let text = cx.args.peek().unwrap_or_default();
    let value = cx.args.value()?;
    cx.view.set(&key, value, Expiry::At(at));
    record_until(cx, &key, text, at);
    cx.reply.ok();
    Ok(())
}

/// Records that a string was stored, and until when.
pub(super) fn record_until(cx: &mut Ctx<'_>, key: &Key<'_>, text: &[u8], at: UnixMillis) {
    let mut digits = Decimal::default();
    let words: &[&[u8]] = &[b"SET", key.bytes(), text, b"PXAT", digits.format(at.0)];
    cx.view.record(key, SET, Effect::Instead(words));
    cx.view.tell(key, EXPIRE);
}

pub(super) fn getex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let lifetime = getex_lifetime(&mut cx.args)?;
    let had_expiry = match cx.view.string(&key)? {
        None => {
            // The time is not even read: it may be anything.
            cx.reply.null();
            return Ok(());
        }
        Some(entry) => {
            reply_value(&mut cx.reply, &entry);
            entry.expiry().is_some()
        }
    };
    match lifetime.expiry(cx.now.unix_millis(), cx.command.name)? {
        Expiry::At(at) => expire_at(cx, &key, at),
        Expiry::None if lifetime == Lifetime::Persist && had_expiry => {
            cx.view.set_expiry(&key, None);
            cx.view.record(&key, PERSIST, Effect::Instead(&[b"PERSIST", key.bytes()]));
        }
        Expiry::None | Expiry::Keep => {}
    }
    Ok(())
}

fn getex_lifetime<'a>(args: &mut Args<'a>) -> Result<Lifetime<'a>, CommandError> {
    let mut lifetime = Lifetime::Unsaid;
    while !args.is_empty() {
        if !lifetime.read(args)? || lifetime == Lifetime::Keep {
            return Err(CommandError::Syntax);
        }
    }
    Ok(lifetime)
}

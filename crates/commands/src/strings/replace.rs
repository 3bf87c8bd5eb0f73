//! Strings: storing by what was there.
//!
//! ```text
//! SETNX key value
//! GETSET key value
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Expiry;

use super::set::SET;
use crate::value::reply_value;

pub(super) fn setnx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let value = cx.args.value()?;
    let is_new = cx.view.peek(&key).is_none();
    if is_new {
        cx.view.set(&key, value, Expiry::None);
        cx.view.record(&key, SET, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(is_new));
    Ok(())
}

pub(super) fn getset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let text = cx.args.peek().unwrap_or_default();
    let value = cx.args.value()?;
    match cx.view.string(&key)? {
        Some(entry) => reply_value(&mut cx.reply, &entry),
        None => cx.reply.null(),
    }
    cx.view.set(&key, value, Expiry::None);
    cx.view.record(&key, SET, Effect::Instead(&[b"SET", key.bytes(), text]));
    Ok(())
}

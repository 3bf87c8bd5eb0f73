//! Strings: several keys at once.
//!
//! ```text
//! MGET key [key ...]
//! MSET key value [key value ...]
//! MSETNX key value [key value ...]
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::Expiry;

use super::set::SET;
use crate::value::reply_value;

pub(super) fn mget(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.array(cx.args.remaining());
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        // A key of another type counts as absent here: MGET never fails for it.
        match cx.view.string(&key) {
            Ok(Some(entry)) => reply_value(&mut cx.reply, &entry),
            Ok(None) | Err(_) => cx.reply.null(),
        }
    }
    Ok(())
}

pub(super) fn mset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pairs_only(cx)?;
    set_pairs(cx)?;
    cx.reply.ok();
    Ok(())
}

pub(super) fn msetnx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pairs_only(cx)?;
    let is_none_there = none_is_there(cx, cx.args)?;
    if is_none_there {
        set_pairs(cx)?;
    }
    cx.reply.integer(i64::from(is_none_there));
    Ok(())
}

fn pairs_only(cx: &Ctx<'_>) -> Result<(), CommandError> {
    let is_paired = cx.args.remaining().is_multiple_of(2);
    if is_paired { Ok(()) } else { Err(CommandError::WrongArity(cx.command.name)) }
}

fn none_is_there<'a>(cx: &mut Ctx<'a>, mut pairs: Args<'a>) -> Result<bool, CommandError> {
    while !pairs.is_empty() {
        let key = pairs.key()?;
        pairs.word()?;
        if cx.view.peek(&key).is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn set_pairs(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        let value = cx.args.value()?;
        cx.view.set(&key, value, Expiry::None);
        cx.view.record(&key, SET, Effect::AsCalled);
    }
    Ok(())
}

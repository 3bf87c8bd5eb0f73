//! Strings: counting.
//!
//! ```text
//! INCR key
//! DECR key
//! INCRBY key increment
//! DECRBY key decrement
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::{Expiry, Key, NewValue, Value};

const INCRBY: Event = Event::string("incrby");

pub(super) fn incr(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    add(cx, &key, 1)
}

pub(super) fn decr(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    add(cx, &key, -1)
}

pub(super) fn incrby(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let increment = cx.args.integer()?;
    add(cx, &key, increment)
}

pub(super) fn decrby(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let decrement = cx.args.integer()?;
    let increment = decrement.checked_neg().ok_or(CommandError::fixed("ERR decrement would overflow"))?;
    add(cx, &key, increment)
}

fn add(cx: &mut Ctx<'_>, key: &Key<'_>, increment: i64) -> Result<(), CommandError> {
    let sum = match cx.view.string_mut(key)? {
        None => None,
        Some(mut entry) => {
            let sum = integer(entry.value())?.checked_add(increment).ok_or(CommandError::Overflow)?;
            entry.set_value(NewValue::Integer(sum));
            Some(sum)
        }
    };
    let sum = match sum {
        Some(sum) => sum,
        None => {
            cx.view.set(key, NewValue::Integer(increment), Expiry::None);
            increment
        }
    };
    cx.view.record(key, INCRBY, Effect::AsCalled);
    cx.reply.integer(sum);
    Ok(())
}

fn integer(value: Value<'_>) -> Result<i64, CommandError> {
    match value {
        Value::Integer(number) => Ok(number),
        other => resp::parse_i64(&other.text()).ok_or(CommandError::NotAnInteger),
    }
}

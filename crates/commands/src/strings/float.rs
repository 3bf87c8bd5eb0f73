//! Strings: counting in fractions.
//!
//! ```text
//! INCRBYFLOAT key increment
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::{Expiry, NewValue, Value};
use structures::LongDouble;

const INCRBYFLOAT: Event = Event::string("incrbyfloat");

pub(super) fn incrbyfloat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let increment = LongDouble::parse(cx.args.word()?).ok_or(CommandError::NotAFloat);
    let changed = match cx.view.string_mut(&key)? {
        None => None,
        Some(mut entry) => {
            let text = sum(number(entry.value())?, increment.clone()?)?;
            entry.set_value(NewValue::Bytes(text.as_bytes()));
            Some(text)
        }
    };
    let text = match changed {
        Some(text) => text,
        None => {
            let text = sum(LongDouble::from(0), increment?)?;
            cx.view.set(&key, NewValue::Bytes(text.as_bytes()), Expiry::None);
            text
        }
    };
    // The sum itself: whoever replays it needs no arithmetic.
    let words: &[&[u8]] = &[b"SET", key.bytes(), text.as_bytes(), b"KEEPTTL"];
    cx.view.record(&key, INCRBYFLOAT, Effect::Instead(words));
    cx.reply.bulk(text.as_bytes());
    Ok(())
}

fn number(value: Value<'_>) -> Result<LongDouble, CommandError> {
    match value {
        Value::Integer(number) => Ok(LongDouble::from(number)),
        other => LongDouble::parse(&other.text()).ok_or(CommandError::NotAFloat),
    }
}

fn sum(number: LongDouble, increment: LongDouble) -> Result<String, CommandError> {
    let sum = number + increment;
    if sum.is_nan_or_infinite() {
        return Err(CommandError::fixed("ERR increment would produce NaN or Infinity"));
    }
    Ok(sum.to_text())
}

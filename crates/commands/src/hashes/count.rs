//! Hashes: counting in a field.
//!
//! ```text
//! HINCRBY key field increment
//! HINCRBYFLOAT key field increment
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::{Hash, Key};
use structures::hash::Lifetime;
use structures::{LongDouble, TextBuffer};

use super::value::limits;
use crate::decimal::Decimal;

const HINCRBY: Event = Event::hash("hincrby");
const HINCRBYFLOAT: Event = Event::hash("hincrbyfloat");

const NOT_AN_INTEGER: CommandError = CommandError::fixed("ERR hash value is not an integer");
const NOT_A_FLOAT: CommandError = CommandError::fixed("ERR hash value is not a float");
const INCREMENT_NOT_FINITE: CommandError = CommandError::fixed("ERR value is NaN or Infinity");
const SUM_NOT_FINITE: CommandError = CommandError::fixed("ERR increment would produce NaN or Infinity");

pub(super) fn hincrby(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let field = cx.args.word()?;
    let increment = cx.args.integer()?;
    let now = cx.view.now();
    cx.view.expire_fields(&key, std::iter::once(field));
    let number = match cx.view.get_mut::<Hash>(&key)?.as_ref().and_then(|hash| hash.find(field, now.0)) {
        Some(found) => found.value.int().ok_or(NOT_AN_INTEGER)?,
        None => 0,
    };
    let sum = number.checked_add(increment).ok_or(CommandError::Overflow)?;
    store(cx, &key, field, Decimal::default().format(sum))?;
    cx.view.record(&key, HINCRBY, Effect::AsCalled);
    cx.reply.integer(sum);
    Ok(())
}

pub(super) fn hincrbyfloat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let field = cx.args.word()?;
    let increment = LongDouble::parse(cx.args.word()?).ok_or(CommandError::NotAFloat)?;
    if increment.is_nan_or_infinite() {
        return Err(INCREMENT_NOT_FINITE);
    }
    let now = cx.view.now();
    cx.view.expire_fields(&key, std::iter::once(field));
    let number = match cx.view.get_mut::<Hash>(&key)?.as_ref().and_then(|hash| hash.find(field, now.0)) {
        Some(found) => LongDouble::parse(found.value.text(&mut TextBuffer::new())).ok_or(NOT_A_FLOAT)?,
        None => LongDouble::from(0),
    };
    let sum = number + increment;
    if sum.is_nan_or_infinite() {
        return Err(SUM_NOT_FINITE);
    }
    let text = sum.to_text();
    store(cx, &key, field, text.as_bytes())?;
    // The sum itself: whoever replays it needs no arithmetic.
    let effect: &[&[u8]] = &[b"HSETEX", key.bytes(), b"KEEPTTL", b"FIELDS", b"1", field, text.as_bytes()];
    cx.view.record(&key, HINCRBYFLOAT, Effect::Instead(effect));
    cx.reply.bulk(text.as_bytes());
    Ok(())
}

fn store(cx: &mut Ctx<'_>, key: &Key<'_>, field: &[u8], text: &[u8]) -> Result<(), CommandError> {
    let limits = limits(cx.engine);
    cx.view.get_or_create::<Hash>(key)?.set(field, text, Lifetime::Keep, &limits);
    Ok(())
}

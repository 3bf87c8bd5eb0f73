//! Strings: parts.
//!
//! ```text
//! APPEND key value
//! GETRANGE key start end
//! SUBSTR key start end
//! SETRANGE key offset value
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::Expiry;
use structures::{overwrite, slice_range};

use crate::value::edit_or_create;

const APPEND: Event = Event::string("append");
const SETRANGE: Event = Event::string("setrange");

pub(super) fn append(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let text = cx.args.peek().unwrap_or_default();
    let value = cx.args.value()?;
    let bytes_max = cx.engine.settings().bulk_bytes_max();
    let len = match cx.view.string_mut(&key)? {
        None => None,
        Some(mut entry) => {
            check_length(entry.value().len(), text.len(), bytes_max)?;
            Some(entry.edit(|bytes| {
                bytes.extend_from_slice(text);
                bytes.len()
            }))
        }
    };
    if len.is_none() {
        cx.view.set(&key, value, Expiry::None);
    }
    cx.view.record(&key, APPEND, Effect::AsCalled);
    cx.reply.integer(len.unwrap_or(text.len()) as i64);
    Ok(())
}

pub(super) fn getrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let start = cx.args.integer()?;
    let end = cx.args.integer()?;
    match cx.view.string(&key)? {
        Some(entry) => {
            let text = entry.value().text();
            cx.reply.bulk(&text[slice_range(text.len(), start, end)]);
        }
        None => cx.reply.bulk(b""),
    }
    Ok(())
}

pub(super) fn setrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let offset = cx.args.integer()?;
    let offset = usize::try_from(offset).map_err(|_| CommandError::fixed("ERR offset is out of range"))?;
    let part = cx.args.word()?;
    if part.is_empty() {
        let len = cx.view.string_mut(&key)?.map_or(0, |entry| entry.value().len());
        cx.reply.integer(len as i64);
        return Ok(());
    }
    let bytes_max = cx.engine.settings().bulk_bytes_max();
    if let Err(too_long) = check_length(offset, part.len(), bytes_max) {
        // A key of another type is the first thing that is wrong.
        cx.view.string_mut(&key)?;
        return Err(too_long);
    }
    let len = edit_or_create(&mut cx.view, &key, |bytes| {
        overwrite(bytes, offset, part);
        bytes.len()
    })?;
    cx.view.record(&key, SETRANGE, Effect::AsCalled);
    cx.reply.integer(len as i64);
    Ok(())
}

/// Whether a string may be `len + more` bytes long.
fn check_length(len: usize, more: usize, bytes_max: usize) -> Result<(), CommandError> {
    let fits = len.checked_add(more).is_some_and(|sum| sum <= bytes_max);
    if fits { Ok(()) } else { Err(CommandError::StringTooLong) }
}

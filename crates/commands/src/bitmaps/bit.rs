//! Bitmaps: one bit.
//!
//! ```text
//! GETBIT key offset
//! SETBIT key offset value
//! ```

use engine::{CommandError, Ctx, Effect};
use structures::bitmap;

use super::{SETBIT, WRONG_OFFSET};
use crate::value::edit_or_create;

pub(super) fn getbit(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let offset = offset(cx)?;
    let bit = cx.view.string(&key)?.is_some_and(|entry| bitmap::bit(&entry.value().text(), offset));
    cx.reply.integer(i64::from(bit));
    Ok(())
}

pub(super) fn setbit(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let offset = offset(cx)?;
    let on = match cx.args.word()? {
        b"0" => false,
        b"1" => true,
        _ => return Err(CommandError::fixed("ERR bit is not an integer or out of range")),
    };
    let (was, has_grown) = edit_or_create(&mut cx.view, &key, |bytes| {
        let len = bytes.len();
        (bitmap::set_bit(bytes, offset, on), bytes.len() > len)
    })?;
    if was != on || has_grown {
        cx.view.record(&key, SETBIT, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(was));
    Ok(())
}

/// An offset within the longest string that there may be: whatever is done with it takes no more memory than that.
fn offset(cx: &mut Ctx<'_>) -> Result<u64, CommandError> {
    let bytes_max = cx.engine.settings().bulk_bytes_max() as u64;
    bitmap::parse_offset(cx.args.word()?, bytes_max).ok_or(WRONG_OFFSET)
}

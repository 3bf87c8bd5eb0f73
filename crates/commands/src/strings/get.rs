//! Strings: reading.
//!
//! ```text
//! GET key
//! STRLEN key
//! ```

use engine::{CommandError, Ctx};

use crate::value::reply_value;

pub(super) fn get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    match cx.view.string(&key)? {
        Some(entry) => reply_value(&mut cx.reply, &entry),
        None => cx.reply.null(),
    }
    Ok(())
}

pub(super) fn strlen(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let len = cx.view.string(&key)?.map_or(0, |entry| entry.value().len());
    cx.reply.integer(len as i64);
    Ok(())
}

//! Strings: removing a key for what it holds.
//!
//! ```text
//! GETDEL key
//! DELIFEQ key comparison
//! ```

use engine::{CommandError, Ctx, DEL, Effect};
use keyspace::Key;

use crate::value::reply_value;

pub(super) fn getdel(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    match cx.view.string(&key)? {
        Some(entry) => reply_value(&mut cx.reply, &entry),
        None => {
            cx.reply.null();
            return Ok(());
        }
    }
    remove(cx, &key);
    Ok(())
}

pub(super) fn delifeq(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let comparison = cx.args.word()?;
    let is_equal = cx.view.string_mut(&key)?.is_some_and(|entry| *entry.value().text() == *comparison);
    if is_equal {
        remove(cx, &key);
    }
    cx.reply.integer(i64::from(is_equal));
    Ok(())
}

fn remove(cx: &mut Ctx<'_>, key: &Key<'_>) {
    cx.view.remove(key);
    cx.view.record(key, DEL, Effect::Instead(&[b"DEL", key.bytes()]));
}

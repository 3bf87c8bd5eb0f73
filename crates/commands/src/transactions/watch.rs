//! Transactions: keys that must not change before the block is carried out.
//!
//! ```text
//! WATCH key [key ...]
//! UNWATCH
//! ```

use engine::{CommandError, Ctx};

pub(super) fn watch(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        cx.watch(&key)?;
    }
    cx.reply.ok();
    Ok(())
}

pub(super) fn unwatch(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.unwatch();
    cx.reply.ok();
    Ok(())
}

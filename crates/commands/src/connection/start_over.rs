//! Connections: another database, a new beginning, the end.
//!
//! ```text
//! SELECT index
//! RESET
//! QUIT
//! ```

use engine::{CommandError, Ctx};
use keyspace::DbIndex;

const NOT_AN_INDEX: CommandError =
    CommandError::fixed("ERR value is out of range, value must between -2147483648 and 2147483647");

pub(super) fn select(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let index = i32::try_from(cx.args.integer()?).map_err(|_| NOT_AN_INDEX)?;
    let db = u32::try_from(index).ok().filter(|db| *db < cx.engine.keyspace().databases());
    cx.session.select(DbIndex(db.ok_or(CommandError::DbOutOfRange)?));
    cx.reply.ok();
    Ok(())
}

pub(super) fn reset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.leave_transaction(cx.session);
    cx.engine.end_subscriptions(cx.session);
    cx.engine.end_monitoring(cx.session);
    cx.engine.untrack(cx.session);
    cx.session.reset(cx.engine);
    cx.reply.set_protocol(cx.session.protocol());
    cx.reply.simple("RESET");
    Ok(())
}

pub(super) fn quit(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.session.close_after_reply();
    cx.reply.ok();
    Ok(())
}

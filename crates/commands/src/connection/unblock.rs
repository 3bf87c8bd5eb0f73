//! Connections: waking a client that waits.
//!
//! ```text
//! CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
//! ```

use engine::{CommandError, Ctx};

use crate::help::wrong_arguments;

const NOT_A_REASON: CommandError =
    CommandError::fixed("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");

pub(super) fn unblock(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 2 {
        return Err(wrong_arguments(cx));
    }
    let id = cx.args.word()?;
    let with_error = cx.args.option("ERROR");
    if !cx.args.is_empty() && !with_error && !cx.args.option("TIMEOUT") {
        return Err(NOT_A_REASON);
    }
    let id = resp::parse_i64(id).ok_or(CommandError::NotAnInteger)?;
    let unblocked = u64::try_from(id).is_ok_and(|id| cx.engine.unblock(id, with_error));
    cx.reply.integer(i64::from(unblocked));
    Ok(())
}

//! Connections: waking a client that waits.
//!
//! ```text
//! CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
//! ```

use engine::{CommandError, Ctx};

const NOT_A_REASON: CommandError =
    CommandError::fixed("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
const TOO_MANY_WORDS: CommandError = CommandError::fixed(
    "ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.",
);

pub(super) fn unblock(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 2 {
        return Err(TOO_MANY_WORDS);
    }
    let id = cx.args.word()?;
    if !cx.args.is_empty() && !cx.args.option("TIMEOUT") && !cx.args.option("ERROR") {
        return Err(NOT_A_REASON);
    }
    resp::parse_i64(id).ok_or(CommandError::NotAnInteger)?;
    // No command that is built blocks, so nobody waits.
    cx.reply.integer(0);
    Ok(())
}

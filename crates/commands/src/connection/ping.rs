//! Connections: is anybody there?
//!
//! ```text
//! PING [message]
//! ECHO message
//! ```

use engine::{CommandError, Ctx};

pub(super) fn ping(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    match cx.args.remaining() {
        0 => cx.reply.simple("PONG"),
        1 => cx.reply.bulk(cx.args.word()?),
        _ => return Err(CommandError::WrongArity(cx.command.name)),
    }
    Ok(())
}

pub(super) fn echo(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.bulk(cx.args.word()?);
    Ok(())
}

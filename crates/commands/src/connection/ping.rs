//! Connections: is anybody there?
//!
//! ```text
//! PING [message]
//! ECHO message
//! ```

use engine::{CommandError, Ctx};
use resp::Protocol;

pub(super) fn ping(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    match cx.args.remaining() {
        0 | 1 if cx.session.is_listening() && cx.session.protocol() == Protocol::Resp2 => {
            // In the form of a message, since that is what a client expects that listens.
            cx.reply.array(2);
            cx.reply.bulk(b"pong");
            cx.reply.bulk(cx.args.peek().unwrap_or_default());
        }
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

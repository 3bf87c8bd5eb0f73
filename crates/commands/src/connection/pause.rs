//! Connections: a pause for everybody.
//!
//! ```text
//! CLIENT PAUSE timeout [WRITE | ALL]
//! CLIENT UNPAUSE
//! ```

use engine::{Args, CommandError, Ctx, Moment, Pause, PauseKind};

use crate::help::wrong_arguments;

pub(super) fn pause(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 2 {
        return Err(wrong_arguments(cx));
    }
    let timeout = cx.args.word()?;
    let kind = parse_kind(&mut cx.args)?;
    let until = parse_timeout(timeout, cx.now)?;
    cx.pause(Pause { kind, until });
    cx.reply.ok();
    Ok(())
}

pub(super) fn unpause(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.unpause();
    cx.reply.ok();
    Ok(())
}

fn parse_kind(args: &mut Args<'_>) -> Result<PauseKind, CommandError> {
    if args.is_empty() || args.option("ALL") {
        Ok(PauseKind::All)
    } else if args.option("WRITE") {
        Ok(PauseKind::Writes)
    } else {
        Err(CommandError::fixed("ERR CLIENT PAUSE mode must be WRITE or ALL"))
    }
}

fn parse_timeout(word: &[u8], now: Moment) -> Result<Moment, CommandError> {
    let millis =
        resp::parse_i64(word).ok_or(CommandError::fixed("ERR timeout is not an integer or out of range"))?;
    let millis = u64::try_from(millis).map_err(|_| CommandError::fixed("ERR timeout is negative"))?;
    let nanos = millis.checked_mul(1_000_000).and_then(|nanos| nanos.checked_add(now.unix_nanos()));
    nanos.map(Moment::from_unix_nanos).ok_or(CommandError::fixed("ERR timeout is out of range"))
}

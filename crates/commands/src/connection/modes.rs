//! Connections: how the server treats the client.
//!
//! ```text
//! CLIENT NO-EVICT ON | OFF
//! CLIENT NO-TOUCH ON | OFF
//! CLIENT REPLY ON | OFF | SKIP
//! ```

use std::sync::atomic::Ordering::Relaxed;

use engine::{Args, CommandError, Ctx, ReplyMode};

pub(super) fn no_evict(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let on = parse_switch(&mut cx.args)?;
    cx.session.client().is_no_evict.store(on, Relaxed);
    cx.reply.ok();
    Ok(())
}

pub(super) fn no_touch(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let on = parse_switch(&mut cx.args)?;
    cx.session.client().is_no_touch.store(on, Relaxed);
    cx.reply.ok();
    Ok(())
}

fn parse_switch(args: &mut Args<'_>) -> Result<bool, CommandError> {
    if args.option("ON") {
        Ok(true)
    } else if args.option("OFF") {
        Ok(false)
    } else {
        Err(CommandError::Syntax)
    }
}

pub(super) fn reply(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.option("ON") {
        cx.session.set_reply_mode(ReplyMode::On);
        cx.reply.ok();
    } else if cx.args.option("OFF") {
        cx.session.set_reply_mode(ReplyMode::Off);
    } else if cx.args.option("SKIP") {
        // Where nothing is replied to there is nothing to skip.
        if cx.session.reply_mode() != ReplyMode::Off {
            cx.session.set_reply_mode(ReplyMode::SkipNext);
        }
    } else {
        return Err(CommandError::Syntax);
    }
    Ok(())
}

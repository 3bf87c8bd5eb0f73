//! The server: stopping it.
//!
//! ```text
//! SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [ABORT]
//! ```
//!
//! `SAFE` asks for nothing yet: it refuses to stop a primary whose slots nobody would serve, and kvd is not in a cluster.

use engine::{Args, CommandError, Ctx, Shutdown};
use resp::Reply;

enum Request {
    Stop(Shutdown),
    Abort,
}

impl Request {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let (mut how, mut saves_not, mut is_safe, mut aborts) = (Shutdown::default(), false, false, false);
        while !args.is_empty() {
            if args.option("NOSAVE") {
                saves_not = true;
            } else if args.option("SAVE") {
                how.save = Some(true);
            } else if args.option("NOW") {
                how.now = true;
            } else if args.option("FORCE") {
                how.force = true;
            } else if args.option("SAFE") {
                is_safe = true;
            } else if args.option("ABORT") {
                aborts = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        let asks_how = how != Shutdown::default() || saves_not || is_safe;
        if aborts && asks_how || saves_not && how.save.is_some() {
            return Err(CommandError::Syntax);
        }
        if saves_not {
            how.save = Some(false);
        }
        Ok(if aborts { Self::Abort } else { Self::Stop(how) })
    }
}

pub(super) fn shutdown(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    match Request::parse(&mut cx.args)? {
        Request::Abort if cx.engine.host().abort_shutdown() => {
            cx.reply.ok();
            Ok(())
        }
        Request::Abort => Err(CommandError::fixed("ERR No shutdown in progress.")),
        Request::Stop(how) => {
            // If the stop succeeds, the reply is the end of the connection.
            let unblocked =
                |reply: &mut Reply<'_>| reply.error_bytes(b"ERR the server is still about to stop");
            if let Some(failed) = cx.promise(None, Box::new(unblocked)) {
                cx.engine.host().shut_down(how, failed);
            }
            Ok(())
        }
    }
}

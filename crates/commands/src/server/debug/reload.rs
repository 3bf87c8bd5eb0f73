//! Reading all data from the disk again.

use engine::{CommandError, Ctx, ReloadFrom};
use resp::Reply;

const OPTIONS: CommandError =
    CommandError::fixed("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");

const IN_TRANSACTION: CommandError =
    CommandError::fixed("ERR DEBUG RELOAD and DEBUG LOADAOF can't be part of a transaction");

pub(super) fn reload(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (mut saves, mut flushes, mut merges) = (true, true, false);
    while !cx.args.is_empty() {
        if cx.args.option("NOSAVE") {
            saves = false;
        } else if cx.args.option("NOFLUSH") {
            flushes = false;
        } else if cx.args.option("MERGE") {
            merges = true;
        } else {
            return Err(OPTIONS);
        }
    }
    wait(cx, ReloadFrom::Snapshot { saves, flushes, merges })
}

pub(super) fn load_log(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    wait(cx, ReloadFrom::Log)
}

fn wait(cx: &mut Ctx<'_>, from: ReloadFrom) -> Result<(), CommandError> {
    // Data are read by another thread, which needs the locks that a transaction holds.
    if cx.is_in_block() {
        return Err(IN_TRANSACTION);
    }
    let unblocked = |reply: &mut Reply<'_>| reply.error_bytes(b"ERR the data are still being read again");
    let Some(done) = cx.promise(None, Box::new(unblocked)) else { return Ok(()) };
    cx.engine.storage().reload(from, done).inspect_err(|_| cx.forget_promise())
}

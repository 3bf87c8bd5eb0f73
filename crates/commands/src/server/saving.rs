//! The server: keeping the data beyond the process.
//!
//! ```text
//! SAVE
//! BGSAVE [SCHEDULE | CANCEL]
//! LASTSAVE
//! BGREWRITEAOF
//! WAITAOF numlocal numreplicas timeout
//! ```
//!
//! `SAVE` is a `BGSAVE` whose client waits until it is done; nobody else does.

use config::id;
use engine::{Begun, Cancelled, CommandError, Ctx, NO_LOCAL_LOG, SaveWhen};
use resp::Reply;

use crate::timeout::until_millis;

pub(super) fn save(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.args.end()?;
    let unblocked = |reply: &mut Reply<'_>| {
        reply.error_bytes(b"ERR nobody waits for the snapshot any more; it is still being written");
    };
    let Some(done) = cx.promise(None, Box::new(unblocked)) else { return Ok(()) };
    let outcome = cx.engine.storage().save(SaveWhen::Now, Some(done));
    // A promise that isn't taken is broken; the reason comes in its place.
    outcome.map(|_| ()).inspect_err(|_| cx.forget_promise())
}

pub(super) fn bgsave(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let storage = cx.engine.storage();
    let when = if cx.args.is_empty() {
        SaveWhen::Now
    } else if cx.args.option("SCHEDULE") {
        SaveWhen::Possible
    } else if cx.args.option("CANCEL") {
        cx.args.end()?;
        let text = match storage.cancel_save()? {
            Cancelled::Running => "Background saving cancelled",
            Cancelled::Scheduled => "Scheduled background saving cancelled",
        };
        cx.reply.simple(text);
        return Ok(());
    } else {
        return Err(CommandError::Syntax);
    };
    cx.args.end()?;
    let text = match storage.save(when, None)? {
        Begun::Started => "Background saving started",
        Begun::Scheduled => "Background saving scheduled",
    };
    cx.reply.simple(text);
    Ok(())
}

pub(super) fn lastsave(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(cx.engine.storage().status(cx.engine).snapshot.last_at);
    Ok(())
}

pub(super) fn bgrewriteaof(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let text = match cx.engine.storage().rewrite_log()? {
        Begun::Started => "Background append only file rewriting started",
        Begun::Scheduled => "Background append only file rewriting scheduled",
    };
    cx.reply.simple(text);
    Ok(())
}

pub(super) fn waitaof(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let local = cx.args.integer()?;
    if !(0..=1).contains(&local) {
        return Err(CommandError::fixed("ERR value is out of range, value must between 0 and 1"));
    }
    let replicas = cx.args.integer().ok().filter(|count| *count >= 0).ok_or(CommandError::NotPositive)?;
    let until = until_millis(cx.args.word()?, cx.now)?;
    cx.args.end()?;
    let engine = cx.engine;
    // One that is being switched on has no base yet, and will have one.
    if local > 0 && !engine.settings().read(|config| config.boolean(id::APPENDONLY)) {
        return Err(NO_LOCAL_LOG);
    }
    let written = cx.session.written();
    let is_durable = engine.durability_of(written);
    if (local == 0 || is_durable()) && replicas == 0 {
        reply_counts(&mut cx.reply, is_durable());
        return Ok(());
    }
    // There are no replicas that could answer: only the log's part may still come true.
    let awaited = (replicas == 0).then_some(written);
    if let Some(done) = cx.promise(until, Box::new(move |reply| reply_counts(reply, is_durable()))) {
        engine.promise_durable(awaited, done);
    }
    Ok(())
}

/// How many logs hold the client's last change: kvd's own, and those of replicas, of which there are none.
fn reply_counts(reply: &mut Reply<'_>, is_durable: bool) {
    reply.array(2);
    reply.integer(i64::from(is_durable));
    reply.integer(0);
}

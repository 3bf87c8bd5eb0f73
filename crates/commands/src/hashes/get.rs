//! Hashes: reading single fields.
//!
//! ```text
//! HGET key field
//! HMGET key field [field ...]
//! HEXISTS key field
//! HSTRLEN key field
//! HLEN key
//! ```

use engine::{CommandError, Ctx};
use keyspace::Hash;

use super::value::reply_found;

pub(super) fn hget(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let field = cx.args.word()?;
    let now = cx.view.now();
    let hash = cx.view.get::<Hash>(&key)?;
    reply_found(&mut cx.reply, hash.as_ref().and_then(|hash| hash.find(field, now.0)));
    Ok(())
}

pub(super) fn hmget(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let now = cx.view.now();
    let hash = cx.view.get::<Hash>(&key)?;
    cx.reply.array(cx.args.remaining());
    for field in cx.args.rest() {
        reply_found(&mut cx.reply, hash.as_ref().and_then(|hash| hash.find(field, now.0)));
    }
    Ok(())
}

pub(super) fn hexists(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let field = cx.args.word()?;
    let now = cx.view.now();
    let hash = cx.view.get::<Hash>(&key)?;
    cx.reply.integer(i64::from(hash.is_some_and(|hash| hash.find(field, now.0).is_some())));
    Ok(())
}

pub(super) fn hstrlen(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let field = cx.args.word()?;
    let now = cx.view.now();
    let hash = cx.view.get::<Hash>(&key)?;
    let found = hash.as_ref().and_then(|hash| hash.find(field, now.0));
    cx.reply.integer(found.map_or(0, |found| found.value.text_len() as i64));
    Ok(())
}

pub(super) fn hlen(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let len = cx.view.get::<Hash>(&key)?.map_or(0, |hash| hash.len());
    cx.reply.integer(len as i64);
    Ok(())
}

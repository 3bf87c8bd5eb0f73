//! Hashes: reading all fields.
//!
//! ```text
//! HGETALL key
//! HKEYS key
//! HVALS key
//! ```

use engine::{CommandError, Ctx};
use keyspace::Hash;

use super::value::reply_element;

pub(super) fn hgetall(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let now = cx.view.now();
    let Some(hash) = cx.view.get::<Hash>(&key)? else {
        cx.reply.map(0);
        return Ok(());
    };
    cx.reply.map(hash.live_len(now.0));
    hash.visit(now.0, |field, found| {
        reply_element(&mut cx.reply, field);
        reply_element(&mut cx.reply, found.value);
    });
    Ok(())
}

pub(super) fn hkeys(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_half(cx, Half::Fields)
}

pub(super) fn hvals(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_half(cx, Half::Values)
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Half {
    Fields,
    Values,
}

fn reply_half(cx: &mut Ctx<'_>, half: Half) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let now = cx.view.now();
    let Some(hash) = cx.view.get::<Hash>(&key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    cx.reply.array(hash.live_len(now.0));
    hash.visit(now.0, |field, found| {
        reply_element(&mut cx.reply, if half == Half::Fields { field } else { found.value });
    });
    Ok(())
}

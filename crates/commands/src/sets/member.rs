//! Sets: which members there are.
//!
//! ```text
//! SCARD key
//! SISMEMBER key member
//! SMISMEMBER key member [member ...]
//! SMEMBERS key
//! ```

use engine::{CommandError, Ctx};
use keyspace::Set;

use super::reply::reply_member;

pub(super) fn scard(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let set = cx.view.get::<Set>(&key)?;
    cx.reply.integer(set.map_or(0, |set| set.len()) as i64);
    Ok(())
}

pub(super) fn sismember(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let member = cx.args.word()?;
    let set = cx.view.get::<Set>(&key)?;
    cx.reply.integer(i64::from(set.is_some_and(|set| set.contains(member))));
    Ok(())
}

pub(super) fn smismember(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let set = cx.view.get::<Set>(&key)?;
    cx.reply.array(cx.args.remaining());
    for member in cx.args.rest() {
        cx.reply.integer(i64::from(set.as_ref().is_some_and(|set| set.contains(member))));
    }
    Ok(())
}

pub(super) fn smembers(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let Some(set) = cx.view.get::<Set>(&key)? else {
        cx.reply.set(0);
        return Ok(());
    };
    cx.reply.set(set.len());
    set.iter().for_each(|member| reply_member(&mut cx.reply, member));
    Ok(())
}

//! Hashes: writing fields.
//!
//! ```text
//! HSET key field value [field value ...]
//! HMSET key field value [field value ...]
//! HSETNX key field value
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Hash;
use structures::hash::Lifetime;

use super::value::{HSET, limits};

pub(super) fn hset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let added = set_pairs(cx)?;
    cx.reply.integer(added);
    Ok(())
}

pub(super) fn hmset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_pairs(cx)?;
    cx.reply.ok();
    Ok(())
}

/// Returns how many fields are new.
fn set_pairs(cx: &mut Ctx<'_>) -> Result<i64, CommandError> {
    let key = cx.args.key()?;
    if !cx.args.remaining().is_multiple_of(2) {
        return Err(CommandError::WrongArity(cx.command.name));
    }
    let limits = limits(cx.engine);
    cx.view.expire_fields(&key, cx.args.rest().step_by(2));
    let mut hash = cx.view.get_or_create::<Hash>(&key)?;
    let mut added = 0;
    while !cx.args.is_empty() {
        let (field, value) = (cx.args.word()?, cx.args.word()?);
        added += i64::from(hash.set(field, value, Lifetime::Forever, &limits));
    }
    drop(hash);
    cx.view.record(&key, HSET, Effect::AsCalled);
    Ok(added)
}

pub(super) fn hsetnx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (field, value) = (cx.args.word()?, cx.args.word()?);
    let (now, limits) = (cx.view.now(), limits(cx.engine));
    cx.view.expire_fields(&key, std::iter::once(field));
    let is_there = cx.view.get_mut::<Hash>(&key)?.is_some_and(|hash| hash.find(field, now.0).is_some());
    if !is_there {
        cx.view.get_or_create::<Hash>(&key)?.set(field, value, Lifetime::Forever, &limits);
        cx.view.record(&key, HSET, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(!is_there));
    Ok(())
}

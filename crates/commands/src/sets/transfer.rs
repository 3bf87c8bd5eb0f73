//! Sets: a member that goes from one to another.
//!
//! ```text
//! SMOVE source destination member
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Set;

use super::add::SADD;
use super::limits::limits;
use super::remove::SREM;

pub(super) fn smove(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (source, destination) = (cx.args.key()?, cx.args.key()?);
    let member = cx.args.word()?;
    let Some(found) = cx.view.get_mut::<Set>(&source)?.map(|set| set.contains(member)) else {
        cx.reply.integer(0);
        return Ok(());
    };
    cx.view.get_mut::<Set>(&destination)?;
    if source.bytes() == destination.bytes() || !found {
        cx.reply.integer(i64::from(found));
        return Ok(());
    }
    if let Some(mut set) = cx.view.get_mut::<Set>(&source)? {
        set.remove(member);
    }
    cx.view.record(&source, SREM, Effect::AsCalled);
    cx.view.remove_if_empty::<Set>(&source);
    let limits = limits(cx.engine);
    let mut set = cx.view.get_or_create::<Set>(&destination)?;
    set.prepare(member, 1, &limits);
    let is_new = set.insert(member, &limits);
    drop(set);
    if is_new {
        cx.view.record(&destination, SADD, Effect::Covered);
    }
    cx.reply.integer(1);
    Ok(())
}

//! Sets: adding members.
//!
//! ```text
//! SADD key member [member ...]
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::Set;

use super::limits::limits;

pub(super) const SADD: Event = Event::set("sadd");

pub(super) fn sadd(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let limits = limits(cx.engine);
    let mut set = cx.view.get_or_create::<Set>(&key)?;
    if let Some(first) = cx.args.peek() {
        set.prepare(first, cx.args.remaining(), &limits);
    }
    let added = cx.args.rest().filter(|member| set.insert(member, &limits)).count();
    drop(set);
    if added > 0 {
        cx.view.record(&key, SADD, Effect::AsCalled);
    }
    cx.reply.integer(added as i64);
    Ok(())
}

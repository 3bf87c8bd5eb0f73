//! Sets: removing members.
//!
//! ```text
//! SREM key member [member ...]
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::Set;

pub(super) const SREM: Event = Event::set("srem");

pub(super) fn srem(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let mut removed = 0;
    if let Some(mut set) = cx.view.get_mut::<Set>(&key)? {
        removed = cx.args.rest().filter(|member| set.remove(member)).count();
    }
    if removed > 0 {
        cx.view.record(&key, SREM, Effect::AsCalled);
        cx.view.remove_if_empty::<Set>(&key);
    }
    cx.reply.integer(removed as i64);
    Ok(())
}

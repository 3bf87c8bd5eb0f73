//! Streams: acknowledging entries.
//!
//! ```text
//! XACK key group id [id ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use structures::Stream;
use structures::stream::StreamId;

use super::ids::parse_strict;

pub(super) fn xack(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let group = cx.args.word()?;
    // The peers look the group up before they read the numbers.
    let found = cx.view.get_mut::<Box<Stream>>(&key)?;
    if found.is_none_or(|stream| stream.groups.find(group).is_none()) {
        cx.reply.integer(0);
        return Ok(());
    }
    let ids: Vec<StreamId> = cx.args.rest().map(|word| parse_strict(word, 0)).collect::<Result<_, _>>()?;
    let Some(mut stream) = cx.view.get_mut::<Box<Stream>>(&key)? else { return Ok(()) };
    let Some(mut group) = stream.groups.find_mut(group) else { return Ok(()) };
    let acknowledged = ids.iter().filter(|id| group.acknowledge(**id)).count();
    drop(group);
    drop(stream);
    if acknowledged > 0 {
        cx.view.record_quietly(Effect::AsCalled);
    }
    cx.reply.integer(acknowledged as i64);
    Ok(())
}

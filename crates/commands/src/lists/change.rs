//! Lists: changing elements in the middle.
//!
//! ```text
//! LSET key index element
//! LINSERT key BEFORE | AFTER pivot element
//! LREM key count element
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use keyspace::List;
use structures::list::{End, Side};

use super::element::limit;
use super::ends::record_removal;
use super::range::from_either_end;

const LSET: Event = Event::list("lset");
const LINSERT: Event = Event::list("linsert");
const LREM: Event = Event::list("lrem");

const NO_SUCH_INDEX: CommandError = CommandError::fixed("ERR index out of range");
const NO_ABSOLUTE_VALUE: CommandError = CommandError::fixed(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);

/// An integer whose sign means a direction.
pub(super) fn symmetric(args: &mut Args<'_>) -> Result<i64, CommandError> {
    let number = args.integer()?;
    if number == i64::MIN { Err(NO_ABSOLUTE_VALUE) } else { Ok(number) }
}

pub(super) fn lset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // Peers look for the key first: without one, the index isn't looked at.
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else { return Err(CommandError::NoSuchKey) };
    let index = cx.args.integer()?;
    let text = cx.args.word()?;
    // No list has that many elements. It is told of the text all the same: peers make room for it before they look for the element.
    let index = from_either_end(index, list.len()).unwrap_or(usize::MAX);
    if !list.set(index, text, limit(cx.engine)) {
        return Err(NO_SUCH_INDEX);
    }
    drop(list);
    cx.view.record(&key, LSET, Effect::AsCalled);
    cx.reply.ok();
    Ok(())
}

pub(super) fn linsert(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let side = if cx.args.option("BEFORE") {
        Side::Before
    } else if cx.args.option("AFTER") {
        Side::After
    } else {
        return Err(CommandError::Syntax);
    };
    let pivot = cx.args.word()?;
    let text = cx.args.word()?;
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else {
        cx.reply.integer(0);
        return Ok(());
    };
    let is_inserted = list.insert(pivot, side, text, limit(cx.engine));
    let len = list.len();
    drop(list);
    if is_inserted {
        cx.view.record(&key, LINSERT, Effect::AsCalled);
    }
    cx.reply.integer(if is_inserted { len as i64 } else { -1 });
    Ok(())
}

pub(super) fn lrem(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let count = symmetric(&mut cx.args)?;
    let text = cx.args.word()?;
    let from = if count < 0 { End::Back } else { End::Front };
    let max = match count {
        0 => usize::MAX,
        count => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
    };
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else {
        cx.reply.integer(0);
        return Ok(());
    };
    let removed = list.remove_equal(text, max, from, limit(cx.engine));
    let is_empty = list.is_empty();
    drop(list);
    if removed > 0 {
        record_removal(&mut cx.view, &key, LREM, is_empty, Effect::AsCalled);
    }
    cx.reply.integer(removed as i64);
    Ok(())
}

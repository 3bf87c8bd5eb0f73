//! Lists: reading and cutting by index.
//!
//! ```text
//! LLEN key
//! LINDEX key index
//! LRANGE key start stop
//! LTRIM key start stop
//! ```

use std::ops::Range;

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::{List, Object};
use structures::list::End;

use super::element::{limit, reply_element};
use super::ends::record_removal;

const LTRIM: Event = Event::list("ltrim");

pub(super) fn llen(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let len = cx.view.get::<List>(&key)?.map_or(0, |list| list.len());
    cx.reply.integer(len as i64);
    Ok(())
}

pub(super) fn lindex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // Peers look for the key first: without one, any index will do.
    let Some(list) = cx.view.get::<List>(&key)? else {
        cx.reply.null();
        return Ok(());
    };
    let index = cx.args.integer()?;
    match from_either_end(index, list.len()).and_then(|index| list.get(index)) {
        Some(element) => reply_element(&mut cx.reply, element),
        None => cx.reply.null(),
    }
    Ok(())
}

pub(super) fn lrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let start = cx.args.integer()?;
    let stop = cx.args.integer()?;
    let Some(list) = cx.view.get::<List>(&key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    let range = range(start, stop, list.len());
    cx.reply.array(range.len());
    if !range.is_empty() {
        let elements = list.iter_from(range.start);
        elements.visit(range.len(), |element| reply_element(&mut cx.reply, element));
    }
    Ok(())
}

pub(super) fn ltrim(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let start = cx.args.integer()?;
    let stop = cx.args.integer()?;
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else {
        cx.reply.ok();
        return Ok(());
    };
    let len = list.len();
    let kept = range(start, stop, len);
    let limit = limit(cx.engine);
    // A list of which nothing is kept goes whole and, if it is large, to the thread that frees.
    let mut cut = [None, None];
    if !kept.is_empty() {
        let ends = [(End::Front, kept.start), (End::Back, len - kept.end)];
        cut = ends.map(|(end, count)| list.cut_at_end(end, count, limit));
    }
    drop(list);
    // So do the greater parts of what is cut off.
    cut.into_iter().flatten().for_each(|cut| cx.view.bury_object(Object::List(cut)));
    record_removal(&mut cx.view, &key, LTRIM, kept.is_empty(), Effect::AsCalled);
    cx.reply.ok();
    Ok(())
}

/// The element that an index means: below zero it counts from the back, -1 being the last.
pub(super) fn from_either_end(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(i64::try_from(len).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|&index| index < len)
}

/// The elements between two indexes, both included. An empty range lies at the end, so that all is before it.
fn range(start: i64, stop: i64, len: usize) -> Range<usize> {
    let from_end = |index: i64| if index < 0 { index.saturating_add(len as i64) } else { index };
    let (start, stop) = (from_end(start).max(0), from_end(stop));
    if start > stop || start >= len as i64 {
        return len..len;
    }
    start as usize..(stop as usize).saturating_add(1).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_from_either_end() {
        assert_eq!(range(0, -1, 5), 0..5);
        assert_eq!(range(-3, -2, 5), 2..4);
        assert_eq!(range(-100, 1, 5), 0..2);
        assert_eq!(range(3, i64::MAX, 5), 3..5);
        assert!(range(0, -100, 5).is_empty());
        assert!(range(3, 2, 5).is_empty());
        assert!(range(5, 9, 5).is_empty());
        assert!(range(i64::MIN, i64::MIN, 5).is_empty());
        assert_eq!(range(0, 0, 0), 0..0);
    }

    #[test]
    fn an_index_beyond_either_end_is_none() {
        let found = [0, 4, 5, -1, -5, -6, i64::MIN, i64::MAX].map(|index| from_either_end(index, 5));
        assert_eq!(found, [Some(0), Some(4), None, Some(4), Some(0), None, None, None]);
    }
}

//! Sorted sets: removing members.
//!
//! ```text
//! ZREM key member [member ...]
//! ZREMRANGEBYRANK key start stop
//! ZREMRANGEBYSCORE key min max
//! ZREMRANGEBYLEX key min max
//! ```

use std::ops::Range;

use engine::{CommandError, Ctx, DEL, Effect, Event};
use keyspace::{Key, Object, SortedSet};

use super::bounds::{Named, lex_bounds, score_bounds};
use super::span::ranks_between;

const ZREM: Event = Event::sorted_set("zrem");
const ZREMRANGEBYRANK: Event = Event::sorted_set("zremrangebyrank");
const ZREMRANGEBYSCORE: Event = Event::sorted_set("zremrangebyscore");
const ZREMRANGEBYLEX: Event = Event::sorted_set("zremrangebylex");

pub(super) fn zrem(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let mut removed = 0;
    if let Some(mut set) = cx.view.get_mut::<SortedSet>(&key)? {
        for member in cx.args.rest() {
            removed += i64::from(set.remove(member).is_some());
        }
    }
    if removed > 0 {
        cx.view.record(&key, ZREM, Effect::AsCalled);
        cx.view.remove_if_empty::<SortedSet>(&key);
    }
    cx.reply.integer(removed);
    Ok(())
}

pub(super) fn zremrangebyrank(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (first, last) = (cx.args.integer()?, cx.args.integer()?);
    remove_range(cx, &key, ZREMRANGEBYRANK, |set| ranks_between(set.len(), first, last))
}

pub(super) fn zremrangebyscore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let bounds = score_bounds(&mut cx.args, Named::LowerFirst)?;
    remove_range(cx, &key, ZREMRANGEBYSCORE, |set| set.ranks_by_score(bounds))
}

pub(super) fn zremrangebylex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let bounds = lex_bounds(&mut cx.args, Named::LowerFirst)?;
    remove_range(cx, &key, ZREMRANGEBYLEX, |set| set.ranks_by_lex(bounds))
}

/// Removes the members of these ranks. If that is all, the key goes with them, and they are freed elsewhere.
fn remove_range(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    event: Event,
    ranks: impl FnOnce(&SortedSet) -> Range<usize>,
) -> Result<(), CommandError> {
    let Some(mut set) = cx.view.get_mut::<SortedSet>(key)? else {
        cx.reply.integer(0);
        return Ok(());
    };
    let ranks = ranks(&set);
    let removed = ranks.len();
    let is_all = removed == set.len();
    let cut = if is_all { None } else { set.cut_ranks(ranks) };
    drop(set);
    if let Some(cut) = cut {
        cx.view.bury_object(Object::SortedSet(cut));
    }
    if removed > 0 {
        if is_all {
            cx.view.remove(key);
        }
        cx.view.record(key, event, Effect::AsCalled);
        if is_all {
            cx.view.tell(key, DEL);
        }
    }
    cx.reply.integer(removed as i64);
    Ok(())
}

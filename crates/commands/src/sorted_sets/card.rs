//! Sorted sets: counting members.
//!
//! ```text
//! ZCARD key
//! ZCOUNT key min max
//! ZLEXCOUNT key min max
//! ```

use engine::{CommandError, Ctx};
use keyspace::{Key, SortedSet};

use super::bounds::{Named, lex_bounds, score_bounds};

pub(super) fn zcard(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    count(cx, &key, SortedSet::len)
}

pub(super) fn zcount(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let bounds = score_bounds(&mut cx.args, Named::LowerFirst)?;
    count(cx, &key, |set| set.ranks_by_score(bounds).len())
}

pub(super) fn zlexcount(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let bounds = lex_bounds(&mut cx.args, Named::LowerFirst)?;
    count(cx, &key, |set| set.ranks_by_lex(bounds).len())
}

fn count(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    count: impl FnOnce(&SortedSet) -> usize,
) -> Result<(), CommandError> {
    let set = cx.view.get::<SortedSet>(key)?;
    cx.reply.integer(set.map_or(0, |set| count(&set)) as i64);
    Ok(())
}

//! Sorted sets: scores and ranks of members.
//!
//! ```text
//! ZSCORE key member
//! ZMSCORE key member [member ...]
//! ZRANK key member [WITHSCORE]
//! ZREVRANK key member [WITHSCORE]
//! ```

use engine::{CommandError, Ctx};
use keyspace::SortedSet;

pub(super) fn zscore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let member = cx.args.word()?;
    let set = cx.view.get::<SortedSet>(&key)?;
    match set.and_then(|set| set.score(member)) {
        Some(score) => cx.reply.double(score),
        None => cx.reply.null(),
    }
    Ok(())
}

pub(super) fn zmscore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let set = cx.view.get::<SortedSet>(&key)?;
    cx.reply.array(cx.args.remaining());
    for member in cx.args.rest() {
        match set.as_ref().and_then(|set| set.score(member)) {
            Some(score) => cx.reply.double(score),
            None => cx.reply.null(),
        }
    }
    Ok(())
}

pub(super) fn zrank(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    rank(cx, |rank, _| rank)
}

pub(super) fn zrevrank(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    rank(cx, |rank, len| len - 1 - rank)
}

/// The rank of a member, counted from where `from` says.
fn rank(cx: &mut Ctx<'_>, from: fn(usize, usize) -> usize) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let member = cx.args.word()?;
    if cx.args.remaining() > 1 {
        return Err(CommandError::WrongArity(cx.command.name));
    }
    let is_with_score = cx.args.option("WITHSCORE");
    cx.args.end()?;
    let set = cx.view.get::<SortedSet>(&key)?;
    let found = set.and_then(|set| Some((set.rank_and_score(member)?, set.len())));
    match found {
        Some(((rank, score), len)) => {
            if is_with_score {
                cx.reply.array(2);
            }
            cx.reply.integer(from(rank, len) as i64);
            if is_with_score {
                cx.reply.double(score);
            }
        }
        None if is_with_score => cx.reply.null_array(),
        None => cx.reply.null(),
    }
    Ok(())
}

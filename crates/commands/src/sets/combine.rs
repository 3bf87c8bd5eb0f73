//! Sets: unions, intersections and differences, shown or counted.
//!
//! ```text
//! SUNION key [key ...]
//! SINTER key [key ...]
//! SDIFF key [key ...]
//! SINTERCARD numkeys key [key ...] [LIMIT limit]
//! ```

use std::ops::ControlFlow;

use engine::{Args, CommandError, Ctx};
use keyspace::{Key, Object};
use structures::set::{difference, difference_of_copy, intersection, is_copy_less_work, union};

use super::limits::limits;
use super::reply::reply_member;
use super::source::Sources;

const NO_KEYS: CommandError = CommandError::fixed("ERR numkeys should be greater than 0");
const TOO_MANY_KEYS: CommandError =
    CommandError::fixed("ERR Number of keys can't be greater than number of args");
const NEGATIVE_LIMIT: CommandError = CommandError::fixed("ERR LIMIT can't be negative");

/// All words that are left, as keys.
pub(super) fn keys<'a>(args: &mut Args<'a>) -> Result<Vec<Key<'a>>, CommandError> {
    (0..args.remaining()).map(|_| args.key()).collect()
}

pub(super) fn sinter(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let keys = keys(&mut cx.args)?;
    let sources = Sources::read(&mut cx.view, &keys)?;
    let later = cx.reply.set_later();
    let mut shown = 0;
    if !sources.is_any_missing {
        intersection(&mut sources.refs(), |member| {
            reply_member(&mut cx.reply, member);
            shown += 1;
            ControlFlow::Continue(())
        });
    }
    cx.reply.close_set(later, shown);
    Ok(())
}

pub(super) fn sunion(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let keys = keys(&mut cx.args)?;
    let sources = Sources::read(&mut cx.view, &keys)?;
    let later = cx.reply.set_later();
    let mut shown = 0;
    union(&mut sources.refs(), cx.engine.keyspace().secret(), |member| {
        reply_member(&mut cx.reply, member);
        shown += 1;
    });
    cx.reply.close_set(later, shown);
    Ok(())
}

pub(super) fn sdiff(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let keys = keys(&mut cx.args)?;
    let sources = Sources::read(&mut cx.view, &keys)?;
    let mut sets = sources.refs();
    let Some((first, others)) = sets.split_first_mut().filter(|_| !sources.is_first_missing) else {
        cx.reply.set(0);
        return Ok(());
    };
    if is_copy_less_work(first, others) {
        let rest = difference_of_copy(first, others, &limits(cx.engine));
        cx.reply.set(rest.len());
        rest.iter().for_each(|member| reply_member(&mut cx.reply, member));
        drop(sources);
        cx.view.bury_object(Object::Set(rest));
        return Ok(());
    }
    let later = cx.reply.set_later();
    let mut shown = 0;
    difference(first, others, |member| {
        reply_member(&mut cx.reply, member);
        shown += 1;
    });
    cx.reply.close_set(later, shown);
    Ok(())
}

pub(super) fn sintercard(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let keys = numbered_keys(&mut cx.args)?;
    let max = parse_limit(&mut cx.args)?;
    let sources = Sources::read(&mut cx.view, &keys)?;
    let mut found = 0;
    if !sources.is_any_missing {
        intersection(&mut sources.refs(), |_| {
            found += 1;
            if found == max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    cx.reply.integer(found as i64);
    Ok(())
}

/// A number of keys and so many keys.
fn numbered_keys<'a>(args: &mut Args<'a>) -> Result<Vec<Key<'a>>, CommandError> {
    let count = resp::parse_i64(args.word()?).filter(|&count| count > 0).ok_or(NO_KEYS)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > args.remaining() {
        return Err(TOO_MANY_KEYS);
    }
    (0..count).map(|_| args.key()).collect()
}

/// After how many members counting may stop; 0 for never.
fn parse_limit(args: &mut Args<'_>) -> Result<usize, CommandError> {
    let mut limit = 0;
    while !args.is_empty() {
        if args.remaining() < 2 || !args.option("LIMIT") {
            return Err(CommandError::Syntax);
        }
        limit = resp::parse_i64(args.word()?).filter(|&limit| limit >= 0).ok_or(NEGATIVE_LIMIT)?;
    }
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

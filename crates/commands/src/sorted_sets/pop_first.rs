//! Sorted sets: taking members from the first that has some.
//!
//! ```text
//! ZMPOP numkeys key [key ...] MIN | MAX [COUNT count]
//! ```

use engine::{Args, CommandError, Ctx, Effect, View};
use keyspace::{Key, SortedSet};
use resp::Reply;

use super::pop::{End, record, take};
use super::reply::reply_member;
use crate::decimal::Decimal;

const NO_KEYS: CommandError = CommandError::fixed("ERR numkeys should be greater than 0");
const NO_COUNT: CommandError = CommandError::fixed("ERR count should be greater than 0");

/// Keys, an end, and how many members to take there.
pub(super) struct FirstOf<'a> {
    pub(super) keys: Vec<Key<'a>>,
    pub(super) end: End,
    pub(super) count: usize,
}

impl<'a> FirstOf<'a> {
    pub(super) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let count = positive(args.word()?, NO_KEYS)?;
        // The end stands behind the keys.
        if count >= args.remaining() {
            return Err(CommandError::Syntax);
        }
        let keys = (0..count).map(|_| args.key()).collect::<Result<_, _>>()?;
        let end = if args.option("MIN") {
            End::Min
        } else if args.option("MAX") {
            End::Max
        } else {
            return Err(CommandError::Syntax);
        };
        let count = if args.option("COUNT") { positive(args.word()?, NO_COUNT)? } else { 1 };
        args.end()?;
        Ok(Self { keys, end, count })
    }
}

fn positive(word: &[u8], fault: CommandError) -> Result<usize, CommandError> {
    let number = resp::parse_i64(word).and_then(|number| usize::try_from(number).ok());
    number.filter(|&number| number > 0).ok_or(fault)
}

pub(super) fn zmpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let asked = FirstOf::parse(&mut cx.args)?;
    if !take_first(cx, &asked)? {
        cx.reply.null_array();
    }
    Ok(())
}

/// Takes members from the first set that there is, and replies with its name and them. Returns whether there was one.
pub(super) fn take_first(cx: &mut Ctx<'_>, asked: &FirstOf<'_>) -> Result<bool, CommandError> {
    for key in &asked.keys {
        if take_named(&mut cx.view, &mut cx.reply, key, asked.end, asked.count)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes members and replies with the set's name and them. Returns whether there was one.
pub(super) fn take_named(
    view: &mut View<'_>,
    reply: &mut Reply<'_>,
    key: &Key<'_>,
    end: End,
    count: usize,
) -> Result<bool, CommandError> {
    let Some(set) = view.get_mut::<SortedSet>(key)? else { return Ok(false) };
    let count = count.min(set.len());
    reply.array(2);
    reply.bulk(key.bytes());
    reply.array(count);
    let is_emptied = take(set, reply, end, count, |reply, member, score| {
        reply.array(2);
        reply_member(reply, member);
        reply.double(score);
    });
    let mut decimal = Decimal::default();
    let words: &[&[u8]] = &[end.command(), key.bytes(), decimal.format(count as i64)];
    record(view, key, end, is_emptied, Effect::Instead(words));
    Ok(true)
}

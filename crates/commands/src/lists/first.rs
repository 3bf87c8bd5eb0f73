//! Lists: taking elements from the first that has some.
//!
//! ```text
//! LMPOP numkeys key [key ...] LEFT | RIGHT [COUNT count]
//! ```

use engine::{Args, CommandError, Ctx, Effect, Engine, View};
use keyspace::{Key, List};
use resp::Reply;
use structures::list::End;

use super::ends::{end, pop_name, record_pop};
use super::pop::take;
use crate::decimal::Decimal;

const NO_KEYS: CommandError = CommandError::fixed("ERR numkeys should be greater than 0");
const NO_COUNT: CommandError = CommandError::fixed("ERR count should be greater than 0");

/// What LMPOP and BLMPOP are asked for.
pub(super) struct FirstOf<'a> {
    pub(super) keys: Vec<Key<'a>>,
    pub(super) end: End,
    pub(super) count: usize,
}

impl<'a> FirstOf<'a> {
    pub(super) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let numkeys = positive(args.word()?).ok_or(NO_KEYS)?;
        if numkeys >= args.remaining() {
            return Err(CommandError::Syntax);
        }
        let keys = (0..numkeys).map(|_| args.key()).collect::<Result<_, _>>()?;
        let end = end(args)?;
        let count = if args.option("COUNT") { positive(args.word()?).ok_or(NO_COUNT)? } else { 1 };
        args.end()?;
        Ok(Self { keys, end, count })
    }
}

fn positive(word: &[u8]) -> Option<usize> {
    resp::parse_i64(word).and_then(|number| usize::try_from(number).ok()).filter(|&number| number > 0)
}

pub(super) fn lmpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let asked = FirstOf::parse(&mut cx.args)?;
    if !take_first(cx, &asked)? {
        cx.reply.null_array();
    }
    Ok(())
}

/// Takes from the first list that there is. Returns whether there is one.
pub(super) fn take_first(cx: &mut Ctx<'_>, asked: &FirstOf<'_>) -> Result<bool, CommandError> {
    for key in &asked.keys {
        if take_named(&mut cx.view, cx.engine, &mut cx.reply, key, asked.end, asked.count)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes from one list and replies with its name and the elements. Returns whether it is there.
pub(super) fn take_named(
    view: &mut View<'_>,
    engine: &Engine,
    reply: &mut Reply<'_>,
    key: &Key<'_>,
    end: End,
    count: usize,
) -> Result<bool, CommandError> {
    if view.get_mut::<List>(key)?.is_none() {
        return Ok(false);
    }
    reply.array(2);
    reply.bulk(key.bytes());
    let Some(taken) = take(view, engine, reply, key, end, count)? else { return Ok(false) };
    let mut digits = Decimal::default();
    let words: &[&[u8]] = &[pop_name(end), key.bytes(), digits.format(taken.count as i64)];
    record_pop(view, key, end, taken.is_all, Effect::Instead(words));
    Ok(true)
}

//! Lists: taking elements from an end.
//!
//! ```text
//! LPOP key [count]
//! RPOP key [count]
//! ```

use engine::{CommandError, Ctx, Effect, Engine, View};
use keyspace::{Key, List};
use resp::Reply;
use structures::list::End;

use super::element::{limit, reply_element};
use super::ends::record_pop;

pub(super) fn lpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop(cx, End::Front)
}

pub(super) fn rpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop(cx, End::Back)
}

fn pop(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    if cx.args.remaining() > 2 {
        return Err(CommandError::WrongArity(cx.command.name));
    }
    let key = cx.args.key()?;
    if !cx.args.is_empty() {
        return pop_several(cx, &key, end);
    }
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else {
        cx.reply.null();
        return Ok(());
    };
    if let Some(element) = list.at(end) {
        reply_element(&mut cx.reply, element);
    }
    list.remove_at_end(end, 1, limit(cx.engine));
    let is_empty = list.is_empty();
    drop(list);
    record_pop(&mut cx.view, &key, end, is_empty, Effect::AsCalled);
    Ok(())
}

fn pop_several(cx: &mut Ctx<'_>, key: &Key<'_>, end: End) -> Result<(), CommandError> {
    let count = resp::parse_i64(cx.args.word()?).and_then(|count| usize::try_from(count).ok());
    let count = count.ok_or(CommandError::NotPositive)?;
    let Some(list) = cx.view.get_mut::<List>(key)? else {
        cx.reply.null_array();
        return Ok(());
    };
    drop(list);
    if count == 0 {
        cx.reply.array(0);
        return Ok(());
    }
    if let Some(taken) = take(&mut cx.view, cx.engine, &mut cx.reply, key, end, count)? {
        record_pop(&mut cx.view, key, end, taken.is_all, Effect::AsCalled);
    }
    Ok(())
}

/// What was taken from a list.
pub(super) struct Taken {
    pub(super) count: usize,
    /// Nothing is left: whoever records this removes the key.
    pub(super) is_all: bool,
}

/// Takes up to `count` elements from an end and replies with an array of them. `None`, and no reply, if there is no such list.
pub(super) fn take(
    view: &mut View<'_>,
    engine: &Engine,
    reply: &mut Reply<'_>,
    key: &Key<'_>,
    end: End,
    count: usize,
) -> Result<Option<Taken>, CommandError> {
    let Some(mut list) = view.get_mut::<List>(key)? else { return Ok(None) };
    let count = count.min(list.len());
    reply.array(count);
    match end {
        End::Front => list.iter().visit(count, |element| reply_element(reply, element)),
        End::Back => list.iter().rev().take(count).for_each(|element| reply_element(reply, element)),
    }
    list.remove_at_end(end, count, limit(engine));
    Ok(Some(Taken { count, is_all: list.is_empty() }))
}

//! Sorted sets: waiting for a member.
//!
//! ```text
//! BZPOPMIN key [key ...] timeout
//! BZPOPMAX key [key ...] timeout
//! BZMPOP timeout numkeys key [key ...] MIN | MAX [COUNT count]
//! ```
//!
//! Each does at once what it can, and waits otherwise. What is done is journaled as by the command that doesn't wait.

use engine::{AwaitedKind, CommandError, Ctx, Effect, Serving, View, Waiting};
use keyspace::{Key, SortedSet};
use resp::Reply;

use super::pop::{End, record, take_one};
use super::pop_first::{FirstOf, take_first, take_named};
use crate::timeout::until;

pub(super) fn bzpopmin(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop_or_wait(cx, End::Min)
}

pub(super) fn bzpopmax(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop_or_wait(cx, End::Max)
}

fn pop_or_wait(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    let mut keys = Vec::with_capacity(cx.args.remaining());
    while cx.args.remaining() > 1 {
        keys.push(cx.args.key()?);
    }
    let until = until(cx.args.word()?, cx.now)?;
    for key in &keys {
        if take_single(&mut cx.view, &mut cx.reply, key, end)? {
            return Ok(());
        }
    }
    cx.wait(&keys, until, Box::new(Pop { end, count: None }));
    Ok(())
}

pub(super) fn bzmpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let timeout = cx.args.word()?;
    let asked = FirstOf::parse(&mut cx.args)?;
    let until = until(timeout, cx.now)?;
    if !take_first(cx, &asked)? {
        cx.wait(&asked.keys, until, Box::new(Pop { end: asked.end, count: Some(asked.count) }));
    }
    Ok(())
}

/// Takes one member and replies with the set's name, it and its score. Returns whether there was one.
fn take_single(
    view: &mut View<'_>,
    reply: &mut Reply<'_>,
    key: &Key<'_>,
    end: End,
) -> Result<bool, CommandError> {
    let Some(set) = view.get_mut::<SortedSet>(key)? else { return Ok(false) };
    reply.array(3);
    reply.bulk(key.bytes());
    let is_emptied = take_one(set, reply, end);
    record(view, key, end, is_emptied, Effect::Instead(&[end.command(), key.bytes()]));
    Ok(true)
}

/// Waits to take members from an end.
struct Pop {
    end: End,
    /// How many BZMPOP takes; `None` for one member, replied without an array of its own.
    count: Option<usize>,
}

impl Waiting for Pop {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::SortedSet
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let Serving { view, reply, .. } = serving;
        let taken = match self.count {
            None => take_single(view, reply, key, self.end),
            Some(count) => take_named(view, reply, key, self.end, count),
        };
        // A key of another type is not what it waits for.
        if taken == Err(CommandError::WrongType) { Ok(false) } else { taken }
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }
}

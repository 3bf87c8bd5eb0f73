//! Lists: waiting for an element.
//!
//! ```text
//! BLPOP key [key ...] timeout
//! BRPOP key [key ...] timeout
//! BLMPOP timeout numkeys key [key ...] LEFT | RIGHT [COUNT count]
//! BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout
//! BRPOPLPUSH source destination timeout
//! ```
//!
//! Each does at once what it can, and waits otherwise. What is done is journaled as by the command that doesn't wait.

use engine::{AwaitedKind, CommandError, Ctx, Effect, Engine, Serving, View, Waiting};
use keyspace::{Key, List};
use resp::Reply;
use structures::list::End;

use super::element::{limit, reply_element};
use super::ends::{end, pop_name, record_pop};
use super::first::{FirstOf, take_first, take_named};
use super::moving::{BACK_TO_FRONT, Ends, MoveWords, move_element};
use crate::timeout::until;

pub(super) fn blpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop_or_wait(cx, End::Front)
}

pub(super) fn brpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop_or_wait(cx, End::Back)
}

fn pop_or_wait(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    let mut keys = Vec::with_capacity(cx.args.remaining());
    while cx.args.remaining() > 1 {
        keys.push(cx.args.key()?);
    }
    let until = until(cx.args.word()?, cx.now)?;
    for key in &keys {
        if take_one(&mut cx.view, cx.engine, &mut cx.reply, key, end)? {
            return Ok(());
        }
    }
    cx.wait(&keys, until, Box::new(Pop { end, count: None }));
    Ok(())
}

pub(super) fn blmpop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let timeout = cx.args.word()?;
    let asked = FirstOf::parse(&mut cx.args)?;
    let until = until(timeout, cx.now)?;
    if !take_first(cx, &asked)? {
        cx.wait(&asked.keys, until, Box::new(Pop { end: asked.end, count: Some(asked.count) }));
    }
    Ok(())
}

/// Takes one element and replies with the list's name and it. Returns whether there was one.
fn take_one(
    view: &mut View<'_>,
    engine: &Engine,
    reply: &mut Reply<'_>,
    key: &Key<'_>,
    end: End,
) -> Result<bool, CommandError> {
    let Some(mut list) = view.get_mut::<List>(key)? else { return Ok(false) };
    let Some(element) = list.at(end) else { return Ok(false) };
    reply.array(2);
    reply.bulk(key.bytes());
    reply_element(reply, element);
    list.remove_at_end(end, 1, limit(engine));
    let is_empty = list.is_empty();
    drop(list);
    record_pop(view, key, end, is_empty, Effect::Instead(&[pop_name(end), key.bytes()]));
    Ok(true)
}

/// Waits to take elements from an end.
struct Pop {
    end: End,
    /// How many BLMPOP takes; `None` for one element, replied without an array of its own.
    count: Option<usize>,
}

impl Waiting for Pop {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::List
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        let Serving { view, reply, engine, .. } = serving;
        let taken = match self.count {
            None => take_one(view, engine, reply, key, self.end),
            Some(count) => take_named(view, engine, reply, key, self.end, count),
        };
        // A key of another type is not what it waits for.
        if taken == Err(CommandError::WrongType) { Ok(false) } else { taken }
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }
}

pub(super) fn blmove(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let source = cx.args.key()?;
    let destination = cx.args.key()?;
    let ends = Ends { from: end(&mut cx.args)?, to: end(&mut cx.args)? };
    move_or_wait(cx, &source, &destination, Some(ends))
}

pub(super) fn brpoplpush(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let source = cx.args.key()?;
    let destination = cx.args.key()?;
    move_or_wait(cx, &source, &destination, None)
}

fn move_or_wait(
    cx: &mut Ctx<'_>,
    source: &Key<'_>,
    destination: &Key<'_>,
    ends: Option<Ends>,
) -> Result<(), CommandError> {
    let until = until(cx.args.word()?, cx.now)?;
    match move_journaled(&mut cx.view, cx.engine, source, destination, ends)? {
        Some(text) => cx.reply.bulk(&text),
        None => {
            let waiting = Move { destination: destination.bytes().into(), ends };
            cx.wait(&[*source], until, Box::new(waiting));
        }
    }
    Ok(())
}

fn move_journaled(
    view: &mut View<'_>,
    engine: &Engine,
    source: &Key<'_>,
    destination: &Key<'_>,
    ends: Option<Ends>,
) -> Result<Option<Vec<u8>>, CommandError> {
    let words = MoveWords::new(source, destination, ends);
    move_element(view, engine, source, destination, ends.unwrap_or(BACK_TO_FRONT), words.effect())
}

/// Waits to move an element elsewhere.
struct Move {
    destination: Box<[u8]>,
    /// `None` for BRPOPLPUSH, which is journaled under another name.
    ends: Option<Ends>,
}

impl Waiting for Move {
    fn kind(&self) -> AwaitedKind {
        AwaitedKind::List
    }

    fn also_touches(&self) -> &[Box<[u8]>] {
        std::slice::from_ref(&self.destination)
    }

    fn serve(&mut self, serving: &mut Serving<'_, '_>, key: &Key<'_>) -> Result<bool, CommandError> {
        // A source of another type is not what it waits for; a destination of another type is an error.
        if !matches!(serving.view.get_mut::<List>(key), Ok(Some(_))) {
            return Ok(false);
        }
        let destination = serving.engine.keyspace().key(&self.destination);
        let moved = move_journaled(serving.view, serving.engine, key, &destination, self.ends)?;
        moved.iter().for_each(|text| serving.reply.bulk(text));
        Ok(moved.is_some())
    }

    fn reply_timeout(&self, reply: &mut Reply<'_>) {
        reply.null_array();
    }

    fn reply_unwaited(&self, reply: &mut Reply<'_>) {
        reply.null();
    }
}

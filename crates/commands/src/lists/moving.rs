//! Lists: moving an element from one to another.
//!
//! ```text
//! LMOVE source destination LEFT | RIGHT LEFT | RIGHT
//! RPOPLPUSH source destination
//! ```

use engine::{CommandError, Ctx, Effect, Engine, View};
use keyspace::{Key, List};
use structures::list::End;

use super::element::limit;
use super::ends::{end, end_name, push, pushed, record_pop};

/// From which end to which.
#[derive(Copy, Clone)]
pub(super) struct Ends {
    pub(super) from: End,
    pub(super) to: End,
}

/// What RPOPLPUSH does.
pub(super) const BACK_TO_FRONT: Ends = Ends { from: End::Back, to: End::Front };

pub(super) fn lmove(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let source = cx.args.key()?;
    let destination = cx.args.key()?;
    let ends = Ends { from: end(&mut cx.args)?, to: end(&mut cx.args)? };
    move_and_reply(cx, &source, &destination, ends)
}

pub(super) fn rpoplpush(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let source = cx.args.key()?;
    let destination = cx.args.key()?;
    move_and_reply(cx, &source, &destination, BACK_TO_FRONT)
}

fn move_and_reply(
    cx: &mut Ctx<'_>,
    source: &Key<'_>,
    destination: &Key<'_>,
    ends: Ends,
) -> Result<(), CommandError> {
    match move_element(&mut cx.view, cx.engine, source, destination, ends, Effect::AsCalled)? {
        Some(text) => cx.reply.bulk(&text),
        None => cx.reply.null(),
    }
    Ok(())
}

/// How a move enters the journal when it was asked for by a command that may wait.
pub(super) enum MoveWords<'w> {
    Lmove([&'w [u8]; 5]),
    Rpoplpush([&'w [u8]; 3]),
}

impl<'w> MoveWords<'w> {
    pub(super) fn new(source: &'w Key<'_>, destination: &'w Key<'_>, ends: Option<Ends>) -> Self {
        let (from, to) = (source.bytes(), destination.bytes());
        match ends {
            Some(ends) => Self::Lmove([b"LMOVE", from, to, end_name(ends.from), end_name(ends.to)]),
            None => Self::Rpoplpush([b"RPOPLPUSH", from, to]),
        }
    }

    pub(super) fn effect(&self) -> Effect<'_> {
        match self {
            Self::Lmove(words) => Effect::Instead(words),
            Self::Rpoplpush(words) => Effect::Instead(words),
        }
    }
}

/// Moves an element, which is returned. `None` if there is no source.
pub(super) fn move_element(
    view: &mut View<'_>,
    engine: &Engine,
    source: &Key<'_>,
    destination: &Key<'_>,
    ends: Ends,
    effect: Effect<'_>,
) -> Result<Option<Vec<u8>>, CommandError> {
    let limit = limit(engine);
    let is_same = source.bytes() == destination.bytes();
    let Some(mut list) = view.get_mut::<List>(source)? else { return Ok(None) };
    let Some(text) = list.at(ends.from).map(|element| element.to_vec()) else { return Ok(None) };
    if is_same {
        list.rotate(ends.from, ends.to, limit);
        drop(list);
        view.record(destination, pushed(ends.to), effect);
        record_pop(view, source, ends.from, false, Effect::Covered);
        return Ok(Some(text));
    }
    drop(list);
    push(view, destination, ends.to, std::iter::once(&*text), limit)?;
    view.record(destination, pushed(ends.to), effect);
    let is_empty = match view.get_mut::<List>(source)? {
        Some(mut list) => {
            list.remove_at_end(ends.from, 1, limit);
            list.is_empty()
        }
        None => false,
    };
    record_pop(view, source, ends.from, is_empty, Effect::Covered);
    Ok(Some(text))
}

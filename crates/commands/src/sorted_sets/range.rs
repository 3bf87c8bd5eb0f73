//! Sorted sets: parts of them.
//!
//! ```text
//! ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
//! ZREVRANGE key start stop [WITHSCORES]
//! ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
//! ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
//! ZRANGEBYLEX key min max [LIMIT offset count]
//! ZREVRANGEBYLEX key max min [LIMIT offset count]
//! ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]
//! ```

use engine::{CommandError, Ctx, Event};
use keyspace::SortedSet;
use structures::TextBuffer;

use super::limits::limits;
use super::reply::{Shown, reply_members};
use super::span::{By, Direction, Fixed, Span};
use super::store::store;

const ZRANGESTORE: Event = Event::sorted_set("zrangestore");

pub(super) fn zrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show(cx, Fixed { by: None, direction: None, shows: true })
}

pub(super) fn zrevrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show_fixed(cx, By::Rank, Direction::Backwards)
}

pub(super) fn zrangebyscore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show_fixed(cx, By::Score, Direction::Forwards)
}

pub(super) fn zrevrangebyscore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show_fixed(cx, By::Score, Direction::Backwards)
}

pub(super) fn zrangebylex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show_fixed(cx, By::Lex, Direction::Forwards)
}

pub(super) fn zrevrangebylex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show_fixed(cx, By::Lex, Direction::Backwards)
}

fn show_fixed(cx: &mut Ctx<'_>, by: By, direction: Direction) -> Result<(), CommandError> {
    show(cx, Fixed { by: Some(by), direction: Some(direction), shows: true })
}

fn show(cx: &mut Ctx<'_>, fixed: Fixed) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let span = Span::parse(&mut cx.args, fixed)?;
    let Some(set) = cx.view.get::<SortedSet>(&key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    let members = set.by_rank(span.ranks(&set));
    if span.is_backwards() {
        reply_members(&mut cx.reply, members.rev(), span.shown);
    } else {
        reply_members(&mut cx.reply, members, span.shown);
    }
    Ok(())
}

pub(super) fn zrangestore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let destination = cx.args.key()?;
    let source = cx.args.key()?;
    let span = Span::parse(&mut cx.args, Fixed { by: None, direction: None, shows: false })?;
    debug_assert_eq!(span.shown, Shown::Members);
    let limits = limits(cx.engine);
    let part = match cx.view.get::<SortedSet>(&source)? {
        None => SortedSet::default(),
        Some(set) => {
            let members = set.by_rank(span.ranks(&set));
            let mut part = SortedSet::with_expected(members.len(), 0, &limits);
            let mut text = TextBuffer::new();
            let put = |(member, score): (structures::Element<'_>, f64)| {
                part.insert(member.text(&mut text), score, &limits);
            };
            // In the order in which they would be shown: the sign of a zero is lost as long as the set is small.
            if span.is_backwards() {
                members.rev().for_each(put)
            } else {
                members.for_each(put)
            }
            part
        }
    };
    store(cx, &destination, part, ZRANGESTORE);
    Ok(())
}

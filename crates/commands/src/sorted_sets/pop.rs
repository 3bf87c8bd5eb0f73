//! Sorted sets: taking members from either end.
//!
//! ```text
//! ZPOPMIN key [count]
//! ZPOPMAX key [count]
//! ```

use engine::{CommandError, Ctx, DEL, Effect, Event, View};
use keyspace::{HeldMut, Key, SortedSet};
use resp::Reply;
use structures::Element;

use super::reply::{Shown, begin_members, reply_member, reply_one};

const ZPOPMIN: Event = Event::sorted_set("zpopmin");
const ZPOPMAX: Event = Event::sorted_set("zpopmax");

/// From where members are taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Min,
    Max,
}

impl End {
    fn event(self) -> Event {
        match self {
            Self::Min => ZPOPMIN,
            Self::Max => ZPOPMAX,
        }
    }

    /// The command that takes members from here without further ado.
    pub(super) fn command(self) -> &'static [u8] {
        match self {
            Self::Min => b"ZPOPMIN",
            Self::Max => b"ZPOPMAX",
        }
    }
}

pub(super) fn zpopmin(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop(cx, End::Min)
}

pub(super) fn zpopmax(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    pop(cx, End::Max)
}

fn pop(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let count = if cx.args.is_empty() { None } else { Some(cx.args.word()?) };
    cx.args.end()?;
    let count = count.map(|word| parse_count(word).ok_or(CommandError::NotPositive)).transpose()?;
    let is_emptied = match (cx.view.get_mut::<SortedSet>(&key)?, count) {
        (None, _) | (_, Some(0)) => {
            cx.reply.array(0);
            return Ok(());
        }
        (Some(set), None) => {
            cx.reply.array(2);
            take_one(set, &mut cx.reply, end)
        }
        (Some(set), Some(count)) => {
            let count = count.min(set.len());
            begin_members(&mut cx.reply, count, Shown::WithScores);
            take(set, &mut cx.reply, end, count, |reply, member, score| {
                reply_one(reply, member, score, Shown::WithScores);
            })
        }
    };
    record(&mut cx.view, &key, end, is_emptied, Effect::AsCalled);
    Ok(())
}

fn parse_count(word: &[u8]) -> Option<usize> {
    usize::try_from(resp::parse_i64(word)?).ok()
}

/// Takes one member and writes it and its score, which belong to an array that the caller has begun. Returns whether none is left.
pub(super) fn take_one(set: HeldMut<'_, SortedSet>, reply: &mut Reply<'_>, end: End) -> bool {
    take(set, reply, end, 1, |reply, member, score| {
        reply_member(reply, member);
        reply.double(score);
    })
}

/// Takes up to `count` members, the outermost first, and writes each by `show`. Returns whether none is left.
pub(super) fn take(
    mut set: HeldMut<'_, SortedSet>,
    reply: &mut Reply<'_>,
    end: End,
    count: usize,
    show: impl Fn(&mut Reply<'_>, Element<'_>, f64),
) -> bool {
    let len = set.len();
    let count = count.min(len);
    let ranks = match end {
        End::Min => 0..count,
        End::Max => len - count..len,
    };
    let members = set.by_rank(ranks.clone());
    match end {
        End::Min => members.for_each(|(member, score)| show(reply, member, score)),
        End::Max => members.rev().for_each(|(member, score)| show(reply, member, score)),
    }
    if count < len {
        set.remove_ranks(ranks);
    }
    // If all go, whoever records that removes the key with what is in it.
    count == len
}

/// Records that members were taken, and removes a key whose last ones they were.
pub(super) fn record(view: &mut View<'_>, key: &Key<'_>, end: End, is_emptied: bool, effect: Effect<'_>) {
    if is_emptied {
        view.remove(key);
    }
    view.record(key, end.event(), effect);
    if is_emptied {
        view.tell(key, DEL);
    }
}

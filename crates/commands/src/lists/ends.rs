//! The two ends of a list: their names, and what happens there.

use engine::{Args, CommandError, DEL, Effect, Event, View};
use keyspace::{Collection, Expiry, Key, List, NewValue};
use structures::list::{End, Limit};

const LPUSH: Event = Event::list("lpush");
const RPUSH: Event = Event::list("rpush");
const LPOP: Event = Event::list("lpop");
const RPOP: Event = Event::list("rpop");

/// Reads `LEFT` or `RIGHT`.
pub(super) fn end(args: &mut Args<'_>) -> Result<End, CommandError> {
    if args.option("LEFT") {
        Ok(End::Front)
    } else if args.option("RIGHT") {
        Ok(End::Back)
    } else {
        Err(CommandError::Syntax)
    }
}

/// The word for an end.
pub(super) fn end_name(end: End) -> &'static [u8] {
    match end {
        End::Front => b"LEFT",
        End::Back => b"RIGHT",
    }
}

/// The command that takes elements from an end.
pub(super) fn pop_name(end: End) -> &'static [u8] {
    match end {
        End::Front => b"LPOP",
        End::Back => b"RPOP",
    }
}

/// Elements were added at an end.
pub(super) fn pushed(end: End) -> Event {
    match end {
        End::Front => LPUSH,
        End::Back => RPUSH,
    }
}

/// Adds elements to a list, which is created if need be. Returns how many it has then. The caller records that.
pub(super) fn push<'e>(
    view: &mut View<'_>,
    key: &Key<'_>,
    end: End,
    texts: impl Iterator<Item = &'e [u8]> + Clone,
    limit: Limit,
) -> Result<usize, CommandError> {
    if let Some(mut list) = view.get_mut::<List>(key)? {
        list.push(end, texts, limit);
        return Ok(list.len());
    }
    let mut list = List::default();
    list.push(end, texts, limit);
    let len = list.len();
    view.set(key, NewValue::Object(list.into_object()), Expiry::None);
    Ok(len)
}

/// Records that elements were taken from an end of a list, and removes it if none is left.
#[inline]
pub(super) fn record_pop(view: &mut View<'_>, key: &Key<'_>, end: End, is_empty: bool, effect: Effect<'_>) {
    let event = match end {
        End::Front => LPOP,
        End::Back => RPOP,
    };
    record_removal(view, key, event, is_empty, effect);
}

/// Records that elements were removed from a list, and removes it if none is left.
#[inline]
pub(super) fn record_removal(
    view: &mut View<'_>,
    key: &Key<'_>,
    event: Event,
    is_empty: bool,
    effect: Effect<'_>,
) {
    if is_empty {
        view.remove(key);
    }
    view.record(key, event, effect);
    if is_empty {
        view.tell(key, DEL);
    }
}

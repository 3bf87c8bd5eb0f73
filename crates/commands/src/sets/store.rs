//! Sets: unions, intersections and differences, stored.
//!
//! ```text
//! SUNIONSTORE destination key [key ...]
//! SINTERSTORE destination key [key ...]
//! SDIFFSTORE destination key [key ...]
//! ```

use std::ops::ControlFlow;

use engine::{CommandError, Ctx, DEL, Effect, Event};
use keyspace::{Expiry, Key, NewValue, Object, Set};
use structures::set::{Limits, difference, difference_of_copy, intersection, is_copy_less_work};

use super::combine::keys;
use super::limits::limits;
use super::source::Sources;

const SUNIONSTORE: Event = Event::set("sunionstore");
const SINTERSTORE: Event = Event::set("sinterstore");
const SDIFFSTORE: Event = Event::set("sdiffstore");

pub(super) fn sunionstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, union_of, SUNIONSTORE)
}

pub(super) fn sinterstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, intersection_of, SINTERSTORE)
}

pub(super) fn sdiffstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, difference_of, SDIFFSTORE)
}

fn compute_and_store(
    cx: &mut Ctx<'_>,
    compute: impl FnOnce(&Sources<'_>, &Limits) -> Set,
    event: Event,
) -> Result<(), CommandError> {
    let destination = cx.args.key()?;
    let keys = keys(&mut cx.args)?;
    let limits = limits(cx.engine);
    let set = compute(&Sources::read(&mut cx.view, &keys)?, &limits);
    let len = set.len();
    store(cx, &destination, set, event);
    cx.reply.integer(len as i64);
    Ok(())
}

/// Stores a set under a key, whatever was there. An empty one removes the key.
fn store(cx: &mut Ctx<'_>, key: &Key<'_>, set: Set, event: Event) {
    if !set.is_empty() {
        cx.view.set(key, NewValue::Object(Object::Set(set)), Expiry::None);
        cx.view.record(key, event, Effect::AsCalled);
    } else if cx.view.remove(key) {
        cx.view.record(key, DEL, Effect::AsCalled);
    }
}

/// What is stored takes on one form after the other as if its members were added one by one.
fn union_of(sources: &Sources<'_>, limits: &Limits) -> Set {
    let mut all = Set::default();
    for set in &sources.sets {
        set.iter().for_each(|member| {
            all.insert_element(member, limits);
        });
    }
    all
}

/// As in peers, common members of sets that are not all small begin as a packed set, which becomes one of integers in the end if it can.
fn intersection_of(sources: &Sources<'_>, limits: &Limits) -> Set {
    let mut sets = sources.refs();
    if sources.is_any_missing {
        return Set::default();
    }
    let smallest = sets.iter().min_by_key(|set| set.len());
    let mut common = match smallest {
        Some(Set::Packed(_) | Set::Large(_)) => Set::packed(),
        Some(Set::Integers(_)) | None => Set::default(),
    };
    intersection(&mut sets, |member| {
        common.insert_element(member, limits);
        ControlFlow::Continue(())
    });
    common.unpack_integers(limits);
    common
}

fn difference_of(sources: &Sources<'_>, limits: &Limits) -> Set {
    let mut sets = sources.refs();
    let Some((first, others)) = sets.split_first_mut().filter(|_| !sources.is_first_missing) else {
        return Set::default();
    };
    if is_copy_less_work(first, others) {
        return difference_of_copy(first, others, limits);
    }
    let mut rest = Set::default();
    difference(first, others, |member| {
        rest.insert_element(member, limits);
    });
    rest
}

//! Sorting.
//!
//! ```text
//! SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]
//! SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]
//! ```

use std::ops::Range;

use engine::{CommandError, Ctx, DEL, Effect, Event};
use keyspace::{Collection, Expiry, Key, List, NewValue};
use structures::list::End;

use super::args::SortArgs;
use super::elements::Elements;
use super::order::{alphabetic, order};
use crate::lists::limit;

const SORTSTORE: Event = Event::list("sortstore");

pub(super) fn sort(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = SortArgs::parse(cx, true)?;
    let found = outcome(cx, &args)?;
    match &args.store {
        Some(destination) => store(cx, destination, &found),
        None => reply(cx, &found),
    }
    Ok(())
}

pub(super) fn sort_ro(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = SortArgs::parse(cx, false)?;
    let found = outcome(cx, &args)?;
    reply(cx, &found);
    Ok(())
}

/// The elements in order, or what the patterns get for them.
fn outcome(cx: &mut Ctx<'_>, args: &SortArgs<'_>) -> Result<Vec<Option<Vec<u8>>>, CommandError> {
    let elements = Elements::read(&mut cx.view, &args.key)?;
    let mut ordered = if !args.is_unsorted {
        order(elements.texts, args, &mut cx.view, cx.engine)?
    } else if elements.are_unordered && args.store.is_some() {
        // What is stored must be the same wherever the command is run again.
        alphabetic(elements.texts, args.is_descending)
    } else {
        let mut texts = elements.texts;
        if args.is_descending && !elements.are_unordered {
            texts.reverse();
        }
        texts
    };
    let range = page(args.offset, args.count, ordered.len());
    let page = ordered.drain(range);
    if args.gets.is_empty() {
        return Ok(page.map(Some).collect());
    }
    let (view, engine) = (&mut cx.view, cx.engine);
    let mut found = Vec::with_capacity(page.len() * args.gets.len());
    for text in page {
        found.extend(args.gets.iter().map(|get| get.look_up(view, engine, &text)));
    }
    Ok(found)
}

/// The elements that LIMIT asks for.
fn page(offset: i64, count: i64, len: usize) -> Range<usize> {
    let start = usize::try_from(offset.max(0)).unwrap_or(usize::MAX).min(len);
    match usize::try_from(count) {
        Ok(count) => start..start.saturating_add(count).min(len),
        Err(_) => start..len,
    }
}

fn reply(cx: &mut Ctx<'_>, found: &[Option<Vec<u8>>]) {
    cx.reply.array(found.len());
    for text in found {
        match text {
            Some(text) => cx.reply.bulk(text),
            None => cx.reply.null(),
        }
    }
}

/// Stores the outcome as a list; what wasn't found is an empty element of it.
fn store(cx: &mut Ctx<'_>, destination: &Key<'_>, found: &[Option<Vec<u8>>]) {
    if found.is_empty() {
        if cx.view.remove(destination) {
            cx.view.record(destination, DEL, Effect::AsCalled);
        }
    } else {
        let limit = limit(cx.engine);
        let mut list = List::default();
        for text in found {
            list.push(End::Back, std::iter::once(text.as_deref().unwrap_or_default()), limit);
        }
        cx.view.set(destination, NewValue::Object(list.into_object()), Expiry::None);
        cx.view.record(destination, SORTSTORE, Effect::AsCalled);
    }
    cx.reply.integer(found.len() as i64);
}

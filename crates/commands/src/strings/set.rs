//! Strings: SET.
//!
//! ```text
//! SET key value [NX | XX | IFEQ comparison] [GET]
//!     [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | KEEPTTL]
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use keyspace::{Expiry, Key, NewValue};
use resp::Request;

use super::condition::Condition;
use super::expire::record_until;
use crate::lifetime::Lifetime;
use crate::value::reply_value;

/// A string was stored.
pub(super) const SET: Event = Event::string("set");

pub(super) fn set(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let text = cx.args.peek().unwrap_or_default();
    let value = cx.args.value()?;
    if !cx.args.is_empty() {
        return set_with_options(cx, &key, value, text);
    }
    cx.view.set(&key, value, Expiry::None);
    cx.view.record(&key, SET, Effect::AsCalled);
    cx.reply.ok();
    Ok(())
}

#[derive(Default)]
struct Options<'a> {
    condition: Condition<'a>,
    replies_old: bool,
    lifetime: Lifetime<'a>,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if args.option("GET") {
                options.replies_old = true;
            } else if !options.condition.read(args)?
                && (!options.lifetime.read(args)? || options.lifetime == Lifetime::Persist)
            {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

fn set_with_options(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    value: NewValue<'_>,
    text: &[u8],
) -> Result<(), CommandError> {
    let options = Options::parse(&mut cx.args)?;
    let expiry = options.lifetime.expiry(cx.now.unix_millis(), cx.command.name)?;
    if !look(cx, key, &options)? {
        if !options.replies_old {
            cx.reply.null();
        }
        return Ok(());
    }
    cx.view.set(key, value, expiry);
    match expiry {
        Expiry::At(at) => record_until(cx, key, text, at),
        Expiry::None | Expiry::Keep if options.replies_old => {
            let words = without_get(cx.args.request());
            cx.view.record(key, SET, Effect::Instead(&words));
        }
        Expiry::None | Expiry::Keep => cx.view.record(key, SET, Effect::AsCalled),
    }
    if !options.replies_old {
        cx.reply.ok();
    }
    Ok(())
}

/// Whether the condition holds. Replies with the old value where `GET` asks for it.
fn look(cx: &mut Ctx<'_>, key: &Key<'_>, options: &Options<'_>) -> Result<bool, CommandError> {
    if options.replies_old {
        return look_and_reply(cx, key, options.condition);
    }
    Ok(match options.condition {
        Condition::Always => true,
        Condition::IfNew => cx.view.peek(key).is_none(),
        Condition::IfThere => cx.view.peek(key).is_some(),
        // Looked up as a key to be written: without `GET` it is no hit and no miss.
        Condition::IfEqual(comparison) => {
            cx.view.string_mut(key)?.is_some_and(|entry| *entry.value().text() == *comparison)
        }
    })
}

fn look_and_reply(cx: &mut Ctx<'_>, key: &Key<'_>, condition: Condition<'_>) -> Result<bool, CommandError> {
    let old = cx.view.string(key)?;
    match &old {
        Some(entry) => reply_value(&mut cx.reply, entry),
        None => cx.reply.null(),
    }
    Ok(match condition {
        Condition::Always => true,
        Condition::IfNew => old.is_none(),
        Condition::IfThere => old.is_some(),
        Condition::IfEqual(comparison) => old.is_some_and(|entry| *entry.value().text() == *comparison),
    })
}

/// The words of a SET less its `GET`, which asks for a reply and changes nothing.
fn without_get(request: Request<'_>) -> Vec<&[u8]> {
    const FIRST_OPTION: usize = 3;
    let mut words = Vec::with_capacity(request.len());
    let mut is_operand = false;
    for (index, word) in request.words().enumerate() {
        let is_option = index >= FIRST_OPTION && !is_operand;
        is_operand = is_option && word.eq_ignore_ascii_case(b"IFEQ");
        if !(is_option && word.eq_ignore_ascii_case(b"GET")) {
            words.push(word);
        }
    }
    words
}

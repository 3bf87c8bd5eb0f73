//! Sets: taking members out by chance.
//!
//! ```text
//! SPOP key [count]
//! ```

use engine::{CommandError, Ctx, DEL, Effect, Event, View};
use keyspace::{Key, Object, Set};
use structures::TextBuffer;

use super::limits::limits;
use super::reply::reply_member;
use crate::keys::Names;

const SPOP: Event = Event::set("spop");

/// The most members that one effect names.
const EFFECT_MEMBERS_MAX: usize = 1024;

pub(super) fn spop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    if cx.args.is_empty() {
        return pop_one(cx, &key);
    }
    let count = cx.args.word()?;
    cx.args.end()?;
    let count = resp::parse_i64(count).and_then(|count| usize::try_from(count).ok());
    pop_several(cx, &key, count.ok_or(CommandError::NotPositive)?)
}

fn pop_one(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    let random = cx.session.random().u64(..);
    let is_journaled = cx.view.is_journaled();
    let Some(mut set) = cx.view.get_mut::<Set>(key)? else {
        cx.reply.null();
        return Ok(());
    };
    let mut popped = Vec::new();
    set.pop(random, |member| {
        if is_journaled {
            popped.extend_from_slice(member.text(&mut TextBuffer::new()));
        }
        reply_member(&mut cx.reply, member);
    });
    drop(set);
    cx.view.record(key, SPOP, Effect::Instead(&[b"SREM", key.bytes(), &popped]));
    cx.view.remove_if_empty::<Set>(key);
    Ok(())
}

fn pop_several(cx: &mut Ctx<'_>, key: &Key<'_>, count: usize) -> Result<(), CommandError> {
    let mut random = cx.session.random().fork();
    let is_journaled = cx.view.is_journaled();
    let Some(mut set) = cx.view.get_mut::<Set>(key)?.filter(|_| count > 0) else {
        cx.reply.set(0);
        return Ok(());
    };
    if count >= set.len() {
        cx.reply.set(set.len());
        set.iter().for_each(|member| reply_member(&mut cx.reply, member));
        drop(set);
        record_all(&mut cx.view, key);
        return Ok(());
    }
    cx.reply.set(count);
    let mut popped = Names::default();
    let old = set.pop_many(
        count,
        &limits(cx.engine),
        || random.u64(..),
        |member| {
            if is_journaled {
                popped.push(member.text(&mut TextBuffer::new()));
            }
            reply_member(&mut cx.reply, member);
        },
    );
    drop(set);
    if let Some(old) = old {
        cx.view.bury_object(Object::Set(old));
    }
    record_some(&mut cx.view, key, &popped);
    Ok(())
}

/// All members were taken: the key goes with them.
fn record_all(view: &mut View<'_>, key: &Key<'_>) {
    view.remove(key);
    view.record(key, SPOP, Effect::Instead(&[b"DEL", key.bytes()]));
    view.tell(key, DEL);
}

fn record_some(view: &mut View<'_>, key: &Key<'_>, popped: &Names) {
    view.record(key, SPOP, Effect::Covered);
    let members: Vec<&[u8]> = popped.iter().collect();
    for part in members.chunks(EFFECT_MEMBERS_MAX) {
        let words: &[&[u8]] = &[b"SREM", key.bytes()];
        view.add_effect(Effect::Instead(&[words, part].concat()));
    }
}

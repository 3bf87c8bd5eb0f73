//! Hashes: reading fields and changing when they expire.
//!
//! ```text
//! HGETEX key [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | PERSIST]
//!     FIELDS numfields field [field ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::{Hash, Key, UnixMillis};

use super::expire::record_expiry;
use super::fields::{NUMFIELDS_NOT_POSITIVE, fields, moment_option};
use super::remove::record_removed;
use super::value::{HPERSIST, limits, reply_element};
use crate::decimal::Decimal;

/// What becomes of the fields.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Change {
    None,
    Persist,
    Expire(UnixMillis),
    Remove,
}

impl Change {
    fn read(cx: &mut Ctx<'_>) -> Result<Self, CommandError> {
        Ok(match moment_option(cx)? {
            Some(at) if at <= cx.view.now() => Self::Remove,
            Some(at) => Self::Expire(at),
            None if cx.args.option("PERSIST") => Self::Persist,
            None => Self::None,
        })
    }
}

pub(super) fn hgetex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    cx.view.get::<Hash>(&key)?;
    let change = Change::read(cx)?;
    if cx.args.remaining() == 1 {
        return Err(CommandError::WrongArity(cx.command.name));
    }
    let fields = fields(&mut cx.args, NUMFIELDS_NOT_POSITIVE)?;
    let (now, limits) = (cx.view.now(), limits(cx.engine));
    cx.view.expire_fields(&key, fields.rest());
    cx.reply.array(fields.remaining());
    let mut changed = Vec::new();
    let mut hash = cx.view.get_mut::<Hash>(&key)?;
    for field in fields.rest() {
        let Some(found) = hash.as_ref().and_then(|hash| hash.find(field, now.0)) else {
            cx.reply.null();
            continue;
        };
        let expires = found.expiry_ms.is_some();
        reply_element(&mut cx.reply, found.value);
        let Some(hash) = &mut hash else { continue };
        let is_changed = match change {
            Change::None => false,
            Change::Persist => expires && hash.set_expiry(field, None, &limits),
            Change::Expire(at) => hash.set_expiry(field, Some(at.0), &limits),
            Change::Remove => hash.remove(field),
        };
        if is_changed {
            changed.push(field);
        }
    }
    drop(hash);
    match change {
        Change::None => {}
        Change::Persist => record_persisted(cx, &key, &changed),
        Change::Expire(at) => record_expiry(cx, &key, at, &changed),
        Change::Remove => record_removed(cx, &key, &changed),
    }
    Ok(())
}

/// Records that these fields don't expire any longer, if there are any.
fn record_persisted(cx: &mut Ctx<'_>, key: &Key<'_>, changed: &[&[u8]]) {
    if changed.is_empty() {
        return;
    }
    let mut digits = Decimal::default();
    let head: [&[u8]; 4] = [b"HPERSIST", key.bytes(), b"FIELDS", digits.format(changed.len() as i64)];
    cx.view.record(key, HPERSIST, Effect::Instead(&[&head, changed].concat()));
}

//! Hashes: removing fields.
//!
//! ```text
//! HDEL key field [field ...]
//! HGETDEL key FIELDS numfields field [field ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::{Hash, Key};

use super::fields::{NUMFIELDS_NOT_POSITIVE, fields};
use super::value::{HDEL, reply_found};

pub(super) fn hdel(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    cx.view.expire_fields(&key, cx.args.rest());
    let removed = match cx.view.get_mut::<Hash>(&key)? {
        Some(mut hash) => cx.args.rest().filter(|field| hash.remove(field)).count(),
        None => 0,
    };
    if removed > 0 {
        cx.view.record(&key, HDEL, Effect::AsCalled);
        cx.view.remove_if_empty::<Hash>(&key);
    }
    cx.reply.integer(removed as i64);
    Ok(())
}

pub(super) fn hgetdel(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    cx.view.get_mut::<Hash>(&key)?;
    let fields = fields(&mut cx.args, NUMFIELDS_NOT_POSITIVE)?;
    let now = cx.view.now();
    cx.view.expire_fields(&key, fields.rest());
    cx.reply.array(fields.remaining());
    let mut removed = Vec::new();
    let mut hash = cx.view.get_mut::<Hash>(&key)?;
    for field in fields.rest() {
        reply_found(&mut cx.reply, hash.as_ref().and_then(|hash| hash.find(field, now.0)));
        if hash.as_mut().is_some_and(|hash| hash.remove(field)) {
            removed.push(field);
        }
    }
    drop(hash);
    record_removed(cx, &key, &removed);
    Ok(())
}

/// Records that these fields were removed, if there are any; without them the hash may be empty.
pub(super) fn record_removed(cx: &mut Ctx<'_>, key: &Key<'_>, removed: &[&[u8]]) {
    if removed.is_empty() {
        return;
    }
    let effect: Vec<&[u8]> = [&[b"HDEL", key.bytes()], removed].concat();
    cx.view.record(key, HDEL, Effect::Instead(&effect));
    cx.view.remove_if_empty::<Hash>(key);
}

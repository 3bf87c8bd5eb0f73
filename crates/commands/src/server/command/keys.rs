//! COMMAND GETKEYS and GETKEYSANDFLAGS.

use catalog::{KeyRefs, requested_keys};
use engine::{CommandError, Ctx};

pub(in crate::server) fn getkeys(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (words, keys) = find(cx)?;
    cx.reply.array(keys.len());
    keys.iter().for_each(|key| cx.reply.bulk(words[key.position]));
    Ok(())
}

pub(in crate::server) fn getkeysandflags(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (words, keys) = find(cx)?;
    cx.reply.array(keys.len());
    for key in &keys {
        cx.reply.array(2);
        cx.reply.bulk(words[key.position]);
        cx.reply.set(key.flags.names().count());
        key.flags.names().for_each(|name| cx.reply.simple(name));
    }
    Ok(())
}

/// The words of the request that is asked about, and its keys: places among these words.
fn find<'a>(cx: &Ctx<'a>) -> Result<(Vec<&'a [u8]>, KeyRefs), CommandError> {
    let words: Vec<&[u8]> = cx.args.rest().collect();
    let keys = requested_keys(&words).map_err(|error| CommandError::text(format!("ERR {error}")))?;
    Ok((words, keys))
}

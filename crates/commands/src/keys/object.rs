//! Keys: a look inside.
//!
//! ```text
//! OBJECT ENCODING key
//! OBJECT FREQ key
//! OBJECT IDLETIME key
//! OBJECT REFCOUNT key
//! OBJECT HELP
//! ```
//!
//! None of them touches the key's clock, or tells of a miss.

use engine::{CommandError, Ctx};
use keyspace::Entry;

use super::encoding;

const NO_FREQUENCY: CommandError = CommandError::fixed(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at \
     runtime LRU and LFU data will take some time to adjust.",
);
const NO_IDLE_TIME: CommandError = CommandError::fixed(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU \
     and LFU data will take some time to adjust.",
);

const HELP: &[&str] = &[
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Name the representation that the value of <key> has in memory.",
    "FREQ <key>",
    "    Tell how often <key> was used lately, on a logarithmic scale. Needs an LFU",
    "    maxmemory policy.",
    "IDLETIME <key>",
    "    Tell for how many seconds nobody has used <key>. Needs a maxmemory policy",
    "    other than LFU.",
    "REFCOUNT <key>",
    "    Tell how many references to the value of <key> there are.",
    "HELP",
    "    Show this text.",
];

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.array(HELP.len());
    HELP.iter().for_each(|line| cx.reply.simple(line));
    Ok(())
}

pub(super) fn encoding(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = look(cx, |entry| Ok(encoding::encoding(entry)))?;
    match name {
        Some(name) => cx.reply.bulk(name.as_bytes()),
        None => cx.reply.null(),
    }
    Ok(())
}

pub(super) fn freq(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (policy, now) = (cx.view.access_policy(), cx.now);
    let frequency = look(cx, |entry| policy.frequency(entry.clock(), now).ok_or(NO_FREQUENCY))?;
    reply_number(cx, frequency.map(i64::from));
    Ok(())
}

pub(super) fn idletime(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (policy, now) = (cx.view.access_policy(), cx.now);
    let seconds = look(cx, |entry| policy.idle_seconds(entry.clock(), now).ok_or(NO_IDLE_TIME))?;
    reply_number(cx, seconds.map(|seconds| seconds as i64));
    Ok(())
}

/// Always 1, as with the newest peers: no value is shared between keys in a way that a client could see.
pub(super) fn refcount(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let count = look(cx, |_| Ok(1))?;
    reply_number(cx, count);
    Ok(())
}

fn look<R>(
    cx: &mut Ctx<'_>,
    show: impl FnOnce(&Entry) -> Result<R, CommandError>,
) -> Result<Option<R>, CommandError> {
    let key = cx.args.key()?;
    cx.view.peek(&key).map(|entry| show(&entry)).transpose()
}

fn reply_number(cx: &mut Ctx<'_>, number: Option<i64>) {
    match number {
        Some(number) => cx.reply.integer(number),
        None => cx.reply.null(),
    }
}

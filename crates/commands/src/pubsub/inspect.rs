//! Who listens.
//!
//! ```text
//! PUBSUB CHANNELS [pattern]
//! PUBSUB NUMPAT
//! PUBSUB NUMSUB [channel [channel ...]]
//! PUBSUB SHARDCHANNELS [pattern]
//! PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]
//! ```

use engine::{CommandError, Ctx};
use pubsub::Kind;

use crate::help::wrong_arguments;

pub(super) fn channels(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    names(cx, Kind::Channel)
}

pub(super) fn shardchannels(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    names(cx, Kind::ShardChannel)
}

pub(super) fn numpat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(cx.engine.listeners().count(Kind::Pattern) as i64);
    Ok(())
}

pub(super) fn numsub(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    counts(cx, Kind::Channel)
}

pub(super) fn shardnumsub(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    counts(cx, Kind::ShardChannel)
}

fn names(cx: &mut Ctx<'_>, kind: Kind) -> Result<(), CommandError> {
    if cx.args.remaining() > 1 {
        return Err(wrong_arguments(cx));
    }
    let names = cx.engine.listeners().names(kind, cx.args.peek());
    cx.reply.array(names.len());
    names.iter().for_each(|name| cx.reply.bulk(name));
    Ok(())
}

fn counts(cx: &mut Ctx<'_>, kind: Kind) -> Result<(), CommandError> {
    cx.reply.array(cx.args.remaining() * 2);
    for name in cx.args.rest() {
        cx.reply.bulk(name);
        cx.reply.integer(cx.engine.listeners().subscribers(kind, name) as i64);
    }
    Ok(())
}

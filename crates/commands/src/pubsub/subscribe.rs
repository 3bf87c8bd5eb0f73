//! Beginning and ending to listen.
//!
//! ```text
//! SUBSCRIBE channel [channel ...]
//! UNSUBSCRIBE [channel [channel ...]]
//! PSUBSCRIBE pattern [pattern ...]
//! PUNSUBSCRIBE [pattern [pattern ...]]
//! SSUBSCRIBE shardchannel [shardchannel ...]
//! SUNSUBSCRIBE [shardchannel [shardchannel ...]]
//! ```
//!
//! Each subscription that begins or ends is confirmed by a push of its own, with how many there are then.

use engine::{CommandError, Ctx};
use pubsub::Kind;

pub(super) fn subscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    begin(cx, Kind::Channel, b"subscribe")
}

pub(super) fn psubscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    begin(cx, Kind::Pattern, b"psubscribe")
}

pub(super) fn ssubscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    begin(cx, Kind::ShardChannel, b"ssubscribe")
}

pub(super) fn unsubscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    end(cx, Kind::Channel, b"unsubscribe")
}

pub(super) fn punsubscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    end(cx, Kind::Pattern, b"punsubscribe")
}

pub(super) fn sunsubscribe(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    end(cx, Kind::ShardChannel, b"sunsubscribe")
}

fn begin(cx: &mut Ctx<'_>, kind: Kind, event: &[u8]) -> Result<(), CommandError> {
    while !cx.args.is_empty() {
        let name = cx.args.word()?;
        cx.engine.subscribe(cx.session, kind, name);
        confirm(cx, kind, event, Some(name));
    }
    Ok(())
}

fn end(cx: &mut Ctx<'_>, kind: Kind, event: &[u8]) -> Result<(), CommandError> {
    if !cx.args.is_empty() {
        while !cx.args.is_empty() {
            let name = cx.args.word()?;
            cx.engine.unsubscribe(cx.session, kind, name);
            confirm(cx, kind, event, Some(name));
        }
        return Ok(());
    }
    let names = cx.session.subscriptions().names(kind);
    if names.is_empty() {
        confirm(cx, kind, event, None);
    }
    for name in names {
        cx.engine.unsubscribe(cx.session, kind, &name);
        confirm(cx, kind, event, Some(&name));
    }
    Ok(())
}

/// Channels and patterns are counted together, sharded channels by themselves.
fn confirm(cx: &mut Ctx<'_>, kind: Kind, event: &[u8], name: Option<&[u8]>) {
    let subscriptions = cx.session.subscriptions();
    let count = match kind {
        Kind::ShardChannel => subscriptions.count(kind),
        Kind::Channel | Kind::Pattern => {
            subscriptions.count(Kind::Channel) + subscriptions.count(Kind::Pattern)
        }
    };
    cx.reply.push(3);
    cx.reply.bulk(event);
    match name {
        Some(name) => cx.reply.bulk(name),
        None => cx.reply.null(),
    }
    cx.reply.integer(count as i64);
}

//! Publishing.
//!
//! ```text
//! PUBLISH channel message
//! SPUBLISH shardchannel message
//! ```

use engine::{CommandError, Ctx};

pub(super) fn publish(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (channel, message) = (cx.args.word()?, cx.args.word()?);
    let receivers = cx.engine.publish(cx.session, channel, message);
    cx.reply.integer(receivers as i64);
    Ok(())
}

pub(super) fn spublish(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (channel, message) = (cx.args.word()?, cx.args.word()?);
    let receivers = cx.engine.publish_sharded(cx.session, channel, message);
    cx.reply.integer(receivers as i64);
    Ok(())
}

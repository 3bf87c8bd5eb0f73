//! Connections: what the server sees of its clients.
//!
//! ```text
//! CLIENT INFO
//! CLIENT LIST [filter value [filter value ...]]
//! ```

use engine::{CommandError, Ctx};

use super::filter::Filter;
use engine::description::describe;

pub(super) fn info(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.note_replies();
    let mut text = Vec::new();
    describe(cx.session.client(), cx.now, &mut text);
    cx.reply.verbatim(b"txt", &text);
    Ok(())
}

pub(super) fn list(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let filter = Filter::parse(cx)?;
    let skips_me = filter.skips_me().unwrap_or(false);
    cx.note_replies();
    let mut text = Vec::new();
    for client in cx.engine.clients().all() {
        let is_me = client.id == cx.session.client().id;
        if !(is_me && skips_me) && filter.matches(&client, cx.now) {
            describe(&client, cx.now, &mut text);
        }
    }
    cx.reply.verbatim(b"txt", &text);
    Ok(())
}

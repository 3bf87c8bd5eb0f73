//! Connections: what is known of the client's own cache. kvd keeps no such books yet, so it is always off.
//!
//! ```text
//! CLIENT GETREDIR
//! CLIENT TRACKINGINFO
//! ```

use engine::{CommandError, Ctx};

/// The connection that gets the invalidations, where tracking is off.
const REDIRECTED_NOWHERE: i64 = -1;

pub(super) fn getredir(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(REDIRECTED_NOWHERE);
    Ok(())
}

pub(super) fn trackinginfo(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let reply = &mut cx.reply;
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(1);
    reply.bulk(b"off");
    reply.bulk(b"redirect");
    reply.integer(REDIRECTED_NOWHERE);
    reply.bulk(b"prefixes");
    reply.array(0);
    Ok(())
}

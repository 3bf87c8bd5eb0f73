//! Connections: what the client can do.
//!
//! ```text
//! CLIENT CAPA capability [capability ...]
//! ```

use std::sync::atomic::Ordering::Relaxed;

use engine::{CommandError, Ctx};

pub(super) fn capa(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    // A client may be newer than the server: capabilities that mean nothing here are no error.
    if cx.args.rest().any(|capability| capability.eq_ignore_ascii_case(b"redirect")) {
        cx.session.client().can_redirect.store(true, Relaxed);
    }
    cx.reply.ok();
    Ok(())
}

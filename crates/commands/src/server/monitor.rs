//! The server: what everybody has it do.
//!
//! ```text
//! MONITOR
//! ```

use engine::{CommandError, Ctx};

/// Lines between the replies of a transaction could not be told from them.
const IN_TRANSACTION: CommandError =
    CommandError::fixed("ERR MONITOR isn't allowed for DENY BLOCKING client");

pub(super) fn monitor(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.is_in_block() {
        return Err(IN_TRANSACTION);
    }
    // Who monitors already gets no reply, as in the peers.
    if cx.engine.monitor(cx.session) {
        cx.reply.ok();
    }
    Ok(())
}

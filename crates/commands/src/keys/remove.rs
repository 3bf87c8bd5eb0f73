//! Keys: removing.
//!
//! ```text
//! DEL key [key ...]
//! UNLINK key [key ...]
//! ```

use engine::{CommandError, Ctx, DEL, Effect};

/// DEL and UNLINK do the same: the keys are gone at once, and what is too big to be freed on the spot is freed elsewhere.
pub(super) fn del(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut removed = 0;
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        if cx.view.remove(&key) {
            cx.view.record(&key, DEL, Effect::AsCalled);
            removed += 1;
        }
    }
    cx.reply.integer(removed);
    Ok(())
}

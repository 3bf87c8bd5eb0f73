//! Transactions: the block.
//!
//! ```text
//! MULTI
//! EXEC
//! DISCARD
//! ```

use engine::{CommandError, Ctx};

pub(super) fn multi(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.begin_transaction()
}

pub(super) fn exec(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.exec()
}

pub(super) fn discard(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.discard_transaction()
}

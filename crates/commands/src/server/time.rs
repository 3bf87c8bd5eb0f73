//! The server: its clock.
//!
//! ```text
//! TIME
//! ```

use engine::{CommandError, Ctx};

pub(super) fn time(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let micros = cx.now.unix_micros();
    cx.reply.array(2);
    cx.reply.bulk_int((micros / 1_000_000) as i64);
    cx.reply.bulk_int((micros % 1_000_000) as i64);
    Ok(())
}

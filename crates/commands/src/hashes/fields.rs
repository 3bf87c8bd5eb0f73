//! The fields that newer commands name, and the times they take.
//!
//! ```text
//! FIELDS numfields field [field ...]
//! EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds
//! ```

use engine::{Args, CommandError, Ctx};
use keyspace::UnixMillis;

use crate::lifetime::TimeUnit;

/// Fields don't expire later than this, in milliseconds since the epoch: as in Redis, whose files have no room for more.
const EXPIRY_MS_MAX: i64 = (1 << 46) - 1;

const FIELDS_MISSING: CommandError =
    CommandError::fixed("ERR Mandatory argument FIELDS is missing or not at the right position");
const NUMFIELDS_MISMATCH: CommandError =
    CommandError::fixed("ERR The `numfields` parameter must match the number of arguments");
pub(super) const NUMFIELDS_NOT_POSITIVE: CommandError =
    CommandError::fixed("ERR Number of fields must be a positive integer");
const TIME_NEGATIVE: CommandError = CommandError::fixed("ERR invalid expire time, must be >= 0");

/// Reads `FIELDS` and the number behind it; what is left are the fields.
pub(super) fn fields<'a>(args: &mut Args<'a>, not_positive: CommandError) -> Result<Args<'a>, CommandError> {
    if !args.option("FIELDS") {
        return Err(FIELDS_MISSING);
    }
    let count = args.word().ok().and_then(resp::parse_i64).filter(|count| *count > 0).ok_or(not_positive)?;
    if usize::try_from(count) != Ok(args.remaining()) {
        return Err(NUMFIELDS_MISMATCH);
    }
    Ok(*args)
}

/// Reads a time in this unit: until when fields shall live.
pub(super) fn moment(cx: &mut Ctx<'_>, unit: TimeUnit) -> Result<UnixMillis, CommandError> {
    let time = cx.args.integer()?;
    if time < 0 {
        return Err(TIME_NEGATIVE);
    }
    unit.moment(time, cx.now.unix_millis())
        .filter(|at| at.0 <= EXPIRY_MS_MAX)
        .ok_or(CommandError::InvalidExpiry(cx.command.name))
}

/// Reads the option of a time, if the next word is one.
pub(super) fn moment_option(cx: &mut Ctx<'_>) -> Result<Option<UnixMillis>, CommandError> {
    let Some(unit) = cx.args.peek().and_then(TimeUnit::of_option) else { return Ok(None) };
    cx.args.word()?;
    moment(cx, unit).map(Some)
}

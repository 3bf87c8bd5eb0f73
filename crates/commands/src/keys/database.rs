//! The number of another database, as an argument.

use engine::{CommandError, Ctx};
use keyspace::DbIndex;

/// The next word as the number of a database that exists.
pub(super) fn parse_database(cx: &mut Ctx<'_>) -> Result<DbIndex, CommandError> {
    let index = i32::try_from(cx.args.integer()?).map_err(|_| NOT_AN_INT)?;
    match u32::try_from(index) {
        Ok(index) if index < cx.engine.keyspace().databases() => Ok(DbIndex(index)),
        _ => Err(CommandError::DbOutOfRange),
    }
}

/// Peers keep this number in 32 bits and say so.
const NOT_AN_INT: CommandError =
    CommandError::fixed("ERR value is out of range, value must between -2147483648 and 2147483647");

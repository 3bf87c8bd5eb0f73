//! Bitmaps: counting and finding bits.
//!
//! ```text
//! BITCOUNT key [start [end [BYTE | BIT]]]
//! BITPOS key bit [start [end [BYTE | BIT]]]
//! ```

use engine::{Args, CommandError, Ctx};
use structures::bitmap::{self, Unit};

pub(super) fn bitcount(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let range = Range::parse(&mut cx.args)?;
    let count = cx.view.string(&key)?.map_or(0, |entry| {
        bitmap::count_in(&entry.value().text(), range.start, range.end.unwrap_or(-1), range.unit)
    });
    cx.reply.integer(count as i64);
    Ok(())
}

pub(super) fn bitpos(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let wanted = match cx.args.integer()? {
        0 => false,
        1 => true,
        _ => return Err(CommandError::fixed("ERR The bit argument must be 1 or 0.")),
    };
    let range = Range::parse(&mut cx.args)?;
    let position = match cx.view.string(&key)? {
        Some(entry) => bitmap::position(&entry.value().text(), wanted, range.start, range.end, range.unit),
        // What isn't there is all zeros, wherever one looks.
        None => (!wanted).then_some(0),
    };
    cx.reply.integer(position.map_or(-1, |position| position as i64));
    Ok(())
}

/// Where to look.
struct Range {
    start: i64,
    /// The end, if it was given: without one BITPOS looks behind the string as well.
    end: Option<i64>,
    unit: Unit,
}

impl Range {
    /// Reads the rest of the arguments.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        const WORDS_MAX: usize = 3;
        if args.remaining() > WORDS_MAX {
            return Err(CommandError::Syntax);
        }
        let mut range = Self { start: 0, end: None, unit: Unit::Byte };
        if args.is_empty() {
            return Ok(range);
        }
        range.start = args.integer()?;
        // The servers judge the unit before the end.
        let Ok(end) = args.word() else { return Ok(range) };
        if args.option("BIT") {
            range.unit = Unit::Bit;
        } else if !args.is_empty() && !args.option("BYTE") {
            return Err(CommandError::Syntax);
        }
        range.end = Some(resp::parse_i64(end).ok_or(CommandError::NotAnInteger)?);
        Ok(range)
    }
}

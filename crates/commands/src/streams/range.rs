//! Streams: reading entries between two numbers.
//!
//! ```text
//! XLEN key
//! XRANGE key start end [COUNT count]
//! XREVRANGE key end start [COUNT count]
//! ```

use engine::{Args, CommandError, Ctx};
use structures::Stream;

use super::entries::reply_entries;
use super::ids::{parse_range_end, parse_range_start};

pub(super) fn xlen(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let len = cx.view.get::<Box<Stream>>(&key)?.map_or(0, |stream| stream.len());
    cx.reply.integer(len as i64);
    Ok(())
}

pub(super) fn xrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_range(cx, false)
}

pub(super) fn xrevrange(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_range(cx, true)
}

fn reply_range(cx: &mut Ctx<'_>, is_back: bool) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (one, other) = (cx.args.word()?, cx.args.word()?);
    let (start, end) = if is_back { (other, one) } else { (one, other) };
    let (start, end) = (parse_range_start(start)?, parse_range_end(end)?);
    let count = parse_count(&mut cx.args)?;
    let Some(stream) = cx.view.get::<Box<Stream>>(&key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    match count {
        Some(0) => cx.reply.null_array(),
        count if is_back => {
            reply_entries(&mut cx.reply, stream.log.range_back(start, end), count.unwrap_or(usize::MAX));
        }
        count => {
            reply_entries(&mut cx.reply, stream.log.range(start, end), count.unwrap_or(usize::MAX));
        }
    }
    Ok(())
}

/// At most so many entries; a negative number is as good as 0.
fn parse_count(args: &mut Args<'_>) -> Result<Option<usize>, CommandError> {
    let mut count = None;
    while !args.is_empty() {
        if args.remaining() < 2 || !args.option("COUNT") {
            return Err(CommandError::Syntax);
        }
        count = Some(usize::try_from(args.integer()?).unwrap_or(0));
    }
    Ok(count)
}

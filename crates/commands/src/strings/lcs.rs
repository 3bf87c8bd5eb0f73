//! Strings: what two have in common.
//!
//! ```text
//! LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN]
//! ```

use std::ops::Range;

use engine::{Args, CommandError, Ctx};
use resp::Reply;
use structures::lcs::{self, Alignment, TooLarge};

use crate::value::Contents;

pub(super) fn lcs(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (a, b) = (cx.args.key()?, cx.args.key()?);
    // The servers look at the keys before they read the options.
    let (a, b) = (Contents::read(&mut cx.view, &a), Contents::read(&mut cx.view, &b));
    let (Ok(a), Ok(b)) = (a, b) else {
        return Err(CommandError::fixed("ERR The specified keys must contain string values"));
    };
    let options = Options::parse(&mut cx.args)?;
    let bytes_max = cx.engine.settings().bulk_bytes_max() as u64;
    if options.len {
        let len = lcs::length(&a, &b, bytes_max).map_err(too_large)?;
        cx.reply.integer(len as i64);
        return Ok(());
    }
    let alignment = Alignment::new(&a, &b, bytes_max).map_err(too_large)?;
    if options.idx {
        reply_matches(&mut cx.reply, &alignment, &options);
    } else {
        cx.reply.bulk(&alignment.subsequence());
    }
    Ok(())
}

#[derive(Default)]
struct Options {
    /// Reply with the length alone.
    len: bool,
    /// Reply with the matching ranges.
    idx: bool,
    /// Leave out shorter matches.
    match_bytes_min: usize,
    /// Say how long each match is.
    with_match_len: bool,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if args.option("LEN") {
                options.len = true;
            } else if args.option("IDX") {
                options.idx = true;
            } else if args.option("WITHMATCHLEN") {
                options.with_match_len = true;
            } else if args.remaining() > 1 && args.option("MINMATCHLEN") {
                options.match_bytes_min = usize::try_from(args.integer()?).unwrap_or(0);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if options.len && options.idx {
            return Err(CommandError::fixed(
                "ERR If you want both the length and indexes, please just use IDX.",
            ));
        }
        Ok(options)
    }
}

fn too_large(_: TooLarge) -> CommandError {
    CommandError::fixed("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
}

fn reply_matches(reply: &mut Reply<'_>, alignment: &Alignment<'_>, options: &Options) {
    reply.map(2);
    reply.bulk(b"matches");
    let matches = reply.array_later();
    let mut count = 0;
    for found in alignment.matches().filter(|found| found.len() >= options.match_bytes_min) {
        reply.array(if options.with_match_len { 3 } else { 2 });
        reply_ends(reply, &found.a);
        reply_ends(reply, &found.b);
        if options.with_match_len {
            reply.integer(found.len() as i64);
        }
        count += 1;
    }
    reply.close_array(matches, count);
    reply.bulk(b"len");
    reply.integer(alignment.len() as i64);
}

/// The first and the last byte of a range that isn't empty.
fn reply_ends(reply: &mut Reply<'_>, range: &Range<usize>) {
    reply.array(2);
    reply.integer(range.start as i64);
    reply.integer(range.end as i64 - 1);
}

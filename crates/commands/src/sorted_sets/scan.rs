//! Sorted sets: a walk through one in many calls.
//!
//! ```text
//! ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]
//! ```

use engine::{Args, CommandError, Ctx};
use glob::Pattern;
use keyspace::SortedSet;
use resp::format_double;
use structures::TextBuffer;

use super::reply::reply_member;
use crate::keys::parse_cursor;

const COUNT_DEFAULT: usize = 10;

/// More members than these are not looked at in one step, whatever a client asks for: some ten milliseconds' work.
const COUNT_MAX: usize = 1 << 16;

const INVALID_CURSOR: CommandError = CommandError::fixed("ERR invalid cursor");
const NOVALUES: CommandError = CommandError::fixed("ERR NOVALUES option can only be used in HSCAN");

struct ScanArgs {
    count: usize,
    pattern: Option<Pattern>,
    shows_scores: bool,
}

impl ScanArgs {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut parsed = Self { count: COUNT_DEFAULT, pattern: None, shows_scores: true };
        while !args.is_empty() {
            if args.remaining() > 1 && args.option("COUNT") {
                parsed.count = match args.integer()? {
                    count @ 1.. => usize::try_from(count).unwrap_or(COUNT_MAX).min(COUNT_MAX),
                    _ => return Err(CommandError::Syntax),
                };
            } else if args.remaining() > 1 && args.option("MATCH") {
                parsed.pattern = Some(Pattern::new(args.word()?)).filter(|pattern| !pattern.is_star());
            } else if args.option("NOSCORES") {
                parsed.shows_scores = false;
            } else if args.option("NOVALUES") {
                return Err(NOVALUES);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(parsed)
    }
}

pub(super) fn zscan(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let cursor = parse_cursor(cx.args.word()?).ok_or(INVALID_CURSOR)?;
    // Peers look at options only if there is something to be walked through.
    let Some(set) = cx.view.get::<SortedSet>(&key)? else {
        cx.reply.array(2);
        cx.reply.bulk(b"0");
        cx.reply.array(0);
        return Ok(());
    };
    let args = ScanArgs::parse(&mut cx.args)?;
    // The cursor to go on with stands before the members and is known after them.
    let mut shown = Vec::new();
    let next = set.scan(cursor, args.count, |member, score| {
        let mut text = TextBuffer::new();
        if args.pattern.as_ref().is_none_or(|pattern| pattern.matches(member.text(&mut text))) {
            shown.push((member, score));
        }
    });
    cx.reply.array(2);
    cx.reply.bulk_display(next);
    cx.reply.array(if args.shows_scores { 2 * shown.len() } else { shown.len() });
    for (member, score) in shown {
        reply_member(&mut cx.reply, member);
        if args.shows_scores {
            // A bulk string in RESP3, too.
            cx.reply.bulk(format_double(score).as_bytes());
        }
    }
    Ok(())
}

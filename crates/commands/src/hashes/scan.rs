//! Hashes: a walk through the fields in many calls.
//!
//! ```text
//! HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
//! ```

use engine::{Args, CommandError, Ctx};
use glob::Pattern;
use keyspace::Hash;
use structures::TextBuffer;

use crate::keys::cursor::parse_cursor;
use crate::keys::gather::Names;

const COUNT_DEFAULT: usize = 10;

/// More fields than these are not looked at in one step, whatever a client asks for: some ten milliseconds' work.
const COUNT_MAX: usize = 1 << 16;

const INVALID_CURSOR: CommandError = CommandError::fixed("ERR invalid cursor");

struct ScanArgs {
    count: usize,
    pattern: Option<Pattern>,
    shows_values: bool,
}

impl ScanArgs {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut parsed = Self { count: COUNT_DEFAULT, pattern: None, shows_values: true };
        while !args.is_empty() {
            if args.option("COUNT") {
                let count = usize::try_from(args.integer()?).ok().filter(|count| *count > 0);
                parsed.count = count.ok_or(CommandError::Syntax)?.min(COUNT_MAX);
            } else if args.option("MATCH") {
                parsed.pattern = Some(Pattern::new(args.word()?)).filter(|pattern| !pattern.is_star());
            } else if args.option("NOVALUES") {
                parsed.shows_values = false;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(parsed)
    }
}

pub(super) fn hscan(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let cursor = parse_cursor(cx.args.word()?).ok_or(INVALID_CURSOR)?;
    let now = cx.view.now();
    let Some(hash) = cx.view.get::<Hash>(&key)? else {
        // The options are not even read: they may be anything.
        cx.reply.array(2);
        cx.reply.bulk(b"0");
        cx.reply.array(0);
        return Ok(());
    };
    let args = ScanArgs::parse(&mut cx.args)?;
    // Gathered, since the cursor stands in front of them.
    let mut shown = Names::default();
    let next = hash.scan(cursor, args.count, now.0, |field, found| {
        let mut buffer = TextBuffer::new();
        let text = field.text(&mut buffer);
        if args.pattern.as_ref().is_none_or(|pattern| pattern.matches(text)) {
            shown.push(text);
            if args.shows_values {
                shown.push(found.value.text(&mut TextBuffer::new()));
            }
        }
    });
    cx.reply.array(2);
    cx.reply.bulk_display(next);
    shown.reply(&mut cx.reply);
    Ok(())
}

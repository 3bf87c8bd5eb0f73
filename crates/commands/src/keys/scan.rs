//! Keys: a walk through the database in many calls.
//!
//! ```text
//! SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
//! ```

use engine::{Args, CommandError, Ctx};
use glob::Pattern;
use keyspace::{Entry, UnixMillis};

use super::cursor::{Place, parse_cursor};
use super::gather::{Names, is_live};
use super::type_name::type_name;
use super::walk::{Budget, walk};

const COUNT_DEFAULT: usize = 10;

const INVALID_CURSOR: CommandError = CommandError::fixed("ERR invalid cursor");
const NOVALUES: CommandError = CommandError::fixed("ERR NOVALUES option can only be used in HSCAN");

struct ScanArgs<'a> {
    cursor: u64,
    count: usize,
    filter: Filter<'a>,
}

/// Which keys to return of those that were seen.
#[derive(Default)]
struct Filter<'a> {
    pattern: Option<Pattern>,
    type_name: Option<&'a [u8]>,
}

impl<'a> ScanArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let cursor = parse_cursor(args.word()?).ok_or(INVALID_CURSOR)?;
        let mut parsed = Self { cursor, count: COUNT_DEFAULT, filter: Filter::default() };
        while !args.is_empty() {
            if args.option("COUNT") {
                parsed.count = parse_count(args)?;
            } else if args.option("MATCH") {
                parsed.filter.pattern = Some(Pattern::new(args.word()?)).filter(|pattern| !pattern.is_star());
            } else if args.option("TYPE") {
                parsed.filter.type_name = Some(args.word()?);
            } else if args.option("NOVALUES") {
                return Err(NOVALUES);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(parsed)
    }
}

fn parse_count(args: &mut Args<'_>) -> Result<usize, CommandError> {
    match args.integer()? {
        count @ 1.. => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
        _ => Err(CommandError::Syntax),
    }
}

impl Filter<'_> {
    /// An unknown type is no error: no key is of it.
    fn takes(&self, entry: &Entry, now: UnixMillis) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.matches(entry.key()))
            && self.type_name.is_none_or(|name| name.eq_ignore_ascii_case(type_name(entry).as_bytes()))
            && is_live(entry, now)
    }
}

pub(super) fn scan(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = ScanArgs::parse(&mut cx.args)?;
    let (now, stripes) = (cx.view.now(), cx.view.stripes());
    let mut names = Names::default();
    let end = walk(&mut cx.view, Place::of(args.cursor, stripes), Budget::new(args.count), |entry| {
        if args.filter.takes(entry, now) {
            names.push(entry.key());
        }
    });
    cx.reply.array(2);
    cx.reply.bulk_display(end.cursor(stripes));
    names.reply(&mut cx.reply);
    Ok(())
}

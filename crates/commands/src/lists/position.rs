//! Lists: where an element is.
//!
//! ```text
//! LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
//! ```

use engine::{Args, CommandError, Ctx};
use keyspace::List;
use listpack::Element;

use super::change::symmetric;

const RANK_ZERO: CommandError = CommandError::fixed(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const COUNT_NEGATIVE: CommandError = CommandError::fixed("ERR COUNT can't be negative");
const MAXLEN_NEGATIVE: CommandError = CommandError::fixed("ERR MAXLEN can't be negative");

struct LposArgs<'a> {
    element: &'a [u8],
    /// Below zero the list is searched from its back.
    rank: i64,
    /// As many matches as this, and then the reply is an array; 0 for all.
    count: Option<usize>,
    /// Elements that are compared; 0 for all.
    elements_max: usize,
}

impl<'a> LposArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut parsed = Self { element: args.word()?, rank: 1, count: None, elements_max: 0 };
        while !args.is_empty() {
            if args.option("RANK") {
                parsed.rank = symmetric(args)?;
                if parsed.rank == 0 {
                    return Err(RANK_ZERO);
                }
            } else if args.option("COUNT") {
                parsed.count = Some(natural(args, COUNT_NEGATIVE)?);
            } else if args.option("MAXLEN") {
                parsed.elements_max = natural(args, MAXLEN_NEGATIVE)?;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(parsed)
    }

    /// The indexes of the matches that were asked for, in the order of the search.
    fn matches(&self, list: &List) -> Vec<i64> {
        // Where all may be compared from the front on, there is a faster search.
        if self.rank > 0 && self.elements_max == 0 {
            return self.choose(list.indexes_of(self.element));
        }
        let wanted = Element::Bytes(self.element);
        // A text is compared with stored integers by value: read it once.
        let wanted = wanted.int().map_or(wanted, Element::Int);
        let is_match = |(index, element)| (element == wanted).then_some(index);
        let count = no_limit(self.elements_max);
        if self.rank > 0 {
            self.choose(list.iter().take(count).enumerate().filter_map(is_match))
        } else {
            let from_back = (0..list.len()).rev().zip(list.iter().rev());
            self.choose(from_back.take(count).filter_map(is_match))
        }
    }

    /// Of all matches, in the order of the search, those that were asked for.
    fn choose(&self, matches: impl Iterator<Item = usize>) -> Vec<i64> {
        let skipped = usize::try_from(self.rank.unsigned_abs() - 1).unwrap_or(usize::MAX);
        let count = no_limit(self.count.unwrap_or(1));
        matches.skip(skipped).take(count).map(|index| index as i64).collect()
    }
}

/// A limit, of which zero is none.
fn no_limit(number: usize) -> usize {
    if number == 0 { usize::MAX } else { number }
}

fn natural(args: &mut Args<'_>, error: CommandError) -> Result<usize, CommandError> {
    resp::parse_i64(args.word()?).and_then(|number| usize::try_from(number).ok()).ok_or(error)
}

pub(super) fn lpos(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let asked = LposArgs::parse(&mut cx.args)?;
    let found = match cx.view.get::<List>(&key)? {
        None => Vec::new(),
        Some(list) => asked.matches(&list),
    };
    match (asked.count, found.first()) {
        (Some(_), _) => {
            cx.reply.array(found.len());
            found.iter().for_each(|&index| cx.reply.integer(index));
        }
        (None, Some(&index)) => cx.reply.integer(index),
        (None, None) => cx.reply.null(),
    }
    Ok(())
}

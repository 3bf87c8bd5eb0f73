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

    /// The indexes of the matches, in the order of the search, of elements given in that order.
    fn matches<'e>(
        &self,
        elements: impl Iterator<Item = Element<'e>>,
        index: impl Fn(usize) -> usize,
    ) -> Vec<i64> {
        let no_limit = |number: usize| if number == 0 { usize::MAX } else { number };
        let skipped = usize::try_from(self.rank.unsigned_abs() - 1).unwrap_or(usize::MAX);
        let wanted = Element::Bytes(self.element);
        // A text is compared with stored integers by value: read it once.
        let wanted = wanted.int().map_or(wanted, Element::Int);
        elements
            .take(no_limit(self.elements_max))
            .enumerate()
            .filter(|(_, element)| *element == wanted)
            .skip(skipped)
            .take(no_limit(self.count.unwrap_or(1)))
            .map(|(number, _)| index(number) as i64)
            .collect()
    }
}

fn natural(args: &mut Args<'_>, error: CommandError) -> Result<usize, CommandError> {
    resp::parse_i64(args.word()?).and_then(|number| usize::try_from(number).ok()).ok_or(error)
}

pub(super) fn lpos(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let asked = LposArgs::parse(&mut cx.args)?;
    let found = match cx.view.get::<List>(&key)? {
        None => Vec::new(),
        Some(list) if asked.rank > 0 => asked.matches(list.iter(), |number| number),
        Some(list) => asked.matches(list.iter().rev(), |number| list.len() - 1 - number),
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

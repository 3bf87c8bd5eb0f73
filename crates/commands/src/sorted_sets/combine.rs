//! Sorted sets: unions, intersections and differences.
//!
//! ```text
//! ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]
//! ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]
//! ZDIFF numkeys key [key ...] [WITHSCORES]
//! ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]
//! ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]
//! ZDIFFSTORE destination numkeys key [key ...]
//! ZINTERCARD numkeys key [key ...] [LIMIT limit]
//! ```

use engine::{Args, CommandError, Ctx, Event};
use keyspace::Key;
use structures::Element;
use structures::sorted_set::{Aggregate, Combined, Weighted, intersection_len};

use super::limits::limits;
use super::reply::{Shown, reply_members};
use super::score::parse_score;
use super::source::{Source, sources};
use super::store::store;

const ZUNIONSTORE: Event = Event::sorted_set("zunionstore");
const ZINTERSTORE: Event = Event::sorted_set("zinterstore");
const ZDIFFSTORE: Event = Event::sorted_set("zdiffstore");

const NOT_A_WEIGHT: CommandError = CommandError::fixed("ERR weight value is not a float");
const NEGATIVE_LIMIT: CommandError = CommandError::fixed("ERR LIMIT can't be negative");

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// Whether the result is shown or stored.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Purpose {
    Show,
    Store,
}

pub(super) fn zunion(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show(cx, Operation::Union)
}

pub(super) fn zinter(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show(cx, Operation::Intersection)
}

pub(super) fn zdiff(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    show(cx, Operation::Difference)
}

pub(super) fn zunionstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, Operation::Union, ZUNIONSTORE)
}

pub(super) fn zinterstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, Operation::Intersection, ZINTERSTORE)
}

pub(super) fn zdiffstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    compute_and_store(cx, Operation::Difference, ZDIFFSTORE)
}

fn show(cx: &mut Ctx<'_>, operation: Operation) -> Result<(), CommandError> {
    let (combined, shown) = combine(cx, operation, Purpose::Show)?;
    let members = combined.iter().map(|(member, score)| (Element::Bytes(member), score));
    reply_members(&mut cx.reply, members, shown);
    Ok(())
}

fn compute_and_store(cx: &mut Ctx<'_>, operation: Operation, event: Event) -> Result<(), CommandError> {
    let destination = cx.args.key()?;
    let (combined, _) = combine(cx, operation, Purpose::Store)?;
    let set = combined.into_set(&limits(cx.engine));
    store(cx, &destination, set, event);
    Ok(())
}

fn combine(
    cx: &mut Ctx<'_>,
    operation: Operation,
    purpose: Purpose,
) -> Result<(Combined, Shown), CommandError> {
    let keys = numbered_keys(&mut cx.args, cx.command.name)?;
    let sources = sources(&mut cx.view, &keys)?;
    let Options { weights, aggregate, shown } =
        Options::parse(&mut cx.args, operation, purpose, sources.len())?;
    let hash_key = cx.engine.keyspace().secret();
    if operation == Operation::Difference {
        return Ok((Combined::difference(&sources, hash_key), shown));
    }
    let weights = weights.into_iter().chain(std::iter::repeat(1.0));
    let sets: Vec<Weighted<Source<'_>>> =
        sources.into_iter().zip(weights).map(|(set, weight)| Weighted { set, weight }).collect();
    let combined = match operation {
        Operation::Union => Combined::union(&sets, aggregate, hash_key),
        _ => Combined::intersection(&sets, aggregate, hash_key),
    };
    Ok((combined, shown))
}

pub(super) fn zintercard(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let keys = numbered_keys(&mut cx.args, cx.command.name)?;
    let sources = sources(&mut cx.view, &keys)?;
    let mut max = 0;
    while !cx.args.is_empty() {
        if cx.args.remaining() < 2 || !cx.args.option("LIMIT") {
            return Err(CommandError::Syntax);
        }
        let limit = resp::parse_i64(cx.args.word()?).filter(|&limit| limit >= 0).ok_or(NEGATIVE_LIMIT)?;
        max = usize::try_from(limit).unwrap_or(usize::MAX);
    }
    let max = if max == 0 { usize::MAX } else { max };
    cx.reply.integer(intersection_len(&sources, max) as i64);
    Ok(())
}

/// A number of keys and so many keys.
fn numbered_keys<'a>(args: &mut Args<'a>, command: &str) -> Result<Vec<Key<'a>>, CommandError> {
    let count = args.integer()?;
    if count < 1 {
        let text = format!("ERR at least 1 input key is needed for '{command}' command");
        return Err(CommandError::text(text));
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > args.remaining() {
        return Err(CommandError::Syntax);
    }
    (0..count).map(|_| args.key()).collect()
}

struct Options {
    /// One for each key, or none.
    weights: Vec<f64>,
    aggregate: Aggregate,
    shown: Shown,
}

impl Options {
    fn parse(
        args: &mut Args<'_>,
        operation: Operation,
        purpose: Purpose,
        keys: usize,
    ) -> Result<Self, CommandError> {
        let mut options =
            Self { weights: Vec::new(), aggregate: Aggregate::default(), shown: Shown::Members };
        let is_scored = operation != Operation::Difference;
        while !args.is_empty() {
            if is_scored && args.remaining() > keys && args.option("WEIGHTS") {
                let weight = |_| parse_score(args.word()?).map_err(|_| NOT_A_WEIGHT);
                options.weights = (0..keys).map(weight).collect::<Result<_, _>>()?;
            } else if is_scored && args.remaining() > 1 && args.option("AGGREGATE") {
                options.aggregate = aggregate(args)?;
            } else if purpose == Purpose::Show && args.option("WITHSCORES") {
                options.shown = Shown::WithScores;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

fn aggregate(args: &mut Args<'_>) -> Result<Aggregate, CommandError> {
    const NAMES: [(&str, Aggregate); 3] =
        [("SUM", Aggregate::Sum), ("MIN", Aggregate::Min), ("MAX", Aggregate::Max)];
    let found = NAMES.iter().find(|(name, _)| args.option(name));
    found.map(|(_, aggregate)| *aggregate).ok_or(CommandError::Syntax)
}

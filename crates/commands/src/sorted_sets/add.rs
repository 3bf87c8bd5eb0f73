//! Sorted sets: adding members and changing scores.
//!
//! ```text
//! ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]
//! ZINCRBY key increment member
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use keyspace::{Key, SortedSet};
use smallvec::SmallVec;
use structures::sorted_set::{Comparison, Condition, Outcome, Presence};

use super::limits::limits;
use super::score::parse_score;

const ZADD: Event = Event::sorted_set("zadd");
const ZINCR: Event = Event::sorted_set("zincr");

const NX_WITH_XX: CommandError =
    CommandError::fixed("ERR XX and NX options at the same time are not compatible");
const NX_WITH_GT: CommandError =
    CommandError::fixed("ERR GT, LT, and/or NX options at the same time are not compatible");
const INCR_OF_SEVERAL: CommandError =
    CommandError::fixed("ERR INCR option supports a single increment-element pair");
const NOT_A_NUMBER: CommandError = CommandError::fixed("ERR resulting score is not a number (NaN)");

/// Pairs that need no allocation.
const PAIRS_INLINE: usize = 4;

/// Scores and members.
type Pairs<'a> = SmallVec<[(f64, &'a [u8]); PAIRS_INLINE]>;

struct AddArgs<'a> {
    condition: Condition,
    /// Members whose score changed are counted too.
    counts_changed: bool,
    is_increment: bool,
    pairs: Pairs<'a>,
}

#[derive(Default)]
struct Options {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    ch: bool,
    incr: bool,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Self {
        let mut options = Self::default();
        loop {
            let option = match () {
                () if args.option("NX") => &mut options.nx,
                () if args.option("XX") => &mut options.xx,
                () if args.option("GT") => &mut options.gt,
                () if args.option("LT") => &mut options.lt,
                () if args.option("CH") => &mut options.ch,
                () if args.option("INCR") => &mut options.incr,
                () => return options,
            };
            *option = true;
        }
    }

    fn condition(&self) -> Result<Condition, CommandError> {
        if self.nx && self.xx {
            return Err(NX_WITH_XX);
        }
        if [self.gt, self.lt, self.nx].into_iter().filter(|&is_set| is_set).count() > 1 {
            return Err(NX_WITH_GT);
        }
        let presence = if self.nx { Some(Presence::Absent) } else { self.xx.then_some(Presence::Present) };
        let comparison =
            if self.gt { Some(Comparison::Greater) } else { self.lt.then_some(Comparison::Less) };
        Ok(Condition { presence, comparison })
    }
}

impl<'a> AddArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        // A score is the usual thing here, and none of the options begins like one.
        let options = match args.peek() {
            Some([b'0'..=b'9' | b'-' | b'.', ..]) => Options::default(),
            _ => Options::parse(args),
        };
        if args.is_empty() || args.remaining() % 2 == 1 {
            return Err(CommandError::Syntax);
        }
        let condition = options.condition()?;
        if options.incr && args.remaining() > 2 {
            return Err(INCR_OF_SEVERAL);
        }
        let mut pairs = Pairs::with_capacity(args.remaining() / 2);
        while !args.is_empty() {
            pairs.push((parse_score(args.word()?)?, args.word()?));
        }
        Ok(Self { condition, counts_changed: options.ch, is_increment: options.incr, pairs })
    }
}

pub(super) fn zadd(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let args = AddArgs::parse(&mut cx.args)?;
    if args.is_increment {
        let &[(increment, member)] = &*args.pairs else { return Err(INCR_OF_SEVERAL) };
        return increase(cx, &key, increment, member, args.condition);
    }
    let (mut added, mut changed) = (0, 0);
    if !must_be_there(cx, &key, args.condition) {
        let limits = limits(cx.engine);
        let mut set = cx.view.get_or_create::<SortedSet>(&key)?;
        // As in peers: by the number of pairs, whatever becomes of them, and by the first member of a new set.
        let is_new = set.is_empty();
        let first_bytes = args.pairs.first().filter(|_| is_new).map_or(0, |(_, member)| member.len());
        set.expect(args.pairs.len(), first_bytes, &limits);
        for &(score, member) in &args.pairs {
            match set.update(member, score, args.condition, &limits) {
                Outcome::Added(_) => added += 1,
                Outcome::Changed(_) => changed += 1,
                Outcome::Unchanged(_) | Outcome::Refused => {}
            }
        }
    }
    if added + changed > 0 {
        cx.view.record(&key, ZADD, Effect::AsCalled);
    }
    cx.reply.integer(if args.counts_changed { added + changed } else { added });
    Ok(())
}

pub(super) fn zincrby(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // Peers look for the options of ZADD here, too, and then miss the increment.
    if matches!(cx.args.peek(), Some([b'a'..=b'z' | b'A'..=b'Z', ..])) {
        Options::parse(&mut cx.args);
        if cx.args.remaining() < 2 {
            return Err(CommandError::Syntax);
        }
    }
    let increment = parse_score(cx.args.word()?)?;
    let member = cx.args.word()?;
    increase(cx, &key, increment, member, Condition::default())
}

fn increase(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    increment: f64,
    member: &[u8],
    condition: Condition,
) -> Result<(), CommandError> {
    let outcome = if must_be_there(cx, key, condition) {
        Outcome::Refused
    } else {
        let limits = limits(cx.engine);
        let mut set = cx.view.get_or_create::<SortedSet>(key)?;
        set.increase(member, increment, condition, &limits).map_err(|_| NOT_A_NUMBER)?
    };
    match outcome {
        Outcome::Refused => cx.reply.null(),
        Outcome::Unchanged(score) => cx.reply.double(score),
        Outcome::Added(score) | Outcome::Changed(score) => {
            cx.view.record(key, ZINCR, Effect::AsCalled);
            cx.reply.double(score);
        }
    }
    Ok(())
}

/// Whether there is no such key, and nothing may be created.
fn must_be_there(cx: &mut Ctx<'_>, key: &Key<'_>, condition: Condition) -> bool {
    condition.presence == Some(Presence::Present) && cx.view.peek(key).is_none()
}

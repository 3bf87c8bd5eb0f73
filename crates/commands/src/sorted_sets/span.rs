//! A part of a sorted set: which members, in which direction, and how many of them.

use std::ops::Range;

use engine::{Args, CommandError};
use keyspace::SortedSet;
use structures::sorted_set::{LexBounds, ScoreBounds};

use super::bounds::{Named, members_between, scores_between};
use super::reply::Shown;

const LIMIT_BY_RANK: CommandError = CommandError::fixed(
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
const SCORES_BY_LEX: CommandError =
    CommandError::fixed("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

/// By what members are chosen.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    Rank,
    Score,
    Lex,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forwards,
    Backwards,
}

/// What a command's name says already; the rest is up to options.
#[derive(Copy, Clone, Debug)]
pub(super) struct Fixed {
    pub(super) by: Option<By>,
    pub(super) direction: Option<Direction>,
    /// Whether scores can be asked for.
    pub(super) shows: bool,
}

pub(super) struct Span<'a> {
    choice: Choice<'a>,
    direction: Direction,
    limit: Limit,
    pub(super) shown: Shown,
}

enum Choice<'a> {
    /// The first and the last rank; below zero from the other end.
    Ranks(i64, i64),
    Scores(ScoreBounds),
    Members(LexBounds<'a>),
}

/// How many members to pass, and how many to take then; below zero all.
#[derive(Copy, Clone)]
struct Limit {
    offset: i64,
    count: i64,
}

impl Limit {
    const NONE: Self = Self { offset: 0, count: -1 };

    /// These ranks, without those that the limit leaves out at either end.
    fn of(self, ranks: Range<usize>, direction: Direction) -> Range<usize> {
        let Ok(offset) = usize::try_from(self.offset) else { return 0..0 };
        let left = ranks.len().saturating_sub(offset);
        let count = usize::try_from(self.count).map_or(left, |count| count.min(left));
        match direction {
            Direction::Forwards => {
                let start = ranks.start + (ranks.len() - left);
                start..start + count
            }
            Direction::Backwards => {
                let end = ranks.end - (ranks.len() - left);
                end - count..end
            }
        }
    }
}

/// Options as they are read, one after the other.
struct Options {
    by: Option<By>,
    direction: Option<Direction>,
    limit: Limit,
    shown: Shown,
}

impl<'a> Span<'a> {
    /// The next two words and all options behind them.
    pub(super) fn parse(args: &mut Args<'a>, fixed: Fixed) -> Result<Self, CommandError> {
        let (first, second) = (args.word()?, args.word()?);
        let Options { by, direction, limit, shown } = Options::parse(args, fixed)?;
        let (by, direction) = (by.unwrap_or(By::Rank), direction.unwrap_or(Direction::Forwards));
        if by == By::Rank && limit.count != Limit::NONE.count {
            return Err(LIMIT_BY_RANK);
        }
        if by == By::Lex && shown == Shown::WithScores {
            return Err(SCORES_BY_LEX);
        }
        let named = match direction {
            Direction::Forwards => Named::LowerFirst,
            Direction::Backwards => Named::UpperFirst,
        };
        let (choice, limit) = match by {
            By::Rank => (Choice::Ranks(integer(first)?, integer(second)?), Limit::NONE),
            By::Score => (Choice::Scores(scores_between(first, second, named)?), limit),
            By::Lex => (Choice::Members(members_between(first, second, named)?), limit),
        };
        Ok(Self { choice, direction, limit, shown })
    }

    pub(super) fn is_backwards(&self) -> bool {
        self.direction == Direction::Backwards
    }

    /// The ranks of the chosen members.
    pub(super) fn ranks(&self, set: &SortedSet) -> Range<usize> {
        let ranks = match self.choice {
            Choice::Ranks(first, last) => {
                let ranks = ranks_between(set.len(), first, last);
                match self.direction {
                    Direction::Forwards => ranks,
                    Direction::Backwards => set.len() - ranks.end..set.len() - ranks.start,
                }
            }
            Choice::Scores(bounds) => set.ranks_by_score(bounds),
            Choice::Members(bounds) => set.ranks_by_lex(bounds),
        };
        self.limit.of(ranks, self.direction)
    }
}

impl Options {
    fn parse(args: &mut Args<'_>, fixed: Fixed) -> Result<Self, CommandError> {
        let mut options =
            Self { by: fixed.by, direction: fixed.direction, limit: Limit::NONE, shown: Shown::Members };
        while !args.is_empty() {
            if fixed.shows && args.option("WITHSCORES") {
                options.shown = Shown::WithScores;
            } else if args.remaining() > 2 && args.option("LIMIT") {
                options.limit = Limit { offset: args.integer()?, count: args.integer()? };
            } else if options.direction.is_none() && args.option("REV") {
                options.direction = Some(Direction::Backwards);
            } else if options.by.is_none() && args.option("BYLEX") {
                options.by = Some(By::Lex);
            } else if options.by.is_none() && args.option("BYSCORE") {
                options.by = Some(By::Score);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

fn integer(word: &[u8]) -> Result<i64, CommandError> {
    resp::parse_i64(word).ok_or(CommandError::NotAnInteger)
}

/// The ranks from `first` to `last`, where -1 is the last of `len`.
pub(super) fn ranks_between(len: usize, first: i64, last: i64) -> Range<usize> {
    let from_front = |rank: i64| {
        let distance = usize::try_from(rank.unsigned_abs()).unwrap_or(usize::MAX);
        if rank < 0 { len.checked_sub(distance) } else { Some(distance) }
    };
    let start = from_front(first).unwrap_or(0);
    match from_front(last) {
        Some(last) if start <= last && start < len => start..last.saturating_add(1).min(len),
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_counted_from_both_ends() {
        assert_eq!(ranks_between(4, 0, -1), 0..4);
        assert_eq!(ranks_between(4, -2, 100), 2..4);
        assert_eq!(ranks_between(4, -100, 1), 0..2);
        assert_eq!(ranks_between(4, i64::MIN, i64::MAX), 0..4);
        for (first, last) in [(4, 5), (2, 1), (0, -5), (i64::MAX, i64::MIN)] {
            assert!(ranks_between(4, first, last).is_empty());
        }
        assert!(ranks_between(0, 0, -1).is_empty());
    }

    #[test]
    fn a_limit_takes_from_where_the_walk_begins() {
        let limit = |offset, count| Limit { offset, count };
        assert_eq!(limit(1, 2).of(10..20, Direction::Forwards), 11..13);
        assert_eq!(limit(1, 2).of(10..20, Direction::Backwards), 17..19);
        assert_eq!(limit(3, -1).of(10..20, Direction::Backwards), 10..17);
        assert!(limit(-1, 5).of(10..20, Direction::Forwards).is_empty());
        assert!(limit(i64::MAX, i64::MAX).of(10..20, Direction::Backwards).is_empty());
        assert!(limit(0, 0).of(10..20, Direction::Backwards).is_empty());
    }
}

//! The ends of ranges of scores and members.
//!
//! ```text
//! score | (score        a score of the range, or the first beyond it
//! [member | (member     likewise
//! - | +                 before and behind all members
//! ```

use engine::{Args, CommandError};
use structures::sorted_set::{Bound, LexBounds, ScoreBounds};

const NOT_A_SCORE: CommandError = CommandError::fixed("ERR min or max is not a float");
const NOT_A_MEMBER: CommandError = CommandError::fixed("ERR min or max not valid string range item");

/// Which end is named first.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    LowerFirst,
    UpperFirst,
}

impl Named {
    fn min_and_max<T>(self, first: T, second: T) -> (T, T) {
        match self {
            Self::LowerFirst => (first, second),
            Self::UpperFirst => (second, first),
        }
    }
}

/// The next two words as ends of a range of scores.
pub(super) fn score_bounds(args: &mut Args<'_>, named: Named) -> Result<ScoreBounds, CommandError> {
    scores_between(args.word()?, args.word()?, named)
}

pub(super) fn scores_between(first: &[u8], second: &[u8], named: Named) -> Result<ScoreBounds, CommandError> {
    let (min, max) = named.min_and_max(first, second);
    Ok(ScoreBounds { min: score_bound(min)?, max: score_bound(max)? })
}

/// The next two words as ends of a range of members.
pub(super) fn lex_bounds<'a>(args: &mut Args<'a>, named: Named) -> Result<LexBounds<'a>, CommandError> {
    members_between(args.word()?, args.word()?, named)
}

pub(super) fn members_between<'a>(
    first: &'a [u8],
    second: &'a [u8],
    named: Named,
) -> Result<LexBounds<'a>, CommandError> {
    let (min, max) = named.min_and_max(first, second);
    Ok(LexBounds { min: lex_bound(min)?, max: lex_bound(max)? })
}

fn score_bound(word: &[u8]) -> Result<Bound<f64>, CommandError> {
    match word {
        [b'(', score @ ..] => lenient_score(score).map(Bound::Excluded),
        score => lenient_score(score).map(Bound::Included),
    }
}

/// Not quite what a member's score may be: peers read it otherwise. Nothing, or nothing before a NUL, is 0; what is too great is
/// infinite, and hexadecimals are none.
fn lenient_score(word: &[u8]) -> Result<f64, CommandError> {
    let text = word.split(|&byte| byte == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Ok(0.0);
    }
    let score = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    score.filter(|score: &f64| !score.is_nan()).ok_or(NOT_A_SCORE)
}

fn lex_bound(word: &[u8]) -> Result<Bound<&[u8]>, CommandError> {
    match word {
        // Peers read no further than a NUL.
        [b'-'] | [b'-', 0, ..] => Ok(Bound::Lowest),
        [b'+'] | [b'+', 0, ..] => Ok(Bound::Highest),
        [b'[', member @ ..] => Ok(Bound::Included(member)),
        [b'(', member @ ..] => Ok(Bound::Excluded(member)),
        _ => Err(NOT_A_MEMBER),
    }
}

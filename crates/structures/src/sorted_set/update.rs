//! Changing a score under conditions.

use listpack::Storage;

use super::value::{Limits, SortedSet};

/// On what a change of a score depends.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Whether the member has to be there or must not be.
    pub presence: Option<Presence>,
    /// How the new score of a member that is there has to compare with its present one.
    pub comparison: Option<Comparison>,
}

/// Whether something is there.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It isn't.
    Absent,
    /// It is.
    Present,
}

/// How a new score compares with the one before.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is greater.
    Greater,
    /// It is less.
    Less,
}

/// What became of a member.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The condition didn't hold.
    Refused,
    /// It has this score, as before. (It may have -0 where this is 0, or 0 where this is -0.)
    Unchanged(f64),
    /// It has this score, another than before.
    Changed(f64),
    /// It is new, with this score.
    Added(f64),
}

/// A score that would be NaN: the sum of the infinities.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the score would be no number")]
pub struct NotANumber;

impl<S: Storage> SortedSet<S> {
    /// Gives a member a score, if the condition holds.
    pub fn update(&mut self, member: &[u8], score: f64, condition: Condition, limits: &Limits) -> Outcome {
        if condition != Condition::default()
            && let Some(outcome) = self.refuse(self.score(member), score, condition)
        {
            return outcome;
        }
        match self.insert(member, score, limits) {
            None => Outcome::Added(score),
            Some(old) if old == score => Outcome::Unchanged(score),
            Some(_) => Outcome::Changed(score),
        }
    }

    /// Adds to the score of a member, if the condition holds. One that isn't there begins with 0.
    pub fn increase(
        &mut self,
        member: &[u8],
        increment: f64,
        condition: Condition,
        limits: &Limits,
    ) -> Result<Outcome, NotANumber> {
        let old = self.score(member);
        // Not 0 + increment: that would lose the sign of -0.
        let score = old.map_or(increment, |old| old + increment);
        match (condition.presence, old) {
            (Some(Presence::Present), None) | (Some(Presence::Absent), Some(_)) => {
                return Ok(Outcome::Refused);
            }
            _ if score.is_nan() => return Err(NotANumber),
            _ => {}
        }
        Ok(self.update(member, score, condition, limits))
    }

    fn refuse(&self, old: Option<f64>, score: f64, condition: Condition) -> Option<Outcome> {
        let Some(old) = old else {
            return (condition.presence == Some(Presence::Present)).then_some(Outcome::Refused);
        };
        let refused = condition.presence == Some(Presence::Absent)
            || match condition.comparison {
                Some(Comparison::Greater) => score <= old,
                Some(Comparison::Less) => score >= old,
                None => false,
            };
        refused.then_some(Outcome::Refused)
    }
}

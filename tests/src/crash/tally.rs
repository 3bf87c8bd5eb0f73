//! What came out of many rounds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::judge::Verdict;

/// Sums over rounds.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rounds.
    pub rounds: u64,
    /// Units that were acknowledged.
    pub acknowledged: u64,
    /// Units that were sent and compared with what was there.
    pub checked: u64,
    /// Acknowledged units that were missing, as they may be.
    pub missing: u64,
    /// How long before the end the first missing one was acknowledged, at most.
    pub span: Duration,
    /// Starts of kvd.
    pub starts: u64,
    /// How long it took.
    pub time: Duration,
    /// How often what happened that is worth a word.
    pub notes: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Adds what was compared.
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        self.acknowledged += verdict.acknowledged;
        self.checked += verdict.checked;
        self.missing += verdict.missing;
        self.span = self.span.max(verdict.span);
    }

    /// Counts something.
    pub fn note(&mut self, what: &'static str) {
        self.note_many(what, 1);
    }

    /// Counts several of something.
    pub fn note_many(&mut self, what: &'static str, count: u64) {
        *self.notes.entry(what).or_default() += count;
    }

    /// Adds other rounds.
    pub fn join(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.acknowledged += other.acknowledged;
        self.checked += other.checked;
        self.missing += other.missing;
        self.span = self.span.max(other.span);
        self.starts += other.starts;
        self.time += other.time;
        for (what, count) in &other.notes {
            *self.notes.entry(what).or_default() += count;
        }
    }

    /// The names of the columns.
    pub fn heading() -> String {
        format!(
            "{:<10}{:>7}{:>14}{:>12}{:>9}{:>9}{:>8}{:>9}",
            "", "rounds", "acknowledged", "checked", "missing", "lost ms", "starts", "seconds"
        )
    }

    /// A line of the table.
    pub fn line(&self, name: &str) -> String {
        format!(
            "{name:<10}{:>7}{:>14}{:>12}{:>9}{:>9.1}{:>8}{:>9.1}",
            self.rounds,
            self.acknowledged,
            self.checked,
            self.missing,
            self.span.as_secs_f64() * 1000.0,
            self.starts,
            self.time.as_secs_f64()
        )
    }
}

/// What happened besides.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.notes {
            writeln!(f, "  {count:>6} {what}")?;
        }
        Ok(())
    }
}

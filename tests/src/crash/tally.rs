//! What came out of many rounds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::judge::Verdict;
use super::scenario::Scenario;

/// So many rounds of a scenario do all that it is for.
const ROUNDS_ENOUGH: u64 = 4;
/// What is noted of rounds that this machine can't play.
pub(crate) const SKIPPED: &str = "rounds skipped: no small disk can be mounted";

/// Sums over rounds.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rounds.
    pub rounds: u64,
    /// Units that were acknowledged.
    pub acknowledged: u64,
    /// Acknowledged units that had to be there, and were.
    pub owed: u64,
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
        self.owed += verdict.owed;
        self.checked += verdict.checked;
        self.missing += verdict.missing;
        self.span = self.span.max(verdict.span);
    }

    /// What rounds of this scenario are for, and none did, though there were enough of them.
    pub(crate) fn undone(&self, scenario: Scenario) -> Option<&'static str> {
        if self.rounds < ROUNDS_ENOUGH || self.notes.contains_key(SKIPPED) {
            return None;
        }
        let deed = scenario.deed();
        match deed.filter(|deed| self.notes.get(deed).is_none_or(|count| *count == 0)) {
            None if self.acknowledged == 0 => Some("acknowledged units"),
            None if self.owed == 0 && scenario != Scenario::Tail => Some("units that are owed"),
            undone => undone,
        }
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
        self.owed += other.owed;
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
            "{:<10}{:>7}{:>14}{:>12}{:>12}{:>9}{:>9}{:>8}{:>9}",
            "", "rounds", "acknowledged", "owed", "checked", "missing", "lost ms", "starts", "seconds"
        )
    }

    /// A line of the table.
    pub fn line(&self, name: &str) -> String {
        format!(
            "{name:<10}{:>7}{:>14}{:>12}{:>12}{:>9}{:>9.1}{:>8}{:>9.1}",
            self.rounds,
            self.acknowledged,
            self.owed,
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

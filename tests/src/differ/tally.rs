//! How often each command ran, and how often it succeeded.

use std::fmt;

use catalog::Command;

/// Counts by command.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Runs and errors, by the number of the command; the last is for requests that name none.
    counts: Vec<(u64, u64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: vec![(0, 0); catalog::COUNT + 1] }
    }
}

impl Tally {
    /// One more reply.
    pub(crate) fn count(&mut self, command: Option<&Command>, is_error: bool) {
        let index = command.map_or(catalog::COUNT, |command| command.id.index());
        if let Some((runs, errors)) = self.counts.get_mut(index) {
            *runs += 1;
            *errors += u64::from(is_error);
        }
    }

    /// Replies in all.
    pub fn runs(&self) -> u64 {
        self.counts.iter().map(|(runs, _)| runs).sum()
    }

    /// The share of error replies, in percent.
    pub fn error_percent(&self) -> f64 {
        let errors: u64 = self.counts.iter().map(|(_, errors)| errors).sum();
        errors as f64 * 100.0 / self.runs().max(1) as f64
    }

    /// Commands that ran and never succeeded.
    pub fn hopeless(&self) -> Vec<&'static str> {
        self.rows().filter(|(_, runs, errors)| runs == errors).map(|(name, ..)| name).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        let names = catalog::COMMANDS.iter().map(|command| command.name);
        let rows = names.zip(&self.counts).map(|(name, (runs, errors))| (name, *runs, *errors));
        rows.filter(|(_, runs, _)| *runs > 0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, runs, errors) in self.rows() {
            let succeeded = (runs - errors) as f64 * 100.0 / runs as f64;
            writeln!(f, "  {name:<28} {runs:>10} runs {succeeded:>5.1} % succeeded")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_never_succeed_are_shown() {
        let mut tally = Tally::default();
        let command = |id| Some(catalog::command(id));
        tally.count(command(catalog::id::GET), false);
        tally.count(command(catalog::id::GET), true);
        tally.count(command(catalog::id::LCS), true);
        tally.count(None, true);
        assert_eq!(tally.hopeless(), ["lcs"]);
        assert_eq!((tally.runs(), tally.error_percent()), (4, 75.0));
    }
}

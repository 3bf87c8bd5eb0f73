//! Batches of requests.

use catalog::Group;

use super::choice::{self, Choice};
use super::guard;
use super::mutation;
use super::pools::{Pools, Word};
use super::special;
use super::syntax::{Syntax, Tokens};

/// One thing that is done to both servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A request.
    Ask(Vec<Word>),
    /// A request with a cursor, followed to its end; the cursor is the word at this place.
    Walk(Vec<Word>, usize),
    /// A RESTORE of what each server dumps of a key, whose name stands in the payload's place.
    Restore(Vec<Word>),
    /// Both servers are left alone until short lives have ended.
    Rest,
}

/// Makes batches for one family and one peer.
pub(crate) struct Generator<'c> {
    pools: Pools,
    now_ms: i64,
    choice: &'c Choice,
    tokens: &'c Tokens,
}

/// So many of a hundred requests are spoilt.
const SPOILT_PERCENT: u32 = 6;
/// A batch ends in a walk so many times out of a hundred.
const WALK_PERCENT: u32 = 4;
/// A batch ends in a value that goes out and comes in so many times out of a hundred.
const RESTORE_PERCENT: u32 = 25;
/// A batch ends in a short life and a rest so many times out of a hundred.
const REST_PERCENT: u32 = 1;
/// What is not safe is drawn again, at most so often.
const DRAWS_MAX: usize = 50;

impl<'c> Generator<'c> {
    /// A generator whose requests follow from `seed`, with times around `now_ms`.
    pub(crate) fn new(seed: u64, now_ms: i64, choice: &'c Choice, tokens: &'c Tokens) -> Self {
        Self { pools: Pools::new(seed, now_ms), now_ms, choice, tokens }
    }

    /// So many requests, then perhaps a walk or a rest.
    pub(crate) fn batch(&mut self, count: usize) -> Vec<Step> {
        let mut steps: Vec<Step> = (0..count).map(|_| Step::Ask(self.request())).collect();
        if self.pools.percent(WALK_PERCENT) {
            steps.push(self.walk());
        }
        if self.pools.percent(RESTORE_PERCENT) {
            steps.extend(self.restore());
        }
        if self.pools.percent(REST_PERCENT) {
            let key = self.pools.key(Group::String);
            let life = self.pools.rng.u32(1..=3).to_string().into_bytes();
            steps.push(Step::Ask(match self.pools.rng.u32(0..3) {
                0 => vec![b"PEXPIRE".to_vec(), key, life],
                1 => vec![b"PSETEX".to_vec(), key, life, b"short".to_vec()],
                _ => vec![b"SET".to_vec(), key, b"short".to_vec(), b"PX".to_vec(), life],
            }));
            steps.push(Step::Rest);
        }
        steps
    }

    fn request(&mut self) -> Vec<Word> {
        for _ in 0..DRAWS_MAX {
            let command = self.choice.draw(&mut self.pools);
            self.pools.start_command();
            let mut words = match special::request(command.name) {
                Some(make) => make(&mut self.pools, self.tokens),
                None => Syntax::new(command, self.tokens.get(command.name), &mut self.pools).request(),
            };
            if self.pools.percent(SPOILT_PERCENT) {
                mutation::mutate(&mut words, choice::freedom(command), &mut self.pools);
            }
            if guard::is_safe(&words, self.now_ms) && self.choice.allows(&words) {
                return words;
            }
        }
        vec![b"PING".to_vec()]
    }

    fn walk(&mut self) -> Step {
        let mut words = vec![b"SCAN".to_vec(), b"0".to_vec()];
        if self.pools.percent(70) {
            words.extend([b"COUNT".to_vec(), self.pools.rng.u32(1..40).to_string().into_bytes()]);
        }
        if self.pools.percent(50) {
            words.extend([b"MATCH".to_vec(), self.pools.pattern()]);
        }
        if self.pools.percent(30) {
            words.extend([b"TYPE".to_vec(), b"string".to_vec()]);
        }
        Step::Walk(words, 1)
    }
}

impl Generator<'_> {
    /// Under a name that tells the same type, if one is drawn and the family has these commands.
    fn restore(&mut self) -> Option<Step> {
        let group = *self.pools.pick(&RESTORED);
        let (from, to) = (self.pools.key(group), self.pools.key(group));
        let renaming = [b"RENAME".to_vec(), from.clone(), to.clone()];
        let words = vec![b"RESTORE".to_vec(), to, b"0".to_vec(), from, b"REPLACE".to_vec()];
        let may_be = guard::is_safe(&renaming, self.now_ms) && guard::is_safe(&words, self.now_ms);
        (may_be && self.choice.allows(&words)).then_some(Step::Restore(words))
    }
}

/// Of what types values go out and come in.
const RESTORED: [Group; 6] =
    [Group::String, Group::List, Group::Set, Group::SortedSet, Group::Hash, Group::Stream];

impl Step {
    /// The request, if there is one.
    pub(crate) fn words(&self) -> &[Word] {
        match self {
            Self::Ask(words) | Self::Walk(words, _) | Self::Restore(words) => words,
            Self::Rest => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_batches_again() {
        let tokens: Tokens =
            catalog::COMMANDS.iter().map(|command| (command.name.to_owned(), Default::default())).collect();
        let choice = Choice::new(Group::String, &|_| true, &tokens);
        let batches = || {
            let mut generator = Generator::new(3, 1_800_000_000_000, &choice, &tokens);
            (0..20).map(|_| generator.batch(100)).collect::<Vec<_>>()
        };
        assert_eq!(batches(), batches());
        assert!(batches().iter().all(|batch| batch.len() >= 100));
    }
}

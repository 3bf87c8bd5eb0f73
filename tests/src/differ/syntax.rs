//! Requests made from the argument tree of a command.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Argument, ArgumentFlags, ArgumentKind, Command};

use super::pools::{Pools, Word};
use super::special;

/// The words that introduce options, by command, as a server documents them: what else the catalog knows is left out.
pub(crate) type Tokens = BTreeMap<String, BTreeSet<String>>;

/// Writes requests of one command for one server.
pub(crate) struct Syntax<'s> {
    command: &'static Command,
    tokens: Option<&'s BTreeSet<String>>,
    pools: &'s mut Pools,
    words: Vec<Word>,
    /// Where a number of keys or fields stands that is not known yet.
    count_at: Option<usize>,
}

/// An optional argument is written so many times out of a hundred.
const OPTIONAL_PERCENT: u32 = 30;
/// No argument is repeated more often.
const REPEATS_MAX: usize = 5;
/// A number of keys or fields is wrong so many times out of a hundred.
const WRONG_COUNT_PERCENT: u32 = 4;

impl<'s> Syntax<'s> {
    /// For `command`, with the options that are among `tokens` (all of them if that is absent).
    pub(crate) fn new(
        command: &'static Command,
        tokens: Option<&'s BTreeSet<String>>,
        pools: &'s mut Pools,
    ) -> Self {
        pools.start_command();
        let words = command.name.split('|').map(|part| pools.spelt(&part.to_ascii_uppercase())).collect();
        Self { command, tokens, pools, words, count_at: None }
    }

    /// A request.
    pub(crate) fn request(mut self) -> Vec<Word> {
        let arguments = self.command.arguments;
        let last_needed =
            arguments.iter().rposition(|argument| !is_optional(argument)).map_or(0, |at| at + 1);
        let (fixed, options) = arguments.split_at(last_needed);
        for argument in fixed {
            self.argument(argument);
        }
        // Options behind what is needed may come in any order.
        let mut options: Vec<&Argument> = options.iter().collect();
        if self.pools.percent(50) {
            self.pools.rng.shuffle(&mut options);
        }
        for argument in options {
            self.argument(argument);
        }
        self.words
    }

    fn argument(&mut self, argument: &'static Argument) {
        if !self.is_known(argument) || (is_optional(argument) && !self.pools.percent(OPTIONAL_PERCENT)) {
            return;
        }
        let multiple = argument.flags.contains(ArgumentFlags::MULTIPLE);
        let repeats = if multiple { self.repeats() } else { 1 };
        for index in 0..repeats {
            if index == 0 || argument.flags.contains(ArgumentFlags::MULTIPLE_TOKEN) {
                self.token(argument);
            }
            self.value(argument);
        }
        if multiple && let Some(at) = self.count_at.take() {
            let wrong = self.pools.percent(WRONG_COUNT_PERCENT);
            let count = if wrong { self.pools.integer() } else { repeats.to_string().into_bytes() };
            if let Some(word) = self.words.get_mut(at) {
                *word = count;
            }
        }
    }

    fn repeats(&mut self) -> usize {
        let mut repeats = 1;
        while repeats < REPEATS_MAX && self.pools.percent(45) {
            repeats += 1;
        }
        repeats
    }

    fn token(&mut self, argument: &Argument) {
        if let (Some(token), false) = (argument.token, argument.kind == ArgumentKind::PureToken) {
            let token = self.pools.spelt(token);
            self.words.push(token);
        }
    }

    fn value(&mut self, argument: &'static Argument) {
        if let Some(word) = special::argument(self.command, argument, self.pools) {
            self.words.push(word);
            return;
        }
        let word = match argument.kind {
            ArgumentKind::PureToken => self.pools.spelt(argument.token.unwrap_or(argument.name)),
            ArgumentKind::OneOf => return self.choice(argument),
            ArgumentKind::Block => return argument.arguments.iter().for_each(|inner| self.argument(inner)),
            ArgumentKind::Key => self.pools.key(self.command.group),
            ArgumentKind::Integer if matches!(argument.name, "numkeys" | "numfields") => {
                self.count_at = Some(self.words.len());
                b"1".to_vec()
            }
            ArgumentKind::Integer => self.pools.integer(),
            ArgumentKind::Double => self.pools.float(),
            ArgumentKind::Pattern => self.pools.pattern(),
            ArgumentKind::UnixTime => self.pools.unix_time(1_000),
            ArgumentKind::String => self.pools.value(),
        };
        self.words.push(word);
    }

    fn choice(&mut self, argument: &'static Argument) {
        let mut known: Vec<&Argument> =
            argument.arguments.iter().filter(|inner| self.is_known(inner)).collect();
        if known.is_empty() {
            // An older server documents a string where the catalog has words.
            let is_old =
                |inner: &&Argument| !special::is_recent(self.command.name, inner.token.unwrap_or_default());
            known = argument.arguments.iter().filter(is_old).collect();
        }
        if !known.is_empty() {
            let chosen = *self.pools.pick(&known);
            self.token(chosen);
            self.value(chosen);
        }
    }

    fn is_known(&self, argument: &Argument) -> bool {
        match (argument.token, self.tokens) {
            (Some(token), _) if special::is_left_out(self.command.name, token) => false,
            (Some(token), Some(known)) => token.is_empty() || known.contains(&token.to_ascii_uppercase()),
            _ => true,
        }
    }
}

fn is_optional(argument: &Argument) -> bool {
    argument.flags.contains(ArgumentFlags::OPTIONAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(name: &str, tokens: Option<&BTreeSet<String>>) -> Vec<Vec<String>> {
        let command = catalog::command(catalog::find(name.as_bytes()).unwrap());
        let mut pools = Pools::new(11, 1_800_000_000_000);
        let text = |word: Word| String::from_utf8_lossy(&word).to_ascii_uppercase();
        (0..2_000)
            .map(|_| Syntax::new(command, tokens, &mut pools).request().into_iter().map(text).collect())
            .collect()
    }

    #[test]
    fn requests_obey_the_tree() {
        for words in requests("copy", None) {
            let options = &words[3..];
            let has_db = options.iter().any(|word| word == "DB");
            let replace = options.iter().filter(|word| *word == "REPLACE").count();
            assert_eq!(words[0], "COPY");
            assert!(replace <= 1 && options.len() == replace + 2 * usize::from(has_db), "{words:?}");
        }
    }

    #[test]
    fn a_choice_gives_one_alternative_with_its_token() {
        let all = requests("getex", None);
        for token in ["EX", "PX", "EXAT", "PXAT"] {
            assert!(all.iter().any(|words| words.len() == 4 && words[2] == token), "{token}");
        }
        assert!(all.iter().any(|words| words.len() == 3 && words[2] == "PERSIST"));
        assert!(all.iter().all(|words| words.len() <= 4));
    }

    #[test]
    fn numbers_of_keys_are_mostly_right() {
        let all = requests("msetex", None);
        let right = all.iter().filter(|words| {
            let keys: usize = words[1].parse().unwrap_or(99);
            let rest = words.len().saturating_sub(2 + 2 * keys.min(10));
            keys <= REPEATS_MAX && rest <= 3
        });
        assert!(right.count() > 1_700);
    }

    #[test]
    fn options_that_the_server_lacks_are_left_out() {
        let known = ["NX", "XX", "GET", "EX"].map(str::to_owned).into();
        let all = requests("set", Some(&known));
        let options = |words: &[String]| words[3..].contains(&"IFEQ".to_owned());
        assert!(!all.iter().any(|words| options(words)));
        assert!(all.iter().any(|words| words[3..].contains(&"EX".to_owned())));
    }
}

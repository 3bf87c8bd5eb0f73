//! Which words of a request nobody else may see.

use catalog::{CommandId, id};
use config::ParameterId;
use resp::Request;

/// The secret words of one request: passwords, and what is said of users, by the places where such stand.
///
/// Nothing is kept of them: whether a word is secret is told by its place and the two words before it, so that a request of a million words is shown in
/// no more time than it takes to read it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Secrets<'r> {
    command: CommandId,
    request: Request<'r>,
}

impl<'r> Secrets<'r> {
    pub(crate) fn of(command: CommandId, request: Request<'r>) -> Self {
        Self { command, request }
    }

    /// Whether the word at this index is secret. O(1).
    pub(crate) fn contains(self, word: usize) -> bool {
        match self.command {
            id::AUTH => word >= 1,
            id::ACL_SETUSER | id::ACL_GETUSER | id::ACL_DELUSER => word >= 2,
            id::HELLO => self.is_behind(word, 2, "AUTH", 2),
            id::MIGRATE => self.is_behind(word, 6, "AUTH", 1) || self.is_behind(word, 6, "AUTH2", 2),
            id::CONFIG_SET => word >= 3 && word % 2 == 1 && self.names_sensitive(word - 1),
            _ => false,
        }
    }

    /// Whether one of the `count` words before it is this option, at `from` or behind. Any of them: what follows the wrong one would be shown otherwise, and what is
    /// hidden needlessly does no harm.
    fn is_behind(self, word: usize, from: usize, option: &str, count: usize) -> bool {
        let is =
            |index| self.request.get(index).is_some_and(|word| word.eq_ignore_ascii_case(option.as_bytes()));
        (word.saturating_sub(count).max(from)..word).any(is)
    }

    /// Whether a word is the name of a parameter whose value is secret.
    fn names_sensitive(self, word: usize) -> bool {
        let parameter = self.request.get(word).and_then(ParameterId::named);
        parameter.is_some_and(|parameter| parameter.row().flags.sensitive)
    }
}

#[cfg(test)]
mod tests {
    use resp::{RequestLimits, RequestReader};

    use super::*;

    /// The words of a request as they are shown.
    fn shown(command: CommandId, line: &str) -> String {
        let mut input = RequestReader::new();
        input.feed(format!("{line}\r\n").as_bytes());
        input.parse(&RequestLimits::DEFAULT).expect("a request");
        let request = input.request(0);
        let secrets = Secrets::of(command, request);
        let words = request.words().enumerate().map(|(index, word)| match secrets.contains(index) {
            true => "*".to_owned(),
            false => String::from_utf8_lossy(word).into_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn passwords_are_told_by_where_they_stand() {
        for (command, line, expected) in [
            (id::AUTH, "auth u p", "auth * *"),
            (id::ACL_SETUSER, "acl setuser u >p on", "acl setuser * * *"),
            (id::HELLO, "hello 3 auth u p setname n", "hello 3 auth * * setname n"),
            (id::HELLO, "hello 3 setname auth u p", "hello 3 setname auth * *"),
            (id::HELLO, "hello auth u p", "hello auth u p"),
            (id::HELLO, "hello 3 auth auth p x", "hello 3 auth * * *"),
            (id::MIGRATE, "migrate h 1 k 0 9 auth p copy", "migrate h 1 k 0 9 auth * copy"),
            (id::MIGRATE, "migrate h 1 k 0 9 Auth2 u p copy", "migrate h 1 k 0 9 Auth2 * * copy"),
            (id::MIGRATE, "migrate auth 1 k 0 9 copy", "migrate auth 1 k 0 9 copy"),
            (id::CONFIG_SET, "config set maxclients 9 masterauth p", "config set maxclients 9 masterauth *"),
            (id::CONFIG_SET, "config set maxclients masterauth p", "config set maxclients masterauth p"),
            (id::SET, "set auth p", "set auth p"),
        ] {
            assert_eq!(shown(command, line), expected);
        }
    }
}

//! What can be wrong with rules, in the peers' words.

use thiserror::Error;

/// What is wrong with one rule.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Error)]
pub enum RuleError {
    /// Not a rule at all, or one with bytes that it can't have.
    #[error("Syntax error")]
    Syntax,
    /// There is no such command, subcommand or category.
    #[error("Unknown command or category name in ACL")]
    UnknownCommand,
    /// A first argument was given for a subcommand.
    #[error("Allowing first-arg of a subcommand is not supported")]
    ArgumentOfSubcommand,
    /// A key pattern where all keys are permitted already.
    #[error(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. \
         Try 'resetkeys' to start with an empty list of patterns"
    )]
    KeyAfterAll,
    /// A channel pattern where all channels are permitted already.
    #[error(
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. \
         Try 'resetchannels' to start with an empty list of channels"
    )]
    ChannelAfterAll,
    /// Not the digest of a password.
    #[error(
        "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
    )]
    NotADigest,
    /// The user doesn't have the password that should go.
    #[error("The password you are trying to remove from the user does not exist")]
    NoSuchPassword,
    /// A database that no server can have.
    #[error("The provided database ID is out of range")]
    DatabaseOutOfRange,
    /// More of one kind than [`LIST_MAX`]; the peers have no limit.
    #[error("Too many rules of one kind")]
    TooMany,
}

/// How many passwords, selectors, and in each selector how many patterns and command rules a user may have.
///
/// What stands in such a list is searched one by one, by checks as well as by new rules.
pub const LIST_MAX: usize = 4096;

/// Adds to a list that has a bound.
pub(crate) fn push<T>(list: &mut Vec<T>, item: T) -> Result<(), RuleError> {
    if list.len() >= LIST_MAX {
        return Err(RuleError::TooMany);
    }
    list.push(item);
    Ok(())
}

/// Why a user was neither made nor changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetUserError {
    /// The name has white space or a NUL.
    Name,
    /// A selector doesn't end; this is the word that begins it.
    Unmatched(Box<[u8]>),
    /// A rule is wrong.
    Rule {
        /// The rule; a selector is one rule, its words joined by spaces.
        rule: Box<[u8]>,
        /// What is wrong with it.
        error: RuleError,
    },
}

impl SetUserError {
    /// The text of the error reply behind `ERR `, with the client's bytes up to a NUL and no line breaks.
    pub fn text(&self) -> Vec<u8> {
        let mut text = match self {
            SetUserError::Name => b"Usernames can't contain spaces or null characters".to_vec(),
            SetUserError::Unmatched(word) => {
                [b"Unmatched parenthesis in acl selector starting at '", shown(word), b"'."].concat()
            }
            SetUserError::Rule { rule, error } => {
                let reason = format!("': {error}");
                [b"Error in ACL SETUSER modifier '", shown(rule), reason.as_bytes()].concat()
            }
        };
        for byte in &mut text {
            if matches!(*byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        text
    }
}

impl std::fmt::Display for SetUserError {
    /// Writes [`SetUserError::text`], with replacement characters for what is not UTF-8.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

impl std::error::Error for SetUserError {}

/// The user `default` can't be removed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Error)]
#[error("The 'default' user cannot be removed")]
pub struct DefaultUserStays;

/// The name, the password, or that the user is on: something doesn't fit. Which of them nobody is told.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Error)]
#[error("WRONGPASS invalid username-password pair or user is disabled.")]
pub struct AuthenticationFailed;

/// The part of a client's word that an error shows: as in the peers, what stands before a NUL.
pub(crate) fn shown(word: &[u8]) -> &[u8] {
    word.split(|&byte| byte == 0).next().unwrap_or_default()
}

//! The aclfile, and lines of redis.conf that declare users.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use thiserror::Error;

use crate::error::{RuleError, SetUserError};
use crate::user::{User, is_name};
use crate::users::Users;
use crate::word::join_selectors;

/// Everything that is wrong with an aclfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    faults: Vec<FileFault>,
}

/// One thing that is wrong in an aclfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: LineFault,
}

/// What can be wrong with a line of an aclfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// Neither empty nor a user. Comments are not allowed.
    NotAUser,
    /// A name with white space or a NUL.
    Name(Box<[u8]>),
    /// The user is declared by an earlier line.
    Duplicate(Box<[u8]>),
    /// A selector doesn't end; this is the word that begins it. The peers die of it.
    Unmatched(Box<[u8]>),
    /// A rule is wrong.
    Rule {
        /// The rule.
        rule: Box<[u8]>,
        /// What is wrong with it.
        error: RuleError,
    },
}

/// More faults are not told.
pub const FAULTS_MAX: usize = 1000;

impl FileError {
    /// The faults in the order of lines, [`FAULTS_MAX`] at most.
    pub fn faults(&self) -> &[FileFault] {
        &self.faults
    }

    /// The text of the reply of ACL LOAD behind `ERR `, with this path.
    pub fn text(&self, path: &str) -> String {
        let mut text = String::new();
        for fault in &self.faults {
            fault.push_text(path, &mut text).expect("a string takes every text");
        }
        text.push_str(
            "WARNING: ACL errors detected, no change to the previously active ACL rules was performed",
        );
        text
    }
}

impl FileFault {
    fn push_text(&self, path: &str, text: &mut String) -> std::fmt::Result {
        let line = self.line;
        let shown = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
        match &self.fault {
            LineFault::NotAUser => {
                write!(text, "{path}:{line} should start with user keyword followed by the username. ")
            }
            // The quote in front is the peers'.
            LineFault::Name(name) => {
                write!(text, "'{path}:{line}: username '{}' contains invalid characters. ", shown(name))
            }
            LineFault::Duplicate(name) => {
                write!(text, "WARNING: Duplicate user '{}' found on line {line}. ", shown(name))
            }
            LineFault::Unmatched(word) => {
                write!(
                    text,
                    "{path}:{line}: Unmatched parenthesis in acl selector starting at '{}'. ",
                    shown(word)
                )
            }
            LineFault::Rule { rule, error: error @ RuleError::UnknownCommand } => {
                write!(text, "{path}:{line}: Error in applying operation '{}': {error}. ", shown(rule))
            }
            LineFault::Rule { error, .. } => write!(text, "{path}:{line}: {error}. "),
        }
    }
}

/// What is wrong with a user that the configuration declares.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeclarationError {
    /// There is no name.
    #[error("wrong number of arguments")]
    NoName,
    /// The name has white space or a NUL.
    #[error("Spaces not allowed in ACL usernames")]
    Name,
    /// An earlier line declares the same user.
    #[error("Error in user declaration '{}': Duplicate user found. A user can only be defined once in config files",
        String::from_utf8_lossy(.0))]
    Duplicate(Box<[u8]>),
    /// A selector doesn't end; the word begins it.
    #[error("Error in user declaration '{}': Unmatched parenthesis in acl selector starting at '{}'.",
        String::from_utf8_lossy(.name), String::from_utf8_lossy(.word))]
    Unmatched {
        /// The user's name.
        name: Box<[u8]>,
        /// The word.
        word: Box<[u8]>,
    },
    /// A rule names a command or category that isn't there. The peers say this later, when their modules are loaded.
    #[error("Error loading ACL rule '{}' for the user named '{}': {}",
        String::from_utf8_lossy(.rule), String::from_utf8_lossy(.name), RuleError::UnknownCommand)]
    UnknownCommand {
        /// The user's name.
        name: Box<[u8]>,
        /// The rule.
        rule: Box<[u8]>,
    },
    /// A rule is wrong.
    #[error("Error in user declaration '{}': {error}", String::from_utf8_lossy(.name))]
    Rule {
        /// The user's name.
        name: Box<[u8]>,
        /// What is wrong with the rule.
        error: RuleError,
    },
}

impl DeclarationError {
    fn new(name: &[u8], error: SetUserError) -> Self {
        let name = name.into();
        match error {
            SetUserError::Name => DeclarationError::Name,
            SetUserError::Unmatched(word) => DeclarationError::Unmatched { name, word },
            SetUserError::Rule { rule, error: RuleError::UnknownCommand } => {
                DeclarationError::UnknownCommand { name, rule }
            }
            SetUserError::Rule { error, .. } => DeclarationError::Rule { name, error },
        }
    }
}

impl Users {
    /// Replaces all users by those of an aclfile; a default user that it doesn't have starts anew. On any fault
    /// nothing changes.
    ///
    /// Returns the former users who are gone, for their connections to be closed.
    pub fn load(&mut self, text: &[u8]) -> Result<Vec<Arc<User>>, FileError> {
        let mut reader = FileReader { users: self, by_name: BTreeMap::new(), faults: Vec::new() };
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            if reader.faults.len() >= FAULTS_MAX {
                break;
            }
            reader.read_line(index + 1, trim(line, b" \t\r\n"));
        }
        let FileReader { by_name, mut faults, .. } = reader;
        if faults.is_empty() {
            return Ok(self.replace(by_name));
        }
        faults.truncate(FAULTS_MAX);
        Err(FileError { faults })
    }

    /// The aclfile that [`Users::load`] makes the same users of: ACL SAVE.
    pub fn write(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for user in self.iter() {
            text.extend_from_slice(&user.line());
            text.push(b'\n');
        }
        text
    }

    /// Makes the users that a configuration declares: for each line the words behind `user`, which are a name and rules.
    ///
    /// Each user starts anew, the default user too. On any fault nothing changes, and each is told with the index of
    /// its declaration.
    pub fn declare<W: AsRef<[u8]>>(
        &mut self,
        declarations: &[Vec<W>],
    ) -> Result<(), Vec<(usize, DeclarationError)>> {
        let mut declared = BTreeMap::new();
        let mut faults = Vec::new();
        for (index, words) in declarations.iter().enumerate() {
            match self.read_declaration(words) {
                Err(error) => faults.push((index, error)),
                Ok(user) if declared.contains_key(user.name()) => {
                    faults.push((index, DeclarationError::Duplicate(user.name().into())));
                }
                Ok(user) => {
                    declared.insert(user.name().into(), Arc::new(user));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut users: BTreeMap<Box<[u8]>, Arc<User>> =
            self.iter().map(|user| (user.name().into(), user.clone())).collect();
        users.extend(declared);
        self.replace(users);
        Ok(())
    }

    fn read_declaration<W: AsRef<[u8]>>(&self, words: &[W]) -> Result<User, DeclarationError> {
        let (name, rules) = words.split_first().ok_or(DeclarationError::NoName)?;
        let name = name.as_ref();
        if !is_name(name) {
            return Err(DeclarationError::Name);
        }
        let user = User::new(name, self.channel_default()).with_rules(rules, self.channel_default());
        user.map_err(|error| DeclarationError::new(name, error))
    }
}

struct FileReader<'u> {
    users: &'u Users,
    by_name: BTreeMap<Box<[u8]>, Arc<User>>,
    faults: Vec<FileFault>,
}

impl FileReader<'_> {
    fn read_line(&mut self, line: usize, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let mut words = text.split(|&byte| byte == b' ');
        let (Some(b"user"), Some(name)) = (words.next(), words.next()) else {
            return self.fault(line, LineFault::NotAUser);
        };
        if !is_name(name) {
            return self.fault(line, LineFault::Name(name.into()));
        }
        if self.by_name.contains_key(name) {
            return self.fault(line, LineFault::Duplicate(name.into()));
        }
        let user = self.read_rules(line, name, &words.collect::<Vec<_>>());
        self.by_name.insert(name.into(), Arc::new(user));
    }

    /// Tells of every unknown command of a line, and of the first of all other faults; as the peers do.
    fn read_rules(&mut self, line: usize, name: &[u8], words: &[&[u8]]) -> User {
        let channels = self.users.channel_default();
        let mut user = User::new(name, channels);
        let rules = match join_selectors(words) {
            Ok(rules) => rules,
            Err(SetUserError::Unmatched(word)) => {
                self.fault(line, LineFault::Unmatched(word));
                return user;
            }
            Err(SetUserError::Name | SetUserError::Rule { .. }) => unreachable!("no rule was read yet"),
        };
        let mut is_told = false;
        for rule in rules {
            let rule = trim(&rule, b"\t\r\n");
            let Err(error) = user.obey(rule, channels) else { continue };
            if error == RuleError::UnknownCommand || !is_told {
                self.fault(line, LineFault::Rule { rule: rule.into(), error });
            }
            is_told |= error != RuleError::UnknownCommand;
        }
        user
    }

    fn fault(&mut self, line: usize, fault: LineFault) {
        self.faults.push(FileFault { line, fault });
    }
}

/// What is left without these bytes at both ends.
fn trim<'t>(text: &'t [u8], ends: &[u8]) -> &'t [u8] {
    let inside = |byte: &u8| !ends.contains(byte);
    let start = text.iter().position(inside).unwrap_or(text.len());
    let end = text.iter().rposition(inside).map_or(start, |last| last + 1);
    &text[start..end]
}

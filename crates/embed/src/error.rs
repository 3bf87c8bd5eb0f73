//! What can go wrong, and whose fault it is.

use std::fmt;
use std::io;

use config::SetError;
use thiserror::Error;

/// Why a database did not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A parameter is unknown, or can't have this value in a database inside a program.
    #[error(transparent)]
    Parameter(#[from] SetError),
    /// The system has no random numbers to give; [`Options::seed`](crate::Options::seed) does without.
    #[error("could not get random numbers: {0}")]
    Seed(io::Error),
    /// The system did not let the thread start; [`Options::manual`](crate::Options::manual) does without.
    #[error("could not start the housekeeping thread: {0}")]
    Thread(io::Error),
}

/// Why a call has no value to return.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The command's own answer: an error, as a client of a server would see it. It had no effect.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The command ran, and its reply is not of the type that was asked for.
    #[error(transparent)]
    Conversion(#[from] ConversionError),
    /// The command changes the session that it runs in, and a [`Db`](crate::Db) lends its sessions to everybody. It did not run; a
    /// [`Connection`](crate::Connection) runs it.
    #[error(
        "'{0}' changes the session that it runs in: call it on a connection of your own, see Db::connect"
    )]
    NeedsConnection(&'static str),
    /// The command is for clients of a server. It did not run. ([`Db::subscribe`](crate::Db::subscribe) does what `SUBSCRIBE` would.)
    #[error("'{0}' has no meaning inside a program")]
    NotEmbedded(&'static str),
    /// There were no words: not even the name of a command.
    #[error("a command has at least one word")]
    NoWords,
    /// `maxclients` sessions are open.
    #[error("max number of clients reached")]
    TooManyClients,
    /// The session is closed: by `QUIT`, by `CLIENT KILL`, or since a limit was exceeded. What has no other answer than this did not run.
    #[error("the session is closed")]
    Closed,
}

/// A command's error reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// The first word, by which programs tell errors apart: `ERR`, `WRONGTYPE`…
    pub code: String,
    /// The text after it, for people. What is not UTF-8 in it is replaced.
    pub message: String,
}

impl CommandError {
    pub(crate) fn from_text(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let (code, message) = text.split_once(' ').unwrap_or((&text, ""));
        Self { code: code.to_owned(), message: message.to_owned() }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(f, " {}", self.message) }
    }
}

impl std::error::Error for CommandError {}

/// A reply that is not of the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}expected {expected}, found {found}")]
pub struct ConversionError {
    /// Where in the reply, outermost first; empty or ending with `: `.
    place: String,
    expected: &'static str,
    found: String,
}

impl ConversionError {
    pub(crate) fn new(expected: &'static str, found: impl Into<String>) -> Self {
        Self { place: String::new(), expected, found: found.into() }
    }

    /// The same, seen from the aggregate around.
    pub(crate) fn within(mut self, part: impl fmt::Display) -> Self {
        self.place = format!("{part}: {}", self.place);
        self
    }
}

//! From the words of a request to its command, or to the error that the peers would give.

use std::fmt;

use crate::{CommandId, Words, command, lookup, subcommand};

/// Why words are not a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// There is no such command.
    UnknownCommand {
        /// The name as given, cut to [`SHOWN_BYTES_MAX`].
        name: Box<[u8]>,
        /// The first arguments, quoted, cut to about as much.
        arguments: Box<[u8]>,
    },
    /// The command has no such subcommand.
    UnknownSubcommand {
        /// The command.
        container: CommandId,
        /// The name as given, cut to [`SHOWN_BYTES_MAX`].
        name: Box<[u8]>,
    },
    /// Too few or too many words for this command or subcommand.
    WrongArity(CommandId),
}

/// How much of a name, and of the arguments, an error shows.
pub const SHOWN_BYTES_MAX: usize = 128;

/// Finds the command or subcommand that these words ask for and checks their number.
///
/// Allocates nothing but errors. No words at all are an unknown command without a name.
#[inline]
pub fn resolve<W: Words + ?Sized>(words: &W) -> Result<CommandId, LookupError> {
    let Some(id) = words.word(0).and_then(lookup) else {
        return Err(unknown_command(words));
    };
    let found = command(id);
    if !found.subcommands.is_empty() {
        return resolve_subcommand(id, words);
    }
    if found.takes(words.count()) { Ok(id) } else { Err(LookupError::WrongArity(id)) }
}

fn resolve_subcommand<W: Words + ?Sized>(container: CommandId, words: &W) -> Result<CommandId, LookupError> {
    let id = match words.word(1) {
        None => container,
        Some(name) => subcommand(container, name)
            .ok_or_else(|| LookupError::UnknownSubcommand { container, name: shown(name).into() })?,
    };
    if command(id).takes(words.count()) { Ok(id) } else { Err(LookupError::WrongArity(id)) }
}

/// The error about words that name no command.
#[cold]
pub fn unknown_command<W: Words + ?Sized>(words: &W) -> LookupError {
    let mut arguments = Vec::new();
    let mut index = 1;
    while let Some(argument) = words.word(index).filter(|_| arguments.len() < SHOWN_BYTES_MAX) {
        let room = SHOWN_BYTES_MAX - arguments.len();
        let argument = shown(argument);
        arguments.push(b'\'');
        arguments.extend_from_slice(&argument[..argument.len().min(room)]);
        arguments.extend_from_slice(b"' ");
        index += 1;
    }
    LookupError::UnknownCommand {
        name: shown(words.word(0).unwrap_or_default()).into(),
        arguments: arguments.into(),
    }
}

/// The part of a word that an error shows: as in the peers, what stands before a NUL.
fn shown(word: &[u8]) -> &[u8] {
    let word = &word[..word.len().min(SHOWN_BYTES_MAX)];
    word.split(|&byte| byte == 0).next().unwrap_or_default()
}

impl LookupError {
    /// The text of the error reply behind `ERR `, with the client's bytes as they came except for line
    /// breaks.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        match self {
            LookupError::UnknownCommand { name, arguments } => {
                text.extend_from_slice(b"unknown command '");
                text.extend_from_slice(name);
                text.extend_from_slice(b"', with args beginning with: ");
                text.extend_from_slice(arguments);
            }
            LookupError::UnknownSubcommand { container, name } => {
                text.extend_from_slice(b"unknown subcommand '");
                text.extend_from_slice(name);
                text.extend_from_slice(b"'. Try ");
                text.extend(command(*container).name.bytes().map(|byte| byte.to_ascii_uppercase()));
                text.extend_from_slice(b" HELP.");
            }
            LookupError::WrongArity(id) => {
                text.extend_from_slice(b"wrong number of arguments for '");
                text.extend_from_slice(command(*id).name.as_bytes());
                text.extend_from_slice(b"' command");
            }
        }
        for byte in &mut text {
            if matches!(*byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        text
    }
}

impl fmt::Display for LookupError {
    /// Writes [`LookupError::text`], with replacement characters for what is not UTF-8.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

impl std::error::Error for LookupError {}

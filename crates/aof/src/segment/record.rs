//! What a file of the log holds, and how it ends.

use std::fmt;
use std::ops::Range;

/// One thing in a file.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// A command to carry out.
    Command(Command<'a>),
    /// A line that says something about what follows.
    Annotation(Annotation<'a>),
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// Its name and arguments.
    pub words: Words<'a>,
    /// Where it begins in the file.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// Whether it belongs to a transaction: `MULTI`, `EXEC`, or anything in between.
    pub in_transaction: bool,
}

/// The words of a command. There is one at least.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) places: &'a [Range<usize>],
}

/// A line that begins with `#`.
#[derive(Clone, Copy, Debug)]
pub struct Annotation<'a> {
    /// What follows the `#`, without the line's end.
    pub text: &'a [u8],
    /// Where the line begins in the file.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
}

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Behind a command.
    Clean {
        /// The file's length.
        length: u64,
    },
    /// In the middle of something: the writer stopped there.
    Truncated(Tail),
}

/// The end of a file whose writer stopped in the middle of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The end of the last command that is whole; never inside a transaction.
    pub good: u64,
    /// The file's length.
    pub length: u64,
    /// What is behind it.
    pub cause: TailCause,
}

/// What is behind the last whole command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailCause {
    /// The front of a command or annotation.
    Command,
    /// A `MULTI` without its `EXEC`.
    Transaction,
    /// Zeros to the file's end, perhaps behind the front of a command: the length reached the disk and the bytes did not.
    Zeros,
}

/// Wrong bytes: the file isn't one that a server wrote, or its disk damaged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct Malformed {
    /// Where in the file.
    pub offset: u64,
    /// What is wrong.
    pub reason: Fault,
}

/// What can be wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Neither `*` nor `#`.
    #[error("a command begins with neither '*' nor '#'")]
    NoCommand,
    /// No `$`.
    #[error("a word begins without '$'")]
    NoWord,
    /// A count or length that isn't digits.
    #[error("a count or length isn't a number")]
    NoNumber,
    /// A line or word that doesn't end with CR and LF.
    #[error("the end of a line or word is missing")]
    NoLineEnd,
    /// `*0`, or more words than [`Limits::words_max`](crate::Limits::words_max).
    #[error("a command of {0} words")]
    WordCount(u64),
    /// More bytes than [`Limits::word_bytes_max`](crate::Limits::word_bytes_max).
    #[error("a word of {0} bytes")]
    WordLength(u64),
    /// A word that reaches beyond the file's end over whole commands: what is wrong is its length, not the end.
    #[error(
        "a length of {bytes} bytes, which leads beyond the end of the file over whole commands (from byte {commands_at} on),"
    )]
    LengthOverCommands {
        /// What is said of its length.
        bytes: u64,
        /// Where a command begins behind which there are only whole ones, to the file's end.
        commands_at: u64,
    },
    /// More bytes than [`Limits::command_bytes_max`](crate::Limits::command_bytes_max).
    #[error("a command of more than {0} bytes")]
    CommandLength(u64),
    /// A line of more than 1024 bytes.
    #[error("an annotation too long")]
    AnnotationLength,
    /// A `MULTI` within a transaction.
    #[error("a MULTI within a transaction")]
    NestedMulti,
    /// An `EXEC` outside of a transaction.
    #[error("an EXEC without MULTI")]
    ExecWithoutMulti,
}

impl<'a> Words<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.places.is_empty()
    }

    /// A word by its place.
    pub fn get(self, index: usize) -> Option<&'a [u8]> {
        self.bytes.get(self.places.get(index)?.clone())
    }

    /// All of them in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.places.iter().map(move |place| self.bytes.get(place.clone()).unwrap_or_default())
    }
}

impl fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|word| word.escape_ascii().to_string())).finish()
    }
}

impl Annotation<'_> {
    /// The second since 1970 in which what follows was written, if that is what the line says (`#TS:`).
    pub fn timestamp(&self) -> Option<u64> {
        let digits = self.text.strip_prefix(b"TS:")?;
        let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
    }
}

impl Ending {
    /// Up to where the file can be loaded.
    pub fn good(self) -> u64 {
        match self {
            Self::Clean { length } => length,
            Self::Truncated(tail) => tail.good,
        }
    }
}

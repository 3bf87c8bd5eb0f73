//! Why a command failed, and the one place where that becomes the text on the wire.

use std::borrow::Cow;

use catalog::LookupError;

/// The client's fault in all cases but `Internal`: the command had no effect.
///
/// [`CommandError::wire_text`] gives the reply without its leading `-`. Texts are those of the servers that kvd stands in for; clients match on them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The key holds another type than the command works on.
    #[error("WRONGTYPE Operation against a key holding the wrong kind of value")]
    WrongType,
    /// Options that don't fit together or aren't known.
    #[error("ERR syntax error")]
    Syntax,
    /// An argument or value that should be a 64-bit integer.
    #[error("ERR value is not an integer or out of range")]
    NotAnInteger,
    /// An argument or value that should be a floating point number.
    #[error("ERR value is not a valid float")]
    NotAFloat,
    /// A number outside the range it may have.
    #[error("ERR value is out of range, must be positive")]
    NotPositive,
    /// An addition beyond 64 bits.
    #[error("ERR increment or decrement would overflow")]
    Overflow,
    /// No such key, where the command needs one.
    #[error("ERR no such key")]
    NoSuchKey,
    /// A database index beyond the configured number.
    #[error("ERR DB index is out of range")]
    DbOutOfRange,
    /// A result that would exceed `proto-max-bulk-len`.
    #[error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")]
    StringTooLong,
    /// An expiry that is not positive or overflows; holds the command's name.
    #[error("ERR invalid expire time in '{0}' command")]
    InvalidExpiry(&'static str),
    /// Wrong number of arguments found after the arity check; holds the command's full name.
    #[error("ERR wrong number of arguments for '{0}' command")]
    WrongArity(&'static str),
    /// Nothing but AUTH, HELLO, QUIT and RESET before authentication.
    #[error("NOAUTH Authentication required.")]
    NotAuthenticated,
    /// `maxmemory` is exceeded and nothing can be evicted.
    #[error("OOM command not allowed when used memory > 'maxmemory'.")]
    OutOfMemory,
    /// Not among what a client may do in RESP2 while it listens to channels; holds the command's full name.
    #[error(
        "ERR Can't execute '{0}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
    )]
    Listening(&'static str),
    /// The data are being read from files.
    #[error("LOADING kvd is loading the dataset in memory")]
    Loading,
    /// Snapshots can't be written, and the configuration says that nothing may change then.
    #[error(
        "MISCONF kvd is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are \
         disabled, because this instance is configured to report errors during writes if RDB snapshotting fails \
         (stop-writes-on-bgsave-error option). Please check the kvd logs for details about the RDB error."
    )]
    SaveFailing,
    /// The log can't be written; holds the system's reason.
    #[error("MISCONF Errors writing to the AOF file: {0}")]
    LogFailing(Box<str>),
    /// In the catalog, but without a handler; holds the command's full name.
    #[error("ERR command '{0}' is known to kvd but not built yet")]
    NotBuilt(&'static str),
    /// No such command, subcommand, or number of arguments.
    #[error("ERR {0}")]
    Lookup(LookupError),
    /// Any other fault of one command alone that quotes the client's bytes, with its code.
    #[error("{}", String::from_utf8_lossy(.0))]
    Quoting(Box<[u8]>),
    /// Any other fault of one command alone, with its code.
    #[error("{0}")]
    Text(Cow<'static, str>),
}

impl CommandError {
    /// A fault with a fixed text, code included.
    pub const fn fixed(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A fault with a text made for the occasion, code included.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }
}

impl CommandError {
    /// A fault whose text, code included, is `before`, the client's `word` and `after`. As in the peers, the word is shown in full up to
    /// a NUL.
    pub fn quoting(before: &str, word: &[u8], after: &str) -> Self {
        let word = word.split(|&byte| byte == 0).next().unwrap_or_default();
        Self::Quoting([before.as_bytes(), word, after.as_bytes()].concat().into())
    }
}

impl CommandError {
    /// The error's text on the wire, code included, with the client's own bytes where it quotes them (`Display` replaces what is no
    /// UTF-8).
    pub fn wire_text(&self) -> Vec<u8> {
        match self {
            Self::Lookup(error) => [b"ERR ", &*error.text()].concat(),
            Self::Quoting(text) => text.to_vec(),
            other => other.to_string().into_bytes(),
        }
    }
}

impl From<LookupError> for CommandError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

//! What can be wrong with bytes that claim to be RESP, and how a server words it.

use std::error::Error;
use std::fmt;

/// A request that can't be understood. The server answers with [`wire_text`](Self::wire_text) and closes the connection, since
/// nobody knows where the next request would begin.
///
/// `Display` gives the text after `Protocol error: `, as Redis and Valkey word it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The count of words isn't a canonical integer or is over the limit.
    InvalidMultibulkLength,
    /// The length of a word isn't a canonical integer, is negative or over the limit.
    InvalidBulkLength,
    /// A word doesn't start with `$` but with this byte.
    ExpectedDollar {
        /// The byte found.
        got: u8,
    },
    /// The line with the count of words doesn't end.
    TooBigMultibulkCount,
    /// The line with the length of a word doesn't end.
    TooBigBulkCount,
    /// An inline request doesn't end.
    TooBigInline,
    /// A quote of an inline request isn't closed.
    UnbalancedQuotes,
    /// A CR isn't followed by LF, or a word isn't followed by CRLF.
    InvalidCrlf,
    /// More words than a client may send before it authenticates.
    UnauthenticatedMultibulkLength,
    /// A longer word than a client may send before it authenticates.
    UnauthenticatedBulkLength,
}

impl ProtocolError {
    /// The whole text of the error reply, without the `-` before it and the CRLF after it. Bytes, since it may quote
    /// any byte that the client sent.
    pub fn wire_text(&self) -> Vec<u8> {
        let mut text = b"ERR Protocol error: ".to_vec();
        match self {
            Self::ExpectedDollar { got } => text.extend([b"expected '$', got '", &[*got][..], b"'"].concat()),
            other => text.extend(other.to_string().into_bytes()),
        }
        text
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidMultibulkLength => "invalid multibulk length",
            Self::InvalidBulkLength => "invalid bulk length",
            Self::ExpectedDollar { got } => return write!(f, "expected '$', got '{}'", char::from(*got)),
            Self::TooBigMultibulkCount => "too big mbulk count string",
            Self::TooBigBulkCount => "too big bulk count string",
            Self::TooBigInline => "too big inline request",
            Self::UnbalancedQuotes => "unbalanced quotes in request",
            Self::InvalidCrlf => "invalid CRLF in request",
            Self::UnauthenticatedMultibulkLength => "unauthenticated multibulk length",
            Self::UnauthenticatedBulkLength => "unauthenticated bulk length",
        })
    }
}

impl Error for ProtocolError {}

/// A reply that a client can't understand. The connection is of no use afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplyError {
    /// No type starts with this byte.
    UnknownType(u8),
    /// The count or length isn't a canonical integer, or is negative where there is no null of that type.
    InvalidLength,
    /// The text of a number, boolean or null isn't one.
    InvalidValue,
    /// A verbatim string without its three letters of format and `:`.
    InvalidVerbatim,
    /// CR without LF, or a string that isn't followed by CRLF.
    InvalidCrlf,
    /// A line or string longer than [`ReplyLimits::bulk_bytes_max`](crate::ReplyLimits).
    TooLong,
    /// More elements than [`ReplyLimits::elements_max`](crate::ReplyLimits).
    TooManyElements,
    /// Deeper nesting than [`ReplyLimits::depth_max`](crate::ReplyLimits).
    TooDeep,
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownType(byte) => return write!(f, "unknown reply type '{}'", byte.escape_ascii()),
            Self::InvalidLength => "invalid length in reply",
            Self::InvalidValue => "invalid number, boolean or null in reply",
            Self::InvalidVerbatim => "verbatim string without format in reply",
            Self::InvalidCrlf => "invalid CRLF in reply",
            Self::TooLong => "too long string in reply",
            Self::TooManyElements => "too many elements in reply",
            Self::TooDeep => "too deeply nested reply",
        })
    }
}

impl Error for ReplyError {}

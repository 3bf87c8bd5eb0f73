//! What a command answered, as a value.

use resp::Frame;

use crate::convert::FromReply;
use crate::error::{CommandError, ConversionError};

/// A reply, or an element of one, in the types of RESP3.
///
/// [`Db::query`](crate::Db::query) converts it on the way; `TryFrom` converts it afterwards:
///
/// ```
/// # use kvd_embed::{Db, Options, Reply};
/// # let db = Db::open(Options::default())?;
/// let reply = db.call(("INCRBY", "n", 5))?;
/// assert_eq!(reply, Reply::Integer(5));
/// let n: i64 = reply.try_into()?;
/// # assert_eq!(n, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// Nothing there.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A floating point number.
    Double(f64),
    /// A whole number of any size, as its decimal digits.
    BigNumber(Vec<u8>),
    /// Bytes of any kind: what values are.
    Bulk(Vec<u8>),
    /// A short text of the database's own: `OK`, `PONG`.
    Simple(Vec<u8>),
    /// Text, with the three letters of its format: `txt` or `mkd`.
    Verbatim([u8; 3], Vec<u8>),
    /// An error inside of an aggregate. As the whole reply it is an `Err` instead.
    Error(CommandError),
    /// Elements in order.
    Array(Vec<Reply>),
    /// Keys with their values, in the order sent.
    Map(Vec<(Reply, Reply)>),
    /// Elements in the order sent, of which no two are equal.
    Set(Vec<Reply>),
    /// News that nobody asked for; never the reply to a call.
    Push(Vec<Reply>),
}

impl Reply {
    /// Converts it. The same as `TryFrom`, which the language doesn't let us have for `Option`.
    ///
    /// # Errors
    ///
    /// When it is not of that type; the text says what it is.
    pub fn convert<T: FromReply>(self) -> Result<T, ConversionError> {
        T::from_reply(self)
    }

    /// Whether nothing is there.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The bytes of any kind of text, digits of a big number included.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bulk(text) | Self::Simple(text) | Self::Verbatim(_, text) | Self::BigNumber(text) => {
                Some(text)
            }
            _ => None,
        }
    }

    /// What it is, in words for an error.
    pub(crate) fn described(&self) -> String {
        let text = |what: &str, bytes: &[u8]| {
            let shown = String::from_utf8_lossy(bytes.get(..SHOWN_BYTES_MAX).unwrap_or(bytes));
            let more = if bytes.len() > SHOWN_BYTES_MAX { "…" } else { "" };
            format!("{what} {shown:?}{more}")
        };
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => format!("the boolean {value}"),
            Self::Integer(number) => format!("the integer {number}"),
            Self::Double(number) => format!("the double {number}"),
            Self::BigNumber(digits) => text("the big number", digits),
            Self::Bulk(bytes) => text("the string", bytes),
            Self::Simple(bytes) => text("the status", bytes),
            Self::Verbatim(_, bytes) => text("the text", bytes),
            Self::Error(error) => format!("the error \"{error}\""),
            Self::Array(elements) => format!("an array of {}", elements.len()),
            Self::Map(pairs) => format!("a map of {}", pairs.len()),
            Self::Set(elements) => format!("a set of {}", elements.len()),
            Self::Push(elements) => format!("a push of {}", elements.len()),
        }
    }
}

/// How much of a text an error shows.
const SHOWN_BYTES_MAX: usize = 64;

/// The three nulls become one, the two kinds of errors too; attributes are left out. Nesting is bounded by the reader that made the frame.
impl From<Frame> for Reply {
    fn from(frame: Frame) -> Self {
        let all = |frames: Vec<Frame>| frames.into_iter().map(Self::from).collect();
        match frame {
            Frame::Null | Frame::NullBulk | Frame::NullArray => Self::Null,
            Frame::Boolean(value) => Self::Boolean(value),
            Frame::Integer(number) => Self::Integer(number),
            Frame::Double(number) => Self::Double(number),
            Frame::BigNumber(digits) => Self::BigNumber(digits),
            Frame::Bulk(bytes) => Self::Bulk(bytes),
            Frame::Simple(text) => Self::Simple(text),
            Frame::Verbatim(format, text) => Self::Verbatim(format, text),
            Frame::Error(text) | Frame::BulkError(text) => Self::Error(CommandError::from_text(&text)),
            Frame::Array(frames) => Self::Array(all(frames)),
            Frame::Set(frames) => Self::Set(all(frames)),
            Frame::Push(frames) => Self::Push(all(frames)),
            Frame::Map(pairs) => {
                Self::Map(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
            }
            Frame::Attribute(_, about) => Self::from(*about),
        }
    }
}

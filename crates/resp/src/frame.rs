//! Replies as values.

/// A reply, or an element of one, as a client sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// `+OK`
    Simple(Vec<u8>),
    /// `-ERR text`
    Error(Vec<u8>),
    /// `:1`
    Integer(i64),
    /// `$3`: bytes of any kind.
    Bulk(Vec<u8>),
    /// `*2`
    Array(Vec<Frame>),
    /// `$-1`: the missing value of RESP2.
    NullBulk,
    /// `*-1`: the missing array of RESP2.
    NullArray,
    /// `_`: the null of RESP3.
    Null,
    /// `#t` or `#f`
    Boolean(bool),
    /// `,3.14`
    Double(f64),
    /// `(123`: the text of an integer of any size.
    BigNumber(Vec<u8>),
    /// `!5`: an error of any bytes.
    BulkError(Vec<u8>),
    /// `=8`: a string with the three letters of its format.
    Verbatim([u8; 3], Vec<u8>),
    /// `%1`: keys with their values, in the order sent.
    Map(Vec<(Frame, Frame)>),
    /// `~2`: elements in the order sent.
    Set(Vec<Frame>),
    /// `>2`: not an answer but news; the first element says of what kind.
    Push(Vec<Frame>),
    /// `|1`: keys with their values, and the reply that they are about.
    Attribute(Vec<(Frame, Frame)>, Box<Frame>),
}

impl Frame {
    /// Whether it is one of the three nulls.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::NullBulk | Self::NullArray)
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_) | Self::BulkError(_))
    }

    /// The text of any kind of string, error or big number.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Simple(text)
            | Self::Error(text)
            | Self::Bulk(text)
            | Self::BigNumber(text)
            | Self::BulkError(text)
            | Self::Verbatim(_, text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array, set or push.
    pub fn elements(&self) -> Option<&[Frame]> {
        match self {
            Self::Array(elements) | Self::Set(elements) | Self::Push(elements) => Some(elements),
            _ => None,
        }
    }
}

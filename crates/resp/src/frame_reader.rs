//! Receiving replies: the buffer of a client's connection, and the loop that makes frames of it.
//!
//! Aggregates that are open wait on a stack, each with the elements that it has; a complete value goes to the one on top. Nothing is parsed
//! twice, whatever the pieces in which a reply arrives.

use bytes::BufMut;
use bytes::buf::Limit;
use memchr::memchr;

use crate::burst::Burst;
use crate::error::ReplyError;
use crate::frame::Frame;
use crate::limits::{DEPTH_MAX, ReplyLimits};
use crate::number::parse_i64;

/// The room that a read finds at least.
const READ_BYTES_MIN: usize = 16 * 1024;
/// Room that a buffer always keeps.
const BUFFER_BYTES_KEPT: usize = 64 * 1024;
/// The longest text of a number, length, boolean or null.
const NUMBER_BYTES_MAX: usize = 512;
/// Elements for which room is reserved on the word of a header alone.
const ELEMENTS_RESERVED_MAX: usize = 64;

/// Collects replies from the bytes of one connection.
///
/// ```
/// use kvd_resp::{Frame, ReplyLimits, ReplyReader};
///
/// let mut reader = ReplyReader::new();
/// reader.feed(b"*2\r\n:1\r\n$1\r");
/// assert_eq!(reader.parse(&ReplyLimits::DEFAULT)?, None);
/// reader.feed(b"\na\r\n");
/// assert_eq!(reader.parse(&ReplyLimits::DEFAULT)?, Some(Frame::Array(vec![Frame::Integer(1), Frame::Bulk(b"a".to_vec())])));
/// # Ok::<(), kvd_resp::ReplyError>(())
/// ```
#[derive(Debug)]
pub struct ReplyReader {
    buffer: Vec<u8>,
    /// What is before it is parsed.
    at: usize,
    /// How many bytes from `at` on were searched for the end of their line.
    scanned: usize,
    /// The string whose header is parsed: its sign and length.
    string: Option<(u8, usize)>,
    /// Aggregates that lack elements, outermost first.
    open: Vec<Open>,
    /// Elements announced by the aggregates of the reply under way.
    elements: usize,
    burst: Burst,
}

#[derive(Debug)]
struct Open {
    sign: u8,
    missing: usize,
    frames: Vec<Frame>,
}

enum Item {
    Frame(Frame),
    Open(Open),
}

impl Default for ReplyReader {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplyReader {
    /// A reader of a new connection. Reserves nothing.
    pub const fn new() -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            scanned: 0,
            string: None,
            open: Vec::new(),
            elements: 0,
            burst: Burst::new(BUFFER_BYTES_KEPT),
        }
    }

    /// Where the next bytes of the connection go.
    pub fn unfilled(&mut self) -> Limit<&mut Vec<u8>> {
        self.make_room(READ_BYTES_MIN);
        let room = self.buffer.capacity() - self.buffer.len();
        (&mut self.buffer).limit(room)
    }

    /// Takes the next bytes of the connection by copying them.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that are not parsed yet.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// Parses the next reply; `None` if it hasn't arrived whole.
    ///
    /// # Errors
    ///
    /// When the bytes are no reply or exceed the limits. The reader is of no use afterwards.
    pub fn parse(&mut self, limits: &ReplyLimits) -> Result<Option<Frame>, ReplyError> {
        while let Some(item) = self.item(limits)? {
            let mut complete = match item {
                Item::Frame(frame) => Some(frame),
                Item::Open(open) => self.push_open(open, limits)?,
            };
            while let Some(frame) = complete.take() {
                let Some(top) = self.open.last_mut() else {
                    self.elements = 0;
                    return Ok(Some(frame));
                };
                top.frames.push(frame);
                top.missing -= 1;
                if top.missing == 0 {
                    complete = self.open.pop().map(Open::close);
                }
            }
        }
        Ok(None)
    }

    fn push_open(&mut self, open: Open, limits: &ReplyLimits) -> Result<Option<Frame>, ReplyError> {
        if open.missing == 0 {
            return Ok(Some(open.close()));
        }
        if self.open.len() >= limits.depth_max.min(DEPTH_MAX) {
            return Err(ReplyError::TooDeep);
        }
        self.open.push(open);
        Ok(None)
    }

    /// The next value, or the header of the next aggregate.
    fn item(&mut self, limits: &ReplyLimits) -> Result<Option<Item>, ReplyError> {
        if self.string.is_none() {
            let Some(&sign) = self.buffer.get(self.at) else { return Ok(None) };
            let Some(line) = self.line(line_bytes_max(sign, limits))? else { return Ok(None) };
            let len = line.len();
            let parsed = parse_line(sign, line, limits)?;
            self.at += len + 3;
            match parsed {
                Parsed::Frame(frame) => return Ok(Some(Item::Frame(frame))),
                Parsed::Aggregate(count) => return self.aggregate(sign, count, limits).map(Some),
                Parsed::String(len) => self.string = Some((sign, len)),
            }
        }
        Ok(self.finish_string()?.map(Item::Frame))
    }

    /// What stands between the sign at `at` and the CRLF.
    fn line(&mut self, bytes_max: usize) -> Result<Option<&[u8]>, ReplyError> {
        let rest = self.buffer.get(self.at + 1..).unwrap_or_default();
        let Some(found) = memchr(b'\r', rest.get(self.scanned..).unwrap_or_default()) else {
            self.scanned = rest.len();
            return if rest.len() > bytes_max { Err(ReplyError::TooLong) } else { Ok(None) };
        };
        let end = self.scanned + found;
        if end > bytes_max {
            return Err(ReplyError::TooLong);
        }
        match rest.get(end + 1) {
            Some(b'\n') => {
                self.scanned = 0;
                Ok(rest.get(..end))
            }
            Some(_) => Err(ReplyError::InvalidCrlf),
            None => {
                self.scanned = end;
                Ok(None)
            }
        }
    }

    fn aggregate(&mut self, sign: u8, count: usize, limits: &ReplyLimits) -> Result<Item, ReplyError> {
        let pairs = matches!(sign, b'%' | b'|');
        let missing = if pairs { count.saturating_mul(2) } else { count };
        let missing = missing.saturating_add(usize::from(sign == b'|'));
        self.elements = self.elements.saturating_add(missing);
        if self.elements > limits.elements_max {
            return Err(ReplyError::TooManyElements);
        }
        Ok(Item::Open(Open { sign, missing, frames: Vec::with_capacity(missing.min(ELEMENTS_RESERVED_MAX)) }))
    }

    /// The string whose header was parsed, once it is there.
    fn finish_string(&mut self) -> Result<Option<Frame>, ReplyError> {
        let Some((sign, len)) = self.string else { return Ok(None) };
        let end = self.at + len;
        let text = match self.buffer.get(end..end + 2) {
            None => return Ok(None),
            Some(b"\r\n") => &self.buffer[self.at..end],
            Some(_) => return Err(ReplyError::InvalidCrlf),
        };
        let frame = match (sign, text) {
            (b'$', text) => Frame::Bulk(text.to_vec()),
            (b'!', text) => Frame::BulkError(text.to_vec()),
            (_, &[a, b, c, b':', ref text @ ..]) => Frame::Verbatim([a, b, c], text.to_vec()),
            _ => return Err(ReplyError::InvalidVerbatim),
        };
        self.at = end + 2;
        self.string = None;
        Ok(Some(frame))
    }

    fn make_room(&mut self, wanted: usize) {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            if let Some(room) = self.burst.observe(wanted, self.buffer.capacity()) {
                self.buffer.shrink_to(room);
            }
        }
        if self.buffer.capacity() - self.buffer.len() >= wanted {
            return;
        }
        if self.at >= self.buffer.len() - self.at {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        self.buffer.reserve(wanted);
    }
}

enum Parsed {
    Frame(Frame),
    /// The header of a string of that length.
    String(usize),
    /// The header of an aggregate of that count.
    Aggregate(usize),
}

/// Simple strings, errors and big numbers may be long.
fn line_bytes_max(sign: u8, limits: &ReplyLimits) -> usize {
    if matches!(sign, b'+' | b'-' | b'(') { limits.bulk_bytes_max } else { NUMBER_BYTES_MAX }
}

fn parse_line(sign: u8, line: &[u8], limits: &ReplyLimits) -> Result<Parsed, ReplyError> {
    let frame = match (sign, line) {
        (b'+', text) => Frame::Simple(text.to_vec()),
        (b'-', text) => Frame::Error(text.to_vec()),
        (b':', text) => Frame::Integer(parse_i64(text).ok_or(ReplyError::InvalidValue)?),
        (b'$', b"-1") => Frame::NullBulk,
        (b'*', b"-1") => Frame::NullArray,
        (b'_', b"") => Frame::Null,
        (b'#', b"t") => Frame::Boolean(true),
        (b'#', b"f") => Frame::Boolean(false),
        (b',', text) => Frame::Double(parse_double(text)?),
        (b'(', text) => Frame::BigNumber(big_number(text)?.to_vec()),
        (b'_' | b'#', _) => return Err(ReplyError::InvalidValue),
        (b'$' | b'!' | b'=', text) => {
            let len = parse_length(text)?;
            if len > limits.bulk_bytes_max {
                return Err(ReplyError::TooLong);
            }
            return Ok(Parsed::String(len));
        }
        (b'*' | b'%' | b'~' | b'>' | b'|', text) => return Ok(Parsed::Aggregate(parse_length(text)?)),
        (other, _) => return Err(ReplyError::UnknownType(other)),
    };
    Ok(Parsed::Frame(frame))
}

fn parse_length(text: &[u8]) -> Result<usize, ReplyError> {
    let length = parse_i64(text).ok_or(ReplyError::InvalidLength)?;
    usize::try_from(length).map_err(|_| ReplyError::InvalidLength)
}

fn parse_double(text: &[u8]) -> Result<f64, ReplyError> {
    let text = str::from_utf8(text).map_err(|_| ReplyError::InvalidValue)?;
    text.parse().map_err(|_| ReplyError::InvalidValue)
}

fn big_number(text: &[u8]) -> Result<&[u8], ReplyError> {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if valid { Ok(text) } else { Err(ReplyError::InvalidValue) }
}

impl Open {
    /// The frame of an aggregate that lacks nothing.
    fn close(mut self) -> Frame {
        match self.sign {
            b'%' => Frame::Map(pairs(self.frames)),
            b'~' => Frame::Set(self.frames),
            b'>' => Frame::Push(self.frames),
            b'|' => {
                let about = self.frames.pop().unwrap_or(Frame::Null);
                Frame::Attribute(pairs(self.frames), Box::new(about))
            }
            _ => Frame::Array(self.frames),
        }
    }
}

fn pairs(frames: Vec<Frame>) -> Vec<(Frame, Frame)> {
    let mut pairs = Vec::with_capacity(frames.len() / 2);
    let mut frames = frames.into_iter();
    while let (Some(key), Some(value)) = (frames.next(), frames.next()) {
        pairs.push((key, value));
    }
    pairs
}

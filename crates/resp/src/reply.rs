//! Writing replies.

use std::fmt::{self, Write};
use std::sync::Arc;

use memchr::memchr2;

use crate::double::format_double;
use crate::error::ProtocolError;
use crate::limits::SHARED_REPLY_BYTES_MIN;
use crate::output::Output;

/// The version of the protocol that a client chose with `HELLO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Protocol {
    /// Simple strings, errors, integers, bulk strings, arrays and two nulls.
    #[default]
    Resp2,
    /// These, and maps, sets, doubles, booleans, big numbers, verbatim strings, pushes, attributes and one null.
    Resp3,
}

/// Writes replies for a client. Types that the client's protocol lacks are written as the type that stands for them there.
///
/// Elements of an aggregate are written after its header, by as many calls as it announced.
///
/// ```
/// use kvd_resp::{Output, Protocol, Reply};
///
/// let mut output = Output::new();
/// let mut reply = Reply::new(&mut output, Protocol::Resp2);
/// reply.map(1);
/// reply.bulk(b"pi");
/// reply.double(3.14);
/// assert_eq!(output.to_vec(), b"*2\r\n$2\r\npi\r\n$4\r\n3.14\r\n");
/// ```
#[derive(Debug)]
pub struct Reply<'a> {
    pub(crate) output: &'a mut Output,
    protocol: Protocol,
}

impl<'a> Reply<'a> {
    /// Writes to the end of `output`.
    #[inline]
    pub fn new(output: &'a mut Output, protocol: Protocol) -> Self {
        Self { output, protocol }
    }

    /// The protocol in which it writes.
    #[inline]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Writes in another protocol from now on.
    pub fn set_protocol(&mut self, protocol: Protocol) {
        self.protocol = protocol;
    }

    /// Where it writes to.
    pub fn output(&mut self) -> &mut Output {
        self.output
    }

    /// `+OK`
    #[inline]
    pub fn ok(&mut self) {
        self.output.extend(b"+OK\r\n");
    }

    /// A simple string. CR and LF in it become blanks.
    pub fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    /// An error. The text begins with its code, such as `ERR`. CR and LF in it become blanks, those at its end are dropped.
    pub fn error(&mut self, text: impl fmt::Display) {
        let bytes = self.output.copied_mut();
        bytes.push(b'-');
        let mut line = LineText { bytes, pending: 0 };
        write!(line, "{text}").expect("a Vec takes all text");
        bytes.extend_from_slice(b"\r\n");
    }

    /// An error whose text may quote any bytes. Otherwise as [`error`](Self::error).
    pub fn error_bytes(&mut self, text: &[u8]) {
        let end = text.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        self.line(b'-', &text[..end]);
    }

    /// The error reply after which a server closes the connection.
    pub fn protocol_error(&mut self, error: &ProtocolError) {
        // Here alone a CR or LF at the end, in quotes, stays.
        self.line(b'-', &error.wire_text());
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, number: i64) {
        if (0..10).contains(&number) {
            self.output.extend(&[b':', b'0' + number as u8, b'\r', b'\n']);
        } else {
            self.written(b':', itoa::Buffer::new().format(number).as_bytes());
        }
    }

    /// A bulk string.
    #[inline]
    pub fn bulk(&mut self, value: &[u8]) {
        self.output.copied_mut().reserve(value.len() + 16);
        self.header(b'$', value.len());
        self.output.extend(value);
        self.output.extend(b"\r\n");
    }

    /// A bulk string with an integer's text.
    pub fn bulk_int(&mut self, number: i64) {
        self.bulk(itoa::Buffer::new().format(number).as_bytes());
    }

    /// A bulk string with what `value` displays.
    pub fn bulk_display(&mut self, value: impl fmt::Display) {
        let later = self.later(b'$');
        let bytes = self.output.copied_mut();
        let start = bytes.len();
        write!(Text { bytes }, "{value}").expect("a Vec takes all text");
        let len = bytes.len() - start;
        bytes.extend_from_slice(b"\r\n");
        self.close(later, len);
    }

    /// A bulk string that is sent from where it is if it is long enough for that to pay.
    pub fn shared(&mut self, value: &Arc<Vec<u8>>) {
        if value.len() < SHARED_REPLY_BYTES_MIN {
            return self.bulk(value);
        }
        self.header(b'$', value.len());
        self.output.extend_shared(value);
        self.output.extend(b"\r\n");
    }

    /// The null that stands for a missing value: `$-1` in RESP2, `_` in RESP3.
    pub fn null(&mut self) {
        self.either(b"$-1\r\n", b"_\r\n");
    }

    /// The null that stands for a missing array: `*-1` in RESP2, `_` in RESP3.
    pub fn null_array(&mut self) {
        self.either(b"*-1\r\n", b"_\r\n");
    }

    /// The header of an array; `len` elements follow.
    #[inline]
    pub fn array(&mut self, len: usize) {
        self.header(b'*', len);
    }

    /// The header of a map; `len` keys, each with its value, follow. In RESP2 an array of keys and values.
    pub fn map(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', len * 2),
            Protocol::Resp3 => self.header(b'%', len),
        }
    }

    /// The header of a set; `len` elements follow. In RESP2 an array.
    pub fn set(&mut self, len: usize) {
        self.header(self.set_sign(), len);
    }

    /// The header of a push; `len` elements follow, the first of which says of what kind it is. In RESP2 an array.
    pub fn push(&mut self, len: usize) {
        let sign = match self.protocol {
            Protocol::Resp2 => b'*',
            Protocol::Resp3 => b'>',
        };
        self.header(sign, len);
    }

    /// The header of attributes, which stand before the reply that they are about; `len` keys, each with its value, follow. RESP2 has none:
    /// then this writes nothing and returns `false`, and the keys and values must not be written either.
    #[must_use = "in RESP2 the keys and values must not be written"]
    pub fn attribute(&mut self, len: usize) -> bool {
        let known = self.protocol == Protocol::Resp3;
        if known {
            self.header(b'|', len);
        }
        known
    }

    /// A double. In RESP2 a bulk string with the same text.
    pub fn double(&mut self, value: f64) {
        self.written_or_bulk(b',', format_double(value).as_bytes());
    }

    /// A boolean. In RESP2 the integer 1 or 0.
    pub fn boolean(&mut self, value: bool) {
        if value { self.either(b":1\r\n", b"#t\r\n") } else { self.either(b":0\r\n", b"#f\r\n") }
    }

    /// A string that says of which format it is, such as `b"txt"`. In RESP2 a bulk string without the format.
    pub fn verbatim(&mut self, format: &[u8; 3], text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        if self.protocol == Protocol::Resp2 {
            return self.bulk(text);
        }
        self.header(b'=', text.len() + 4);
        self.output.extend(format);
        self.output.extend(b":");
        self.output.extend(text);
        self.output.extend(b"\r\n");
    }

    /// An integer of any size, as text. In RESP2 a bulk string.
    pub fn big_number(&mut self, digits: &str) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits.as_bytes()),
            Protocol::Resp3 => self.line(b'(', digits.as_bytes()),
        }
    }

    pub(crate) fn set_sign(&self) -> u8 {
        match self.protocol {
            Protocol::Resp2 => b'*',
            Protocol::Resp3 => b'~',
        }
    }

    #[inline]
    pub(crate) fn header(&mut self, sign: u8, len: usize) {
        if len < 10 {
            self.output.extend(&[sign, b'0' + len as u8, b'\r', b'\n']);
        } else if len < 100 {
            self.output.extend(&[sign, b'0' + (len / 10) as u8, b'0' + (len % 10) as u8, b'\r', b'\n']);
        } else {
            self.written(sign, itoa::Buffer::new().format(len).as_bytes());
        }
    }

    /// A line of which is known that it has neither CR nor LF.
    #[inline]
    fn written(&mut self, sign: u8, text: &[u8]) {
        let bytes = self.output.copied_mut();
        bytes.reserve(text.len() + 3);
        bytes.push(sign);
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(b"\r\n");
    }

    fn line(&mut self, sign: u8, text: &[u8]) {
        if memchr2(b'\r', b'\n', text).is_none() {
            return self.written(sign, text);
        }
        let blank = |byte: &u8| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte };
        let text: Vec<u8> = text.iter().map(blank).collect();
        self.written(sign, &text);
    }

    fn written_or_bulk(&mut self, sign: u8, text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text),
            Protocol::Resp3 => self.written(sign, text),
        }
    }

    #[inline]
    fn either(&mut self, resp2: &[u8], resp3: &[u8]) {
        self.output.extend(match self.protocol {
            Protocol::Resp2 => resp2,
            Protocol::Resp3 => resp3,
        });
    }
}

/// Text as it is.
struct Text<'a> {
    bytes: &'a mut Vec<u8>,
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Text that must stay on its line: CR and LF become blanks, but only once something follows them.
struct LineText<'a> {
    bytes: &'a mut Vec<u8>,
    pending: usize,
}

impl Write for LineText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while let Some(found) = memchr2(b'\r', b'\n', rest) {
            self.push(&rest[..found]);
            self.pending += 1;
            rest = &rest[found + 1..];
        }
        self.push(rest);
        Ok(())
    }
}

impl LineText<'_> {
    fn push(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.bytes.resize(self.bytes.len() + self.pending, b' ');
            self.pending = 0;
            self.bytes.extend_from_slice(text);
        }
    }
}

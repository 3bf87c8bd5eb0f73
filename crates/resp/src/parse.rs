//! Parsing requests: the state machine over the reader's buffer.
//!
//! ```text
//!                    ┌─ blank line, *0, *-1 ─┐
//!                    ▼                       │
//!      ───▶ between requests ────────────────┘
//!             │ *n               │ any other byte: a line of words ──▶ request
//!             ▼
//!      ┌──▶ Header ── $len ──▶ Payload(len) ──┬──▶ n words: request
//!      │      └───── long ───▶ Large ─────────┤
//!      └──────────── fewer words ◀────────────┘
//! ```
//!
//! Every arrow moves `at` forward and is never undone, so a request that arrives in pieces is not parsed again from its start.

use std::mem;

use memchr::memchr2;

use crate::error::ProtocolError;
use crate::length::{fast_length, find_line, line_number};
use crate::limits::{
    LARGE_BULK_BYTES, RequestLimits, UNAUTHENTICATED_BULK_BYTES_MAX, UNAUTHENTICATED_WORDS_MAX,
};
use crate::line::split_line;
use crate::reader::RequestReader;

/// No buffer can be longer, whatever the limits say; a word is followed by CRLF.
const LENGTH_MAX: usize = isize::MAX as usize - 2;

/// What comes next in a request of which words are missing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// `$<len>\r\n`
    Header,
    /// A word of that many bytes and CRLF, in the buffer.
    Payload(usize),
    /// The rest of the word in `large`.
    Large,
}

enum Line {
    Partial,
    Blank,
    Request,
}

impl RequestReader {
    /// Parses one request and appends it to the batch. `false` if no whole request is left; what there is of one is kept.
    ///
    /// Requests without words are skipped: blank lines, counts of zero and below.
    ///
    /// # Errors
    ///
    /// When the bytes are no request. From then on the error stays; the requests already in the batch can be served.
    #[inline]
    pub fn parse(&mut self, limits: &RequestLimits) -> Result<bool, ProtocolError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        loop {
            let from = self.at;
            let whole = match self.parse_on(limits) {
                Ok(whole) => whole,
                Err(error) => {
                    self.failed = Some(error);
                    self.scanned = 0;
                    self.waiting.clear();
                    return Err(error);
                }
            };
            self.wire_len += self.at - from;
            if whole {
                self.batch.close_request(mem::take(&mut self.wire_len));
                self.begun = self.at;
                return Ok(true);
            }
            if self.waiting.is_empty() {
                return Ok(false);
            }
            self.take_waiting();
        }
    }

    fn parse_on(&mut self, limits: &RequestLimits) -> Result<bool, ProtocolError> {
        while self.missing == 0 {
            match self.buffer.get(self.at) {
                None => return Ok(false),
                Some(b'*') => {
                    if !self.parse_count(limits)? {
                        return Ok(false);
                    }
                }
                Some(_) => match self.parse_line(limits)? {
                    Line::Partial => return Ok(false),
                    Line::Blank => {}
                    Line::Request => return Ok(true),
                },
            }
        }
        self.parse_words(limits)
    }

    /// `*<count>\r\n`. A count below one leaves the reader between requests.
    #[inline]
    fn parse_count(&mut self, limits: &RequestLimits) -> Result<bool, ProtocolError> {
        let rest = &self.buffer[self.at + 1..];
        let count = match fast_length(rest) {
            Some((count, len)) => {
                self.at += 1 + len;
                count
            }
            None => match self.parse_count_slowly(limits)? {
                Some(count) => count,
                None => return Ok(false),
            },
        };
        if count > limits.words_max {
            return Err(ProtocolError::InvalidMultibulkLength);
        }
        if !limits.authenticated && count > UNAUTHENTICATED_WORDS_MAX {
            return Err(ProtocolError::UnauthenticatedMultibulkLength);
        }
        if count == 0 {
            self.begun = self.at;
        }
        self.scanned = 0;
        self.missing = count;
        Ok(true)
    }

    #[cold]
    fn parse_count_slowly(&mut self, limits: &RequestLimits) -> Result<Option<usize>, ProtocolError> {
        let rest = &self.buffer[self.at..];
        let found = find_line(rest, &mut self.scanned, limits.inline_bytes_max);
        let Some(line) = found.map_err(|_| ProtocolError::TooBigMultibulkCount)? else { return Ok(None) };
        if !line.ends {
            return Err(ProtocolError::InvalidCrlf);
        }
        let count = line_number(line.text).ok_or(ProtocolError::InvalidMultibulkLength)?;
        self.at += line.text.len() + 2;
        usize::try_from(count.max(0)).map(Some).map_err(|_| ProtocolError::InvalidMultibulkLength)
    }

    fn parse_words(&mut self, limits: &RequestLimits) -> Result<bool, ProtocolError> {
        while self.missing > 0 {
            let whole = match self.expected {
                Expected::Header => match self.parse_length(limits)? {
                    Some(len) if len < LARGE_BULK_BYTES => self.parse_payload(len)?,
                    Some(len) => self.begin_large(len)?,
                    None => false,
                },
                Expected::Payload(len) => self.parse_payload(len)?,
                Expected::Large => self.finish_large()?,
            };
            if !whole {
                return Ok(false);
            }
            self.missing -= 1;
        }
        Ok(true)
    }

    /// `$<len>\r\n`
    #[inline]
    fn parse_length(&mut self, limits: &RequestLimits) -> Result<Option<usize>, ProtocolError> {
        let fast = match self.buffer.get(self.at..) {
            Some([b'$', rest @ ..]) => fast_length(rest),
            _ => None,
        };
        let len = match fast {
            Some((number, len)) => {
                self.at += 1 + len;
                number
            }
            None => match self.parse_length_slowly(limits)? {
                Some(number) => number,
                None => return Ok(None),
            },
        };
        if len > limits.bulk_bytes_max.min(LENGTH_MAX) {
            return Err(ProtocolError::InvalidBulkLength);
        }
        if !limits.authenticated && len > UNAUTHENTICATED_BULK_BYTES_MAX {
            return Err(ProtocolError::UnauthenticatedBulkLength);
        }
        self.scanned = 0;
        Ok(Some(len))
    }

    #[cold]
    fn parse_length_slowly(&mut self, limits: &RequestLimits) -> Result<Option<usize>, ProtocolError> {
        let rest = &self.buffer[self.at..];
        let found = find_line(rest, &mut self.scanned, limits.inline_bytes_max);
        let Some(line) = found.map_err(|_| ProtocolError::TooBigBulkCount)? else { return Ok(None) };
        // An empty line begins with its CR.
        let got = line.text.first().copied().unwrap_or(b'\r');
        if got != b'$' {
            return Err(ProtocolError::ExpectedDollar { got });
        }
        if !line.ends {
            return Err(ProtocolError::InvalidCrlf);
        }
        let len = line_number(line.text).ok_or(ProtocolError::InvalidBulkLength)?;
        self.at += line.text.len() + 2;
        usize::try_from(len).map(Some).map_err(|_| ProtocolError::InvalidBulkLength)
    }

    /// A word of `len` bytes and CRLF, if they are there.
    #[inline]
    fn parse_payload(&mut self, len: usize) -> Result<bool, ProtocolError> {
        let end = self.at + len;
        match self.buffer.get(end..end + 2) {
            Some(b"\r\n") => {
                self.batch.push(self.at, len);
                self.at = end + 2;
                self.expected = Expected::Header;
                Ok(true)
            }
            Some(_) => Err(ProtocolError::InvalidCrlf),
            None => {
                self.expected = Expected::Payload(len);
                Ok(false)
            }
        }
    }

    /// A long word moves to a buffer of its own, as much of it as has arrived.
    #[cold]
    fn begin_large(&mut self, len: usize) -> Result<bool, ProtocolError> {
        let received = &self.buffer[self.at..];
        match received.get(len..) {
            Some([b'\r', b'\n', ..]) => {
                self.batch.push_own(received[..len].to_vec());
                self.at += len + 2;
                Ok(true)
            }
            Some([_, _, ..]) => Err(ProtocolError::InvalidCrlf),
            _ => {
                self.large.begin(len, received);
                self.buffer.truncate(self.at);
                self.expected = Expected::Large;
                Ok(false)
            }
        }
    }

    #[cold]
    fn finish_large(&mut self) -> Result<bool, ProtocolError> {
        if self.large.missing() > 0 {
            return Ok(false);
        }
        self.wire_len += self.large.wire_len();
        self.expected = Expected::Header;
        self.batch.push_own(self.large.finish().ok_or(ProtocolError::InvalidCrlf)?);
        Ok(true)
    }

    /// A request that is a line of words. As with the peers a NUL hides the end of its line: such a line is waited for until it is too long.
    #[cold]
    fn parse_line(&mut self, limits: &RequestLimits) -> Result<Line, ProtocolError> {
        let rest = &self.buffer[self.at..];
        let window = rest.get(..limits.inline_bytes_max.saturating_add(1)).unwrap_or(rest);
        let unscanned = window.get(self.scanned..).unwrap_or_default();
        let found = memchr2(b'\n', 0, unscanned);
        let end = self.scanned + found.unwrap_or(unscanned.len());
        if window.get(end) != Some(&b'\n') {
            self.scanned = end;
            return if rest.len() > limits.inline_bytes_max {
                Err(ProtocolError::TooBigInline)
            } else {
                Ok(Line::Partial)
            };
        }
        let line = &window[..end];
        let words = split_line(line.strip_suffix(b"\r").unwrap_or(line))
            .map_err(|_| ProtocolError::UnbalancedQuotes)?;
        self.scanned = 0;
        let start = self.at;
        self.at += end + 1;
        if words.is_empty() {
            self.begun = self.at;
            return Ok(Line::Blank);
        }
        self.keep_words(start, words);
        Ok(Line::Request)
    }

    /// Writes the words over their line in the buffer, which they can't exceed.
    fn keep_words(&mut self, start: usize, words: Vec<Vec<u8>>) {
        let mut start = start;
        for word in words {
            if word.len() >= LARGE_BULK_BYTES {
                self.batch.push_own(word);
                continue;
            }
            let end = start + word.len();
            self.buffer[start..end].copy_from_slice(&word);
            self.batch.push(start, word.len());
            start = end;
        }
    }
}

//! Lengths and strings, looked at before they are taken.
//!
//! ```text
//! 00llllll                    length of 6 bits
//! 01llllll llllllll           length of 14 bits
//! 80, u32 big-endian          length
//! 81, u64 big-endian          length
//! C0 i8, C1 i16, C2 i32       string: the integer's text; little-endian
//! C3, length, length, LZF     string: compressed length, length, compressed bytes
//! ```

use listpack::Element;

use crate::error::{Error, Fault, Limit};
use crate::input::Input;
use crate::lzf;
use crate::scratch;

/// What a length or string begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Length(u64),
    /// The low bits of a byte that no length begins with.
    Special(u8),
}

/// A string and where it lies, as offsets from the next byte to be taken. All its bytes are buffered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Int(i64),
    Plain { at: usize, len: usize },
    Lzf { at: usize, packed_len: usize, len: usize },
}

impl Token {
    /// The length of a text that is no integer; 0 for integers.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Int(_) => 0,
            Self::Plain { len, .. } | Self::Lzf { len, .. } => len,
        }
    }

    /// The string, from bytes that were taken and began where the token's offsets do. Compressed ones are made in `buffer`.
    #[inline]
    pub(crate) fn text<'a>(
        self,
        bytes: &'a [u8],
        buffer: &'a mut Vec<u8>,
        offset: u64,
    ) -> Result<Element<'a>, Error> {
        match self {
            Self::Int(value) => Ok(Element::Int(value)),
            _ => self.blob(bytes, buffer, offset).map(Element::Bytes),
        }
    }

    /// The same where an integer makes no sense, and is read as no bytes.
    #[inline]
    pub(crate) fn blob<'a>(
        self,
        bytes: &'a [u8],
        buffer: &'a mut Vec<u8>,
        offset: u64,
    ) -> Result<&'a [u8], Error> {
        match self {
            Self::Int(_) => Ok(&[]),
            Self::Plain { at, len } => Ok(slice(bytes, at, len)),
            Self::Lzf { at, packed_len, len } => {
                scratch::release(buffer, len);
                lzf::decompress(slice(bytes, at, packed_len), len, buffer)
                    .map_err(|fault| Error::new(offset + at as u64, fault))?;
                Ok(buffer)
            }
        }
    }
}

fn slice(bytes: &[u8], at: usize, len: usize) -> &[u8] {
    bytes.get(at..).and_then(|rest| rest.get(..len)).unwrap_or_default()
}

/// Looks at the length at `at`, and moves `at` behind it.
#[inline]
pub(crate) fn length<I: Input>(input: &mut I, at: &mut usize) -> Result<u64, Error> {
    let start = *at;
    match head(input, at)? {
        Head::Length(length) => Ok(length),
        Head::Special(low) => Err(Error::new(input.offset() + start as u64, Fault::Length(0xC0 | low))),
    }
}

/// Looks at the string at `at`, and moves `at` behind it.
#[inline]
pub(crate) fn token<I: Input>(input: &mut I, at: &mut usize) -> Result<Token, Error> {
    let start = *at;
    match head(input, at)? {
        Head::Length(len) => {
            let len = text_len(input, start, len)?;
            input.ahead(*at, len)?;
            let token = Token::Plain { at: *at, len };
            *at += len;
            Ok(token)
        }
        Head::Special(3) => {
            let packed = length(input, at)?;
            let packed_len = text_len(input, start, packed)?;
            let len = length(input, at)?;
            let len = text_len(input, start, len)?;
            if len > lzf::decompressed_len_max(packed_len) {
                return Err(Error::new(input.offset() + start as u64, lzf::LzfFault::Length));
            }
            input.ahead(*at, packed_len)?;
            let token = Token::Lzf { at: *at, packed_len, len };
            *at += packed_len;
            Ok(token)
        }
        Head::Special(low) => integer(input, at, start, low),
    }
}

/// Looks at the head of the string at `at`, and moves `at` behind it; returns how many bytes follow, which need not be buffered.
#[inline]
pub(crate) fn text_bytes<I: Input>(input: &mut I, at: &mut usize) -> Result<u64, Error> {
    let start = *at;
    match head(input, at)? {
        Head::Length(len) => Ok(len),
        Head::Special(low @ 0..=2) => Ok(1 << low),
        Head::Special(3) => {
            let packed = length(input, at)?;
            length(input, at)?;
            Ok(packed)
        }
        Head::Special(low) => Err(Error::new(input.offset() + start as u64, Fault::Text(0xC0 | low))),
    }
}

/// Looks at `N` bytes at `at`, and moves `at` behind them.
#[inline]
pub(crate) fn chunk<I: Input, const N: usize>(input: &mut I, at: &mut usize) -> Result<[u8; N], Error> {
    let chunk = input.ahead(*at, N)?.first_chunk().copied().unwrap_or([0; N]);
    *at += N;
    Ok(chunk)
}

fn integer<I: Input>(input: &mut I, at: &mut usize, start: usize, low: u8) -> Result<Token, Error> {
    Ok(Token::Int(match low {
        0 => i64::from(i8::from_le_bytes(chunk(input, at)?)),
        1 => i64::from(i16::from_le_bytes(chunk(input, at)?)),
        2 => i64::from(i32::from_le_bytes(chunk(input, at)?)),
        _ => return Err(Error::new(input.offset() + start as u64, Fault::Text(0xC0 | low))),
    }))
}

#[inline]
fn head<I: Input>(input: &mut I, at: &mut usize) -> Result<Head, Error> {
    let (head, len) = match *input.ahead(*at, 1)? {
        [first @ 0..=0x3F, ..] => (Head::Length(u64::from(first)), 1),
        [first @ 0xC0..=0xFF, ..] => (Head::Special(first & 0x3F), 1),
        [first @ 0x40..=0x7F, low, ..] => (Head::Length(u64::from(first & 0x3F) << 8 | u64::from(low)), 2),
        _ => return long_head(input, at),
    };
    *at += len;
    Ok(head)
}

/// A head of several bytes, which need not be buffered.
fn long_head<I: Input>(input: &mut I, at: &mut usize) -> Result<Head, Error> {
    let start = *at;
    let [first] = chunk(input, at)?;
    Ok(Head::Length(match first {
        0x40..=0x7F => {
            let [low] = chunk(input, at)?;
            u64::from(first & 0x3F) << 8 | u64::from(low)
        }
        0x80 => u64::from(u32::from_be_bytes(chunk(input, at)?)),
        0x81 => u64::from_be_bytes(chunk(input, at)?),
        _ => return Err(Error::new(input.offset() + start as u64, Fault::Length(first))),
    }))
}

#[inline]
fn text_len<I: Input>(input: &I, at: usize, len: u64) -> Result<usize, Error> {
    match usize::try_from(len) {
        Ok(len) if len <= input.text_bytes_max() => Ok(len),
        _ => Err(Error::new(input.offset() + at as u64, Limit::Text(len))),
    }
}

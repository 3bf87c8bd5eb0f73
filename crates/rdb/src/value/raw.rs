//! A value's bytes, to be decoded elsewhere.

use super::Value;
use super::body::Body;
use crate::error::Error;
use crate::input::Slice;
use crate::scratch::Scratch;
use crate::value_type::ValueType;

/// A value as it is written, with what is needed to read it: its type.
///
/// Who keeps bytes for another thread keeps [`value_type`](Self::value_type), [`bytes`](Self::bytes) and [`offset`](Self::offset), and makes a raw value of
/// them there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawValue<'a> {
    value_type: ValueType,
    bytes: &'a [u8],
    offset: u64,
}

/// A raw value that is being decoded.
#[derive(Debug)]
pub struct Decoding<'a> {
    input: Slice<'a>,
    body: Body,
}

impl<'a> RawValue<'a> {
    /// A value in `bytes`, which need not be valid and may go on behind it; they stood at `offset`, which errors tell.
    pub fn new(value_type: ValueType, bytes: &'a [u8], offset: u64) -> Self {
        Self { value_type, bytes, offset }
    }

    /// Its type.
    pub fn value_type(self) -> ValueType {
        self.value_type
    }

    /// Its bytes, without type and key.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Where the bytes stood, from the start of the file or payload.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// Begins to decode it. Nothing is read yet. What an unusually large value made the scratch grow to before is given back.
    pub fn decode(self, scratch: &'a mut Scratch) -> Decoding<'a> {
        scratch.trim();
        Decoding { input: Slice::new(self.bytes, self.offset, scratch), body: Body::new(self.value_type) }
    }
}

impl<'a> Decoding<'a> {
    /// The value.
    ///
    /// # Errors
    ///
    /// See [`Error`]; also if it is asked for again.
    pub fn value(&mut self) -> Result<Value<'_, Slice<'a>>, Error> {
        Value::begin(&mut self.input, &mut self.body)
    }

    /// Passes over what was not read, which checks the lengths of all its parts and nothing else.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn skip(&mut self) -> Result<(), Error> {
        self.body.skip(&mut self.input)
    }
}

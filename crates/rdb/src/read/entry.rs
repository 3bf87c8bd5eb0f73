//! A key and its value.

use crate::error::Error;
use crate::input::Input;
use crate::value::body::{Body, Stage};
use crate::value::{RawValue, Value};
use crate::value_type::ValueType;

/// What a file says of a key besides its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// When the key expires, as Unix time in milliseconds.
    pub expires_at_ms: Option<i64>,
    /// For how many seconds nobody had asked for it when it was written.
    pub idle_seconds: Option<u64>,
    /// How often it was asked for, as the logarithmic counter of LFU.
    pub frequency: Option<u8>,
}

/// A key, and access to its value.
#[derive(Debug)]
pub struct Entry<'r, I> {
    pub(crate) key: &'r [u8],
    pub(crate) meta: Meta,
    pub(crate) input: &'r mut I,
    pub(crate) body: &'r mut Body,
}

impl<'r, I: Input> Entry<'r, I> {
    /// The key.
    pub fn key(&self) -> &'r [u8] {
        self.key
    }

    /// What else is known of it.
    pub fn meta(&self) -> Meta {
        self.meta
    }

    /// The type of the value.
    pub fn value_type(&self) -> ValueType {
        self.body.value_type
    }

    /// Where the value begins.
    pub fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// The value, to be read part by part. What isn't read is passed over.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn value(self) -> Result<Value<'r, I>, Error> {
        Value::begin(self.input, self.body)
    }

    /// The value's bytes, to be decoded elsewhere; `None` if they are more than `bytes_max`, and then [`value`](Self::value) reads it.
    ///
    /// Only lengths are looked at. That what is between them is malformed shows when it is decoded.
    ///
    /// # Errors
    ///
    /// See [`Error`]; also if the value was read so before.
    pub fn raw_value(&mut self, bytes_max: usize) -> Result<Option<RawValue<'_>>, Error> {
        let offset = self.input.offset();
        if self.body.stage != Stage::Start {
            return Err(Error::new(offset, crate::ErrorKind::ReadBefore));
        }
        let Some(len) = self.body.skim(self.input, bytes_max)? else { return Ok(None) };
        self.body.stage = Stage::Done;
        let (bytes, _) = self.input.take(len);
        Ok(Some(RawValue::new(self.body.value_type, bytes, offset)))
    }
}

//! Payloads of `DUMP` and `RESTORE`: one value, without key and expiry.
//!
//! ```text
//! type │ value │ u16 version │ u64 checksum of all before it
//! ```
//!
//! ```
//! use kvd_rdb::{Dialect, Element, Scratch, Value, dump};
//!
//! let payload = dump::write(Dialect::Redis(10), |value| value.string(b"hello"))?;
//! assert_eq!(payload, b"\x00\x05hello\x0a\x00\x63\x72\xdf\x76\x65\x34\x20\x0a");
//!
//! let mut scratch = Scratch::new();
//! let mut decoding = dump::Payload::parse(&payload)?.value()?.decode(&mut scratch);
//! assert!(matches!(decoding.value()?, Value::String(Element::Bytes(b"hello"))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Unsupported};
use crate::opcode;
use crate::value::RawValue;
use crate::value_type::ValueType;
use crate::write::{Sink, ValueWriter, WriteError, WriteOptions};

/// A payload whose version is known and whose checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    dialect: Dialect,
    /// Type and value.
    bytes: &'a [u8],
}

/// Why bytes are no payload. Servers tell all of these with the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// Fewer bytes than version and checksum have.
    #[error("too few bytes for a payload")]
    TooShort,
    /// A version that isn't read here.
    #[error("payload of version {0}")]
    Version(u16),
    /// The checksum is another one. Zeros are no checksum here.
    #[error("wrong checksum of a payload")]
    Checksum,
}

/// Writes payloads, with memory that is used again for the next.
#[derive(Debug)]
pub struct Dumper {
    sink: Sink<Vec<u8>>,
}

impl<'a> Payload<'a> {
    /// Checks version and checksum. The value isn't looked at.
    ///
    /// # Errors
    ///
    /// See [`DumpError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DumpError> {
        let (body, checksum) = bytes.split_last_chunk().ok_or(DumpError::TooShort)?;
        let (value, version) = body.split_last_chunk().ok_or(DumpError::TooShort)?;
        let version = u16::from_le_bytes(*version);
        let dialect = Dialect::of_version(version).ok_or(DumpError::Version(version))?;
        if Checksum::of(body) != u64::from_le_bytes(*checksum) {
            return Err(DumpError::Checksum);
        }
        Ok(Self { dialect, bytes: value })
    }

    /// Whose payload it is.
    pub fn dialect(self) -> Dialect {
        self.dialect
    }

    /// The value. Bytes that follow it are not looked at.
    ///
    /// # Errors
    ///
    /// The dialect has no such type, or there is none.
    pub fn value(self) -> Result<RawValue<'a>, Error> {
        let (&number, value) = self.bytes.split_first().ok_or_else(|| Error::new(0, ErrorKind::Truncated))?;
        let unsupported =
            if number == opcode::OLD_MODULE { Unsupported::OldModule } else { Unsupported::Type(number) };
        let value_type =
            ValueType::of_number(number, self.dialect).ok_or_else(|| Error::new(0, unsupported))?;
        Ok(RawValue::new(value_type, value, 1))
    }
}

/// The payload of a value that is written already: type and value, as in `dialect`.
///
/// ```
/// use kvd_rdb::{Dialect, dump};
///
/// let payload = dump::seal(b"\x00\x05hello", Dialect::Redis(10));
/// assert_eq!(dump::Payload::parse(&payload)?.dialect(), Dialect::Redis(10));
/// # Ok::<(), dump::DumpError>(())
/// ```
pub fn seal(value: &[u8], dialect: Dialect) -> Vec<u8> {
    let mut payload = [value, &u16::from(dialect.version()).to_le_bytes()].concat();
    let checksum = Checksum::of(&payload);
    payload.extend_from_slice(&checksum.to_le_bytes());
    payload
}

impl Dumper {
    /// For payloads of a dialect. They always have a checksum.
    ///
    /// # Errors
    ///
    /// The dialect is not one that is written.
    pub fn new(options: WriteOptions) -> Result<Self, WriteError> {
        Sink::new(Vec::new(), options, None).map(|sink| Self { sink })
    }

    /// The payload of the value that `write` writes; good until the next one. The memory of an unusually large one is given back then.
    ///
    /// # Errors
    ///
    /// What `write` returns, or parts of the value are missing.
    pub fn write<E: From<WriteError>>(
        &mut self,
        write: impl FnOnce(ValueWriter<'_, Vec<u8>>) -> Result<(), E>,
    ) -> Result<&[u8], E> {
        crate::scratch::release(self.sink.inner(), 0);
        self.sink.inner().clear();
        self.sink.restart(Checksum::new());
        write(ValueWriter::alone(&mut self.sink))?;
        self.finish()?;
        Ok(self.sink.inner())
    }

    fn finish(&mut self) -> Result<(), WriteError> {
        self.sink.settle()?;
        let version = u16::from(self.sink.dialect().version());
        self.sink.bytes(&version.to_le_bytes())?;
        self.sink.end()
    }
}

/// The payload of the value that `write` writes. A dialect alone will do: then it is compressed where that is worth it.
///
/// # Errors
///
/// The dialect is not one that is written, or see [`Dumper::write`].
pub fn write<E: From<WriteError>>(
    options: impl Into<WriteOptions>,
    write: impl FnOnce(ValueWriter<'_, Vec<u8>>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let mut dumper = Dumper::new(options.into())?;
    dumper.write(write)?;
    Ok(dumper.sink.into_inner())
}

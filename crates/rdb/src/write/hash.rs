//! Writing the fields of hashes.

use std::io::Write;

use listpack::{Element, ListpackRef};

use super::error::WriteError;
use super::fragment::{Paused, State};
use super::sink::Sink;
use super::value::ValueWriter;
use crate::dialect::Dialect;
use crate::value::Field;
use crate::value_type::ValueType;

/// What Valkey writes for a field that doesn't expire.
const NEVER: i64 = -1;

/// Writes a hash.
#[derive(Debug)]
pub struct HashWriter<'w, W> {
    sink: &'w mut Sink<W>,
    value_type: ValueType,
    earliest_ms: i64,
}

impl<'w, W: Write> HashWriter<'w, W> {
    pub(super) fn new(sink: &'w mut Sink<W>, value_type: ValueType, earliest_ms: i64) -> Self {
        Self { sink, value_type, earliest_ms }
    }

    /// Leaves the hash as it is; [`Fragment::resume_hash`](crate::Fragment::resume_hash) goes on.
    pub fn pause(self) -> Paused {
        Paused(State::Hash { value_type: self.value_type, earliest_ms: self.earliest_ms })
    }

    /// The next field.
    ///
    /// # Errors
    ///
    /// There are more than announced, or it has an expiry that can't be written in this hash; or see [`WriteError::Io`].
    pub fn field(&mut self, field: Field<'_>) -> Result<(), WriteError> {
        let expiry = self.expiry(field.expires_at_ms)?;
        self.sink.pay()?;
        match expiry {
            Expiry::None => self.pair(field),
            Expiry::Beyond(beyond) => {
                self.sink.length(beyond)?;
                self.pair(field)
            }
            Expiry::At(at_ms) => {
                self.pair(field)?;
                self.sink.bytes(&at_ms.to_le_bytes())
            }
        }
    }

    fn pair(&mut self, field: Field<'_>) -> Result<(), WriteError> {
        self.sink.text(field.name)?;
        self.sink.text(field.value)
    }

    fn expiry(&self, expires_at_ms: Option<i64>) -> Result<Expiry, WriteError> {
        match (self.value_type, expires_at_ms) {
            (ValueType::HashMetadata, None) => Ok(Expiry::Beyond(0)),
            (ValueType::HashMetadata, Some(at_ms)) => {
                let beyond =
                    at_ms.checked_sub(self.earliest_ms).and_then(|beyond| u64::try_from(beyond).ok());
                let beyond = beyond.filter(|_| at_ms >= 0).ok_or(WriteError::Expiry(at_ms))?;
                Ok(Expiry::Beyond(beyond + 1))
            }
            (ValueType::HashExpiring, None) => Ok(Expiry::At(NEVER)),
            (ValueType::HashExpiring, Some(at_ms @ 0..)) => Ok(Expiry::At(at_ms)),
            (ValueType::HashExpiring, Some(at_ms)) => Err(WriteError::Expiry(at_ms)),
            (_, None) => Ok(Expiry::None),
            (_, Some(_)) => Err(WriteError::FieldTtl(self.sink.dialect())),
        }
    }
}

/// How a field's expiry is written.
enum Expiry {
    /// Not at all.
    None,
    /// Before the field: 0, or 1 more than the milliseconds beyond the earliest.
    Beyond(u64),
    /// Behind the value.
    At(i64),
}

/// Writes a hash of packed triples in the form that the dialect has for it.
pub(super) fn write_packed_expiring<W: Write>(
    value: ValueWriter<'_, W>,
    triples: ListpackRef<'_>,
) -> Result<(), WriteError> {
    let expiries = || fields(triples).filter_map(|field| field.expires_at_ms);
    let count = (triples.len() / 3) as u64;
    let mut hash = match (expiries().min(), value.dialect()) {
        (None, _) => value.hash(count)?,
        (Some(earliest_ms), Dialect::Redis(12..)) if is_in_order(triples) => {
            return value.hash_triples(earliest_ms, triples);
        }
        (Some(earliest_ms), _) => value.hash_expiring(count, earliest_ms)?,
    };
    fields(triples).try_for_each(|field| hash.field(field))
}

/// The fields of packed triples. What isn't an integer is no expiry.
fn fields(triples: ListpackRef<'_>) -> impl Iterator<Item = Field<'_>> {
    let mut elements = triples.iter();
    std::iter::from_fn(move || {
        let (name, value, expiry) = (elements.next()?, elements.next()?, elements.next()?);
        Some(Field { name, value, expires_at_ms: expiry.int().filter(|at_ms| *at_ms != 0) })
    })
}

/// Whether those that expire first come first, and those that don't last.
fn is_in_order(triples: ListpackRef<'_>) -> bool {
    fields(triples).map(|field| field.expires_at_ms.unwrap_or(i64::MAX)).is_sorted()
}

impl<'a> Field<'a> {
    /// A field that doesn't expire.
    pub fn new(name: impl Into<Element<'a>>, value: impl Into<Element<'a>>) -> Self {
        Self { name: name.into(), value: value.into(), expires_at_ms: None }
    }
}

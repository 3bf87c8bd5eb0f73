//! Reading a hash.

use listpack::{Element, ListpackRef};

use super::packed::{self, Form};
use super::parts::Parts;
use crate::error::{Error, Fault};
use crate::input::Input;
use crate::read::token::{self, Token};
use crate::value_type::ValueType;

/// A hash.
#[derive(Debug)]
pub struct Hash<'r, I>(pub(crate) Parts<'r, I>);

/// The next of a hash. What is packed is the whole hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashPart<'a> {
    /// Fields and values in turn, never none. A hostile file may have a field twice.
    Packed(ListpackRef<'a>),
    /// Fields, values and expiries in turn, never none. An expiry is an integer: Unix time in milliseconds, or 0 if the field doesn't expire.
    /// Servers write those that expire first, the earliest at the front; a hostile file may have another order, and a field twice.
    PackedExpiring(ListpackRef<'a>),
    /// A field. A hostile file may have it twice.
    Field(Field<'a>),
}

/// A field of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name.
    pub name: Element<'a>,
    /// Its value.
    pub value: Element<'a>,
    /// When it expires, as Unix time in milliseconds.
    pub expires_at_ms: Option<i64>,
}

/// A field that was looked at, and where what comes next begins.
struct Seen {
    name: Token,
    value: Token,
    expires_at_ms: Option<i64>,
    end: usize,
}

impl<I: Input> Hash<'_, I> {
    /// The number of parts still to come, as the value says; not to be trusted.
    pub fn parts_left(&self) -> u64 {
        self.0.left()
    }

    /// Whether the type is one for fields that expire. They need not.
    pub fn may_expire(&self) -> bool {
        self.0.value_type().is_expiring()
    }

    pub(crate) fn value_type(&self) -> ValueType {
        self.0.value_type()
    }

    /// A time before which no field expires, if the value begins with one. It may be wrong in a hostile file.
    pub fn earliest_expiry_ms(&self) -> Option<i64> {
        self.0.value_type().has_base().then_some(self.0.body.base_ms)
    }

    /// The next fields; `None` at the end.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A hash without fields is no error here, though servers never write one.
    pub fn next_part(&mut self) -> Result<Option<HashPart<'_>>, Error> {
        match self.0.value_type() {
            ValueType::HashListpack => self.packed(Form::Listpack),
            ValueType::HashZiplist => self.packed(Form::Ziplist),
            ValueType::HashZipmap => self.packed(Form::Zipmap),
            ValueType::HashListpackExpiring | ValueType::HashListpackEarly => self.packed_expiring(),
            _ => self.field(),
        }
    }

    fn packed(&mut self, form: Form) -> Result<Option<HashPart<'_>>, Error> {
        let Some(blob) = self.0.next_blob(form)? else { return Ok(None) };
        let (list, offset) = self.0.take_list(blob)?;
        match packed::grouped(list, 2) {
            Ok(list) => Ok(Some(HashPart::Packed(list))),
            Err(kind) => Err(Error::new(offset, kind)),
        }
    }

    fn packed_expiring(&mut self) -> Result<Option<HashPart<'_>>, Error> {
        let Some(blob) = self.0.next_blob(Form::Listpack)? else { return Ok(None) };
        let (list, offset) = self.0.take_list(blob)?;
        match packed::expiring(list) {
            Ok(list) => Ok(Some(HashPart::PackedExpiring(list))),
            Err(kind) => Err(Error::new(offset, kind)),
        }
    }

    fn field(&mut self) -> Result<Option<HashPart<'_>>, Error> {
        if !self.0.next() {
            return Ok(None);
        }
        let seen = self.look()?;
        let offset = self.0.input.offset();
        let (bytes, scratch) = self.0.input.take(seen.end);
        let name = seen.name.text(bytes, &mut scratch.first, offset)?;
        let value = seen.value.text(bytes, &mut scratch.second, offset)?;
        Ok(Some(HashPart::Field(Field { name, value, expires_at_ms: seen.expires_at_ms })))
    }

    #[inline]
    fn look(&mut self) -> Result<Seen, Error> {
        let value_type = self.0.value_type();
        let base_ms = self.0.body.base_ms;
        let input = &mut *self.0.input;
        let mut at = 0;
        let mut expiry = match value_type {
            ValueType::HashMetadata => {
                let beyond = token::length(input, &mut at)?;
                from_base(base_ms, beyond)
            }
            ValueType::HashMetadataEarly => from_base(1, token::length(input, &mut at)?),
            _ => Some(None),
        };
        let name = token::token(input, &mut at)?;
        let value = token::token(input, &mut at)?;
        if value_type == ValueType::HashExpiring {
            expiry = match i64::from_le_bytes(token::chunk(input, &mut at)?) {
                -1 => Some(None),
                at_ms => (at_ms >= 0).then_some(Some(at_ms)),
            };
        }
        match expiry {
            Some(expires_at_ms) => Ok(Seen { name, value, expires_at_ms, end: at }),
            None => Err(Error::new(input.offset(), Fault::Expiry)),
        }
    }
}

/// The expiry that lies so far beyond the base: 0 is none, 1 the base itself. The outer `None` is for what is no time.
fn from_base(base_ms: i64, beyond: u64) -> Option<Option<i64>> {
    let Some(beyond) = beyond.checked_sub(1) else { return Some(None) };
    base_ms.checked_add_unsigned(beyond).filter(|at_ms| *at_ms >= 0).map(Some)
}

//! Reading a set.

use listpack::{Element, IntsetRef, ListpackRef};

use super::packed::Form;
use super::parts::Parts;
use crate::error::Error;
use crate::input::Input;
use crate::read::token;
use crate::value_type::ValueType;

/// A set.
#[derive(Debug)]
pub struct Set<'r, I>(pub(crate) Parts<'r, I>);

/// The next of a set. What is packed is the whole set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetPart<'a> {
    /// Members that are integers, never none.
    Intset(IntsetRef<'a>),
    /// Members in one packed list, never none. A hostile file may have a member twice.
    Packed(ListpackRef<'a>),
    /// A member. A hostile file may have it twice.
    Member(Element<'a>),
}

impl<I: Input> Set<'_, I> {
    /// The number of parts still to come, as the value says; not to be trusted.
    pub fn parts_left(&self) -> u64 {
        self.0.left()
    }

    /// The next members; `None` at the end.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A set without members is no error here, though servers never write one.
    pub fn next_part(&mut self) -> Result<Option<SetPart<'_>>, Error> {
        match self.0.value_type() {
            ValueType::SetIntset => self.intset(),
            ValueType::SetListpack => match self.0.next_blob(Form::Listpack)? {
                Some(blob) => Ok(Some(SetPart::Packed(self.0.take_list(blob)?.0))),
                None => Ok(None),
            },
            _ => self.member(),
        }
    }

    fn intset(&mut self) -> Result<Option<SetPart<'_>>, Error> {
        let Some(blob) = self.0.next_blob(Form::Intset)? else { return Ok(None) };
        let (bytes, offset) = self.0.take_bytes(blob)?;
        match IntsetRef::new(bytes) {
            Ok(set) => Ok(Some(SetPart::Intset(set))),
            Err(malformed) => Err(Error::new(offset, malformed)),
        }
    }

    fn member(&mut self) -> Result<Option<SetPart<'_>>, Error> {
        if !self.0.next() {
            return Ok(None);
        }
        let (offset, mut at) = (self.0.input.offset(), 0);
        let token = token::token(self.0.input, &mut at)?;
        let (bytes, scratch) = self.0.input.take(at);
        token.text(bytes, &mut scratch.first, offset).map(|member| Some(SetPart::Member(member)))
    }
}

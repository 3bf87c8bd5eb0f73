//! Reading a list.

use listpack::{Element, ListpackRef};

use super::packed::Form;
use super::parts::Parts;
use crate::error::{Error, Fault};
use crate::input::Input;
use crate::read::token;
use crate::value_type::ValueType;

/// What a node is, if it is an element as it is.
const PLAIN: u64 = 1;

/// What a node is, if it is a packed list.
const PACKED: u64 = 2;

/// A list, read from its head on.
#[derive(Debug)]
pub struct List<'r, I>(pub(crate) Parts<'r, I>);

/// The next of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPart<'a> {
    /// Elements in one packed list, never none.
    Packed(ListpackRef<'a>),
    /// An element.
    Element(Element<'a>),
}

impl<I: Input> List<'_, I> {
    pub(crate) fn value_type(&self) -> ValueType {
        self.0.value_type()
    }

    /// The number of parts still to come, as the value says; not to be trusted.
    pub fn parts_left(&self) -> u64 {
        self.0.left()
    }

    /// The next elements; `None` at the end.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A list without elements is no error here, though servers never write one.
    pub fn next_part(&mut self) -> Result<Option<ListPart<'_>>, Error> {
        match self.0.value_type() {
            ValueType::List => self.element(),
            ValueType::ListQuicklist2 => self.node(),
            _ => match self.0.next_blob(Form::Ziplist)? {
                Some(blob) => Ok(Some(ListPart::Packed(self.0.take_list(blob)?.0))),
                None => Ok(None),
            },
        }
    }

    fn element(&mut self) -> Result<Option<ListPart<'_>>, Error> {
        if !self.0.next() {
            return Ok(None);
        }
        self.plain(0).map(Some)
    }

    fn plain(&mut self, mut at: usize) -> Result<ListPart<'_>, Error> {
        let offset = self.0.input.offset();
        let token = token::token(self.0.input, &mut at)?;
        let (bytes, scratch) = self.0.input.take(at);
        token.text(bytes, &mut scratch.first, offset).map(ListPart::Element)
    }

    fn node(&mut self) -> Result<Option<ListPart<'_>>, Error> {
        while self.0.next() {
            let mut at = 0;
            match token::length(self.0.input, &mut at)? {
                PLAIN => return self.plain(at).map(Some),
                PACKED => {
                    if let Some(blob) = self.0.blob(at, Form::Listpack)? {
                        return Ok(Some(ListPart::Packed(self.0.take_list(blob)?.0)));
                    }
                }
                other => return Err(Error::new(self.0.input.offset(), Fault::Container(other))),
            }
        }
        Ok(None)
    }
}

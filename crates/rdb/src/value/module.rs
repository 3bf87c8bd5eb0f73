//! Reading what a module wrote, without knowing the module.
//!
//! ```text
//! length: the module's id │ items │ 0
//!
//! id    54 bits of name, 9 letters of 6 bits, the first in the upper bits │ 10 bits of the version of its encoding
//! item  1 length, 2 length │ 3 f32 │ 4 f64 │ 5 string
//! ```

use std::fmt;

use super::body::{self, Body, Stage};
use crate::error::Error;
use crate::input::Input;
use crate::read::token;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTER_COUNT: u32 = 9;
const LETTER_BITS: u32 = 6;
const VERSION_BITS: u32 = 10;

/// Which module wrote something, and in which version of its encoding.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleId(pub u64);

/// What a module wrote: a value, or something beside the data.
#[derive(Debug)]
pub struct Module<'r, I> {
    id: ModuleId,
    input: &'r mut I,
    body: &'r mut Body,
}

impl ModuleId {
    /// The name of the module's type, of nine letters.
    pub fn name(self) -> String {
        let letters = (0..LETTER_COUNT).rev().map(|index| {
            let letter = self.0 >> (VERSION_BITS + index * LETTER_BITS) & ((1 << LETTER_BITS) - 1);
            char::from(LETTERS.get(letter as usize).copied().unwrap_or(b'_'))
        });
        letters.collect()
    }

    /// The version of the encoding.
    pub fn version(self) -> u16 {
        (self.0 & ((1 << VERSION_BITS) - 1)) as u16
    }
}

impl<'r, I: Input> Module<'r, I> {
    pub(crate) fn begin(input: &'r mut I, body: &'r mut Body) -> Result<Self, Error> {
        let mut at = 0;
        let id = ModuleId(token::length(input, &mut at)?);
        input.take(at);
        body.stage = Stage::Items;
        Ok(Self { id, input, body })
    }

    /// Who wrote it.
    pub fn id(&self) -> ModuleId {
        self.id
    }

    /// The bytes of the next item, as they stand in the file; `None` at the end, whose zero byte isn't told.
    ///
    /// # Errors
    ///
    /// See [`Error`]. An item has a limit like any text.
    pub fn next_part(&mut self) -> Result<Option<&[u8]>, Error> {
        if self.body.stage == Stage::Done {
            return Ok(None);
        }
        let Some(len) = body::item_len(self.input)? else {
            // The end may be written as any length that is 0.
            let mut at = 0;
            token::length(self.input, &mut at)?;
            self.input.take(at);
            self.body.stage = Stage::Done;
            return Ok(None);
        };
        Ok(Some(self.input.take(len).0))
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.name(), self.version())
    }
}

impl fmt::Debug for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModuleId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        let id = ModuleId(0xBDE7_2DA2_BB1E_B400);
        assert_eq!(id.name(), "vectorset");
        assert_eq!(id.version(), 0);
        assert_eq!(ModuleId(0).name(), "AAAAAAAAA");
        assert_eq!(ModuleId(u64::MAX).to_string(), "_________ version 1023");
    }
}

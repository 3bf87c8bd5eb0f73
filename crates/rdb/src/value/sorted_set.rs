//! Reading a sorted set.

use listpack::{Element, ListpackRef};

use super::packed::{self, Form};
use super::parts::Parts;
use crate::error::{Error, Fault};
use crate::input::Input;
use crate::read::token;
use crate::value_type::ValueType;

/// The lengths of numbers that stand for what isn't written in digits.
const NAN: u8 = 253;
const INFINITY: u8 = 254;
const NEGATIVE_INFINITY: u8 = 255;

/// A sorted set.
#[derive(Debug)]
pub struct SortedSet<'r, I>(pub(crate) Parts<'r, I>);

/// The next of a sorted set. What is packed is the whole set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SortedSetPart<'a> {
    /// Members and scores in turn, never none. Scores are numbers as text or integers; they ascend, and so do members of equal scores. A
    /// hostile file may have a member twice, with different scores.
    Packed(ListpackRef<'a>),
    /// A member. Servers write the highest first; a hostile file may have another order, and a member twice.
    Member {
        /// The member.
        member: Element<'a>,
        /// Its score; never NaN.
        score: f64,
    },
}

impl<I: Input> SortedSet<'_, I> {
    /// Where the next part begins.
    pub(crate) fn offset(&self) -> u64 {
        self.0.input.offset()
    }

    /// The number of parts still to come, as the value says; not to be trusted.
    pub fn parts_left(&self) -> u64 {
        self.0.left()
    }

    /// The next members; `None` at the end.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A sorted set without members is no error here, though servers never write one.
    pub fn next_part(&mut self) -> Result<Option<SortedSetPart<'_>>, Error> {
        match self.0.value_type() {
            ValueType::SortedSetListpack => self.packed(Form::Listpack),
            ValueType::SortedSetZiplist => self.packed(Form::Ziplist),
            _ => self.member(),
        }
    }

    fn packed(&mut self, form: Form) -> Result<Option<SortedSetPart<'_>>, Error> {
        let Some(blob) = self.0.next_blob(form)? else { return Ok(None) };
        let (list, offset) = self.0.take_list(blob)?;
        match packed::sorted(list) {
            Ok(list) => Ok(Some(SortedSetPart::Packed(list))),
            Err(kind) => Err(Error::new(offset, kind)),
        }
    }

    fn member(&mut self) -> Result<Option<SortedSetPart<'_>>, Error> {
        if !self.0.next() {
            return Ok(None);
        }
        let (offset, mut at) = (self.0.input.offset(), 0);
        let token = token::token(self.0.input, &mut at)?;
        let score = match self.0.value_type() {
            ValueType::SortedSetText => text_score(self.0.input, &mut at)?,
            _ => Some(f64::from_le_bytes(token::chunk(self.0.input, &mut at)?)),
        };
        let score = score.filter(|score| !score.is_nan());
        let score = score.ok_or_else(|| Error::new(offset, Fault::Score))?;
        let (bytes, scratch) = self.0.input.take(at);
        let member = token.text(bytes, &mut scratch.first, offset)?;
        Ok(Some(SortedSetPart::Member { member, score }))
    }
}

/// Looks at a number as text.
fn text_score<I: Input>(input: &mut I, at: &mut usize) -> Result<Option<f64>, Error> {
    Ok(match token::chunk(input, at)? {
        [NAN] => None,
        [INFINITY] => Some(f64::INFINITY),
        [NEGATIVE_INFINITY] => Some(f64::NEG_INFINITY),
        [len] => {
            let len = usize::from(len);
            let text = input.ahead(*at, len)?;
            let score = text.get(..len).and_then(packed::number);
            *at += len;
            score
        }
    })
}

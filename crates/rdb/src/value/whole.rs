//! A value of any type.

use listpack::Element;

use super::body::{Body, Stage};
use super::parts::Parts;
use super::{Hash, List, Module, Set, SortedSet, Stream};
use crate::error::{Error, ErrorKind};
use crate::input::Input;
use crate::read::token;
use crate::value_type::ValueType;

/// A value: a string as it is, or what reads the parts of another type.
#[derive(Debug)]
pub enum Value<'r, I> {
    /// A string.
    String(Element<'r>),
    /// A list.
    List(List<'r, I>),
    /// A set.
    Set(Set<'r, I>),
    /// A hash.
    Hash(Hash<'r, I>),
    /// A sorted set.
    SortedSet(SortedSet<'r, I>),
    /// A stream.
    Stream(Stream<'r, I>),
    /// What a module wrote.
    Module(Module<'r, I>),
}

impl<'r, I: Input> Value<'r, I> {
    pub(crate) fn begin(input: &'r mut I, body: &'r mut Body) -> Result<Self, Error> {
        use ValueType::*;
        if body.stage != Stage::Start {
            return Err(Error::new(input.offset(), ErrorKind::ReadBefore));
        }
        Ok(match body.value_type {
            String => {
                let text = string(input)?;
                body.stage = Stage::Done;
                Self::String(text)
            }
            List | ListZiplist | ListQuicklist | ListQuicklist2 => {
                Self::List(super::List(Parts::begin(input, body)?))
            }
            Set | SetIntset | SetListpack => Self::Set(super::Set(Parts::begin(input, body)?)),
            SortedSetText | SortedSet | SortedSetZiplist | SortedSetListpack => {
                Self::SortedSet(super::SortedSet(Parts::begin(input, body)?))
            }
            Hash | HashZipmap | HashZiplist | HashListpack | HashMetadataEarly | HashListpackEarly
            | HashMetadata | HashListpackExpiring | HashExpiring => {
                Self::Hash(super::Hash(Parts::begin(input, body)?))
            }
            Stream1 | Stream2 | Stream3 => Self::Stream(Stream::begin(input, body)?),
            Module => Self::Module(super::Module::begin(input, body)?),
        })
    }
}

/// Takes a string.
pub(crate) fn string<I: Input>(input: &mut I) -> Result<Element<'_>, Error> {
    let (offset, mut at) = (input.offset(), 0);
    let token = token::token(input, &mut at)?;
    let (bytes, scratch) = input.take(at);
    token.text(bytes, &mut scratch.first, offset)
}

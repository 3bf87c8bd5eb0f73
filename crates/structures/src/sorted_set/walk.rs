//! Going through members of a set in either form.

use std::iter::FusedIterator;

use listpack::Element;

use super::iter::Iter;
use super::members::NODE;
use super::packed::Pairs;

/// Members of a range of ranks with their scores, from both ends.
#[derive(Clone)]
pub struct Members<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Packed(Pairs<'a>),
    Large(Iter<'a, NODE>),
}

impl<'a> Members<'a> {
    pub(super) fn packed(pairs: Pairs<'a>) -> Self {
        Self(Form::Packed(pairs))
    }

    pub(super) fn large(iter: Iter<'a, NODE>) -> Self {
        Self(Form::Large(iter))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Element<'a>, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Packed(pairs) => pairs.next(),
            Form::Large(iter) => iter.next().map(|(member, score)| (Element::Bytes(member), score)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.0 {
            Form::Packed(pairs) => pairs.len(),
            Form::Large(iter) => iter.len(),
        };
        (len, Some(len))
    }
}

impl DoubleEndedIterator for Members<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Packed(pairs) => pairs.next_back(),
            Form::Large(iter) => iter.next_back().map(|(member, score)| (Element::Bytes(member), score)),
        }
    }
}

impl ExactSizeIterator for Members<'_> {}

impl FusedIterator for Members<'_> {}

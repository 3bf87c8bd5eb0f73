//! Going through members of a set in either form.

use std::iter::FusedIterator;
use std::ops::ControlFlow;

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

    /// Goes through the members as long as `each` wants, and shows it those about whose scores `choose` says something. Faster than to look at
    /// every member: the memory of the others is left alone.
    pub fn choose<T>(
        self,
        mut choose: impl FnMut(f64) -> Option<T>,
        mut each: impl FnMut(Element<'a>, f64, T) -> ControlFlow<()>,
    ) {
        match self.0 {
            Form::Packed(mut pairs) => {
                while let Some((member, score)) = pairs.next() {
                    if choose(score).is_some_and(|chosen| each(member, score, chosen).is_break()) {
                        break;
                    }
                }
            }
            Form::Large(iter) => {
                iter.choose(choose, |member, score, chosen| each(Element::Bytes(member), score, chosen));
            }
        }
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

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut each: F) -> B {
        match self.0 {
            Form::Packed(mut pairs) => {
                let mut folded = init;
                while let Some(pair) = pairs.next() {
                    folded = each(folded, pair);
                }
                folded
            }
            Form::Large(iter) => {
                iter.fold(init, |folded, (member, score)| each(folded, (Element::Bytes(member), score)))
            }
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

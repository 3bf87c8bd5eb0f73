//! Whether an element is there twice.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use listpack::Element;

/// So many fingerprints are kept without an allocation, and compared in pairs.
const FEW: usize = 24;

/// The seed of fingerprints. It is no secret: whoever has two elements share one has them compared in full, which takes longer.
const SEED: FixedState = FixedState::with_seed(0x6b76_6421);

/// Elements of which it is asked whether all are different.
///
/// Each is noted as a number that follows from its text. Equal numbers are rare, and only then the texts are compared.
pub(crate) struct Fingerprints {
    few: [u64; FEW],
    count: usize,
    many: Vec<u64>,
}

impl Fingerprints {
    pub(crate) fn new() -> Self {
        Self { few: [0; FEW], count: 0, many: Vec::new() }
    }

    pub(crate) fn add(&mut self, element: Element<'_>) {
        let fingerprint = fingerprint(element);
        match self.few.get_mut(self.count) {
            Some(place) => *place = fingerprint,
            None => {
                if self.many.is_empty() {
                    self.many.extend_from_slice(&self.few);
                }
                self.many.push(fingerprint);
            }
        }
        self.count += 1;
    }

    /// Whether two elements may be the same. O(n log n).
    pub(crate) fn may_repeat(&mut self) -> bool {
        if !self.many.is_empty() {
            self.many.sort_unstable();
            return self.many.array_windows().any(|[one, other]| one == other);
        }
        let mut rest = self.few.get(..self.count).unwrap_or_default();
        while let Some((first, others)) = rest.split_first() {
            // Every one is looked at, whatever it is: that takes fewer steps than to leave at the first.
            if others.iter().fold(false, |any, other| any | (other == first)) {
                return true;
            }
            rest = others;
        }
        false
    }
}

/// The same for equal elements: `7` may be written as an integer or as a text.
fn fingerprint(element: Element<'_>) -> u64 {
    let may_be_integer = |text: &[u8]| text.len() <= 20 && matches!(text.first(), Some(b'0'..=b'9' | b'-'));
    match element {
        Element::Int(number) => SEED.hash_one(number),
        Element::Bytes(text) => match may_be_integer(text).then(|| element.int()).flatten() {
            Some(number) => SEED.hash_one(number),
            None => SEED.hash_one(text),
        },
    }
}

/// Whether all of these are different.
pub(crate) fn are_distinct<'e>(elements: impl Iterator<Item = Element<'e>> + Clone) -> bool {
    let mut fingerprints = Fingerprints::new();
    elements.clone().for_each(|element| fingerprints.add(element));
    if !fingerprints.may_repeat() {
        return true;
    }
    let mut seen = HashSet::new();
    elements.into_iter().all(|element| seen.insert(element.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_integer_is_the_text_of_it() {
        for (one, other) in [("7", 7), ("-12", -12), ("9223372036854775807", i64::MAX)] {
            let pair = [Element::Bytes(one.as_bytes()), Element::Int(other)];
            assert!(!are_distinct(pair.into_iter()), "{one}");
        }
        let texts: [&[u8]; 6] = [b"7", b"07", b"+7", b"-", b"", b"7a"];
        assert!(are_distinct(texts.into_iter().map(Element::Bytes)));
    }

    #[test]
    fn one_of_many_that_is_there_twice_is_found() {
        for count in [1, 2, FEW - 1, FEW, FEW + 1, 1000] {
            let texts: Vec<String> = (0..count).map(|number| format!("element {number}")).collect();
            let elements = || texts.iter().map(|text| Element::Bytes(text.as_bytes()));
            assert!(are_distinct(elements()), "{count}");
            for twice in [0, count / 2, count - 1] {
                let repeated = Element::Bytes(texts[twice].as_bytes());
                assert!(!are_distinct(elements().chain([repeated])), "{twice} of {count}");
                assert!(!are_distinct([repeated].into_iter().chain(elements())), "{twice} of {count}");
            }
        }
    }

    proptest! {
        #[test]
        fn as_a_set_says(texts in proptest::collection::vec("[0-9a]{0,2}", 0..60)) {
            let set: HashSet<&String> = texts.iter().collect();
            let elements = texts.iter().map(|text| Element::Bytes(text.as_bytes()));
            prop_assert_eq!(are_distinct(elements), set.len() == texts.len());
        }
    }
}

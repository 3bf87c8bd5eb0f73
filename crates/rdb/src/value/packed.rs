//! Packed values in files: checked, and those of old forms made into new ones.

use listpack::{Builder, Element, IntsetRef, Listpack, ListpackRef, ZiplistRef, ZipmapRef};

use crate::error::{ErrorKind, Fault, Limit};

/// The form of a packed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Listpack,
    Intset,
    Ziplist,
    Zipmap,
}

impl Form {
    /// Bytes of one that holds nothing.
    pub(crate) fn empty_len(self) -> usize {
        match self {
            Self::Listpack => 7,
            Self::Intset => 8,
            Self::Ziplist => 11,
            Self::Zipmap => 2,
        }
    }

    /// Checks the bytes of one.
    pub(crate) fn check(self, bytes: &[u8]) -> Result<(), ErrorKind> {
        match self {
            Self::Listpack => ListpackRef::new(bytes).map(|_| ())?,
            Self::Intset => IntsetRef::new(bytes).map(|_| ())?,
            Self::Ziplist => ZiplistRef::new(bytes).map(|_| ())?,
            Self::Zipmap => ZipmapRef::new(bytes).map(|_| ())?,
        }
        Ok(())
    }

    /// The packed list of that form's elements: the bytes themselves, or one that is made in `scratch`.
    pub(crate) fn list<'a>(
        self,
        bytes: &'a [u8],
        scratch: &'a mut Listpack,
    ) -> Result<ListpackRef<'a>, ErrorKind> {
        match self {
            Self::Listpack => return Ok(ListpackRef::new(bytes)?),
            Self::Intset => renew(scratch, IntsetRef::new(bytes)?.iter().map(Element::Int))?,
            Self::Ziplist => renew(scratch, ZiplistRef::new(bytes)?.iter())?,
            Self::Zipmap => {
                let pairs = ZipmapRef::new(bytes)?.iter();
                renew(scratch, pairs.flat_map(|(field, value)| [field, value].map(Element::Bytes)))?;
            }
        }
        Ok(scratch.view())
    }
}

/// Fills a list with other elements.
fn renew<'e>(
    list: &mut Listpack,
    elements: impl Iterator<Item = Element<'e>> + Clone,
) -> Result<(), ErrorKind> {
    // Not both at once.
    *list = Listpack::new();
    *list = Builder::of(elements).map_err(|_| Limit::Packed)?.finish();
    Ok(())
}

/// Makes sure that elements come in groups of `step`.
pub(crate) fn grouped(list: ListpackRef<'_>, step: u8) -> Result<ListpackRef<'_>, ErrorKind> {
    if list.len().is_multiple_of(usize::from(step)) { Ok(list) } else { Err(Fault::Elements(step).into()) }
}

/// Makes sure of triples of field, value and expiry.
pub(crate) fn expiring(list: ListpackRef<'_>) -> Result<ListpackRef<'_>, ErrorKind> {
    let is_time = |element: Element<'_>| element.int().is_some_and(|at_ms| at_ms >= 0);
    match grouped(list, 3)?.iter().skip(2).step_by(3).all(is_time) {
        true => Ok(list),
        false => Err(Fault::Expiry.into()),
    }
}

/// Makes sure of members and scores that ascend, members of equal scores by their bytes.
pub(crate) fn sorted(list: ListpackRef<'_>) -> Result<ListpackRef<'_>, ErrorKind> {
    let mut elements = grouped(list, 2)?.iter();
    let mut last: Option<(Element<'_>, f64)> = None;
    while let (Some(member), Some(score)) = (elements.next(), elements.next()) {
        let score = packed_score(score)?;
        if let Some((last_member, last_score)) = last {
            let ascends = last_score < score || last_score == score && is_less(last_member, member);
            if !ascends {
                return Err(Fault::Unsorted.into());
            }
        }
        last = Some((member, score));
    }
    Ok(list)
}

fn is_less(one: Element<'_>, other: Element<'_>) -> bool {
    one.cmp_text(other.text(&mut listpack::TextBuffer::new())).is_lt()
}

/// The score that an element is the text of.
pub(crate) fn packed_score(element: Element<'_>) -> Result<f64, ErrorKind> {
    match element {
        Element::Int(score) => Ok(score as f64),
        Element::Bytes(text) => number(text).ok_or_else(|| Fault::Score.into()),
    }
}

/// A number as servers write it: in decimal form, or as one of the infinities.
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (!number.is_nan()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(elements: &[&str]) -> Listpack {
        let mut list = Listpack::new();
        list.append(elements.iter().map(|element| Element::Bytes(element.as_bytes()))).unwrap();
        list
    }

    fn is_sorted(elements: &[&str]) -> bool {
        sorted(list(elements).view()).is_ok()
    }

    #[test]
    fn sorted_sets_ascend_by_score_and_then_by_member() {
        assert!(is_sorted(&[]));
        assert!(is_sorted(&["a", "-inf", "b", "-1.5", "c", "0", "d", "1e+20", "e", "inf"]));
        assert!(is_sorted(&["10", "1", "9", "1"]));
        assert!(!is_sorted(&["9", "1", "10", "1"]));
        assert!(!is_sorted(&["a", "1", "a", "1"]));
        assert!(!is_sorted(&["a", "1.5", "b", "1"]));
        assert!(!is_sorted(&["a", "nan"]));
        assert!(!is_sorted(&["a", "x"]));
        assert!(!is_sorted(&["a"]));
    }

    #[test]
    fn triples_have_a_time() {
        assert!(expiring(list(&["f", "v", "0", "g", "w", "17"]).view()).is_ok());
        assert!(expiring(list(&["f", "v", "-1"]).view()).is_err());
        assert!(expiring(list(&["f", "v", "soon"]).view()).is_err());
        assert!(expiring(list(&["f", "v"]).view()).is_err());
    }
}

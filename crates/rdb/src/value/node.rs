//! What is packed in a stream's node: the entries.
//!
//! ```text
//! │ live │ deleted │ n │ name 1 … name n │ 0 │                                              once: the names that most entries have
//! │ flags │ ms │ seq │ [ m │ name 1 │ value 1 … ] or [ value 1 … value n ] │ back │         for each entry
//!
//! flags   1 the entry is deleted │ 2 its names are those at the head
//! ms, seq are told from the node's id, wrapping
//! back    how many elements before it the entry has
//! ```

use listpack::{Element, Iter, ListpackRef};

use super::StreamId;
use crate::error::Fault;

const DELETED: i64 = 1;
const SAME_NAMES: i64 = 2;

/// The entries of a stream's node, checked one by one.
#[derive(Clone, Debug)]
pub struct NodeEntries<'a> {
    node: StreamId,
    names: Iter<'a>,
    name_count: u64,
    rest: Iter<'a>,
    /// As told at the head, less those that came.
    live_left: u64,
    deleted_left: u64,
    last: Option<StreamId>,
}

/// An entry of a stream.
#[derive(Clone, Debug)]
pub struct StreamEntry<'a> {
    /// Its id.
    pub id: StreamId,
    pairs: Pairs<'a>,
}

/// Names and values of an entry, in the order in which they were given.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    /// Where the names are if not between the values.
    names: Option<Iter<'a>>,
    values: Iter<'a>,
    left: u64,
}

impl<'a> NodeEntries<'a> {
    /// The entries of the node with this id.
    ///
    /// # Errors
    ///
    /// [`Fault::Entry`] if its head can't be read.
    pub fn new(id: StreamId, packed: ListpackRef<'a>) -> Result<Self, Fault> {
        let mut rest = packed.iter();
        let [live_left, deleted_left, name_count] = [count(&mut rest)?, count(&mut rest)?, count(&mut rest)?];
        let names = rest.clone();
        pass(&mut rest, name_count)?;
        if int(&mut rest)? != 0 {
            return Err(Fault::Entry);
        }
        Ok(Self { node: id, names, name_count, rest, live_left, deleted_left, last: None })
    }

    /// The next entry that isn't deleted; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Fault::Entry`] if an entry can't be read, ids don't ascend, or there are others than the head tells.
    pub fn next_entry(&mut self) -> Result<Option<StreamEntry<'a>>, Fault> {
        while self.rest.position().is_some() {
            let (flags, entry) = self.entry()?;
            let left = if flags & DELETED == 0 { &mut self.live_left } else { &mut self.deleted_left };
            *left = left.checked_sub(1).ok_or(Fault::Entry)?;
            if flags & DELETED != 0 {
                continue;
            }
            // Ids behind the last entry that isn't deleted may have been given again, so those of deleted ones aren't compared.
            if self.last.is_some_and(|last| entry.id <= last) || entry.id < self.node {
                return Err(Fault::Entry);
            }
            self.last = Some(entry.id);
            return Ok(Some(entry));
        }
        if self.live_left == 0 && self.deleted_left == 0 { Ok(None) } else { Err(Fault::Entry) }
    }

    fn entry(&mut self) -> Result<(i64, StreamEntry<'a>), Fault> {
        let flags = int(&mut self.rest)?;
        if flags & !(DELETED | SAME_NAMES) != 0 {
            return Err(Fault::Entry);
        }
        let ms = self.node.ms.wrapping_add_signed(int(&mut self.rest)?);
        let seq = self.node.seq.wrapping_add_signed(int(&mut self.rest)?);
        let (pairs, elements) = if flags & SAME_NAMES != 0 {
            let values = self.rest.clone();
            pass(&mut self.rest, self.name_count)?;
            let names = Some(self.names.clone());
            (Pairs { names, values, left: self.name_count }, self.name_count.checked_add(3))
        } else {
            let left = count(&mut self.rest)?;
            let values = self.rest.clone();
            pass(&mut self.rest, left.checked_mul(2).ok_or(Fault::Entry)?)?;
            (Pairs { names: None, values, left }, left.checked_mul(2).and_then(|both| both.checked_add(4)))
        };
        if elements != Some(count(&mut self.rest)?) {
            return Err(Fault::Entry);
        }
        Ok((flags, StreamEntry { id: StreamId { ms, seq }, pairs }))
    }
}

impl<'a> StreamEntry<'a> {
    /// Names and values.
    pub fn pairs(&self) -> Pairs<'a> {
        self.pairs.clone()
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Element<'a>, Element<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = match &mut self.names {
            Some(names) => names.next(),
            None => self.values.next(),
        };
        Some((name?, self.values.next()?))
    }
}

fn int(elements: &mut Iter<'_>) -> Result<i64, Fault> {
    elements.next().and_then(Element::int).ok_or(Fault::Entry)
}

fn count(elements: &mut Iter<'_>) -> Result<u64, Fault> {
    u64::try_from(int(elements)?).map_err(|_| Fault::Entry)
}

/// Passes over so many elements, which must be there.
fn pass(elements: &mut Iter<'_>, mut count: u64) -> Result<(), Fault> {
    while count > 0 {
        elements.next().ok_or(Fault::Entry)?;
        count -= 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use listpack::Listpack;

    use super::*;

    const NODE: StreamId = StreamId { ms: 5, seq: 1 };

    fn packed(elements: &[&str]) -> Listpack {
        let mut list = Listpack::new();
        list.append(elements.iter().map(|element| Element::Bytes(element.as_bytes()))).unwrap();
        list
    }

    fn read(elements: &[&str]) -> Result<Vec<String>, Fault> {
        let list = packed(elements);
        let mut entries = NodeEntries::new(NODE, list.view())?;
        let mut told = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            let text = |element: Element<'_>| String::from_utf8(element.to_vec()).unwrap();
            let pairs = entry.pairs().map(|(name, value)| format!(" {}={}", text(name), text(value)));
            told.push(format!("{}-{}{}", entry.id.ms, entry.id.seq, pairs.collect::<String>()));
        }
        Ok(told)
    }

    #[test]
    fn entries_have_names_of_their_own_or_those_of_the_head() {
        let node = ["2", "1", "1", "a", "0", "2", "0", "0", "x", "4", "1", "1", "0", "0", "4"];
        let last = ["0", "2", "-1", "1", "b", "y", "6"];
        assert_eq!(read(&[&node[..], &last].concat()), Ok(vec!["5-1 a=x".to_owned(), "7-0 b=y".to_owned()]));
    }

    #[test]
    fn a_node_that_contradicts_itself_is_a_fault() {
        let good = ["1", "0", "1", "a", "0", "2", "0", "0", "x", "4"];
        assert!(read(&good).is_ok());
        for (place, wrong) in
            [(0, "2"), (0, "-1"), (1, "1"), (2, "9"), (4, "1"), (5, "4"), (6, "m"), (7, "-1"), (9, "5")]
        {
            let mut bad = good;
            bad[place] = wrong;
            assert_eq!(read(&bad), Err(Fault::Entry), "{bad:?}");
        }
        assert_eq!(read(&good[..9]), Err(Fault::Entry));
        assert_eq!(read(&["2", "0", "0", "0", "2", "0", "1", "3", "2", "0", "0", "3"]), Err(Fault::Entry));
        assert_eq!(read(&["1", "0", "0", "0", "0", "0", "0", "9223372036854775807"]), Err(Fault::Entry));
    }
}

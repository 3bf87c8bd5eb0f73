//! Adding and removing members, and the change from one form to the next.

use listpack::{Element, Intset, Listpack, Storage, TextBuffer};

use super::limits::Limits;
use super::members::HashedSet;
use super::value::Set;

impl<S: Storage + Default> Set<S> {
    /// Chooses the form for `count` members that are going to be added, `first` before the others; they may turn out to be fewer.
    ///
    /// An empty set becomes a set of integers if `first` is one and so many integers may be in one, or else a packed one if so many members may
    /// be in that. Others become large if there alone were too many in what is added.
    pub fn prepare(&mut self, first: &[u8], count: usize, limits: &Limits) {
        let are_integers = Element::Bytes(first).int().is_some() && count <= limits.integers_max;
        match self {
            Self::Integers(integers) if integers.view().is_empty() && !are_integers => {
                *self = Self::empty(count, limits);
            }
            Self::Integers(_) if count > limits.integers_max => self.enlarge(limits),
            Self::Packed(_) if count > limits.entries_max => self.enlarge(limits),
            _ => {}
        }
    }

    /// A set for so many members, not all of which are integers.
    fn empty(count: usize, limits: &Limits) -> Self {
        if count > limits.entries_max {
            Self::Large(Box::new(HashedSet::new(limits.hash_key)))
        } else {
            Self::packed()
        }
    }

    /// A set without members that is packed even while only integers are added.
    pub fn packed() -> Self {
        Self::Packed(Listpack::empty_in(S::default()))
    }

    /// Adds a member; `false` if it was there.
    pub fn insert(&mut self, member: &[u8], limits: &Limits) -> bool {
        if let Self::Large(large) = self {
            return large.insert(member);
        }
        self.insert_into_small(Element::Bytes(member), limits)
    }

    /// The same for a member of another set.
    pub fn insert_element(&mut self, member: Element<'_>, limits: &Limits) -> bool {
        match self {
            Self::Large(large) => large.insert(member.text(&mut TextBuffer::new())),
            _ => self.insert_into_small(member, limits),
        }
    }

    fn insert_into_small(&mut self, member: Element<'_>, limits: &Limits) -> bool {
        match self {
            Self::Integers(_) => self.insert_into_integers(member, limits),
            Self::Packed(packed) => {
                let is_new = packed.view().find(member.text(&mut TextBuffer::new()), 0).is_none();
                if is_new {
                    self.push(member, limits);
                }
                is_new
            }
            Self::Large(large) => large.insert(member.text(&mut TextBuffer::new())),
        }
    }

    fn insert_into_integers(&mut self, member: Element<'_>, limits: &Limits) -> bool {
        let Self::Integers(integers) = self else { return false };
        let Some(number) = member.int() else {
            self.admit_texts(limits);
            self.push(member, limits);
            return true;
        };
        match integers.insert(number) {
            Ok(is_new) => {
                if is_new && integers.view().len() > limits.integers_max {
                    self.enlarge(limits);
                }
                is_new
            }
            Err(_) => {
                self.enlarge(limits);
                self.insert_element(member, limits)
            }
        }
    }

    /// Adds a member that is not there to a packed or large set.
    fn push(&mut self, member: Element<'_>, limits: &Limits) {
        if let Self::Packed(packed) = self {
            let fits = packed.view().len() < limits.entries_max && member.text_len() <= limits.bytes_max;
            if fits && packed.push_back(member).is_ok() {
                return;
            }
            self.enlarge(limits);
        }
        if let Self::Large(large) = self {
            large.insert_new(member.text(&mut TextBuffer::new()));
        }
    }

    /// Makes a set of integers one that also takes texts: a packed one if one member more may be in it.
    fn admit_texts(&mut self, limits: &Limits) {
        let Self::Integers(integers) = &*self else { return };
        let view = integers.view();
        let ends = [view.first(), view.last()].into_iter().flatten();
        let is_short = ends.map(Element::Int).all(|end| end.text_len() <= limits.bytes_max);
        if is_short && view.len() < limits.entries_max {
            let mut packed = Listpack::empty_in(S::default());
            let elements: Vec<Element<'_>> = view.iter().map(Element::Int).collect();
            if packed.append(elements.iter().copied()).is_ok() {
                *self = Self::Packed(packed);
                return;
            }
        }
        self.enlarge(limits);
    }

    /// Makes a small set a large one.
    fn enlarge(&mut self, limits: &Limits) {
        let mut large = HashedSet::new(limits.hash_key);
        self.iter().for_each(|member| large.insert_new(member.text(&mut TextBuffer::new())));
        *self = Self::Large(Box::new(large));
    }

    /// Makes it a set of integers if it isn't, all members are integers, and there are few enough.
    pub fn unpack_integers(&mut self, limits: &Limits) {
        if matches!(self, Self::Integers(_)) || self.len() > limits.integers_max {
            return;
        }
        let mut integers = Intset::empty_in(S::default());
        for member in self.iter() {
            let Some(number) = member.int() else { return };
            if integers.insert(number).is_err() {
                return;
            }
        }
        *self = Self::Integers(integers);
    }

    /// Takes a member out; `false` if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match self {
            Self::Integers(integers) => {
                Element::Bytes(member).int().is_some_and(|number| integers.remove(number))
            }
            Self::Packed(packed) => {
                let Some(position) = packed.view().find(member, 0) else { return false };
                packed.delete(position);
                true
            }
            Self::Large(large) => large.remove(member),
        }
    }
    /// The same for a member of another set.
    pub fn remove_element(&mut self, member: Element<'_>) -> bool {
        match (self, member) {
            (Self::Integers(integers), Element::Int(number)) => integers.remove(number),
            (set, member) => set.remove(member.text(&mut TextBuffer::new())),
        }
    }
}

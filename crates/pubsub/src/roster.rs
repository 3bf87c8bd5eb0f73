//! Those who listen to one channel or pattern.

use hashbrown::HashTable;
use smallvec::SmallVec;

use crate::Subscriber;

/// Above so many members the place of each is kept in a table; below, looking at all of them is faster and takes no memory.
const INDEXED_ABOVE: usize = 16;

/// Below so many members the table is given up. Far enough from the other bound that nobody can make it come and go.
const INDEXED_FROM: usize = 8;

/// Subscribers in a row, to be visited one after the other; joining and leaving take the same time however many there are.
///
/// Who leaves has its place taken by the last.
pub(crate) struct Roster<S> {
    members: SmallVec<[S; 1]>,
    /// The place of each member, if there are many.
    places: Option<Box<HashTable<Place>>>,
}

struct Place {
    id: u64,
    index: usize,
}

impl<S> Default for Roster<S> {
    fn default() -> Self {
        Self { members: SmallVec::new(), places: None }
    }
}

impl<S: Subscriber> Roster<S> {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, S> {
        self.members.iter()
    }

    /// Adds one that is not there.
    pub(crate) fn add(&mut self, member: S) {
        let (id, index) = (member.id(), self.members.len());
        self.members.push(member);
        match &mut self.places {
            Some(places) => insert(places, Place { id, index }),
            None if self.members.len() > INDEXED_ABOVE => self.build_places(),
            None => {}
        }
    }

    /// Removes one. Returns whether it was there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let Some(index) = self.find(id) else { return false };
        self.members.swap_remove(index);
        if self.members.len() < INDEXED_FROM {
            self.places = None;
        }
        if let Some(places) = &mut self.places {
            if let Ok(place) = places.find_entry(mix(id), |place| place.id == id) {
                place.remove();
            }
            let moved = self.members.get(index).map(Subscriber::id);
            if let Some(place) =
                moved.and_then(|moved| places.find_mut(mix(moved), |place| place.id == moved))
            {
                place.index = index;
            }
        }
        if self.members.len() * 4 < self.members.capacity() {
            self.members.shrink_to_fit();
        }
        true
    }

    fn find(&self, id: u64) -> Option<usize> {
        match &self.places {
            Some(places) => places.find(mix(id), |place| place.id == id).map(|place| place.index),
            None => self.members.iter().position(|member| member.id() == id),
        }
    }

    fn build_places(&mut self) {
        let mut places = Box::new(HashTable::with_capacity(2 * INDEXED_ABOVE));
        for (index, member) in self.members.iter().enumerate() {
            insert(&mut places, Place { id: member.id(), index });
        }
        self.places = Some(places);
    }

    pub(crate) fn check_invariants(&self) {
        let Some(places) = &self.places else {
            assert!(self.members.len() <= INDEXED_ABOVE);
            return;
        };
        assert!(self.members.len() >= INDEXED_FROM && places.len() == self.members.len());
        for place in places.iter() {
            assert!(self.members.get(place.index).is_some_and(|member| member.id() == place.id));
        }
    }
}

fn insert(places: &mut HashTable<Place>, place: Place) {
    places.insert_unique(mix(place.id), place, |place| mix(place.id));
}

/// Ids are mostly given in a row, by nobody who means harm: spreading them is enough.
fn mix(id: u64) -> u64 {
    let spread = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    spread ^ (spread >> 32)
}

//! Changing a hash.

use listpack::{Element, Listpack, Storage, TooLarge};

use super::field::{Lifetime, Limits};
use super::map::FieldMap;
use super::packed;
use super::value::Hash;

impl<S: Storage + Default> Hash<S> {
    /// Gives a field its value; `true` if it is new. One that is due counts as one that is there.
    pub fn set(&mut self, field: &[u8], value: &[u8], lifetime: Lifetime, limits: &Limits) -> bool {
        if field.len() > limits.bytes_max || value.len() > limits.bytes_max {
            return self.enlarge(limits).set(field, value, lifetime);
        }
        if let (Self::Packed(pairs), Lifetime::Until(_)) = (&*self, lifetime) {
            match packed::dated(pairs.view()) {
                Ok(triples) => *self = Self::Dated(triples),
                Err(TooLarge) => return self.enlarge(limits).set(field, value, lifetime),
            }
        }
        let is_new = match self {
            Self::Packed(pairs) => set_pair(pairs, field, value),
            Self::Dated(triples) => set_triple(triples, field, value, lifetime),
            Self::Large(map) => return map.set(field, value, lifetime),
        };
        match is_new {
            Ok(is_new) => {
                if self.len() > limits.fields_max {
                    self.enlarge(limits);
                }
                is_new
            }
            Err(NoRoom { is_new, expiry_ms }) => {
                let lifetime = expiry_ms.map_or(Lifetime::Forever, Lifetime::Until);
                self.enlarge(limits).set(field, value, lifetime);
                is_new
            }
        }
    }

    /// Changes when a field expires (from 1 to 2^48 - 1); `false` if it is not there.
    pub fn set_expiry(&mut self, field: &[u8], expiry_ms: Option<i64>, limits: &Limits) -> bool {
        if let Self::Large(map) = self {
            return map.set_expiry(field, expiry_ms);
        }
        let Some(found) = self.find_any(field) else { return false };
        if found.expiry_ms != expiry_ms {
            let value = found.value.to_vec();
            self.set(field, &value, expiry_ms.map_or(Lifetime::Forever, Lifetime::Until), limits);
        }
        true
    }

    /// Takes a field out; `false` if it was not there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        let (list, found, elements) = match self {
            Self::Packed(pairs) => {
                let found = pairs.view().find(field, 1);
                (pairs, found, 2)
            }
            Self::Dated(triples) => {
                let found = packed::find(triples.view(), field);
                (triples, found, 3)
            }
            Self::Large(map) => return map.remove(field),
        };
        found.is_some_and(|position| list.delete_run(position, elements) > 0)
    }

    /// Becomes large if that is not so yet. O(n).
    fn enlarge(&mut self, limits: &Limits) -> &mut FieldMap {
        if !matches!(self, Self::Large(_)) {
            let mut map = Box::new(FieldMap::new(limits.hash_key));
            let (mut field_text, mut value_text) = (listpack::TextBuffer::new(), listpack::TextBuffer::new());
            self.visit_any(|field, found| {
                let lifetime = found.expiry_ms.map_or(Lifetime::Forever, Lifetime::Until);
                map.set(field.text(&mut field_text), found.value.text(&mut value_text), lifetime);
            });
            *self = Self::Large(map);
        }
        match self {
            Self::Large(map) => map,
            Self::Packed(_) | Self::Dated(_) => unreachable!("it was made large"),
        }
    }
}

/// The list can't grow so far. The field may be gone; what is to be stored is told.
struct NoRoom {
    is_new: bool,
    expiry_ms: Option<i64>,
}

fn set_pair<S: Storage>(pairs: &mut Listpack<S>, field: &[u8], value: &[u8]) -> Result<bool, NoRoom> {
    let list = pairs.view();
    match list.find(field, 1).and_then(|position| list.next(position)) {
        Some(position) => {
            let stored = pairs.replace(position, value);
            stored.map(|()| false).map_err(|TooLarge| NoRoom { is_new: false, expiry_ms: None })
        }
        None => {
            let stored = pairs.append([Element::Bytes(field), Element::Bytes(value)]);
            stored.map(|()| true).map_err(|TooLarge| NoRoom { is_new: true, expiry_ms: None })
        }
    }
}

fn set_triple<S: Storage>(
    triples: &mut Listpack<S>,
    field: &[u8],
    value: &[u8],
    lifetime: Lifetime,
) -> Result<bool, NoRoom> {
    let list = triples.view();
    let position = packed::find(list, field);
    let old_ms = position.and_then(|position| packed::found(list, position)?.expiry_ms);
    let expiry_ms = lifetime.expiry_ms(old_ms);
    let is_new = position.is_none();
    let stored = match position {
        Some(position) if old_ms == expiry_ms => match list.next(position) {
            Some(old) => triples.replace(old, value),
            None => Ok(()),
        },
        _ => {
            if let Some(position) = position {
                triples.delete_run(position, 3);
            }
            packed::insert(triples, field, Element::Bytes(value), expiry_ms)
        }
    };
    stored.map(|()| is_new).map_err(|TooLarge| NoRoom { is_new, expiry_ms })
}

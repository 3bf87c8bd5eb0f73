//! An encoder whose records are easily read again, and what it is tried with.

use std::collections::BTreeMap;

use kvd_keyspace::{
    Collection, DbIndex, Encoder, Entry, Expiry, Hash, Key, Keyspace, List, Locked, NewValue, Progress,
    Snapshot, Step, Table,
};
use structures::HashKey;
use structures::hash::{Lifetime, Limits};
use structures::list::{End, Limit};

pub(crate) const LIMIT: Limit = Limit::entries(8);
/// A value longer than this many bytes is not saved in one go.
pub(crate) const BIG_BYTES: usize = 64 * 1024;

/// A record: length and bytes of the key, expiry, then each element with its length, and at the end [`END`].
pub(crate) struct Framed;

const END: u32 = u32::MAX;

fn frame(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The elements of a value from one on.
fn elements(entry: &Entry, from: usize) -> Vec<Vec<u8>> {
    let Some(object) = entry.object() else {
        return [entry.value().to_vec()].into_iter().skip(from).collect();
    };
    if let Some(list) = List::of(&object) {
        return list.iter_from(from).map(|element| element.to_vec()).collect();
    }
    let mut fields = Vec::new();
    Hash::of(&object).unwrap().visit(i64::MIN, |name, found| {
        let expiry = found.expiry_ms.map_or(-1, |at| at).to_le_bytes();
        fields.push([&name.to_vec(), &b"="[..], &found.value.to_vec(), &expiry].concat());
    });
    fields.sort();
    fields.split_off(from.min(fields.len()))
}

impl Framed {
    /// The elements from `from` on, until `bytes_max` bytes were appended; where to go on, unless the record is complete.
    fn some(entry: &Entry, from: usize, bytes_max: usize, out: &mut Vec<u8>) -> Option<usize> {
        let begin = out.len();
        if from == 0 {
            frame(entry.key(), out);
            let expiry = entry.expiry().map_or(-1, |at| at.0);
            out.extend_from_slice(&expiry.to_le_bytes());
        }
        for (index, element) in elements(entry, from).into_iter().enumerate() {
            frame(&element, out);
            if out.len() - begin >= bytes_max {
                return Some(from + index + 1);
            }
        }
        out.extend_from_slice(&END.to_le_bytes());
        None
    }
}

impl Encoder for Framed {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        assert_eq!(Self::some(entry, 0, usize::MAX, out), None);
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let from = progress.take().map_or(0, |from| *from.downcast::<usize>().unwrap());
        match Self::some(entry, from, bytes_max, out) {
            Some(from) => *progress = Some(Box::new(from)),
            None => return true,
        }
        false
    }
}

/// Database and key; elements and expiry.
pub(crate) type Data = BTreeMap<(u32, Vec<u8>), (Vec<Vec<u8>>, i64)>;

fn decode(db: DbIndex, mut bytes: &[u8], data: &mut Data) {
    fn take<'b>(bytes: &mut &'b [u8], len: usize) -> &'b [u8] {
        let (taken, rest) = bytes.split_at(len);
        *bytes = rest;
        taken
    }
    fn number(bytes: &mut &[u8]) -> u32 {
        u32::from_le_bytes(take(bytes, 4).try_into().unwrap())
    }
    while !bytes.is_empty() {
        let len = number(&mut bytes) as usize;
        let key = take(&mut bytes, len).to_vec();
        let expiry = i64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap());
        let mut elements = Vec::new();
        loop {
            match number(&mut bytes) {
                END => break,
                len => elements.push(take(&mut bytes, len as usize).to_vec()),
            }
        }
        assert!(data.insert((db.0, key), (elements, expiry)).is_none(), "a key is saved once");
    }
}

/// All data; every stripe must be locked.
pub(crate) fn data_of(locked: &mut Locked<'_>) -> Data {
    let mut data = Data::new();
    for stripe in 0..locked.keyspace().stripes() {
        locked.visit(stripe, |stripe| {
            for (db, table) in stripe.tables() {
                let mut bytes = Vec::new();
                table.iter().for_each(|entry| Framed.encode(&entry, &mut bytes));
                decode(db, &bytes, &mut data);
            }
        });
    }
    data
}

/// Gathers what a snapshot gives.
#[derive(Default)]
pub(crate) struct Sink {
    /// Of the record that has begun: its database.
    db: Option<DbIndex>,
    bytes: Vec<u8>,
    pub(crate) data: Data,
    /// The most that one step gave.
    pub(crate) longest: usize,
}

impl Sink {
    /// Takes a step; whether there are more.
    pub(crate) fn step(&mut self, snapshot: &mut Snapshot, keyspace: &Keyspace, bytes_max: usize) -> bool {
        let mut out = Vec::new();
        let step = snapshot.step(keyspace, bytes_max, &mut out);
        self.longest = self.longest.max(out.len());
        if snapshot.is_cancelled() {
            assert!(out.is_empty(), "nothing is written any more");
            return step != Step::Complete;
        }
        match step {
            Step::Records(db) => {
                if self.db != Some(db) {
                    self.flush();
                    self.db = Some(db);
                }
                self.bytes.extend_from_slice(&out);
                true
            }
            Step::Nothing => {
                assert!(out.is_empty());
                true
            }
            Step::Complete => {
                self.flush();
                false
            }
        }
    }

    /// Takes all steps that are left.
    pub(crate) fn finish(&mut self, snapshot: &mut Snapshot, keyspace: &Keyspace) {
        while self.step(snapshot, keyspace, 10_000) {}
    }

    fn flush(&mut self) {
        if let Some(db) = self.db.take() {
            decode(db, &std::mem::take(&mut self.bytes), &mut self.data);
        }
    }
}

pub(crate) fn with<R>(
    keyspace: &Keyspace,
    db: u32,
    name: &[u8],
    act: impl FnOnce(&mut Table, &Key<'_>) -> R,
) -> R {
    let key = keyspace.key(name);
    let mut locked = keyspace.lock([key.hash()]);
    act(locked.stripe_mut(key.hash()).table_mut(DbIndex(db)), &key)
}

/// Stores a string, freeing what was there.
pub(crate) fn set(keyspace: &Keyspace, db: u32, name: &[u8], value: &[u8], expiry: Expiry) {
    let stored = with(keyspace, db, name, |table, key| table.set(key, NewValue::Bytes(value), expiry, 0));
    stored.replaced.into_iter().for_each(|replaced| keyspace.garbage().bury_replaced(replaced));
}

pub(crate) fn hash_limits() -> Limits {
    Limits { fields_max: 8, bytes_max: 64, hash_key: HashKey::new([1; 16]) }
}

/// Sets fields of a hash, made if it isn't there.
pub(crate) fn set_fields(
    keyspace: &Keyspace,
    db: u32,
    name: &[u8],
    fields: impl Iterator<Item = (usize, Lifetime)>,
    value: &[u8],
) {
    with(keyspace, db, name, |table, key| {
        if let (Some(mut hash), _) = table.find_or_create::<Hash>(key, 0, |_| ()) {
            for (field, lifetime) in fields {
                hash.set(format!("field:{field}").as_bytes(), value, lifetime, &hash_limits());
            }
        }
    });
}

/// A hash of so many fields with 100 bytes each.
pub(crate) fn make_hash(keyspace: &Keyspace, db: u32, name: &[u8], fields: usize) {
    set_fields(keyspace, db, name, (0..fields).map(|field| (field, Lifetime::Forever)), &[7; 100]);
}

/// Pushes so many elements to the end of a list, made if it isn't there.
pub(crate) fn push(keyspace: &Keyspace, db: u32, name: &[u8], element: &[u8], count: usize) {
    with(keyspace, db, name, |table, key| {
        if let (Some(mut list), _) = table.find_or_create::<List>(key, 0, |_| ()) {
            list.push(End::Back, (0..count).map(|_| element), LIMIT);
        }
    });
}

/// Whether a key awaits the snapshot.
pub(crate) fn awaits(keyspace: &Keyspace, db: u32, name: &[u8]) -> bool {
    let key = keyspace.key(name);
    keyspace.lock([key.hash()]).awaits_snapshot(DbIndex(db), &key)
}

//! What a client does next, by chance.

use fastrand::Rng;

use super::key::Key;
use super::op::Op;
use super::unit::Unit;

const KEYS_OF_A_KIND: usize = 3;
/// Names of fields and members: few that come often, and as many as make a collection large.
const NAMES: usize = 12;
const NAMES_MAX: usize = 600;
/// Databases that have keys.
const DATABASES: u8 = 3;
/// Streams are cut to fewer entries than this.
const ENTRIES_MAX: usize = 30;
/// Times that are over long after the test.
const FAR_MS: u64 = 3_600_000;
/// Times that are over while it goes on.
const NEAR_MS: u64 = 400;
/// Kinds of values, of which no key has two. Those of `brief` aren't among them: nobody knows when they are gone.
const KINDS: [&str; 7] = ["text", "number", "list", "hash", "set", "sorted", "stream"];

/// Where commands reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Into several databases, and values go from key to key.
    Everywhere,
    /// Each changes the key that it names, in database 0.
    OneKey,
}

/// Who chooses for one client.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    client: usize,
    rng: Rng,
    /// The next unit's number. It stands in the values, so that none is written twice.
    number: u64,
    /// The last entry's number.
    entry: u64,
    /// The most bytes of a large value.
    bytes_max: usize,
    reach: Reach,
}

impl Choice {
    /// For the client of this number.
    pub(crate) fn new(client: usize, seed: u64, bytes_max: usize, reach: Reach) -> Self {
        Self { client, rng: Rng::with_seed(seed), number: 0, entry: 0, bytes_max, reach }
    }

    /// How many units to send at once.
    pub(crate) fn pipeline(&mut self) -> usize {
        match self.rng.u32(0..4) {
            0 => self.rng.usize(2..24),
            _ => 1,
        }
    }

    /// The next unit.
    pub(crate) fn unit(&mut self, now_ms: u64) -> Unit {
        self.number += 1;
        if self.rng.u32(0..5) > 0 {
            return Unit::one(self.op(now_ms));
        }
        // The pair is always equal; the counter and it are changed together or not at all.
        let value = self.number.to_string().into_bytes();
        let far = if self.reach == Reach::OneKey { 0 } else { DATABASES - 1 };
        let mut ops = vec![Op::Set(self.named("pair-a", 0), value.clone())];
        for _ in 0..self.rng.usize(0..4) {
            ops.push(self.op(now_ms));
        }
        if self.rng.bool() {
            ops.push(Op::AddShared);
        }
        ops.push(Op::Set(self.named("pair-b", far), value));
        Unit { ops, is_block: true }
    }

    fn op(&mut self, now_ms: u64) -> Op {
        let far_ms = now_ms + FAR_MS + self.number;
        match self.rng.u32(0..42) {
            0..6 => Op::Set(self.key("text"), self.value()),
            6 => Op::Append(self.key("text"), self.value()),
            7..10 => Op::Add(self.key("number"), self.rng.i64(-50..1000)),
            10..13 => Op::Push(self.key("list"), self.value()),
            13..15 => Op::Pop(self.key("list")),
            15..18 => Op::SetField(self.key("hash"), self.word(), self.value()),
            18 => Op::RemoveField(self.key("hash"), self.word()),
            19 => Op::ExpireField(self.key("hash"), self.word(), far_ms),
            20..22 => Op::Join(self.key("set"), self.word()),
            22 => Op::Leave(self.key("set"), self.word()),
            23..25 => Op::Score(self.key("sorted"), self.word(), self.rng.i64(-9..30)),
            25 => Op::PopLowest(self.key("sorted")),
            26..29 => self.add_entry(),
            29 => Op::Trim(self.key("stream"), self.rng.usize(0..ENTRIES_MAX)),
            30 => Op::Remove(self.any_key()),
            31 => Op::Expire(self.any_key(), far_ms),
            32..34 => Op::SetUntil(self.key("brief"), self.value(), now_ms + self.rng.u64(0..NEAR_MS)),
            34 => Op::Remove(self.key("brief")),
            35 => Op::AddShared,
            _ if self.reach == Reach::OneKey => Op::Set(self.key("text"), self.value()),
            36..38 => self.rename(),
            38..40 => self.copy(),
            _ => {
                let key = self.any_key();
                let db = self.other(key.db.into(), DATABASES.into()) as u8;
                Op::Move(key, db)
            }
        }
    }

    fn add_entry(&mut self) -> Op {
        self.entry += 1;
        Op::AddEntry(self.key("stream"), self.entry, self.value())
    }

    fn rename(&mut self) -> Op {
        let (kind, from, db) = (self.kind(), self.rng.usize(0..KEYS_OF_A_KIND), self.db());
        let to = self.other(from, KEYS_OF_A_KIND);
        Op::Rename(self.numbered(kind, from, db), self.numbered(kind, to, db))
    }

    fn copy(&mut self) -> Op {
        let (kind, from, db, to_db) = (self.kind(), self.rng.usize(0..KEYS_OF_A_KIND), self.db(), self.db());
        let to = self.other(from, KEYS_OF_A_KIND);
        Op::Copy(self.numbered(kind, from, db), self.numbered(kind, to, to_db))
    }

    fn kind(&mut self) -> &'static str {
        self.rng.choice(KINDS).unwrap_or("text")
    }

    fn db(&mut self) -> u8 {
        if self.reach == Reach::OneKey { 0 } else { self.rng.u8(0..DATABASES) }
    }

    /// A number below `count` that isn't this one.
    fn other(&mut self, number: usize, count: usize) -> usize {
        (number + self.rng.usize(1..count)) % count
    }

    fn named(&self, name: &str, db: u8) -> Key {
        Key { name: format!("client-{}-{name}", self.client), db }
    }

    fn numbered(&self, kind: &str, number: usize, db: u8) -> Key {
        self.named(&format!("{kind}-{number}"), db)
    }

    fn key(&mut self, kind: &str) -> Key {
        let (number, db) = (self.rng.usize(0..KEYS_OF_A_KIND), self.db());
        self.numbered(kind, number, db)
    }

    fn any_key(&mut self) -> Key {
        let kind = self.kind();
        self.key(kind)
    }

    /// The name of a field or member.
    fn word(&mut self) -> Vec<u8> {
        let count = if self.rng.u32(0..3) > 0 { NAMES } else { NAMES_MAX };
        format!("word-{}", self.rng.usize(0..count)).into_bytes()
    }

    /// A value that no other unit writes: of some bytes, now and then of very many.
    fn value(&mut self) -> Vec<u8> {
        let mut value = format!("{}-{}-", self.client, self.number).into_bytes();
        let more = match self.rng.u32(0..30) {
            0 => self.rng.usize(0..self.bytes_max),
            1..4 => self.rng.usize(0..self.bytes_max / 10 + 1),
            _ => self.rng.usize(0..40),
        };
        value.extend((0..more).map(|_| self.rng.u8(..)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(seed: u64, reach: Reach) -> Vec<Unit> {
        let mut choice = Choice::new(3, seed, 1000, reach);
        (0..200).map(|_| choice.unit(5)).collect()
    }

    #[test]
    fn the_same_seed_chooses_the_same() {
        let units = |seed| units(seed, Reach::Everywhere);
        assert_eq!(units(1), units(1));
        assert_ne!(units(1), units(2));
        let blocks = units(1).iter().filter(|unit| unit.is_block).count();
        assert!((10..100).contains(&blocks), "{blocks}");
    }

    #[test]
    fn who_reaches_one_key_touches_no_other() {
        let is_plain = |op: &Op| op.keys().len() < 2 && op.db() == 0;
        let all_plain = |reach| units(1, reach).iter().flat_map(|unit| &unit.ops).all(is_plain);
        assert!(all_plain(Reach::OneKey) && !all_plain(Reach::Everywhere));
    }
}

//! What a client does next, by chance.

use fastrand::Rng;

use super::unit::{Op, Unit};

const KEYS_OF_A_KIND: usize = 5;
const FIELDS: usize = 12;
/// Times that are over long after the test.
const FAR_MS: u64 = 3_600_000;
/// Times that are over while it goes on.
const NEAR_MS: u64 = 400;

/// Who chooses for one client.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    client: usize,
    rng: Rng,
    /// The next unit's number. It stands in the values, so that none is written twice.
    number: u64,
    /// The most bytes of a large value.
    bytes_max: usize,
}

impl Choice {
    /// For the client of this number.
    pub(crate) fn new(client: usize, seed: u64, bytes_max: usize) -> Self {
        Self { client, rng: Rng::with_seed(seed), number: 0, bytes_max }
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
        let mut ops = vec![Op::Set(self.name("pair-a"), value.clone())];
        for _ in 0..self.rng.usize(0..4) {
            ops.push(self.op(now_ms));
        }
        if self.rng.bool() {
            ops.push(Op::AddShared);
        }
        ops.push(Op::Set(self.name("pair-b"), value));
        Unit { ops, is_block: true }
    }

    fn op(&mut self, now_ms: u64) -> Op {
        match self.rng.u32(0..24) {
            0..5 => Op::Set(self.key("text"), self.value()),
            5 => Op::Append(self.key("text"), self.value()),
            6..9 => Op::Add(self.key("number"), self.rng.i64(-50..1000)),
            9..12 => Op::Push(self.key("list"), self.value()),
            12..14 => Op::Pop(self.key("list")),
            14..17 => Op::SetField(self.key("hash"), self.field(), self.value()),
            17 => Op::RemoveField(self.key("hash"), self.field()),
            18 => Op::Remove(self.any_key()),
            19 => Op::Expire(self.any_key(), now_ms + FAR_MS + self.number),
            20..22 => Op::SetUntil(self.key("brief"), self.value(), now_ms + self.rng.u64(0..NEAR_MS)),
            22 => Op::Remove(self.key("brief")),
            _ => Op::AddShared,
        }
    }

    fn name(&self, name: &str) -> String {
        format!("client-{}-{name}", self.client)
    }

    fn key(&mut self, kind: &str) -> String {
        let number = self.rng.usize(0..KEYS_OF_A_KIND);
        self.name(&format!("{kind}-{number}"))
    }

    fn any_key(&mut self) -> String {
        let kind = self.rng.choice(["text", "number", "list", "hash"]).unwrap_or("text");
        self.key(kind)
    }

    fn field(&mut self) -> Vec<u8> {
        format!("field-{}", self.rng.usize(0..FIELDS)).into_bytes()
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

    #[test]
    fn the_same_seed_chooses_the_same() {
        let units = |seed| {
            let mut choice = Choice::new(3, seed, 1000);
            (0..200).map(|_| choice.unit(5)).collect::<Vec<_>>()
        };
        assert_eq!(units(1), units(1));
        assert_ne!(units(1), units(2));
        let blocks = units(1).iter().filter(|unit| unit.is_block).count();
        assert!((10..100).contains(&blocks), "{blocks}");
    }
}

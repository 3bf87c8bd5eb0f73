//! A row of operations on one string: what was written is read back, and nothing around it changes.

use structures::bitfield::{Field, Overflow};
use structures::bitmap;

/// Offsets stay below this, so that strings stay short.
const BITS_MAX: u64 = 4096;

/// Checks one input.
pub fn structures_bitfield(input: &[u8]) {
    let mut bytes = Vec::new();
    for step in input.chunks_exact(12) {
        let Some(field) = Field::new(step[0] & 1 == 1, step[1] % 65) else { continue };
        let offset = u64::from(u16::from_le_bytes([step[2], step[3]])) % BITS_MAX;
        let value = i64::from_le_bytes(step[4..].try_into().expect("eight bytes are left"));
        let overflow = [Overflow::Wrap, Overflow::Saturate, Overflow::Fail][usize::from(step[0] >> 2) % 3];
        let before = bytes.clone();
        let old = field.read(&bytes, offset);
        let new = if step[0] & 2 == 0 {
            let replaced = field.set(&mut bytes, offset, value, overflow);
            assert!(replaced.is_none_or(|replaced| replaced == old));
            replaced.map(|_| field.read(&bytes, offset))
        } else {
            field.increment(&mut bytes, offset, value, overflow)
        };
        assert_eq!(field.read(&bytes, offset), new.unwrap_or(old));
        assert!((field.min()..=field.max()).contains(&field.read(&bytes, offset)));
        let within = offset..offset + u64::from(field.bits());
        for at in (0..BITS_MAX + 64).filter(|at| !within.contains(at)) {
            assert_eq!(bitmap::bit(&bytes, at), bitmap::bit(&before, at));
        }
    }
    let text = input.get(..8.min(input.len())).unwrap_or_default();
    if let Ok(field) = Field::parse(text) {
        assert_eq!(Field::new(field.is_signed(), field.bits()), Some(field));
    }
}

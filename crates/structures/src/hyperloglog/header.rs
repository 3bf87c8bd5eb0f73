//! The first 16 bytes, and what can be wrong with the others.

/// What a new HyperLogLog looks like: sparse, one run of zeros, nothing estimated yet.
pub const EMPTY: [u8; 18] = *b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff";

/// The string says that it is a HyperLogLog, but its registers can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the runs of the sparse registers don't make up 16384 of them")]
pub struct Corrupted;

/// How the registers are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// 6 bits for each.
    Dense,
    /// Runs of equal ones.
    Sparse,
}

/// Bytes before the registers.
pub(super) const HEADER_BYTES: usize = 16;

const MAGIC: &[u8; 4] = b"HYLL";
const ENCODING_AT: usize = 4;
const ESTIMATE_AT: usize = 8;
/// The highest bit of the estimate: it is not that of the registers as they are.
const STALE: u64 = 1 << 63;

/// The encoding that the header tells, if it is one.
#[inline]
pub(super) fn encoding(bytes: &[u8]) -> Option<Encoding> {
    let (header, _) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    if !header.starts_with(MAGIC) {
        return None;
    }
    match header[ENCODING_AT] {
        0 => Some(Encoding::Dense),
        1 => Some(Encoding::Sparse),
        _ => None,
    }
}

/// The last estimate, if the registers are still the same.
pub(super) fn estimate(bytes: &[u8]) -> Option<u64> {
    let estimate = u64::from_le_bytes(*bytes.get(ESTIMATE_AT..)?.first_chunk()?);
    (estimate & STALE == 0).then_some(estimate)
}

/// Writes an estimate down. One as great as no registers give is stale at once.
pub(super) fn set_estimate(bytes: &mut [u8], estimate: u64) {
    if let Some(field) = bytes.get_mut(ESTIMATE_AT..HEADER_BYTES) {
        field.copy_from_slice(&estimate.to_le_bytes());
    }
}

/// Notes that the registers have changed.
#[inline]
pub(super) fn make_stale(bytes: &mut [u8]) {
    if let Some(last) = bytes.get_mut(HEADER_BYTES - 1) {
        *last |= 0x80;
    }
}

/// The header of a dense string with the estimate of this one.
pub(super) fn dense_header(bytes: &[u8]) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let known = bytes.len().min(HEADER_BYTES);
    header[..known].copy_from_slice(&bytes[..known]);
    header[ENCODING_AT] = 0;
    header
}

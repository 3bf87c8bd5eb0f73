//! The text by which other systems know a place.

use super::cell::interleave;
use super::point::{LONGITUDE_MAX, Point};

/// Letters of a geohash.
const LETTERS: usize = 11;
const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// The geohash of a point, which others read with latitudes up to 90 degrees.
///
/// Ten letters say it all; the eleventh would need more bits than a score has and is always `0`.
pub fn geohash(point: Point) -> [u8; LETTERS] {
    const STEPS: u32 = 26;
    const COUNT: f64 = (1u32 << STEPS) as f64;
    let column = ((point.longitude + LONGITUDE_MAX) / (2.0 * LONGITUDE_MAX) * COUNT) as u32;
    let row = ((point.latitude + 90.0) / 180.0 * COUNT) as u32;
    let bits = interleave(column, row);
    std::array::from_fn(|at| {
        let shift = (2 * STEPS).checked_sub(5 * (at as u32 + 1));
        let letter = shift.map_or(0, |shift| bits >> shift & 31);
        ALPHABET[letter as usize]
    })
}

//! A member as it is stored: its score, then its bytes.
//!
//! ```text
//! ┌─────────────────────────┬────────┐
//! │ score f64, little-endian│ member │
//! └─────────────────────────┴────────┘
//! ```

use crate::elements::{Elements, Handle, Layout};

const SCORE_BYTES: usize = size_of::<f64>();

/// The layout of payloads in a sorted set.
pub(super) struct Scored;

impl Layout for Scored {
    #[inline]
    fn name(payload: &[u8]) -> &[u8] {
        &payload[SCORE_BYTES..]
    }
}

impl Elements<Scored> {
    #[inline]
    pub(super) fn score(&self, handle: Handle) -> f64 {
        let score = self.payload(handle).first_chunk().expect("a payload begins with the score");
        f64::from_le_bytes(*score)
    }

    pub(super) fn replace_score(&mut self, handle: Handle, score: f64) {
        self.payload_mut(handle)[..SCORE_BYTES].copy_from_slice(&score.to_le_bytes());
    }
}

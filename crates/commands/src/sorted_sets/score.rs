//! Scores as arguments.

use engine::CommandError;
use structures::parse_f64;

/// Reads a score. Most are integers, which take the short way.
pub(super) fn parse_score(word: &[u8]) -> Result<f64, CommandError> {
    match resp::parse_i64(word) {
        Some(number) => Ok(number as f64),
        None => parse_f64(word).ok_or(CommandError::NotAFloat),
    }
}

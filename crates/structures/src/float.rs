//! Doubles as arguments: scores, distances, timeouts.

use rustc_apfloat::ieee::Double;
use rustc_apfloat::{Float, Round, Status};

use crate::numeral::{Magnitude, Numeral};

/// Reads a double as the servers read a score, rounding to the nearest, ties to even.
///
/// Taken are decimals (`1`, `-.5`, `5.`, `+1e3`), hexadecimals (`0x10`, `0x1.8p3`) and `inf` or `infinity`, letters in either case.
/// `None` for all else: blanks, `nan`, rests after the number, what is too great for a double (`1e400`), and what is not zero but
/// would round to it (`1e-400`). Takes time in proportion to the length of `text`.
///
/// ```
/// use kvd_structures::parse_f64;
///
/// assert_eq!(parse_f64(b"0x1p3"), Some(8.0));
/// assert_eq!(parse_f64(b"-inf"), Some(f64::NEG_INFINITY));
/// assert_eq!(parse_f64(b" 1"), None);
/// ```
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    let Numeral { negative, magnitude } = Numeral::scan(text)?;
    let value = match magnitude {
        Magnitude::Infinite => f64::INFINITY,
        Magnitude::Zero => 0.0,
        Magnitude::Decimal(text) => {
            text.parse().ok().filter(|&value: &f64| value.is_finite() && value != 0.0)?
        }
        Magnitude::Hexadecimal(text) => from_hexadecimal(&text)?,
    };
    Some(if negative { -value } else { value })
}

fn from_hexadecimal(text: &str) -> Option<f64> {
    let parsed = Double::from_str_r(text, Round::NearestTiesToEven).ok()?;
    if parsed.status.contains(Status::OVERFLOW) || parsed.value.is_zero() {
        return None;
    }
    u64::try_from(parsed.value.to_bits()).ok().map(f64::from_bits)
}

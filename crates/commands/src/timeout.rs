//! How long a command may wait, as those that do are told.

use engine::{CommandError, Moment};
use structures::LongDouble;

const NOT_A_TIMEOUT: CommandError = CommandError::fixed("ERR timeout is not a float or out of range");
const NOT_MILLIS: CommandError = CommandError::fixed("ERR timeout is not an integer or out of range");
const NEGATIVE: CommandError = CommandError::fixed("ERR timeout is negative");
const TOO_LONG: CommandError = CommandError::fixed("ERR timeout is out of range");

/// The moment at which a wait that begins `now` ends; `None` if it doesn't end by itself.
///
/// Seconds are rounded up to whole milliseconds, so what is above zero never means for ever.
pub(crate) fn until(seconds: &[u8], now: Moment) -> Result<Option<Moment>, CommandError> {
    let seconds = LongDouble::parse(seconds).ok_or(NOT_A_TIMEOUT)?;
    match seconds.times_up(1000) {
        None if seconds.is_negative() => Err(NEGATIVE),
        None => Err(TOO_LONG),
        Some(..0) => Err(NEGATIVE),
        Some(0) => Ok(None),
        Some(millis) => {
            now.unix_millis().0.checked_add(millis).ok_or(TOO_LONG)?;
            let nanos = u64::try_from(millis).unwrap_or_default().saturating_mul(1_000_000);
            Ok(Some(Moment::from_unix_nanos(now.unix_nanos().saturating_add(nanos))))
        }
    }
}

/// The same for whole milliseconds.
pub(crate) fn until_millis(millis: &[u8], now: Moment) -> Result<Option<Moment>, CommandError> {
    let millis = resp::parse_i64(millis).ok_or(NOT_MILLIS)?;
    now.unix_millis().0.checked_add(millis).ok_or(TOO_LONG)?;
    let nanos = u64::try_from(millis).map_err(|_| NEGATIVE)?.saturating_mul(1_000_000);
    Ok((nanos > 0).then(|| Moment::from_unix_nanos(now.unix_nanos().saturating_add(nanos))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_unix_millis(1_800_000_000_000);

    fn millis(seconds: &str) -> Result<Option<u64>, CommandError> {
        let until = until(seconds.as_bytes(), NOW)?;
        Ok(until.map(|until| until.nanos_since(NOW) / 1_000_000))
    }

    #[test]
    fn seconds_are_rounded_up_to_milliseconds() {
        assert_eq!(millis("0"), Ok(None));
        assert_eq!(millis("-0.0001"), Ok(None));
        assert_eq!(millis("1"), Ok(Some(1000)));
        assert_eq!(millis("0.001"), Ok(Some(1)));
        assert_eq!(millis("0.0011"), Ok(Some(2)));
        assert_eq!(millis("1e-400"), Ok(Some(1)));
        assert_eq!(millis("0x.8"), Ok(Some(500)));
    }

    #[test]
    fn what_is_no_timeout_is_told_apart() {
        for text in ["", " 1", "nan", "abc", "1e5000"] {
            assert_eq!(millis(text), Err(NOT_A_TIMEOUT), "{text}");
        }
        for text in ["inf", "1e400", "9223372036854775807", "9223372036854775", "9223372036854774"] {
            assert_eq!(millis(text), Err(TOO_LONG), "{text}");
        }
        for text in ["-1", "-0.002", "-inf", "-1e400"] {
            assert_eq!(millis(text), Err(NEGATIVE), "{text}");
        }
    }

    #[test]
    fn a_wait_of_centuries_is_one() {
        assert!(until(b"9000000000000000", NOW).is_ok_and(|until| until > Some(NOW)));
    }
}

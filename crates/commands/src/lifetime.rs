//! How long a key shall live: the options that strings' and keys' commands share, and what they lead to.
//!
//! ```text
//! EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | KEEPTTL | PERSIST
//! ```

use engine::{Args, CommandError, Ctx, DEL, Effect, Event};
use keyspace::{Expiry, Key, UnixMillis};

use crate::decimal::Decimal;

/// The unit of a time given as an integer, and whether it counts from now.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    /// Seconds from now.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Seconds since the epoch.
    UnixSeconds,
    /// Milliseconds since the epoch.
    UnixMilliseconds,
}

impl TimeUnit {
    /// The unit that an option's name stands for.
    pub(crate) fn of_option(word: &[u8]) -> Option<Self> {
        const OPTIONS: [(&[u8], TimeUnit); 4] = [
            (b"EX", TimeUnit::Seconds),
            (b"PX", TimeUnit::Milliseconds),
            (b"EXAT", TimeUnit::UnixSeconds),
            (b"PXAT", TimeUnit::UnixMilliseconds),
        ];
        OPTIONS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit)
    }

    /// The moment that `time` in this unit means. `None` if it doesn't fit 64 bits of milliseconds.
    pub(crate) fn moment(self, time: i64, now: UnixMillis) -> Option<UnixMillis> {
        let millis = match self {
            Self::Seconds | Self::UnixSeconds => time.checked_mul(1000)?,
            Self::Milliseconds | Self::UnixMilliseconds => time,
        };
        let base = match self {
            Self::Seconds | Self::Milliseconds => now.0,
            Self::UnixSeconds | Self::UnixMilliseconds => 0,
        };
        millis.checked_add(base).map(UnixMillis)
    }

    /// The moment for a new key's or value's lifetime, which must be positive in its unit.
    pub(crate) fn moment_ahead(
        self,
        time: i64,
        now: UnixMillis,
        command: &'static str,
    ) -> Result<UnixMillis, CommandError> {
        let at = if time > 0 { self.moment(time, now) } else { None };
        at.ok_or(CommandError::InvalidExpiry(command))
    }
}

/// A lifetime as given: the unit and the number, not yet judged. Peers find every syntax error before they look at the number.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lifetime<'a> {
    /// Not mentioned.
    #[default]
    Unsaid,
    /// `KEEPTTL`.
    Keep,
    /// `PERSIST`.
    Persist,
    /// Until a time.
    Until(TimeUnit, &'a [u8]),
}

impl<'a> Lifetime<'a> {
    /// Reads the next option if it is one of these and doesn't contradict an earlier one. `Ok(false)`: it is another option.
    pub(crate) fn read(&mut self, args: &mut Args<'a>) -> Result<bool, CommandError> {
        let Some(word) = args.peek() else { return Ok(false) };
        let read = if word.eq_ignore_ascii_case(b"KEEPTTL") {
            args.word()?;
            Self::Keep
        } else if word.eq_ignore_ascii_case(b"PERSIST") {
            args.word()?;
            Self::Persist
        } else if let Some(unit) = TimeUnit::of_option(word) {
            args.word()?;
            Self::Until(unit, args.word()?)
        } else {
            return Ok(false);
        };
        if !self.agrees_with(read) {
            return Err(CommandError::Syntax);
        }
        *self = read;
        Ok(true)
    }

    /// An option may be repeated, but not joined by another.
    fn agrees_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::Unsaid, _) => true,
            (Self::Until(unit, _), Self::Until(other, _)) => unit == other,
            _ => self == other,
        }
    }

    /// The expiry to store; `Unsaid` and `Persist` mean none.
    pub(crate) fn expiry(self, now: UnixMillis, command: &'static str) -> Result<Expiry, CommandError> {
        match self {
            Self::Unsaid | Self::Persist => Ok(Expiry::None),
            Self::Keep => Ok(Expiry::Keep),
            Self::Until(unit, word) => {
                let time = resp::parse_i64(word).ok_or(CommandError::NotAnInteger)?;
                Ok(Expiry::At(unit.moment_ahead(time, now, command)?))
            }
        }
    }
}

/// A key got an expiry.
pub(crate) const EXPIRE: Event = Event::generic("expire");
/// A key lost it.
pub(crate) const PERSIST: Event = Event::generic("persist");

/// Gives an existing key an expiry. One that is not ahead removes the key at once.
pub(crate) fn expire_at(cx: &mut Ctx<'_>, key: &Key<'_>, at: UnixMillis) {
    if at <= cx.view.now() {
        cx.view.remove(key);
        cx.view.record(key, DEL, Effect::Instead(&[b"DEL", key.bytes()]));
        return;
    }
    cx.view.set_expiry(key, Some(at));
    let mut digits = Decimal::default();
    let effect: &[&[u8]] = &[b"PEXPIREAT", key.bytes(), digits.format(at.0)];
    cx.view.record(key, EXPIRE, Effect::Instead(effect));
}

//! Keys: setting and clearing the time to live.
//!
//! ```text
//! EXPIRE key seconds [NX | XX | GT | LT]
//! PEXPIRE key milliseconds [NX | XX | GT | LT]
//! EXPIREAT key unix-time-seconds [NX | XX | GT | LT]
//! PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]
//! PERSIST key
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::UnixMillis;

use crate::lifetime::{PERSIST, TimeUnit, expire_at};

const NX_WITH_OTHERS: CommandError =
    CommandError::fixed("ERR NX and XX, GT or LT options at the same time are not compatible");
const GT_WITH_LT: CommandError =
    CommandError::fixed("ERR GT and LT options at the same time are not compatible");

/// When to change the expiry. XX may go along with GT or LT; options may be repeated.
#[derive(Copy, Clone, Default)]
struct Conditions {
    /// `NX`: the key has no expiry.
    if_none: bool,
    /// `XX`: the key has one.
    if_some: bool,
    /// `GT`: the new one is later. No expiry is the latest of all.
    if_later: bool,
    /// `LT`: the new one is earlier.
    if_earlier: bool,
}

impl Conditions {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut parsed = Self::default();
        while let Some(word) = args.peek() {
            if args.option("NX") {
                parsed.if_none = true;
            } else if args.option("XX") {
                parsed.if_some = true;
            } else if args.option("GT") {
                parsed.if_later = true;
            } else if args.option("LT") {
                parsed.if_earlier = true;
            } else {
                return Err(CommandError::quoting("ERR Unsupported option ", word, ""));
            }
        }
        parsed.check()
    }

    fn check(self) -> Result<Self, CommandError> {
        if self.if_none && (self.if_some || self.if_later || self.if_earlier) {
            return Err(NX_WITH_OTHERS);
        }
        if self.if_later && self.if_earlier {
            return Err(GT_WITH_LT);
        }
        Ok(self)
    }

    fn hold(self, old: Option<UnixMillis>, new: UnixMillis) -> bool {
        match old {
            None => !self.if_some && !self.if_later,
            Some(old) => !self.if_none && (!self.if_later || new > old) && (!self.if_earlier || new < old),
        }
    }
}

pub(super) fn expire(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_expiry(cx, TimeUnit::Seconds)
}

pub(super) fn pexpire(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_expiry(cx, TimeUnit::Milliseconds)
}

pub(super) fn expireat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_expiry(cx, TimeUnit::UnixSeconds)
}

pub(super) fn pexpireat(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    set_expiry(cx, TimeUnit::UnixMilliseconds)
}

fn set_expiry(cx: &mut Ctx<'_>, unit: TimeUnit) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let time = cx.args.word()?;
    let conditions = Conditions::parse(&mut cx.args)?;
    let time = resp::parse_i64(time).ok_or(CommandError::NotAnInteger)?;
    let at = unit.moment(time, cx.now.unix_millis()).ok_or(CommandError::InvalidExpiry(cx.command.name))?;
    let is_set = cx.view.write(&key).is_some_and(|entry| conditions.hold(entry.expiry(), at));
    if is_set {
        expire_at(cx, &key, at);
    }
    cx.reply.integer(i64::from(is_set));
    Ok(())
}

pub(super) fn persist(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let is_cleared = cx.view.write(&key).is_some_and(|entry| entry.expiry().is_some());
    if is_cleared {
        cx.view.set_expiry(&key, None);
        cx.view.record(&key, PERSIST, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(is_cleared));
    Ok(())
}

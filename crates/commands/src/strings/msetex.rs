//! Strings: several keys at once, with a condition and a time to live.
//!
//! ```text
//! MSETEX numkeys key value [key value ...] [NX | XX]
//!     [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | KEEPTTL]
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::Expiry;

use super::condition::Condition;
use super::set::SET;
use crate::decimal::Decimal;
use crate::lifetime::{EXPIRE, Lifetime};

pub(super) fn msetex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = MsetexArgs::parse(&mut cx.args)?;
    let expiry = args.lifetime.expiry(cx.now.unix_millis(), cx.command.name)?;
    let stores = args.may_store(cx)?;
    if stores {
        args.store(cx, expiry)?;
    }
    cx.reply.integer(i64::from(stores));
    Ok(())
}

/// Keys and their values, and what is to become of them.
struct MsetexArgs<'a> {
    numkeys: usize,
    /// Before the first key.
    pairs: Args<'a>,
    condition: Condition<'a>,
    lifetime: Lifetime<'a>,
}

impl<'a> MsetexArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let numkeys = numkeys(args.word()?)?;
        if numkeys > args.remaining() / 2 {
            return Err(CommandError::Syntax);
        }
        let pairs = *args;
        for _ in 0..numkeys * 2 {
            args.word()?;
        }
        let mut parsed = Self { numkeys, pairs, condition: Condition::Always, lifetime: Lifetime::Unsaid };
        while !args.is_empty() {
            parsed.read_option(args)?;
        }
        Ok(parsed)
    }

    fn read_option(&mut self, args: &mut Args<'a>) -> Result<(), CommandError> {
        let is_known = if self.condition.read(args)? {
            !matches!(self.condition, Condition::IfEqual(_))
        } else {
            self.lifetime.read(args)? && self.lifetime != Lifetime::Persist
        };
        if is_known { Ok(()) } else { Err(CommandError::Syntax) }
    }

    /// Whether the condition holds for every key.
    fn may_store(&self, cx: &mut Ctx<'_>) -> Result<bool, CommandError> {
        if self.condition == Condition::Always {
            return Ok(true);
        }
        let mut pairs = self.pairs;
        for _ in 0..self.numkeys {
            let key = pairs.key()?;
            pairs.word()?;
            if cx.view.peek(&key).is_some() != (self.condition == Condition::IfThere) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn store(&self, cx: &mut Ctx<'_>, expiry: Expiry) -> Result<(), CommandError> {
        let mut digits = Decimal::default();
        let words = match expiry {
            Expiry::At(at) => self.effect_until(digits.format(at.0)),
            Expiry::None | Expiry::Keep => Vec::new(),
        };
        let whole = if words.is_empty() { Effect::AsCalled } else { Effect::Instead(&words) };
        let mut pairs = self.pairs;
        for left in (0..self.numkeys).rev() {
            let key = pairs.key()?;
            let value = pairs.value()?;
            cx.view.set(&key, value, expiry);
            // Behind the last key: storing over a key that was due has its own effect, which must come before.
            cx.view.record(&key, SET, if left == 0 { whole } else { Effect::Covered });
            if let Expiry::At(_) = expiry {
                cx.view.tell(&key, EXPIRE);
            }
        }
        Ok(())
    }

    /// The same request with the time that its lifetime means.
    fn effect_until<'w>(&self, at: &'w [u8]) -> Vec<&'w [u8]>
    where
        'a: 'w,
    {
        let words = self.pairs.request().len() - self.pairs.remaining() + self.numkeys * 2;
        let mut effect: Vec<&[u8]> = self.pairs.request().words().take(words).collect();
        match self.condition {
            Condition::IfNew => effect.push(b"NX"),
            Condition::IfThere => effect.push(b"XX"),
            Condition::Always | Condition::IfEqual(_) => {}
        }
        effect.extend([b"PXAT", at]);
        effect
    }
}

fn numkeys(word: &[u8]) -> Result<usize, CommandError> {
    resp::parse_i64(word)
        .and_then(|numkeys| i32::try_from(numkeys).ok())
        .filter(|numkeys| *numkeys > 0)
        .and_then(|numkeys| usize::try_from(numkeys).ok())
        .ok_or(CommandError::fixed("ERR invalid numkeys value or out of range"))
}

//! Hashes: writing fields on a condition and with an expiry.
//!
//! ```text
//! HSETEX key [NX | XX] [FNX | FXX]
//!     [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | KEEPTTL]
//!     FIELDS numfields field value [field value ...]
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::{Hash, Key, UnixMillis};
use structures::hash::Lifetime;

use super::fields::moment_option;
use super::remove::record_removed;
use super::value::{HEXPIRE, HSET, limits};
use crate::decimal::Decimal;
use crate::lifetime::TimeUnit;

const FIELD_CONDITIONS: CommandError =
    CommandError::fixed("ERR Only one of FXX or FNX arguments can be specified");
const LIFETIMES: CommandError =
    CommandError::fixed("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
const NUMFIELDS: CommandError = CommandError::fixed("ERR invalid number of fields");

/// Words behind `FIELDS`: a number, a field and a value.
const SHORTEST_FIELDS: usize = 3;

/// When to write.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Condition {
    Always,
    IfNew,
    IfThere,
}

struct HsetexArgs<'a> {
    /// On the key.
    key: Condition,
    /// On all of the fields.
    fields: Condition,
    lifetime: Option<Lifetime>,
    /// Fields and values.
    pairs: Args<'a>,
}

impl<'a> HsetexArgs<'a> {
    fn parse(cx: &mut Ctx<'a>) -> Result<Self, CommandError> {
        let mut parsed =
            Self { key: Condition::Always, fields: Condition::Always, lifetime: None, pairs: cx.args };
        while !cx.args.option("FIELDS") {
            parsed.read_option(cx)?;
        }
        if cx.args.remaining() < SHORTEST_FIELDS {
            return Err(CommandError::WrongArity(cx.command.name));
        }
        let count = resp::parse_i64(cx.args.word()?)
            .and_then(|count| i32::try_from(count).ok())
            .and_then(|count| usize::try_from(count).ok())
            .filter(|count| *count > 0)
            .ok_or(NUMFIELDS)?;
        if cx.args.remaining() != count * 2 {
            return Err(CommandError::WrongArity(cx.command.name));
        }
        parsed.pairs = cx.args;
        Ok(parsed)
    }

    fn read_option(&mut self, cx: &mut Ctx<'a>) -> Result<(), CommandError> {
        if cx.args.option("FNX") {
            self.fields.narrow(Condition::IfNew, FIELD_CONDITIONS)
        } else if cx.args.option("FXX") {
            self.fields.narrow(Condition::IfThere, FIELD_CONDITIONS)
        } else if cx.args.option("NX") {
            self.key.narrow(Condition::IfNew, CommandError::Syntax)
        } else if cx.args.option("XX") {
            self.key.narrow(Condition::IfThere, CommandError::Syntax)
        } else {
            self.read_lifetime(cx)
        }
    }

    fn read_lifetime(&mut self, cx: &mut Ctx<'a>) -> Result<(), CommandError> {
        let word = cx.args.peek().ok_or(CommandError::WrongArity(cx.command.name))?;
        let keeps = word.eq_ignore_ascii_case(b"KEEPTTL");
        if !keeps && TimeUnit::of_option(word).is_none() {
            return Err(CommandError::quoting("ERR unknown argument: ", word, ""));
        }
        if self.lifetime.is_some() {
            return Err(LIFETIMES);
        }
        self.lifetime = match moment_option(cx)? {
            Some(at) => Some(Lifetime::Until(at.0)),
            None => {
                cx.args.word()?;
                Some(Lifetime::Keep)
            }
        };
        Ok(())
    }
}

impl Condition {
    /// Is this condition from now on, if it was none.
    fn narrow(&mut self, condition: Self, conflict: CommandError) -> Result<(), CommandError> {
        if *self != Self::Always {
            return Err(conflict);
        }
        *self = condition;
        Ok(())
    }

    fn holds(self, is_there: bool) -> bool {
        match self {
            Self::Always => true,
            Self::IfNew => !is_there,
            Self::IfThere => is_there,
        }
    }
}

pub(super) fn hsetex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let args = HsetexArgs::parse(cx)?;
    cx.view.expire_fields(&key, args.pairs.rest().step_by(2));
    let stores = may_store(cx, &key, &args)?;
    if stores {
        store(cx, &key, &args)?;
    }
    cx.reply.integer(i64::from(stores));
    Ok(())
}

fn may_store(cx: &mut Ctx<'_>, key: &Key<'_>, args: &HsetexArgs<'_>) -> Result<bool, CommandError> {
    let now = cx.view.now();
    let hash = cx.view.get_mut::<Hash>(key)?;
    let is_there = |field| hash.as_ref().is_some_and(|hash| hash.find(field, now.0).is_some());
    Ok(args.key.holds(hash.is_some())
        && (args.fields == Condition::Always
            || args.pairs.rest().step_by(2).all(|field| args.fields.holds(is_there(field)))))
}

fn store(cx: &mut Ctx<'_>, key: &Key<'_>, args: &HsetexArgs<'_>) -> Result<(), CommandError> {
    let (now, limits) = (cx.view.now(), limits(cx.engine));
    let lifetime = args.lifetime.unwrap_or(Lifetime::Forever);
    let is_past = matches!(lifetime, Lifetime::Until(at_ms) if at_ms <= now.0);
    let mut hash = cx.view.get_or_create::<Hash>(key)?;
    let mut pairs = args.pairs;
    while !pairs.is_empty() {
        let (field, value) = (pairs.word()?, pairs.word()?);
        hash.set(field, value, if is_past { Lifetime::Forever } else { lifetime }, &limits);
    }
    drop(hash);
    match lifetime {
        Lifetime::Until(_) if is_past => remove_at_once(cx, key, &args.pairs),
        Lifetime::Until(at_ms) => record_until(cx, key, &args.pairs, UnixMillis(at_ms)),
        Lifetime::Keep | Lifetime::Forever => cx.view.record(key, HSET, Effect::AsCalled),
    }
    Ok(())
}

/// The time is not ahead: the fields were written, as everybody hears, and are gone.
fn remove_at_once(cx: &mut Ctx<'_>, key: &Key<'_>, pairs: &Args<'_>) {
    let fields: Vec<&[u8]> = pairs.rest().step_by(2).collect();
    if let Ok(Some(mut hash)) = cx.view.get_mut::<Hash>(key) {
        fields.iter().for_each(|field| {
            hash.remove(field);
        });
    }
    cx.view.record(key, HSET, Effect::Covered);
    record_removed(cx, key, &fields);
}

fn record_until(cx: &mut Ctx<'_>, key: &Key<'_>, pairs: &Args<'_>, at: UnixMillis) {
    let (mut at_digits, mut count_digits) = (Decimal::default(), Decimal::default());
    let count = count_digits.format(pairs.remaining() as i64 / 2);
    let mut effect: Vec<&[u8]> =
        vec![b"HSETEX", key.bytes(), b"PXAT", at_digits.format(at.0), b"FIELDS", count];
    effect.extend(pairs.rest());
    cx.view.record(key, HSET, Effect::Instead(&effect));
    cx.view.tell(key, HEXPIRE);
}

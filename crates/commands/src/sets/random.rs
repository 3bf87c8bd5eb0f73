//! Sets: members by chance.
//!
//! ```text
//! SRANDMEMBER key [count]
//! ```

use engine::{CommandError, Ctx};
use keyspace::{Key, Set};

use super::reply::reply_member;

const COUNT_TOO_LOW: CommandError = CommandError::fixed(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const COUNT_OUT_OF_RANGE: CommandError = CommandError::fixed("ERR value is out of range");

/// The most members, some of them several times, in one reply: at least half a gigabyte. Peers go on until memory is used up.
const REPEATED_MAX: usize = 1 << 26;

pub(super) fn srandmember(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    if cx.args.is_empty() {
        return one(cx, &key);
    }
    let count = cx.args.word()?;
    cx.args.end()?;
    let count = resp::parse_i64(count).ok_or(CommandError::NotAnInteger)?;
    if count == i64::MIN {
        return Err(COUNT_TOO_LOW);
    }
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 { any(cx, &key, wanted) } else { different(cx, &key, wanted) }
}

fn one(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    let random = cx.session.random().u64(..);
    let set = cx.view.get::<Set>(key)?;
    match set.as_ref().and_then(|set| set.sample(random)) {
        Some(member) => reply_member(&mut cx.reply, member),
        None => cx.reply.null(),
    }
    Ok(())
}

/// So many members, the same ones perhaps several times.
fn any(cx: &mut Ctx<'_>, key: &Key<'_>, wanted: usize) -> Result<(), CommandError> {
    let mut random = cx.session.random().fork();
    let Some(set) = cx.view.get::<Set>(key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    if wanted > REPEATED_MAX {
        return Err(COUNT_OUT_OF_RANGE);
    }
    cx.reply.array(wanted);
    for _ in 0..wanted {
        set.sample(random.u64(..)).into_iter().for_each(|member| reply_member(&mut cx.reply, member));
    }
    Ok(())
}

/// So many different members, or all.
fn different(cx: &mut Ctx<'_>, key: &Key<'_>, wanted: usize) -> Result<(), CommandError> {
    let mut random = cx.session.random().fork();
    let Some(set) = cx.view.get::<Set>(key)? else {
        cx.reply.array(0);
        return Ok(());
    };
    cx.reply.array(wanted.min(set.len()));
    set.choose(wanted, || random.u64(..), |member| reply_member(&mut cx.reply, member));
    Ok(())
}

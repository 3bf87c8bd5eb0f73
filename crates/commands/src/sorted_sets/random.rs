//! Sorted sets: members by chance.
//!
//! ```text
//! ZRANDMEMBER key [count [WITHSCORES]]
//! ```

use std::collections::BTreeSet;

use engine::{CommandError, Ctx};
use fastrand::Rng;
use keyspace::{Key, SortedSet};
use resp::Reply;

use super::reply::{Shown, begin_members, reply_member, reply_members, reply_one};

const COUNT_TOO_LOW: CommandError = CommandError::fixed(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const COUNT_OUT_OF_RANGE: CommandError = CommandError::fixed("ERR value is out of range");

/// The most members, some of them several times, in one reply: at least half a gigabyte. Peers go on until memory is used up.
const REPEATED_MAX: u64 = 1 << 26;

/// Of a set with more members for each one that is asked for, ranks are drawn; otherwise all of them are walked through.
const DRAWN_FROM: usize = 4;

pub(super) fn zrandmember(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    if cx.args.is_empty() {
        return one(cx, &key);
    }
    let count = cx.args.integer()?;
    if count == i64::MIN {
        return Err(COUNT_TOO_LOW);
    }
    let shown = Shown::option(cx).unwrap_or(Shown::Members);
    cx.args.end()?;
    let is_too_many = shown == Shown::WithScores && count.unsigned_abs() > i64::MAX as u64 / 2;
    if is_too_many || count < 0 && count.unsigned_abs() > REPEATED_MAX {
        return Err(COUNT_OUT_OF_RANGE);
    }
    let mut random = cx.session.random().fork();
    let set = cx.view.get::<SortedSet>(&key)?.filter(|_| count != 0);
    let Some(set) = set else {
        cx.reply.array(0);
        return Ok(());
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        any(&set, &mut cx.reply, shown, wanted, &mut random);
    } else {
        different(&set, &mut cx.reply, shown, wanted, &mut random);
    }
    Ok(())
}

fn one(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    let mut random = cx.session.random().fork();
    match cx.view.get::<SortedSet>(key)? {
        None => cx.reply.null(),
        Some(set) => match set.at(random.usize(..set.len())) {
            Some((member, _)) => reply_member(&mut cx.reply, member),
            None => cx.reply.null(),
        },
    }
    Ok(())
}

/// So many members, the same ones perhaps several times.
fn any(set: &SortedSet, reply: &mut Reply<'_>, shown: Shown, wanted: usize, random: &mut Rng) {
    begin_members(reply, wanted, shown);
    for _ in 0..wanted {
        if let Some((member, score)) = set.at(random.usize(..set.len())) {
            reply_one(reply, member, score, shown);
        }
    }
}

/// So many different members, or all.
fn different(set: &SortedSet, reply: &mut Reply<'_>, shown: Shown, wanted: usize, random: &mut Rng) {
    let len = set.len();
    if wanted >= len {
        return reply_members(reply, set.iter(), shown);
    }
    begin_members(reply, wanted, shown);
    if wanted < len / DRAWN_FROM {
        for rank in draw_ranks(len, wanted, random) {
            if let Some((member, score)) = set.at(rank) {
                reply_one(reply, member, score, shown);
            }
        }
        return;
    }
    // Each is taken with the probability that makes all choices equally likely: as many as are still wanted of those still to come.
    let (mut wanted, mut left) = (wanted, len);
    for (member, score) in set.iter() {
        if random.usize(..left) < wanted {
            reply_one(reply, member, score, shown);
            wanted -= 1;
        }
        left -= 1;
    }
}

/// `wanted` different ranks of `len`, all choices being equally likely (Floyd's way), in an order by chance.
fn draw_ranks(len: usize, wanted: usize, random: &mut Rng) -> Vec<usize> {
    let mut drawn = BTreeSet::new();
    for last in len - wanted..len {
        let rank = random.usize(..=last);
        if !drawn.insert(rank) {
            drawn.insert(last);
        }
    }
    let mut ranks: Vec<usize> = drawn.into_iter().collect();
    random.shuffle(&mut ranks);
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_ranks_differ_and_each_is_as_likely() {
        const LEN: usize = 20;
        const WANTED: usize = 5;
        const ROUNDS: usize = 4000;
        let mut random = Rng::with_seed(7);
        let mut times = [0_usize; LEN];
        for _ in 0..ROUNDS {
            let mut ranks = draw_ranks(LEN, WANTED, &mut random);
            ranks.iter().for_each(|rank| times[*rank] += 1);
            ranks.sort_unstable();
            ranks.dedup();
            assert_eq!(ranks.len(), WANTED);
        }
        let expected = ROUNDS * WANTED / LEN;
        assert!(times.iter().all(|times| times.abs_diff(expected) < expected / 5), "{times:?}");
    }
}

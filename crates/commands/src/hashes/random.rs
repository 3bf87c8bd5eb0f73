//! Hashes: fields by chance.
//!
//! ```text
//! HRANDFIELD key [count [WITHVALUES]]
//! ```

use std::collections::HashSet;

use engine::{Args, CommandError, Ctx};
use fastrand::Rng;
use keyspace::Hash;
use resp::{Protocol, Reply};
use structures::Element;
use structures::hash::Found;

use super::value::reply_element;

/// Of more than one field in so many all are passed, and each taken or not; of fewer they are drawn until enough are different.
const DENSE: usize = 3;

/// Draws for each different field, before the hash is passed through after all.
const DRAWS_PER_FIELD: usize = 16;

/// With repetitions no more than these are drawn: a reply of a gigabyte or so.
const REPETITIONS_MAX: u64 = 1 << 26;

const COUNT_RANGE: CommandError = CommandError::fixed(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const OUT_OF_RANGE: CommandError = CommandError::fixed("ERR value is out of range");

struct Sample {
    /// Negative: with repetitions.
    count: i64,
    shows_values: bool,
}

impl Sample {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let count = args.integer()?;
        if count == i64::MIN {
            return Err(COUNT_RANGE);
        }
        let shows_values = args.option("WITHVALUES");
        args.end()?;
        let is_too_many = shows_values && count.unsigned_abs() > i64::MAX as u64 / 2;
        let repeats_too_often = count < 0 && count.unsigned_abs() > REPETITIONS_MAX;
        if is_too_many || repeats_too_often {
            return Err(OUT_OF_RANGE);
        }
        Ok(Self { count, shows_values })
    }
}

pub(super) fn hrandfield(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let sample = if cx.args.is_empty() { None } else { Some(Sample::parse(&mut cx.args)?) };
    let (now, random) = (cx.view.now(), cx.session.random());
    let hash = cx.view.get::<Hash>(&key)?;
    let mut replies = Replies { reply: &mut cx.reply, shows_values: false };
    match (hash, sample) {
        (None, None) => replies.reply.null(),
        (None, Some(_)) => replies.reply.array(0),
        (Some(hash), None) => match hash.sample(now.0, || random.u64(..)) {
            Some((field, _)) => reply_element(replies.reply, field),
            None => replies.reply.null(),
        },
        (Some(hash), Some(sample)) => {
            replies.shows_values = sample.shows_values;
            let count = usize::try_from(sample.count.unsigned_abs()).unwrap_or(usize::MAX);
            if sample.count < 0 {
                repeat(&hash, count, now.0, random, &mut replies);
            } else {
                choose(&hash, count, now.0, random, &mut replies);
            }
        }
    }
    Ok(())
}

/// Where fields go: alone or with their values, which RESP3 keeps together.
struct Replies<'r, 'o> {
    reply: &'r mut Reply<'o>,
    shows_values: bool,
}

impl Replies<'_, '_> {
    fn begin(&mut self, fields: usize) {
        let is_flat = self.shows_values && self.reply.protocol() == Protocol::Resp2;
        self.reply.array(if is_flat { fields * 2 } else { fields });
    }

    fn push(&mut self, field: Element<'_>, found: Found<'_>) {
        if self.shows_values && self.reply.protocol() == Protocol::Resp3 {
            self.reply.array(2);
        }
        reply_element(self.reply, field);
        if self.shows_values {
            reply_element(self.reply, found.value);
        }
    }
}

fn repeat(hash: &Hash, count: usize, now_ms: i64, random: &mut Rng, replies: &mut Replies<'_, '_>) {
    // Whether a field can be drawn at all doesn't change between the draws.
    let is_live = hash.sample(now_ms, || random.u64(..)).is_some();
    let count = if is_live { count } else { 0 };
    replies.begin(count);
    for _ in 0..count {
        if let Some((field, found)) = hash.sample(now_ms, || random.u64(..)) {
            replies.push(field, found);
        }
    }
}

fn choose(hash: &Hash, count: usize, now_ms: i64, random: &mut Rng, replies: &mut Replies<'_, '_>) {
    let live = hash.live_len(now_ms);
    let count = count.min(live);
    replies.begin(count);
    let is_sparse = count.saturating_mul(DENSE) < live && !hash.has_due(now_ms);
    let fields = if is_sparse { draw(hash, count, now_ms, random) } else { None };
    if let Some(fields) = fields {
        for field in &fields {
            if let Some(found) = hash.find(field, now_ms) {
                replies.push(Element::Bytes(field), found);
            }
        }
        return;
    }
    let (mut left, mut wanted) = (live, count);
    hash.visit(now_ms, |field, found| {
        if wanted > 0 && random.usize(..left) < wanted {
            wanted -= 1;
            replies.push(field, found);
        }
        left -= 1;
    });
}

/// So many different fields; `None` if that takes too many draws.
fn draw(hash: &Hash, count: usize, now_ms: i64, random: &mut Rng) -> Option<Vec<Vec<u8>>> {
    let mut drawn = HashSet::with_capacity(count);
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count.saturating_mul(DRAWS_PER_FIELD) {
        if fields.len() == count {
            break;
        }
        let (field, _) = hash.sample(now_ms, || random.u64(..))?;
        let field = field.to_vec();
        if drawn.insert(field.clone()) {
            fields.push(field);
        }
    }
    (fields.len() == count).then_some(fields)
}

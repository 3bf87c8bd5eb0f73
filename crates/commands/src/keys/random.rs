//! Keys: one by chance.
//!
//! ```text
//! RANDOMKEY
//! ```
//!
//! A table draws one of its own keys fairly, so what is left is to draw its stripe with a probability in proportion to its fill. Where
//! stripes are well filled, their fills differ little (hashes are as good as random), and rejection does it at the price of a dozen looks:
//! draw a stripe, keep it with the probability *fill / limit*, else draw again. The limit is twice the fullest of a few; no
//! stripe comes near it. Where they aren't, one pass over all stripes draws exactly.

use engine::{CommandError, Ctx, View};
use fastrand::Rng;
use keyspace::Table;

use super::gather::is_live;

/// Stripes looked at for an estimate of their fill.
const ESTIMATE_STRIPES: usize = 8;

/// Rejection is used if the fullest of these holds at least this many keys: a stripe with twice as many is then less likely than one in
/// a million.
const FILL_MIN: usize = 32;

/// Stripes drawn before the pass over all of them is made; on average it takes fewer than three.
const DRAWS_MAX: usize = 64;

/// Keys drawn before it is believed that most keys are due and not yet removed.
const TRIES_MAX: usize = 32;

/// Entries then looked at for one that is not.
const SEARCHED_MAX: usize = 1 << 16;

pub(super) fn randomkey(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut random = cx.session.random().fork();
    match draw_live(&mut cx.view, &mut random) {
        Some(name) => cx.reply.bulk(&name),
        None => cx.reply.null(),
    }
    Ok(())
}

fn draw_live(view: &mut View<'_>, random: &mut Rng) -> Option<Vec<u8>> {
    for _ in 0..TRIES_MAX {
        let stripe = draw_stripe(view, random)?;
        let drawn = draw_key(view, stripe, random.u64(..));
        if let Some(name) = drawn {
            return Some(name);
        }
    }
    search_live(view)
}

/// A key of a stripe; `None` if the one that was drawn is due, or other clients have emptied the stripe meanwhile.
fn draw_key(view: &mut View<'_>, stripe: usize, random: u64) -> Option<Vec<u8>> {
    let now = view.now();
    visit_table(view, stripe, |table| {
        let entry = table.sample(random)?;
        is_live(&entry, now).then(|| entry.key().to_vec())
    })?
}

/// A stripe, each as likely as its share of the keys; `None` if there are no keys.
fn draw_stripe(view: &mut View<'_>, random: &mut Rng) -> Option<usize> {
    draw_stripe_by_rejection(view, random).or_else(|| draw_stripe_exactly(view, random))
}

fn draw_stripe_by_rejection(view: &mut View<'_>, random: &mut Rng) -> Option<usize> {
    let stripes = view.stripes();
    let fullest = (0..ESTIMATE_STRIPES).map(|_| fill(view, random.usize(..stripes))).max()?;
    if fullest < FILL_MIN {
        return None;
    }
    (0..DRAWS_MAX).find_map(|_| {
        let stripe = random.usize(..stripes);
        let is_kept = random.usize(..2 * fullest) < fill(view, stripe);
        is_kept.then_some(stripe)
    })
}

/// One pass: each stripe takes the place of the one chosen so far with the probability of its share of the keys passed.
fn draw_stripe_exactly(view: &mut View<'_>, random: &mut Rng) -> Option<usize> {
    let mut passed = 0;
    let mut chosen = None;
    for stripe in 0..view.stripes() {
        let fill = fill(view, stripe);
        passed += fill;
        if fill > 0 && random.usize(..passed) < fill {
            chosen = Some(stripe);
        }
    }
    chosen
}

/// The first key that is not due, of as many as may be looked at.
fn search_live(view: &mut View<'_>) -> Option<Vec<u8>> {
    let now = view.now();
    let mut left = SEARCHED_MAX;
    for stripe in 0..view.stripes() {
        let found = visit_table(view, stripe, |table| {
            let mut entries = table.iter().take(left).inspect(|_| left -= 1);
            entries.find(|entry| is_live(entry, now)).map(|entry| entry.key().to_vec())
        });
        if let Some(name) = found.flatten() {
            return Some(name);
        }
    }
    None
}

fn fill(view: &mut View<'_>, stripe: usize) -> usize {
    visit_table(view, stripe, Table::len).unwrap_or(0)
}

fn visit_table<R>(view: &mut View<'_>, stripe: usize, visit: impl FnOnce(&Table) -> R) -> Option<R> {
    let db = view.db();
    view.visit(stripe, |stripe| stripe.table(db).map(visit))
}

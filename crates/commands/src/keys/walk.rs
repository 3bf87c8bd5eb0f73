//! One step of a walk through a database, stripe after stripe, each locked for the look only.
//!
//! Within a stripe the table's own scan guarantees that what is there throughout is seen; a key never changes its stripe, and the
//! stripes are gone through in order. So a walk from place 0 to its end sees every key that is there throughout at least once, however
//! many others come and go between the steps, and however much tables grow and shrink.

use engine::View;
use keyspace::{DbIndex, Entry, Stripe};

use super::cursor::Place;

/// More than this many entries are not looked at in one step, whatever a client asks for: some ten milliseconds' work.
const ENTRIES_MAX: usize = 1 << 16;

/// Looks into tables in one step beyond one per entry asked for. Tables may be empty or thinly filled; with this a small database
/// is walked through in one step for up to as many stripes.
const LOOKS_EXTRA: usize = 4096;

/// Buckets looked at while one stripe is locked.
const BUCKETS_PER_LOCK: usize = 64;

/// What is left to do in a step. A step ends when either is used up; the last bucket may bring a few entries more.
pub(super) struct Budget {
    entries: usize,
    looks: usize,
}

impl Budget {
    /// For a step that shall see about so many entries.
    pub(super) fn new(entries: usize) -> Self {
        let entries = entries.min(ENTRIES_MAX);
        Self { entries, looks: entries + LOOKS_EXTRA }
    }

    fn is_spent(&self) -> bool {
        self.entries == 0 || self.looks == 0
    }
}

/// Shows the entries of the present database from a place on until the budget is spent. Returns the place to go on from.
pub(super) fn walk(
    view: &mut View<'_>,
    mut place: Place,
    mut budget: Budget,
    mut each: impl FnMut(&Entry),
) -> Place {
    let (db, stripes) = (view.db(), view.stripes());
    while place.stripe < stripes && !budget.is_spent() {
        let within =
            view.visit(place.stripe, |stripe| look(stripe, db, place.within, &mut budget, &mut each));
        place = place.after(within);
    }
    place
}

/// Looks at a few buckets of a stripe. Returns its table's next cursor, 0 at the end.
fn look(
    stripe: &Stripe,
    db: DbIndex,
    mut within: u64,
    budget: &mut Budget,
    each: &mut impl FnMut(&Entry),
) -> u64 {
    let Some(table) = stripe.table(db).filter(|table| !table.is_empty()) else {
        budget.looks -= 1;
        return 0;
    };
    for _ in 0..BUCKETS_PER_LOCK {
        within = table.scan(within, |entry| {
            budget.entries = budget.entries.saturating_sub(1);
            each(entry);
        });
        budget.looks -= 1;
        if within == 0 || budget.is_spent() {
            break;
        }
    }
    within
}

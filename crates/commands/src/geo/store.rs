//! Places that were found, as a sorted set of their own.

use engine::{Ctx, DEL, Effect, Event};
use keyspace::{Collection, Expiry, Key, NewValue, SortedSet};
use listpack::TextBuffer;
use structures::geo::Unit;
use structures::sorted_set::Limits;

use super::options::StoredScore;
use super::search::Found;

/// The set to be stored. A distance that is no number is 0.
pub(super) fn collect(found: &[Found<'_>], stored: StoredScore, unit: Unit, limits: &Limits) -> SortedSet {
    let longest = found.iter().map(|found| found.member.text_len()).max().unwrap_or(0);
    let mut set = SortedSet::with_expected(found.len(), longest, limits);
    let mut buffer = TextBuffer::new();
    for found in found {
        let score = match stored {
            StoredScore::Same => found.score,
            StoredScore::Distance if found.distance_m.is_nan() => 0.0,
            StoredScore::Distance => found.distance_m / unit.metres(),
        };
        set.insert(found.member.text(&mut buffer), score, limits);
    }
    set
}

/// Stores it in place of what was there; an empty one removes that.
pub(super) fn store(cx: &mut Ctx<'_>, key: &Key<'_>, set: SortedSet, event: Event) {
    if !set.is_empty() {
        cx.view.set(key, NewValue::Object(set.into_object()), Expiry::None);
        cx.view.record(key, event, Effect::AsCalled);
    } else if cx.view.remove(key) {
        cx.view.record(key, DEL, Effect::AsCalled);
    }
}

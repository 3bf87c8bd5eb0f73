//! HyperLogLogs: adding elements.
//!
//! ```text
//! PFADD key [element ...]
//! ```

use std::iter::once;

use engine::{CommandError, Ctx, Effect};
use keyspace::{Entry, Value};
use structures::hyperloglog::{self, Corrupted, EMPTY, Place, Sketch};

use super::{CORRUPTED, NOT_ONE, PFADD};
use crate::value::store_raw;

pub(super) fn pfadd(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let args = cx.args;
    let bytes_max = cx.engine.settings().hll_sparse_bytes_max();
    let found = match cx.view.string_mut(&key)? {
        Some(mut entry) => Some(add_to(&mut entry, args.rest(), bytes_max)?),
        None => None,
    };
    let added = match found {
        Some(added) => added,
        None => {
            let mut bytes = EMPTY.to_vec();
            let added = Added::to(&mut bytes, args.rest().map(Place::of), bytes_max);
            store_raw(&mut cx.view, &key, bytes)?;
            Added { has_changed: true, ..added }
        }
    };
    if added.has_changed {
        cx.view.record(&key, PFADD, Effect::AsCalled);
    }
    added.outcome.map_err(|_| CORRUPTED)?;
    cx.reply.integer(i64::from(added.has_changed));
    Ok(())
}

/// What came of adding elements: the first ones may have changed something before another found the registers corrupted. Whoever repeats
/// it gets as far.
struct Added {
    has_changed: bool,
    outcome: Result<(), Corrupted>,
}

impl Added {
    fn to(bytes: &mut Vec<u8>, places: impl Iterator<Item = Place>, bytes_max: usize) -> Self {
        let mut has_changed = false;
        for place in places {
            match hyperloglog::add(bytes, place, bytes_max) {
                Ok(changed) => has_changed |= changed,
                Err(corrupted) => return Self { has_changed, outcome: Err(corrupted) },
            }
        }
        Self { has_changed, outcome: Ok(()) }
    }
}

fn add_to<'a>(
    entry: &mut Entry,
    elements: impl Iterator<Item = &'a [u8]>,
    bytes_max: usize,
) -> Result<Added, CommandError> {
    let mut places = elements.map(Place::of);
    let value = entry.value();
    let text = value.text();
    let sketch = Sketch::new(&text).ok_or(NOT_ONE)?;
    // To change a value that is embedded in its entry costs a copy; most elements of a long life change nothing.
    if matches!(value, Value::Bytes(_)) {
        return match first_news(sketch, &mut places)? {
            Some(news) => Ok(entry.edit(|bytes| Added::to(bytes, once(news).chain(places), bytes_max))),
            None => Ok(Added { has_changed: false, outcome: Ok(()) }),
        };
    }
    Ok(entry.edit(|bytes| Added::to(bytes, places, bytes_max)))
}

/// The first element that would change a register; those before it are passed over.
fn first_news(
    sketch: Sketch<'_>,
    places: &mut impl Iterator<Item = Place>,
) -> Result<Option<Place>, CommandError> {
    for place in places {
        if sketch.is_news(place).map_err(|_| CORRUPTED)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

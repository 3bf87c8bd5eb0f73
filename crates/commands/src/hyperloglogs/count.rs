//! HyperLogLogs: estimating.
//!
//! ```text
//! PFCOUNT key [key ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Key;
use structures::hyperloglog::{self, Registers, Sketch};

use super::{CORRUPTED, NOT_ONE};

pub(super) fn pfcount(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let estimate = if cx.args.is_empty() { count_one(cx, &key)? } else { count_all(cx, &key)? };
    // Registers that no elements leave behind may stand for more than there are integers.
    cx.reply.integer(estimate as i64);
    Ok(())
}

/// The estimate is remembered in the string, and that is a change which the journal has to have: the strings must be the same everywhere.
fn count_one(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<u64, CommandError> {
    let estimate = match cx.view.string(key)? {
        None => return Ok(0),
        Some(entry) => {
            let text = entry.value().text();
            let sketch = Sketch::new(&text).ok_or(NOT_ONE)?;
            if let Some(remembered) = sketch.remembered() {
                return Ok(remembered);
            }
            sketch.estimate().map_err(|_| CORRUPTED)?
        }
    };
    if let Some(mut entry) = cx.view.string_mut(key)? {
        entry.edit(|bytes| hyperloglog::remember(bytes, estimate));
    }
    cx.view.record_rewrite(key, Effect::AsCalled);
    Ok(estimate)
}

fn count_all(cx: &mut Ctx<'_>, first: &Key<'_>) -> Result<u64, CommandError> {
    let mut registers = Registers::default();
    raise(cx, first, &mut registers)?;
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        raise(cx, &key, &mut registers)?;
    }
    Ok(registers.estimate())
}

fn raise(cx: &mut Ctx<'_>, key: &Key<'_>, registers: &mut Registers) -> Result<(), CommandError> {
    let Some(entry) = cx.view.string(key)? else { return Ok(()) };
    let text = entry.value().text();
    Sketch::new(&text).ok_or(NOT_ONE)?.raise(registers).map_err(|_| CORRUPTED)
}

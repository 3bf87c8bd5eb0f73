//! HyperLogLogs: several into one.
//!
//! ```text
//! PFMERGE destkey [sourcekey ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Key;
use structures::hyperloglog::{self, EMPTY, Encoding, Registers, Sketch};

use super::{CORRUPTED, NOT_ONE, PFADD};
use crate::value::store_raw;

pub(super) fn pfmerge(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let destination = cx.args.key()?;
    let mut merged = Merged { registers: Registers::default(), encoding: Encoding::Sparse };
    merged.take(cx, &destination)?;
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        merged.take(cx, &key)?;
    }
    merged.store(cx, &destination)?;
    cx.view.record(&destination, PFADD, Effect::AsCalled);
    cx.reply.ok();
    Ok(())
}

struct Merged {
    registers: Registers,
    /// Dense, if one of those taken is.
    encoding: Encoding,
}

impl Merged {
    fn take(&mut self, cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
        let Some(entry) = cx.view.string(key)? else { return Ok(()) };
        let text = entry.value().text();
        let sketch = Sketch::new(&text).ok_or(NOT_ONE)?;
        if sketch.encoding() == Encoding::Dense {
            self.encoding = Encoding::Dense;
        }
        sketch.raise(&mut self.registers).map_err(|_| CORRUPTED)
    }

    fn store(&self, cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
        let bytes_max = cx.engine.settings().hll_sparse_bytes_max();
        let merge = |bytes: &mut Vec<u8>| {
            hyperloglog::merge(bytes, &self.registers, self.encoding, bytes_max).map_err(|_| CORRUPTED)
        };
        if let Some(mut entry) = cx.view.string_mut(key)? {
            return entry.edit(merge);
        }
        let mut bytes = EMPTY.to_vec();
        merge(&mut bytes)?;
        store_raw(&mut cx.view, key, bytes)
    }
}

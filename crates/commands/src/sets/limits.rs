//! Up to what size sets are small.

use engine::Engine;
use structures::set::Limits;

/// As the configuration says now.
#[inline]
pub(crate) fn limits(engine: &Engine) -> Limits {
    let settings = engine.settings();
    Limits {
        integers_max: settings.set_max_intset_entries(),
        entries_max: settings.set_max_listpack_entries(),
        bytes_max: settings.set_max_listpack_value(),
        hash_key: engine.keyspace().secret(),
    }
}

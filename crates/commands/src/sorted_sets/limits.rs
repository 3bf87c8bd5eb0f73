//! Up to what size sorted sets are packed.

use engine::Engine;
use structures::sorted_set::Limits;

/// As the configuration says now.
pub(crate) fn limits(engine: &Engine) -> Limits {
    let settings = engine.settings();
    Limits {
        entries_max: settings.zset_max_listpack_entries(),
        member_bytes_max: settings.zset_max_listpack_value(),
        hash_key: engine.keyspace().secret(),
    }
}

//! The names of types, and of the forms in which they are written.

use rdb::ValueType;

/// The type as `TYPE` tells it, and the form.
pub(super) fn names(value_type: ValueType) -> (&'static str, &'static str) {
    use ValueType::*;
    match value_type {
        String => ("string", "raw"),
        List => ("list", "elements"),
        ListZiplist => ("list", "ziplist"),
        ListQuicklist => ("list", "quicklist of ziplists"),
        ListQuicklist2 => ("list", "quicklist"),
        Set => ("set", "hashtable"),
        SetIntset => ("set", "intset"),
        SetListpack => ("set", "listpack"),
        SortedSetText => ("zset", "skiplist, scores as text"),
        SortedSet => ("zset", "skiplist"),
        SortedSetZiplist => ("zset", "ziplist"),
        SortedSetListpack => ("zset", "listpack"),
        Hash => ("hash", "hashtable"),
        HashZipmap => ("hash", "zipmap"),
        HashZiplist => ("hash", "ziplist"),
        HashListpack => ("hash", "listpack"),
        HashMetadata | HashMetadataEarly | HashExpiring => ("hash", "hashtable, fields may expire"),
        HashListpackExpiring | HashListpackEarly => ("hash", "listpack, fields may expire"),
        Stream1 | Stream2 | Stream3 => ("stream", "stream"),
        Module => ("module", "module"),
        _ => ("unknown", "unknown"),
    }
}

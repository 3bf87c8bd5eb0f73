//! What the fuzz targets check: one file and one function for each, named like the target.
//!
//! A target in `fuzz/fuzz_targets/` is one line that calls its function. The functions are here, in the workspace, so that
//! `cargo test` runs them too, on a stable compiler: over `fuzz/seeds/`, `fuzz/regressions/` and the transcripts.
//!
//! ```text
//!   fuzz/seeds/<target>/        ─┐
//!   fuzz/regressions/<target>/  ─┼─▶ function of the target ─▶ returns, or panics
//!   what libFuzzer makes up     ─┤
//!   transcripts, as seeds       ─┘  (targets that take requests)
//! ```

mod dictionary;
mod seeds;

mod acl_rules;
mod aof_directory;
mod aof_manifest;
mod aof_segment;
mod catalog_dispatch;
mod catalog_keys;
mod config_file;
mod config_set;
mod dict_ops;
mod engine_restore;
mod engine_serve;
mod engine_sessions;
mod geo_regions;
mod glob_match;
mod hash_ops;
mod hyperloglog_bytes;
mod intset_ops;
mod list_ops;
mod listpack_ops;
mod listpack_validate;
mod persistence_start;
mod pubsub_registry;
mod rdb_dump;
mod rdb_lzf;
mod rdb_reader;
mod resp_frame;
mod resp_inline;
mod resp_reply;
mod resp_request;
mod resp_request_split;
mod set_ops;
mod sorted_set_forms;
mod sorted_set_ops;
mod stream_nodes;
mod stream_ops;
mod structures_bitfield;
mod structures_lcs;
mod structures_long_double;

pub use dictionary::{commands_dictionary, config_dictionary, is_dictionary};
pub use seeds::{Seed, transcript_seeds};

pub use acl_rules::acl_rules;
pub use aof_directory::aof_directory;
pub use aof_manifest::aof_manifest;
pub use aof_segment::aof_segment;
pub use catalog_dispatch::catalog_dispatch;
pub use catalog_keys::catalog_keys;
pub use config_file::config_file;
pub use config_set::config_set;
pub use dict_ops::dict_ops;
pub use engine_restore::engine_restore;
pub use engine_serve::engine_serve;
pub use engine_sessions::engine_sessions;
pub use geo_regions::geo_regions;
pub use glob_match::glob_match;
pub use hash_ops::hash_ops;
pub use hyperloglog_bytes::hyperloglog_bytes;
pub use intset_ops::intset_ops;
pub use list_ops::list_ops;
pub use listpack_ops::listpack_ops;
pub use listpack_validate::listpack_validate;
pub use persistence_start::persistence_start;
pub use pubsub_registry::pubsub_registry;
pub use rdb_dump::rdb_dump;
pub use rdb_lzf::rdb_lzf;
pub use rdb_reader::rdb_reader;
pub use resp_frame::resp_frame;
pub use resp_inline::resp_inline;
pub use resp_reply::resp_reply;
pub use resp_request::resp_request;
pub use resp_request_split::resp_request_split;
pub use set_ops::set_ops;
pub use sorted_set_forms::sorted_set_forms;
pub use sorted_set_ops::sorted_set_ops;
pub use stream_nodes::stream_nodes;
pub use stream_ops::stream_ops;
pub use structures_bitfield::structures_bitfield;
pub use structures_lcs::structures_lcs;
pub use structures_long_double::structures_long_double;

/// Checks one input; panics if it finds something.
pub type Check = fn(&[u8]);

/// Every target, by name.
pub const TARGETS: [(&str, Check); 38] = [
    ("acl_rules", acl_rules),
    ("aof_directory", aof_directory),
    ("aof_manifest", aof_manifest),
    ("aof_segment", aof_segment),
    ("catalog_dispatch", catalog_dispatch),
    ("catalog_keys", catalog_keys),
    ("config_file", config_file),
    ("config_set", config_set),
    ("dict_ops", dict_ops),
    ("engine_restore", engine_restore),
    ("engine_serve", engine_serve),
    ("engine_sessions", engine_sessions),
    ("geo_regions", geo_regions),
    ("glob_match", glob_match),
    ("hash_ops", hash_ops),
    ("hyperloglog_bytes", hyperloglog_bytes),
    ("intset_ops", intset_ops),
    ("list_ops", list_ops),
    ("listpack_ops", listpack_ops),
    ("listpack_validate", listpack_validate),
    ("persistence_start", persistence_start),
    ("pubsub_registry", pubsub_registry),
    ("rdb_dump", rdb_dump),
    ("rdb_lzf", rdb_lzf),
    ("rdb_reader", rdb_reader),
    ("resp_frame", resp_frame),
    ("resp_inline", resp_inline),
    ("resp_reply", resp_reply),
    ("resp_request", resp_request),
    ("resp_request_split", resp_request_split),
    ("set_ops", set_ops),
    ("sorted_set_forms", sorted_set_forms),
    ("sorted_set_ops", sorted_set_ops),
    ("stream_nodes", stream_nodes),
    ("stream_ops", stream_ops),
    ("structures_bitfield", structures_bitfield),
    ("structures_lcs", structures_lcs),
    ("structures_long_double", structures_long_double),
];

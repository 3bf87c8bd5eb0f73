//! What the configuration says of files.

use std::path::{Path, PathBuf};

use config::{Config, id};
use engine::{Engine, Settings};
use rdb::Dialect;
use records::Limits;

/// How snapshot files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotOptions {
    /// In which dialect; `None` for the one that most servers read among those that lose nothing.
    pub(crate) dialect: Option<Dialect>,
    pub(crate) compress: bool,
    pub(crate) checksum: bool,
}

impl SnapshotOptions {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            dialect: None,
            compress: config.boolean(id::RDBCOMPRESSION),
            checksum: config.boolean(id::RDBCHECKSUM),
        }
    }
}

/// The working directory. The process is in it, so a relative path names it, too.
pub(crate) fn directory(config: &Config) -> PathBuf {
    let dir = Path::new(config.text(id::DIR));
    if dir.is_absolute() { dir.to_owned() } else { PathBuf::from(".") }
}

/// The snapshot file.
pub(crate) fn snapshot_path(config: &Config) -> PathBuf {
    directory(config).join(config.text(id::DBFILENAME))
}

/// Up to which sizes collections are packed.
pub(crate) fn limits(engine: &Engine) -> Limits {
    let (settings, hash_key): (&Settings, _) = (engine.settings(), engine.keyspace().secret());
    Limits {
        list: structures::list::Limit::of_setting(settings.list_max_listpack_size()),
        hash: structures::hash::Limits {
            fields_max: settings.hash_fields_max(),
            bytes_max: settings.hash_bytes_max(),
            hash_key,
        },
        set: structures::set::Limits {
            integers_max: settings.set_max_intset_entries(),
            entries_max: settings.set_max_listpack_entries(),
            bytes_max: settings.set_max_listpack_value(),
            hash_key,
        },
        sorted_set: structures::sorted_set::Limits {
            entries_max: settings.zset_max_listpack_entries(),
            member_bytes_max: settings.zset_max_listpack_value(),
            hash_key,
        },
    }
}

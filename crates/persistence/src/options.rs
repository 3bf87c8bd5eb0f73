//! What the configuration says of files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use aof::BaseFormat;
use config::{Config, id};
use engine::{Engine, Moment, Settings};
use records::Limits;

/// How snapshots are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotOptions {
    /// As a snapshot file, of which the rest here tells, or as commands.
    pub(crate) format: BaseFormat,
    /// In which version; `None` for the one that most servers read among those that lose nothing.
    pub(crate) version: Option<u8>,
    pub(crate) compress: bool,
    pub(crate) checksum: bool,
}

impl SnapshotOptions {
    /// Of snapshot files.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            format: BaseFormat::Rdb,
            version: config.choice(id::RDB_VERSION).parse().ok(),
            compress: config.boolean(id::RDBCOMPRESSION),
            checksum: config.boolean(id::RDBCHECKSUM),
        }
    }

    /// Of a log's base. Functions are kept in snapshot files alone: `FUNCTION LOAD`, as the peers have it in their commands, is none that kvd could
    /// carry out.
    pub(crate) fn base(config: &Config, functions: &[Vec<u8>]) -> Self {
        let is_rdb = config.boolean(id::AOF_USE_RDB_PREAMBLE);
        if !is_rdb && !functions.is_empty() {
            tracing::warn!(
                "the log's base is written as a snapshot file, though aof-use-rdb-preamble is no: {} libraries of functions are kept in it",
                functions.len()
            );
        }
        let format = if is_rdb || !functions.is_empty() { BaseFormat::Rdb } else { BaseFormat::Commands };
        Self { format, ..Self::of(config) }
    }
}

/// The working directory. Whoever runs the process sees to it that the path is whole: the files stay where they are when another one is entered.
pub(crate) fn directory(config: &Config) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(config.text(id::DIR)))
}

/// The snapshot file.
pub(crate) fn snapshot_path(config: &Config) -> PathBuf {
    directory(config).join(OsStr::from_bytes(config.text(id::DBFILENAME)))
}

/// Where the log is.
pub(crate) fn location(config: &Config) -> aof::Location {
    let name = |id| OsStr::from_bytes(config.text(id)).to_owned();
    aof::Location::new(&directory(config), name(id::APPENDDIRNAME), name(id::APPENDFILENAME))
}

/// How the log is written.
pub(crate) fn log_options(config: &Config) -> aof::Options {
    aof::Options {
        policy: match config.choice(id::APPENDFSYNC) {
            "always" => aof::Policy::Always,
            "no" => aof::Policy::No,
            _ => aof::Policy::EverySec,
        },
        timestamps: config.boolean(id::AOF_TIMESTAMP_ENABLED),
        no_sync_on_rewrite: config.boolean(id::NO_APPENDFSYNC_ON_REWRITE),
        retained_bytes_max: aof::Options::DEFAULT.retained_bytes_max,
    }
}

/// A moment as the log counts it.
pub(crate) fn millis(moment: Moment) -> aof::UnixMillis {
    aof::UnixMillis(moment.unix_nanos() / 1_000_000)
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

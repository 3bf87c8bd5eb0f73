//! The command line, and what `--help` says of it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rdb::Dialect;

const EXAMPLES: &str = "\
Exit codes:
  0  fine: the file is whole, the two hold the same, the file was written
  1  damage or differences were found, or bytes that no server wrote
  2  the question couldn't be answered: usage, files, network

Reports go to standard output, damage and errors to standard error.

Examples:
  kvd-check rdb /var/lib/redis/dump.rdb
  kvd-check aof /var/lib/redis/appendonlydir
  kvd-check aof appendonlydir --until 2026-11-22T03:00:00Z
  kvd-check diff before.rdb redis://:secret@10.0.0.7:6379
  kvd-check stats dump.rdb --top 20
  kvd-check convert valkey.rdb for-redis.rdb --to 12

`kvd-check help COMMAND` says more of each.";

const RDB_HELP: &str = "\
The file is read once from front to end, with every check that a server makes
when it loads it, and some that none makes: lengths, the structure of every
packed value, members that are there twice, streams that contradict themselves,
the checksum. Only that a key is there twice isn't noticed.

Damage is told with its offset, the reason, and the key that was being read.
Bytes that follow the end are told, and are no damage.

Memory: the longest string of the file, and 64 MiB at most for comparing the
members of one value; of more than 4194304 the first so many are compared.";

const AOF_HELP: &str = "\
Every file that the manifest names is read: the base as a snapshot or as
commands, then the increments. Instead of the directory its manifest may be
given, the directory above it, or one file alone, such as the appendonly.aof of
servers before Redis 7, with or without a snapshot at its front.

Only the last file may end in the middle of a command or transaction, since that
is what a crash leaves. --fix cuts such an end off. Damage in front of whole
commands is never cut: it is told with file, offset and reason, for a person to
decide.

--until takes seconds since 1970 or RFC 3339 (2026-11-22T03:00:00Z), and needs a
log with timestamps (aof-timestamp-enabled). It can't go back beyond the first
of them.

What is cut is kept beside the file, as NAME.cut-at-OFFSET; files behind the
point in time are renamed to NAME.cut-at-0. Without --fix and
--until nothing on the disk is changed. Stop the server before you use either.";

const DIFF_HELP: &str = "\
A and B are each one of
  a snapshot file, of any version of Redis or Valkey; no pipe, as it may be
  read twice
  a log's directory whose base is a snapshot and whose increments are empty
  a server: HOST:PORT or redis://[USER:PASSWORD@]HOST:PORT (Redis 7.0 and later)

Values are compared by what they hold, not by how they are written: versions,
packed forms and the order of sets and hashes make no difference. Compared are
keys, types, values, expiries of keys and of fields, and of streams also groups,
consumers and what is pending; values of modules byte by byte. Not compared are
functions, idle times and frequencies, and when consumers of streams were last
seen and active. Beside a server, keys and fields that have expired by now are
left out.

A server is read with SCAN and DUMP while it runs. Keys that change meanwhile
may be told as different; let nobody write if that matters. Of a cluster each
node is one server.

Memory: 33 bytes for each key of A, about 150 for each key that differs, the
longest value, 64 MiB for checking a file's values, and 192 MiB for showing
where values differ. Both sides are read a second time if there are differences.
Values longer than 4 MiB, and of more than 1000000 elements in another order,
are told as different without the place. A damaged file is not compared.";

const STATS_HELP: &str = "\
Tells keys, bytes and elements by type and form and by prefix, the biggest keys,
the collections with most elements, and when keys expire.

Bytes are those in the file, after compression, without the overhead of a
server's memory. Expiries are told from the time at which the file was saved, or
from now if it doesn't say.

Memory: the longest string of the file, and at most 100000 prefixes of 256
bytes; keys with other prefixes are counted as 'other'.";

const CONVERT_HELP: &str = "\
Versions:
  10   Redis 7.0 and later, every Valkey
  11   Redis 7.2 and later, Valkey 7.2 and later
  12   Redis 7.4 and later
  80   Valkey 9

What a version can't hold is an error that names the key: fields that expire
exist in 12 and 80 alone. Hints for clusters, and when consumers of streams were
last active, are left out where there is no place for them.

The new file is written under another name beside TO, made durable, and renamed
when it is whole. A file that is damaged anywhere is not converted, by all the
checks of kvd-check rdb, and neither is a log with commands behind a snapshot.
Links and devices are not replaced, --force or not.";

/// Checks, compares, measures and converts the files of Redis, Valkey and kvd
#[derive(Debug, Parser)]
#[command(name = "kvd-check", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Say nothing but damage and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Check a snapshot file (dump.rdb), and tell what it holds
    #[command(after_help = RDB_HELP)]
    Rdb {
        /// The file; - for standard input
        file: PathBuf,
    },
    /// Check an append-only log, repair its end, or take it back in time
    #[command(after_help = AOF_HELP)]
    Aof(AofTask),
    /// Compare the data of two files or servers, key by key
    #[command(after_help = DIFF_HELP)]
    Diff(DiffTask),
    /// Tell what takes the room in a snapshot file
    #[command(after_help = STATS_HELP)]
    Stats(StatsTask),
    /// Write a snapshot file anew, for a server of another version
    #[command(after_help = CONVERT_HELP)]
    Convert(ConvertTask),
}

#[derive(Debug, Args)]
pub(crate) struct AofTask {
    /// The log's directory, its manifest, or a single file
    #[arg(value_name = "DIR_OR_FILE")]
    pub(crate) path: PathBuf,
    /// Cut off a last command that isn't whole, keeping a copy
    #[arg(long)]
    pub(crate) fix: bool,
    /// Cut off what was written after this second, keeping copies
    #[arg(long, value_name = "TIME", value_parser = crate::text::parse_time)]
    pub(crate) until: Option<u64>,
    /// Don't ask before cutting
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffTask {
    /// A file, a log's directory, or a server
    pub(crate) a: OsString,
    /// What to compare it with
    pub(crate) b: OsString,
    /// Show so many differences, and count the others
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct StatsTask {
    /// The snapshot file; - for standard input
    pub(crate) file: PathBuf,
    /// What ends a prefix
    #[arg(long, value_name = "TEXT", default_value = ":", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) delimiter: String,
    /// Levels of a prefix
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub(crate) depth: u32,
    /// Keys, collections and prefixes to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) top: u32,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertTask {
    /// The file to read; - for standard input
    pub(crate) from: PathBuf,
    /// The file to write
    pub(crate) to: PathBuf,
    /// The version to write
    #[arg(long = "to", value_name = "10|11|12|80", hide_possible_values = true)]
    pub(crate) version: Version,
    /// Whether to compress strings
    #[arg(long, value_name = "yes|no", default_value = "yes", hide_possible_values = true)]
    pub(crate) compress: YesOrNo,
    /// Replace TO if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesOrNo {
    Yes,
    No,
}

/// A version that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Version {
    #[value(name = "10")]
    Redis10,
    #[value(name = "11")]
    Redis11,
    #[value(name = "12")]
    Redis12,
    #[value(name = "80")]
    Valkey80,
}

impl Version {
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Redis10 => Dialect::Redis(10),
            Self::Redis11 => Dialect::Redis(11),
            Self::Redis12 => Dialect::Redis(12),
            Self::Valkey80 => Dialect::Valkey(80),
        }
    }
}

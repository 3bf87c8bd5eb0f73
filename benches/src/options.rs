//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::keys::Distribution;
use crate::load::Pace;
use crate::server::Variant;
use crate::template::{Filling, Template, Workload};

/// Where a release build puts kvd.
const KVD_DEFAULT: &str = "target/release/kvd";
/// Connections when nothing else is asked for: many clients that wait, or a few that send much.
const CONNECTIONS_PLAIN: usize = 50;
const CONNECTIONS_PIPELINED: usize = 16;
/// Requests that one connection may have under way.
const PIPELINE_MAX: usize = 10_000;

/// Compare kvd with Redis and Valkey: same core, same load, same minute.
#[derive(Debug, Parser)]
#[command(name = "versus", version)]
pub(crate) struct Options {
    /// kvd's program [default: target/release/kvd if it exists]; may be repeated to compare builds
    #[arg(long, value_name = "[NAME=]PATH", value_parser = named_path)]
    pub(crate) kvd: Vec<(String, PathBuf)>,
    /// A peer's program, may be repeated [default: those found in PATH and in Python packages]
    #[arg(long, value_name = "NAME=PATH", value_parser = named_path)]
    pub(crate) peer: Vec<(String, PathBuf)>,
    /// Worker threads of kvd; each number is a contestant of its own
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1")]
    pub(crate) threads: Vec<usize>,
    /// Core of the servers; kvd with more threads gets the ones that follow as well
    #[arg(long, value_name = "CORE", default_value_t = 0)]
    pub(crate) server_core: usize,
    /// Core of the generator
    #[arg(long, value_name = "CORE", default_value_t = 1)]
    pub(crate) generator_core: usize,
    /// Parameters for every contestant, such as 'everysec=appendonly yes, appendfsync everysec'; may be repeated: then each contestant takes
    /// part once with each, and they are compared with the first, which may be 'no log='
    #[arg(long, value_name = "[NAME=]PARAMETER VALUE,…")]
    pub(crate) variant: Vec<Variant>,
    /// Where servers have their folders: on which disk [default: the system's temporary folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// First port to try
    #[arg(long, value_name = "PORT", default_value_t = 7700)]
    pub(crate) port: u16,

    /// Measure bytes per key or member instead
    #[arg(long, group = "mode")]
    pub(crate) memory: bool,
    /// Measure what clients feel of a snapshot instead, beside the same load before it, and the memory that it takes
    #[arg(long, group = "mode")]
    pub(crate) saving: bool,
    /// Measure how long a start with data takes instead: from a snapshot, and from a log of changes
    #[arg(long, group = "mode")]
    pub(crate) loading: bool,
    /// What --memory measures and --loading loads: string, expiring; hash10, set10, ints10, zset10, list10 (--keys collections of ten elements);
    /// hash, set, zset, list (one collection of --keys elements)
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "string,expiring",
        default_value_if("loading", "true", "string")
    )]
    pub(crate) values: Vec<Filling>,
    /// Measure the longest of N inserts into an empty server instead (also 1m), --pipeline of them at a time
    #[arg(long, value_name = "N", value_parser = count, group = "mode")]
    pub(crate) insert: Option<u64>,
    /// Measure how late K keys go that are due at one instant instead, beside --keys that are not due
    #[arg(long, value_name = "K", value_parser = count, group = "mode")]
    pub(crate) expiry: Option<u64>,
    /// Measure how many of 100 reads find their key instead, with BYTES of maxmemory (also 20m) and --keys; whoever finds none stores it. A law of
    /// --distribution like zipf is wanted
    #[arg(long, value_name = "BYTES", value_parser = count, group = "mode")]
    pub(crate) hits: Option<u64>,
    /// Policies of --hits
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "allkeys-lru,allkeys-lfu,allkeys-random"
    )]
    pub(crate) policies: Vec<String>,
    /// Pipeline depth of --insert
    #[arg(long, value_name = "DEPTH", default_value_t = 1, value_parser = depth)]
    pub(crate) pipeline: usize,
    /// Seconds after which --expiry gives up waiting
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) limit: u64,

    /// What to measure: preset or command name, and pipeline depth; `types` stands for all presets over the data types
    #[arg(
        long,
        value_name = "NAME:DEPTH,…",
        value_delimiter = ',',
        default_value = "get:1,get:16,get:100,set:1,set:16,set:100,mget10:1,mget10:16,mset10:1,mset10:16",
        value_parser = cell
    )]
    pub(crate) cells: Vec<(String, usize)>,
    /// A workload of your own, such as hset="HSET h:{num} f {value}"; see README.md for the holes
    #[arg(long, value_name = "NAME=TEMPLATE", value_parser = named_template)]
    pub(crate) command: Vec<(String, Template)>,
    /// Keys in each server (also 100k, 1m) [default: 1m; with --saving or --loading 5m]
    #[arg(
        long,
        value_name = "N",
        default_value = "1m",
        default_value_ifs([("saving", "true", "5m"), ("loading", "true", "5m")]),
        hide_default_value = true,
        value_parser = count
    )]
    pub(crate) keys: u64,
    /// Bytes of a value
    #[arg(long, value_name = "BYTES", default_value_t = 32)]
    pub(crate) value_bytes: usize,
    /// How keys are drawn: uniform, seq, zipf or zipf:EXPONENT
    #[arg(long, value_name = "LAW", default_value = "uniform")]
    pub(crate) distribution: Distribution,
    /// Seed of the keys' order
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Connections [default: 50 without pipeline, 16 with; 20 with --saving]
    #[arg(long, value_name = "N")]
    pub(crate) connections: Option<usize>,
    /// Open loop: requests per second over all connections (also 50k) instead of as many as possible
    #[arg(long, value_name = "PER_SECOND", value_parser = count)]
    pub(crate) rate: Option<u64>,
    /// Rounds; servers are started anew for each
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Seconds of each measurement; with --saving of the load before it
    #[arg(long, default_value_t = 2.0, default_value_if("saving", "true", "5"))]
    pub(crate) seconds: f64,
    /// Seconds of load before each measurement
    #[arg(long, default_value_t = 0.5)]
    pub(crate) warmup: f64,

    /// Write NAME.json, NAME.md and NAME.svg here
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// NAME of those files [default: the mode's]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

impl Options {
    /// The builds of kvd that take part.
    pub(crate) fn kvd_programs(&self) -> Vec<(String, PathBuf)> {
        let default = Path::new(KVD_DEFAULT);
        match self.kvd.is_empty() && default.is_file() {
            // Servers run in folders of their own, so the path must not be relative.
            true => vec![("kvd".into(), std::path::absolute(default).unwrap_or_else(|_| default.into()))],
            false => self.kvd.clone(),
        }
    }

    /// The workload of a name, the user's own before the presets.
    pub(crate) fn workload(&self, name: &str) -> Option<Workload> {
        let own = self.command.iter().find(|(own, _)| own == name);
        match own {
            Some((name, template)) => Some(Workload::custom(name, template.clone())),
            None => Workload::preset(name, self.value_bytes),
        }
    }

    /// How many connections a pipeline depth is measured with.
    pub(crate) fn connections_for(&self, pipeline: usize) -> usize {
        let default = if pipeline == 1 { CONNECTIONS_PLAIN } else { CONNECTIONS_PIPELINED };
        self.connections.unwrap_or(default).max(1)
    }

    /// Closed or open loop.
    pub(crate) fn pace(&self) -> Pace {
        match self.rate {
            Some(rate) if rate > 0 => Pace::Open { requests_per_second: rate as f64 },
            _ => Pace::Closed,
        }
    }
}

/// `NAME=PATH`, or a path whose last part is the name.
fn named_path(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
        None => {
            let path = PathBuf::from(text);
            let name =
                path.file_name().ok_or("a path to a program is needed")?.to_string_lossy().into_owned();
            (name, path)
        }
    };
    match path.is_file() {
        true => Ok((name, std::path::absolute(&path).map_err(|error| error.to_string())?)),
        false => Err(format!("{} is no file", path.display())),
    }
}

fn named_template(text: &str) -> Result<(String, Template), String> {
    let (name, template) = text.split_once('=').ok_or("NAME=TEMPLATE is needed")?;
    Ok((name.into(), template.parse()?))
}

/// `get:16`.
fn cell(text: &str) -> Result<(String, usize), String> {
    let (name, depth) = text.split_once(':').unwrap_or((text, "1"));
    Ok((name.into(), self::depth(depth)?))
}

fn depth(text: &str) -> Result<usize, String> {
    let depth = text.parse().ok().filter(|depth| (1..=PIPELINE_MAX).contains(depth));
    depth.ok_or_else(|| format!("a pipeline depth is 1 to {PIPELINE_MAX}"))
}

/// A number, with `k` or `m` for thousands or millions; at least 1.
fn count(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.trim_end_matches(['k', 'K', 'm', 'M']) {
        digits if digits.len() == text.len() => (digits, 1),
        digits if text[digits.len()..].eq_ignore_ascii_case("k") => (digits, 1000),
        digits if text[digits.len()..].eq_ignore_ascii_case("m") => (digits, 1_000_000),
        _ => return Err("a number, or one with k or m behind it".into()),
    };
    let number =
        digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).filter(|&number| number > 0);
    number.ok_or_else(|| "a number above 0, or one with k or m behind it".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn counts_may_have_units() {
        assert_eq!([count("7"), count("20k"), count("3M")], [Ok(7), Ok(20_000), Ok(3_000_000)]);
        for text in ["", "k", "0", "1g", "1km", "-1", "99999999999999999999", "99999999999999999m"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cells_name_a_workload_and_a_depth() {
        assert_eq!(cell("get:16"), Ok(("get".into(), 16)));
        assert_eq!(cell("get"), Ok(("get".into(), 1)));
        assert!(cell("get:0").is_err() && cell("get:x").is_err() && cell("get:10001").is_err());
    }

    #[test]
    fn there_is_one_mode_at_a_time() {
        assert!(Options::try_parse_from(["versus", "--insert", "10k"]).is_ok());
        assert!(Options::try_parse_from(["versus", "--memory", "--expiry", "1k"]).is_err());
    }

    #[test]
    fn modes_have_defaults_of_their_own() {
        let options = |words: &[&str]| Options::try_parse_from([&["versus"], words].concat()).expect("valid");
        assert_eq!((options(&[]).keys, options(&["--saving"]).keys), (1_000_000, 5_000_000));
        assert_eq!((options(&["--saving"]).seconds, options(&["--loading"]).seconds), (5.0, 2.0));
        assert_eq!(options(&["--loading", "--keys", "7"]).keys, 7);
        assert_eq!((options(&["--memory"]).values.len(), options(&["--loading"]).values.len()), (2, 1));
    }

    #[test]
    fn own_commands_come_before_presets() {
        let options = Options::try_parse_from(["versus", "--command", "get=GETEX {key}"]).expect("valid");
        assert_eq!(options.workload("get").expect("there").command(), "GETEX {key}");
        assert_eq!(options.workload("set").expect("there").command(), "SET {key} {value}");
        assert!(options.workload("nope").is_none());
    }
}

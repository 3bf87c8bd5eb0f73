//! The command line, read into a configuration.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};
use config::{ArgumentError, Config, LoadError, arguments_to_lines};
use server::Setup;

use crate::include::include;

const PARAMETERS: &str = "\
Parameters, the usual ones (every parameter of redis.conf and valkey.conf is taken, as --name value):
  --port <PORT>             TCP port [default: 6379]; 0 for none
  --tls-port <PORT>         TLS port [default: 0, none]; needs --tls-cert-file and --tls-key-file
  --bind <ADDRESS...>       Addresses to listen on [default: * -::*]
  --unixsocket <PATH>       Unix socket to listen on
  --threads <N>             Worker threads [default: 0, the cores that this process may use]
  --requirepass <PASSWORD>  Password that clients must give
  --protected-mode <yes|no> Refuse other machines as long as there is no password [default: yes]
  --maxclients <N>          Most clients at a time [default: 10000]
  --timeout <SECONDS>       Close clients that are idle for so long [default: 0, never]
  --databases <N>           Number of databases [default: 16]
  --dir <FOLDER>            Working directory
  --loglevel <LEVEL>        debug, verbose, notice, warning or nothing [default: notice]
  --logfile <FILE>          Log to a file instead of standard output

Examples:
  kvd                                   listen on port 6379, in memory only
  kvd /etc/kvd.conf --port 6380         a file, and something else than it says
  kvd --port 7000 --threads 4 --requirepass secret";

/// Why there is nothing to start.
pub(crate) enum Outcome {
    /// Help or the version was shown.
    Shown(ExitCode),
    /// The arguments or the configuration file are wrong.
    Wrong(SetupError),
}

/// What is wrong with the arguments or the configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("{0}\nTry 'kvd --help'.")]
    Argument(#[from] ArgumentError),
    #[error("could not read the configuration file {}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Load(#[from] LoadError),
}

fn command() -> Command {
    Command::new("kvd")
        .version(env!("CARGO_PKG_VERSION"))
        .about("An in-memory data structure server that speaks the Redis protocol, on every core")
        .override_usage("kvd [CONFIG-FILE] [--<PARAMETER> <VALUE>]...")
        .after_help(StyledStr::from(PARAMETERS))
        .disable_version_flag(true)
        .arg(
            Arg::new("version")
                .short('v')
                .short_alias('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Print the version"),
        )
        .arg(
            Arg::new("config-file")
                .value_name("CONFIG-FILE")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .help("A redis.conf or valkey.conf; - for standard input"),
        )
}

/// Reads the arguments behind the program's name.
pub(crate) fn read(words: &[String]) -> Result<Setup, Outcome> {
    if let [word] = words
        && matches!(word.as_str(), "-h" | "--help" | "-v" | "-V" | "--version")
    {
        return Err(show(words));
    }
    load(words).map_err(Outcome::Wrong)
}

fn show(words: &[String]) -> Outcome {
    match command().try_get_matches_from(std::iter::once("kvd").chain(words.iter().map(String::as_str))) {
        Err(shown) if shown.print().is_ok() => Outcome::Shown(ExitCode::SUCCESS),
        _ => Outcome::Shown(ExitCode::FAILURE),
    }
}

fn load(words: &[String]) -> Result<Setup, SetupError> {
    let (file, parameters) = match words.split_first() {
        Some((first, rest)) if !first.starts_with("--") => (Some(first.as_str()), rest),
        _ => (None, words),
    };
    let mut config = Config::default();
    let mut config_file = String::new();
    if let Some(file) = file {
        let (text, path) = read_file(file)?;
        config.load(&text, file, &mut include)?;
        config_file = path;
    }
    config.load_arguments(&arguments_to_lines(parameters)?, &mut include)?;
    Ok(Setup { config, config_file, allocator: crate::ALLOCATOR_NAME })
}

/// The text of a configuration file and its absolute path; `-` is standard input, which has none.
fn read_file(file: &str) -> Result<(Vec<u8>, String), SetupError> {
    let path = Path::new(file);
    let wrong = |error| SetupError::File { path: path.to_owned(), error };
    if file == "-" {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).map_err(wrong)?;
        return Ok((text, String::new()));
    }
    let text = std::fs::read(path).map_err(wrong)?;
    let absolute = std::path::absolute(path).map_err(wrong)?;
    Ok((text, absolute.display().to_string()))
}

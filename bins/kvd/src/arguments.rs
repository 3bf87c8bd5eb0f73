//! The command line, read into a configuration.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use config::{ArgumentError, Config, LoadError, ParameterId, arguments_to_lines};
use server::Setup;

use crate::include::include;

/// The word that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// What the command line asks for.
pub(crate) enum Request {
    /// To serve.
    Serve(Setup),
    /// To tell whether the configuration is good, which it is.
    Check(Config),
    /// To show the help or the version, whose option this is.
    Show(String),
}

/// What is wrong with the arguments or the configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("{0}\nTry 'kvd --help'.")]
    Argument(#[from] ArgumentError),
    #[error("the argument {0:?} is no UTF-8: write it into a configuration file, which may hold any bytes")]
    Encoding(OsString),
    #[error("could not read the configuration file {}: {error}{}", path.display(), advice(path, error))]
    File { path: PathBuf, error: io::Error },
    #[error("could not read the configuration from standard input: {0}")]
    Input(io::Error),
    #[error("{0}")]
    Load(#[from] LoadError),
}

/// Reads the arguments behind the program's name.
pub(crate) fn read(words: impl Iterator<Item = OsString>) -> Result<Request, SetupError> {
    let words: Vec<String> =
        words.map(OsString::into_string).collect::<Result<_, _>>().map_err(SetupError::Encoding)?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [word @ ("-h" | "--help" | "-v" | "-V" | "--version")] => Ok(Request::Show((*word).to_owned())),
        ["-t" | "--test-config", ..] => {
            load(words.get(1..).unwrap_or_default()).map(|setup| Request::Check(setup.config))
        }
        _ => load(&words).map(Request::Serve),
    }
}

/// The file that comes first, then standard input if the first or the last word is `-`, then the parameters.
fn load(words: &[String]) -> Result<Setup, SetupError> {
    let (words, mut has_input) = match words.split_last() {
        Some((last, rest)) if last == STANDARD_INPUT => (rest, true),
        _ => (words, false),
    };
    let mut config = Config::default();
    let mut config_file = String::new();
    let parameters = match words.split_first() {
        Some((first, rest)) if first == STANDARD_INPUT => {
            has_input = true;
            rest
        }
        Some((file, rest)) if !file.starts_with('-') => {
            let (text, path) = read_file(Path::new(file))?;
            config.load(&text, file, &mut include)?;
            config_file = path;
            rest
        }
        _ => words,
    };
    if has_input {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).map_err(SetupError::Input)?;
        config.load(&text, "standard input", &mut include)?;
    }
    config.load_arguments(&arguments_to_lines(parameters)?, &mut include)?;
    Ok(Setup { config, config_file, allocator: crate::ABOUT_ALLOCATOR })
}

/// The text of a configuration file, and its path in full.
fn read_file(file: &Path) -> Result<(Vec<u8>, String), SetupError> {
    let read = || Ok((std::fs::read(file)?, std::path::absolute(file)?.display().to_string()));
    read().map_err(|error| SetupError::File { path: file.to_owned(), error })
}

fn advice(path: &Path, error: &io::Error) -> String {
    let name = path.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound if ParameterId::named(name.as_bytes()).is_some() => {
            format!("\nDid you mean '--{name}'? Parameters are given as --name value.")
        }
        io::ErrorKind::NotFound => {
            "\nThe first argument is a configuration file; 'kvd --help' shows what else there is.".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "\nThe user that runs kvd must be allowed to read it ('ls -l', 'id').".to_owned()
        }
        _ => String::new(),
    }
}

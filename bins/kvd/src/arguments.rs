//! The command line, read into a configuration.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use config::{ArgumentError, Config, LoadError, ParameterId, arguments_to_lines};
use server::{Setup, Source};

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

/// The configuration, and what it was read from.
fn load(words: &[String]) -> Result<Setup, SetupError> {
    let (sources, text) = Sources::open(words)?;
    let config = sources.load(&text)?;
    let config_file = sources.path.clone();
    Ok(Setup { config, config_file, source: Box::new(sources), allocator: crate::ABOUT_ALLOCATOR })
}

/// What a configuration is read from, one after the other.
#[derive(Debug, Default)]
struct Sources {
    /// The file that comes first, as it was named, and in full; empty if there is none.
    file: String,
    path: String,
    /// What came from standard input.
    input: Option<Vec<u8>>,
    /// The parameters of the command line, as lines.
    lines: String,
    /// The folder from which paths are seen: the server goes to another.
    folder: PathBuf,
}

impl Sources {
    /// The file that comes first, then standard input if the first or the last word is `-`, then the parameters. Returns the text of the file, too.
    fn open(words: &[String]) -> Result<(Self, Vec<u8>), SetupError> {
        let (words, mut has_input) = match words.split_last() {
            Some((last, rest)) if last == STANDARD_INPUT => (rest, true),
            _ => (words, false),
        };
        let (mut sources, mut text) = (Self::default(), Vec::new());
        let parameters = match words.split_first() {
            Some((first, rest)) if first == STANDARD_INPUT => {
                has_input = true;
                rest
            }
            Some((file, rest)) if !file.starts_with('-') => {
                (text, sources.path) = read_file(Path::new(file))?;
                sources.file.clone_from(file);
                rest
            }
            _ => words,
        };
        if has_input {
            let input = sources.input.insert(Vec::new());
            io::stdin().read_to_end(input).map_err(SetupError::Input)?;
        }
        sources.lines = arguments_to_lines(parameters)?;
        // Where that is unknown, paths are seen from wherever the process is.
        sources.folder = std::env::current_dir().unwrap_or_default();
        Ok((sources, text))
    }

    /// Reads all of it, with this text for the file's.
    fn load(&self, text: &[u8]) -> Result<Config, LoadError> {
        let mut include = |pattern: &[u8]| include(pattern, &self.folder);
        let mut config = Config::default();
        if !self.file.is_empty() {
            config.load(text, &self.file, &mut include)?;
        }
        if let Some(input) = &self.input {
            config.load(input, "standard input", &mut include)?;
        }
        config.load_arguments(&self.lines, &mut include)?;
        Ok(config)
    }
}

impl Source for Sources {
    fn try_text(&self, text: &[u8]) -> Result<(), LoadError> {
        self.load(text).map(drop)
    }
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

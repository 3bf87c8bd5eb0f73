//! The log: lines for a person, to standard output or a file.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use config::{Config, id};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

use crate::paths::path;

/// The log could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("could not open the log file {path}: {error}")]
pub struct LogError {
    path: PathBuf,
    error: std::io::Error,
}

/// The switch of the level in force.
pub(crate) struct Level(Box<dyn Fn(LevelFilter) + Send + Sync>);

impl Level {
    /// Sets it by the name that `loglevel` uses.
    pub(crate) fn set(&self, name: &str) {
        (self.0)(filter(name));
    }
}

fn filter(name: &str) -> LevelFilter {
    match name {
        "debug" => LevelFilter::TRACE,
        "verbose" => LevelFilter::DEBUG,
        "warning" => LevelFilter::WARN,
        "nothing" => LevelFilter::OFF,
        _ => LevelFilter::INFO,
    }
}

/// Starts logging as the configuration says. If logging was started before in this process, that stays.
pub(crate) fn start(config: &Config) -> Result<Level, LogError> {
    let path = path(config, id::LOGFILE);
    let (writer, is_terminal) = if path.as_os_str().is_empty() {
        (BoxMakeWriter::new(std::io::stdout), std::io::IsTerminal::is_terminal(&std::io::stdout()))
    } else {
        (open(path)?, false)
    };
    Ok(install(writer, is_terminal, config.choice(id::LOGLEVEL)))
}

fn open(path: &Path) -> Result<BoxMakeWriter, LogError> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.map_err(|error| LogError { path: path.to_owned(), error })?;
    Ok(BoxMakeWriter::new(Mutex::new(file)))
}

fn install(
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    is_terminal: bool,
    level: &str,
) -> Level {
    let lines =
        tracing_subscriber::fmt::layer().with_target(false).with_ansi(is_terminal).with_writer(writer);
    let (layer, handle) = reload::Layer::new(Filtered::new(lines, filter(level)));
    // A second server in one process (a test) logs where the first one does.
    let _already_started = tracing_subscriber::registry().with(layer).try_init();
    Level(Box::new(move |level| {
        // Fails only when the subscriber is gone, and then there is no level to set.
        let _gone = handle.modify(|layer| *layer.filter_mut() = level);
    }))
}

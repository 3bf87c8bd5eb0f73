//! The log: lines for a person, to standard output or a file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use config::{Config, id};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::{BoxMakeWriter, EitherWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

use crate::advice;
use crate::paths::path;

/// The log could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("could not open the log file {path} ('logfile'): {error}{}", advice::on_path(error))]
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
    let file = path(config, id::LOGFILE);
    let (writer, is_terminal) = if file.as_os_str().is_empty() {
        (BoxMakeWriter::new(std::io::stdout), std::io::IsTerminal::is_terminal(&std::io::stdout()))
    } else {
        // The server enters its directory later, and a client may send it elsewhere.
        let path = path(config, id::DIR).join(file);
        (BoxMakeWriter::new(LogFile::open(path)?), false)
    };
    Ok(install(writer, is_terminal, config.choice(id::LOGLEVEL)))
}

/// A log file, opened anew for each line: whoever rotates logs moves the file away and need not tell us.
struct LogFile {
    path: PathBuf,
    /// Written to when the file can't be opened any more.
    first: File,
}

impl LogFile {
    fn open(path: PathBuf) -> Result<Self, LogError> {
        let opened = std::path::absolute(&path).and_then(|path| Ok(Self { first: append(&path)?, path }));
        opened.map_err(|error| LogError { path, error })
    }
}

impl<'w> MakeWriter<'w> for LogFile {
    type Writer = EitherWriter<File, &'w File>;

    fn make_writer(&'w self) -> Self::Writer {
        append(&self.path).map_or(EitherWriter::B(&self.first), EitherWriter::A)
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_log_file_that_was_moved_away_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, moved) = (folder.path().join("kvd.log"), folder.path().join("kvd.log.1"));
        let log = LogFile::open(path.clone()).expect("it can be made");
        let write = |line: &[u8]| log.make_writer().write_all(line).expect("it can be written");
        write(b"one\n");
        std::fs::rename(&path, &moved).expect("it can be moved");
        write(b"two\n");
        write(b"three\n");
        let read = |path| std::fs::read_to_string(path).expect("it is there");
        assert_eq!((read(&moved).as_str(), read(&path).as_str()), ("one\n", "two\nthree\n"));
        // Without its folder the lines go where the first ones went.
        std::fs::remove_file(&path).expect("it is there");
        std::fs::create_dir(&path).expect("a folder in its place");
        write(b"four\n");
        assert_eq!(read(&moved), "one\nfour\n");
    }
}

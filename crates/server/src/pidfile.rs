//! The file that tells others the process's number (`pidfile`).

use std::fs;
use std::path::PathBuf;

use config::{Config, id};

use crate::paths::path;

/// A file with the number of this process; it is removed when this is dropped.
pub(crate) struct PidFile(Option<PathBuf>);

impl PidFile {
    /// Writes the file that the configuration names. To be called once the sockets are open: a server that finds them taken must not
    /// overwrite the file of the one that has them.
    ///
    /// A server that can't write it serves all the same, as the peers do.
    pub(crate) fn write(config: &Config) -> Self {
        let file = path(config, id::PIDFILE);
        if file.as_os_str().is_empty() {
            return Self(None);
        }
        // In full: a client may change the working directory.
        let written = std::path::absolute(file)
            .and_then(|file| fs::write(&file, format!("{}\n", std::process::id())).map(|()| file));
        match written {
            Ok(file) => Self(Some(file)),
            Err(error) => {
                tracing::warn!("could not write the pidfile {}: {error}", file.display());
                Self(None)
            }
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            // If it is gone already, fine.
            let _removed = fs::remove_file(file);
        }
    }
}

//! Parameters that are paths.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use config::{Config, Origin, ParameterId, id};

/// The path that a text parameter holds: any bytes, as the system takes them.
pub(crate) fn path(config: &Config, id: ParameterId) -> &Path {
    Path::new(OsStr::from_bytes(config.text(id)))
}

/// Enters the working directory, and has the configuration name it in full: a relative one would mean another once it is left.
pub(crate) fn enter_directory(config: &mut Config) -> io::Result<()> {
    std::env::set_current_dir(path(config, id::DIR))?;
    let entered = std::env::current_dir()?;
    let pair = (b"dir".as_slice(), entered.as_os_str().as_bytes());
    // A directory that was entered is a value that the parameter takes.
    let _changed = config.set(&[pair], Origin::CommandLine);
    Ok(())
}

/// Where the aclfile is, as seen from the working directory that is configured.
pub(crate) fn aclfile(config: &Config) -> PathBuf {
    path(config, id::DIR).join(path(config, id::ACLFILE))
}

//! Parameters that are paths.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use config::{Config, ParameterId, id};

/// The path that a text parameter holds: any bytes, as the system takes them.
pub(crate) fn path(config: &Config, id: ParameterId) -> &Path {
    Path::new(OsStr::from_bytes(config.text(id)))
}

/// Where the aclfile is, as seen from the working directory that is configured.
pub(crate) fn aclfile(config: &Config) -> PathBuf {
    path(config, id::DIR).join(path(config, id::ACLFILE))
}

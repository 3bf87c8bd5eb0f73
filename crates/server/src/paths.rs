//! Parameters that are paths.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use config::{Config, ParameterId};

/// The path that a text parameter holds: any bytes, as the system takes them.
pub(crate) fn path(config: &Config, id: ParameterId) -> &Path {
    Path::new(OsStr::from_bytes(config.text(id)))
}
